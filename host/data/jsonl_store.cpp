#include "data/jsonl_store.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "data/json_text.hpp"

namespace fthost::data {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSuffix = ".jsonl", kConflicts = ".conflicts.jsonl";

bool is_name(std::string_view name) {
  if (name.empty() || find_invalid_utf8(name) != std::string_view::npos) return false;
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '\\'; };
  if (std::any_of(name.begin(), name.end(), is_odd)) return false;
  for (;;) {
    const std::size_t length = std::min(name.find('/'), name.size());
    if (length == 0 || name.front() == '.') return false;
    if (length == name.size()) return true;
    name.remove_prefix(length + 1);
    if (name.empty()) return false;
  }
}

Result<void> find_files(const fs::path& folder, const std::string& prefix, std::vector<std::string>& names) {
  auto entries = io::list_folder(folder);
  if (!entries) return entries.error();
  for (const fs::path& entry : *entries) {
    const std::string name = entry.filename().string();
    std::error_code ec;
    if (name.starts_with('.')) continue;
    if (fs::is_directory(entry, ec)) {
      if (fs::is_symlink(entry, ec)) continue;  // it may lead back up
      if (auto found = find_files(entry, prefix + name + "/", names); !found) return found;
    } else if (name.ends_with(kSuffix) && !name.ends_with(kConflicts)) {
      names.push_back(prefix + name.substr(0, name.size() - kSuffix.size()));
    }
  }
  return {};
}

}  // namespace

JsonlStore::~JsonlStore() {
  if (auto closed = close(); !closed) options_.notify(closed.error().sentence());
}

Result<JsonlCollection*> JsonlStore::collection(std::string_view name) {
  const auto found = open_.find(name);
  if (found != open_.end()) return found->second.get();
  if (!is_name(name) || std::string(name).append(kSuffix).ends_with(kConflicts)) {
    return make_error(Code::input, json_string(name) + " cannot be the name of a collection", options_.folder.string(),
                      "use letters, digits, '-', '_' and '/'");
  }
  fs::path file = options_.folder / (std::string(name) + std::string(kSuffix));
  auto made = std::make_unique<JsonlCollection>(std::move(file), std::string(name), options_);
  return open_.emplace(std::string(name), std::move(made)).first->second.get();
}

Result<std::vector<JsonlStore::Listed>> JsonlStore::list(const Cancelled& cancelled) {
  std::vector<Listed> listed;
  std::vector<std::string> names;
  std::error_code ec;
  if (!fs::exists(options_.folder, ec)) return listed;
  if (auto found = find_files(options_.folder, "", names); !found) return found.error();
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    if (cancelled && cancelled()) return make_error(Code::cancelled, "cancelled");
    const bool was_open = open_.contains(name);
    auto here = collection(name);
    if (!here) continue;  // a file whose name no collection can have
    if (was_open || (*here)->has_journal()) {
      auto count = (*here)->count(cancelled);
      if (!count) return count.error();
      listed.push_back({name, *count});
      continue;
    }
    open_.erase(name);
    auto reader = JsonlReader::open(options_.folder / (name + std::string(kSuffix)));
    if (!reader) return reader.error();
    JsonlIndex index;
    if (auto read = index.load(*reader); !read) return read.error();
    listed.push_back({name, index.entries().size()});
  }
  return listed;
}

Result<JsonlCollection::Appended> JsonlStore::append(std::string_view name, std::span<const StoreItem> items,
                                                     const Cancelled& cancelled) {
  auto here = collection(name);
  if (!here) return here.error();
  return (*here)->append(items, cancelled);
}

Result<void> JsonlStore::put(std::string_view name, std::span<const StoreItem> items, const Cancelled& cancelled) {
  auto here = collection(name);
  if (!here) return here.error();
  return (*here)->put(items, cancelled);
}

Result<std::uint64_t> JsonlStore::remove(std::string_view name, std::span<const std::string_view> ids,
                                         const Cancelled& cancelled) {
  auto here = collection(name);
  if (!here) return here.error();
  return (*here)->remove(ids, cancelled);
}

Result<void> JsonlStore::read(std::string_view name, const StoreQuery& query, const JsonlCollection::Sink& sink,
                              const Cancelled& cancelled) {
  auto here = collection(name);
  if (!here) return here.error();
  return (*here)->read(query, sink, cancelled);
}

Result<void> JsonlStore::fold(std::string_view name, const Cancelled& cancelled) {
  auto here = collection(name);
  if (!here) return here.error();
  return (*here)->fold(cancelled);
}

std::span<const LineFinding> JsonlStore::findings(std::string_view name) const {
  const auto found = open_.find(name);
  if (found == open_.end()) return {};
  return found->second->findings();
}

Result<void> JsonlStore::close() {
  Result<void> result;
  for (auto& [name, collection] : open_) {
    if (!collection->has_journal()) continue;
    if (auto folded = collection->fold(); !folded && result) result = folded;
  }
  return result;
}

}  // namespace fthost::data
