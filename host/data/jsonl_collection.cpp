// The operations. Each takes the lock, looks whether somebody else has written, and does its work on the index.
#include "data/jsonl_collection.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <unordered_set>
#include <utility>

#include "data/json_text.hpp"
#include "data/window.hpp"

namespace fthost::data {

namespace fs = std::filesystem;

namespace {

// One file name for one collection, wherever the project as a whole is moved to.
std::string journal_name(const fs::path& file, const fs::path& journal) {
  std::error_code ec;
  fs::path there = fs::weakly_canonical(fs::absolute(file, ec), ec),
           here = fs::weakly_canonical(fs::absolute(journal, ec), ec);
  const std::string relative = there.lexically_relative(here).string();
  return file.stem().string() + "-" + hex(hash64(relative)).substr(0, 8);
}

bool is_writable(fs::path folder) {
  std::error_code ec;
  while (!folder.empty() && !fs::exists(folder, ec)) folder = folder.parent_path();
  return ::access(folder.empty() ? "." : folder.c_str(), W_OK) == 0;
}

}  // namespace

JsonlCollection::JsonlCollection(fs::path file, std::string name, const StoreOptions& options)
    : file_(std::move(file)),
      name_(std::move(name)),
      options_(options),
      lock_path_(options.journal / (journal_name(file_, options.journal) + ".lock")),
      intent_path_(options.journal / (journal_name(file_, options.journal) + ".append")),
      journal_(options.journal / (journal_name(file_, options.journal) + ".journal"), file_.filename().string(),
               options.notify) {}

Error JsonlCollection::at_file(Code code, std::string message, std::string hint) const {
  return make_error(code, std::move(message), file_.string(), std::move(hint));
}

// None for a project that may only be read: nothing is locked, repaired or folded then.
Result<std::optional<io::FileLock>> JsonlCollection::lock(const Cancelled& cancelled, bool to_write) {
  read_only_ = !is_writable(options_.journal);
  if (read_only_ && to_write) {
    return make_error(Code::io, "may not be written to", options_.journal.string(),
                      "check the permissions of the folder");
  }
  if (read_only_) return std::optional<io::FileLock>();
  auto held = io::FileLock::acquire(lock_path_, io::FileLock::Mode::exclusive, cancelled);
  if (!held) return held.error();
  return std::optional<io::FileLock>(std::move(*held));
}

JsonlCollection::Found JsonlCollection::present(std::string_view id) const {
  const std::uint32_t entry = index_.find(id);
  if (entry == JsonlIndex::kNone) return {};
  const auto pending = pending_.find(entry);
  return {entry, pending == pending_.end() ? index_.entries()[entry].revision : pending->second.revision};
}

// The record as one line with its id.
Result<std::string> JsonlCollection::checked_record(const StoreItem& item, std::size_t position) {
  const auto refuse = [&](const std::string& message) {
    return at_file(Code::input,
                   "record " + std::to_string(position + 1) + " (" + json_string(item.id) + "): " + message);
  };
  if (item.id.empty()) return refuse("the id is empty");
  if (find_invalid_utf8(item.id) != std::string_view::npos) return refuse("the id is not UTF-8");
  if (!document_.parse_object(item.record)) return refuse(document_.problem().message);
  std::string record = with_id(document_.root(), item.id);
  if (record.size() > JsonlReader::kLineLimit) {
    return refuse("longer than the " + std::to_string(JsonlReader::kLineLimit) + " bytes that a record may have");
  }
  return record;
}

// A record that was removed and is added again goes to the end, like any new one: the removal is brought into the file
// first.
Result<void> JsonlCollection::bring_back(std::span<const StoreItem> items) {
  for (const StoreItem& item : items) {
    const Found found = present(item.id);
    if (found.entry == JsonlIndex::kNone || found.revision != 0) continue;
    if (auto folded = fold_locked(); !folded) return folded;
    return refresh();
  }
  return {};
}

Result<JsonlCollection::Appended> JsonlCollection::append(std::span<const StoreItem> items,
                                                          const Cancelled& cancelled) {
  auto held = lock(cancelled, true);
  if (!held) return held.error();
  if (auto fresh = refresh(); !fresh) return fresh.error();
  if (auto back = bring_back(items); !back) return back.error();
  Appended result;
  std::vector<std::string> records;
  std::vector<std::string_view> ids;
  std::unordered_set<std::string_view> in_batch;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto record = checked_record(items[i], i);
    if (!record) return record.error();
    if (present(items[i].id).revision != 0 || !in_batch.insert(items[i].id).second) {
      ++result.known;
      continue;
    }
    ids.push_back(items[i].id);
    records.push_back(std::move(*record));
  }
  result.appended = records.size();
  if (records.empty()) return result;
  if (has_additions_) {
    // They come before these, so these wait in the journal too.
    std::vector<JsonlJournal::Change> changes;
    for (std::size_t i = 0; i < records.size(); ++i) changes.push_back({ids[i], 0, records[i], false, {}});
    if (auto written = write_changes(changes); !written) return written.error();
    return result;
  }
  std::string lines;
  for (const std::string& record : records) lines.append(record).append("\n");
  auto offset = append_lines(lines, records.size() > 1);
  if (!offset) return offset.error();
  for (std::size_t i = 0; i < records.size(); ++i) {
    index_.append({hash128(ids[i]), *offset, revision_of(records[i]), static_cast<std::uint32_t>(records[i].size())});
    *offset += records[i].size() + 1;
  }
  live_ += records.size();
  file_stamp_ = stamp_of(file_);
  return result;
}

Result<void> JsonlCollection::put(std::span<const StoreItem> items, const Cancelled& cancelled) {
  auto held = lock(cancelled, true);
  if (!held) return held.error();
  if (auto fresh = refresh(); !fresh) return fresh;
  if (auto back = bring_back(items); !back) return back;
  std::vector<std::string> records(items.size());
  std::vector<JsonlJournal::Change> changes;
  std::unordered_set<std::string_view> in_batch;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const StoreItem& item = items[i];
    auto record = checked_record(item, i);
    if (!record) return record.error();
    records[i] = std::move(*record);
    if (!in_batch.insert(item.id).second) {
      return at_file(Code::input, "the record " + json_string(item.id) + " comes twice in one batch");
    }
    const std::uint64_t now = present(item.id).revision;
    if (!item.revision.empty() && (now == 0 || hex(now) != item.revision)) {
      return at_file(Code::conflict,
                     "the record " + json_string(item.id) +
                         (now == 0 ? " is not there any more" : " was changed since it was read"),
                     "read it again, then repeat the change; nothing was written");
    }
    if (revision_of(records[i]) != now) changes.push_back({item.id, now, records[i], false, {}});
  }
  return write_changes(changes);
}

Result<std::uint64_t> JsonlCollection::remove(std::span<const std::string_view> ids, const Cancelled& cancelled) {
  auto held = lock(cancelled, true);
  if (!held) return held.error();
  if (auto fresh = refresh(); !fresh) return fresh.error();
  std::vector<JsonlJournal::Change> changes;
  std::unordered_set<std::string_view> in_batch;
  for (const std::string_view id : ids) {
    const std::uint64_t now = present(id).revision;
    if (now != 0 && in_batch.insert(id).second) changes.push_back({id, now, {}, true, {}});
  }
  if (auto written = write_changes(changes); !written) return written.error();
  return changes.size();
}

Result<void> JsonlCollection::write_changes(std::vector<JsonlJournal::Change>& changes) {
  if (changes.empty()) return {};
  // A collection is its file, so that it is found again even if these are its first records.
  if (!appender_) {
    auto appender = io::AppendFile::open(file_, is_whole_object, options_.notify);
    if (!appender) return appender.error();
    appender_ = std::move(*appender);
    file_stamp_ = stamp_of(file_);
  }
  if (auto written = journal_.write(changes); !written) return written;
  for (const JsonlJournal::Change& change : changes) {
    const Found found = present(change.id);
    std::uint32_t entry = found.entry;
    if (entry == JsonlIndex::kNone) {
      entry = index_.append({hash128(change.id)});
      has_additions_ = true;
    }
    live_ += change.removed ? 0 : 1;
    live_ -= found.revision != 0 ? 1 : 0;
    pending_[entry] = change.pending;
  }
  journal_stamp_ = stamp_of(journal_.path());
  // The change is safe in the journal: a fold that fails now is tried again later.
  if (auto folded = fold_if_large(); !folded) options_.notify(folded.error().sentence());
  return {};
}

Result<std::uint64_t> JsonlCollection::count(const Cancelled& cancelled) {
  auto held = lock(cancelled, false);
  if (!held) return held.error();
  if (auto fresh = refresh(); !fresh) return fresh.error();
  return live_;
}

Result<void> JsonlCollection::fold(const Cancelled& cancelled) {
  auto held = lock(cancelled, true);
  if (!held) return held.error();
  if (auto fresh = refresh(); !fresh) return fresh;
  return fold_locked();
}

Result<void> JsonlCollection::read(const StoreQuery& query, const Sink& sink, const Cancelled& cancelled) {
  io::Descriptor file, journal;
  {
    auto held = lock(cancelled, false);
    if (!held) return held.error();
    if (auto fresh = refresh(); !fresh) return fresh;
    // Open files stay as they are: others replace the file and remove the journal, and only ever add to them.
    file = io::Descriptor(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file && errno != ENOENT) return errno_error(errno, "cannot open", file_.string());
    if (!pending_.empty()) {
      auto opened = journal_.open();
      if (!opened) return opened.error();
      journal = std::move(*opened);
    }
  }
  WindowReader in_file(file.get(), file_), in_journal(journal.get(), journal_.path());
  std::string id, revision;
  // False: the sink wants no more.
  const auto emit = [&](std::uint32_t entry) -> Result<bool> {
    const auto pending = pending_.find(entry);
    const JsonlEntry& there = index_.entries()[entry];
    const bool is_pending = pending != pending_.end();
    const std::uint64_t now = is_pending ? pending->second.revision : there.revision;
    if (now == 0) return true;
    auto text = is_pending ? in_journal.at(pending->second.offset, pending->second.length)
                           : in_file.at(there.offset, there.length);
    if (!text) return text.error();
    if (revision_of(*text) != now || !document_.parse_object(*text)) {
      return at_file(Code::retry, "was changed by somebody while it was read", "run it again");
    }
    id = index_.id_of(entry, document_.root());
    revision = hex(now);
    return sink({there.line, id, revision, *text});
  };
  std::uint64_t left = query.limit;
  const auto emit_some = [&](std::uint32_t entry, std::uint64_t found_revision) -> Result<bool> {
    if (found_revision == 0) return true;
    if (left-- == 0) return false;
    return emit(entry);
  };
  const auto revision_at = [&](std::uint32_t entry) {
    const auto pending = pending_.find(entry);
    return pending == pending_.end() ? index_.entries()[entry].revision : pending->second.revision;
  };
  if (query.ids) {
    for (const std::string& wanted : *query.ids) {
      const Found found = present(wanted);
      auto more = emit_some(found.entry, found.revision);
      if (!more) return more.error();
      if (!*more) return {};
    }
    return {};
  }
  std::uint32_t entry = 0;
  if (!query.after.empty()) {
    const Found found = present(query.after);
    if (found.entry == JsonlIndex::kNone) {
      return at_file(Code::input, "there is no record " + json_string(query.after) + " to read on after",
                     "read from the beginning");
    }
    entry = found.entry + 1;
  }
  for (; entry < index_.entries().size(); ++entry) {
    auto more = emit_some(entry, revision_at(entry));
    if (!more) return more.error();
    if (!*more) return {};
  }
  return {};
}

}  // namespace fthost::data
