// The list of a folder's files has one name a line and grows before the file is made, so that what a killed export left
// behind can be told from everything else, too.
#include "flow/export_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

namespace fthost::flow {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kManifest = ".fthost-export";

// Of a file that an export makes in its folder, and nowhere else.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.find_first_of(std::string_view("/\n\0", 3)) == name.npos;
}

// The list may have come with somebody else's folder: other names than plain ones are not believed.
void for_each_listed(const fs::path& folder, const std::function<void(const std::string&)>& body) {
  std::ifstream list(folder / kManifest);
  for (std::string name; std::getline(list, name);) {
    if (is_plain_name(name)) body(name);
  }
}

// Removes a folder's listed files, the list, and the folder if nothing else is in it.
void remove_listed(const fs::path& folder) {
  for_each_listed(folder, [&](const std::string& name) { ::unlink((folder / name).c_str()); });
  ::unlink((folder / kManifest).c_str());
  ::rmdir(folder.c_str());
}

// Everything in `folder` that no export wrote.
Result<std::vector<std::string>> others_in(const fs::path& folder) {
  std::vector<std::string> listed{kManifest}, others;
  for_each_listed(folder, [&](const std::string& name) { listed.push_back(name); });
  std::sort(listed.begin(), listed.end());
  std::error_code ec;
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
    std::string name = it->path().filename().string();
    if (!std::binary_search(listed.begin(), listed.end(), name)) others.push_back(std::move(name));
  }
  if (ec) return errno_error(ec.value(), "cannot be listed", folder.string());
  std::sort(others.begin(), others.end());
  return others;
}

// The two folders change places; on a file system that cannot do it at one instant, in two steps.
Result<void> exchange(const fs::path& a, const fs::path& b) {
  if (::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0) return {};
  const fs::path aside = a.string() + ".old";
  if ((errno != EINVAL && errno != ENOSYS) || ::rename(b.c_str(), aside.c_str()) != 0)
    return errno_error(errno, "cannot replace it", b.string());
  if (::rename(a.c_str(), b.c_str()) != 0) {
    Error error = errno_error(errno, "cannot replace it", b.string());
    ::rename(aside.c_str(), b.c_str());
    return error;
  }
  if (::rename(aside.c_str(), a.c_str()) != 0)
    return errno_error(errno, "cannot tidy up after it was replaced", aside.string());
  return {};
}

}  // namespace

ExportFiles::~ExportFiles() {
  if (!staging_.empty()) remove_listed(staging_);
}

Result<void> ExportFiles::write_stream(std::string_view bytes) {
  if (!how_.holds) return io::write_all(STDOUT_FILENO, bytes, "standard output");
  if (!held_) {
    const fs::path folder = fs::temp_directory_path();
    held_ = io::Descriptor(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!held_) return errno_error(errno, "cannot hold a file until all of it is known to be good", folder.string());
  }
  return io::write_all(held_.get(), bytes, "the file that is held for standard output");
}

Result<ExportFiles::Committed> ExportFiles::commit_stream() {
  if (held_) {
    char buffer[64 << 10];
    for (off_t at = 0;;) {
      const ssize_t got = ::pread(held_.get(), buffer, sizeof buffer, at);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno_error(errno, "cannot be read", "the file that is held for standard output");
      if (got == 0) break;
      at += got;
      if (auto done = io::write_all(STDOUT_FILENO, {buffer, static_cast<std::size_t>(got)}, "standard output"); !done)
        return done.error();
    }
  }
  return Committed{path_, 1, 0};
}

Result<void> ExportFiles::write(std::string_view bytes) {
  if (is_stream()) return write_stream(bytes);
  if (!file_) {
    auto created = io::OutputFile::create(path_);
    if (!created) return created.error();
    file_.emplace(std::move(*created));
  }
  return file_->write(bytes);
}

Result<void> ExportFiles::stage() {
  static std::atomic<unsigned> counter{0};
  std::error_code ec;
  if (!file_ && io::Compressor::for_name(path_)) {
    return make_error(Code::unsupported, "the format writes a folder of files, which is not compressed", path_.string(),
                      "leave out the ending " + path_.extension().string());
  }
  folder_ = folder_path();
  if (auto allowed = gate_.path(folder_.string(), Access::write); !allowed) return allowed.error();
  if (fs::is_symlink(folder_, ec)) folder_ = fs::weakly_canonical(folder_, ec);
  if (auto made = io::ensure_folder(folder_.parent_path()); !made) return made;
  for (;;) {
    const fs::path staging =
        folder_.parent_path() / ("." + folder_.filename().string() + "." + std::to_string(::getpid()) + "-" +
                                 std::to_string(counter++) + ".export");
    if (::mkdir(staging.c_str(), 0777) == 0) {
      staging_ = staging;
      break;
    }
    if (errno != EEXIST) return errno_error(errno, "cannot create a folder beside it", folder_.string());
  }
  manifest_ = io::Descriptor(::open((staging_ / kManifest).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  if (!manifest_) return errno_error(errno, "cannot create", (staging_ / kManifest).string());
  return {};
}

Result<void> ExportFiles::append(std::string_view name, std::string_view bytes) {
  if (is_stream()) {
    return make_error(
        Code::config,
        "the format writes a file of its own, " + std::string(name) + ", and standard output has no folder for it", {},
        "export to a file, or look for an option of the format that leaves it out");
  }
  if (staging_.empty()) {
    if (auto staged = stage(); !staged) return staged;
  }
  const fs::path side = staging_ / name;
  if (!open_ || name != open_name_) {
    if (!is_plain_name(name)) {
      return make_error(Code::internal, "the format's plugin gave a file a name that is none: " + std::string(name),
                        path_.string(), "this is a defect of the plugin");
    }
    open_name_ = name;
    std::error_code ec;
    if (!fs::exists(side, ec)) {
      if (auto listed = io::write_all(manifest_.get(), open_name_ + "\n", staging_ / kManifest); !listed) return listed;
      ++staged_;
    }
    open_ = io::Descriptor(::open(side.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
    if (!open_) return errno_error(errno, "cannot create", side.string());
  }
  return io::write_all(open_.get(), bytes, side);
}

// The folder for files that lie beside no other: the path, without an ending that is of a file.
fs::path ExportFiles::folder_path() const {
  const fs::path path(path_), ending = path.extension();
  for (const char* of_file : {".jsonl", ".json", ".txt", ".csv", ".tsv"}) {
    if (ending == of_file) return fs::path(path).replace_extension();
  }
  return path;
}

// Where nothing was written, what the earlier export was.
bool ExportFiles::is_folder() const {
  std::error_code ec;
  return !file_ && (!staging_.empty() || fs::exists(folder_path() / kManifest, ec));
}

fs::path ExportFiles::target() const { return is_folder() ? folder_path() : path_; }

// The staged file becomes what lies in the folder with the staged keys in it: other keys stay, and where they stand.
Result<void> ExportFiles::merge_into_folder(const std::string& name) {
  const fs::path there = path_.parent_path() / name;
  std::error_code ec;
  if (!fs::exists(there, ec)) return {};
  if (auto allowed = gate_.path(there.string(), Access::write); !allowed) return allowed.error();
  auto ours = io::read_file(staging_ / name), theirs = io::read_file(there);
  if (!ours) return ours.error();
  if (!theirs) return theirs.error();
  const Json added = Json::parse(*ours, nullptr, false);
  Json merged = Json::parse(*theirs, nullptr, false);
  if (!merged.is_object() || !added.is_object()) {
    return make_error(Code::conflict, "is no JSON object, so the export cannot add to it; nothing was written",
                      there.string(), "mend it or move it away, or export to another folder");
  }
  merged.update(added);
  return io::write_atomic(staging_ / name, merged.dump(2) + "\n");
}

Result<ExportFiles::Committed> ExportFiles::commit() {
  if (is_stream()) return commit_stream();
  if (!file_ && staging_.empty()) {
    if (auto begun = is_folder() ? stage() : write(""); !begun) return begun.error();
  }
  open_.reset();
  if (manifest_ && ::syncfs(manifest_.get()) != 0)  // once for all files, which one by one takes minutes
    return errno_error(errno, "cannot write the files to the disk", path_.string());
  manifest_.reset();
  return file_ ? commit_beside_file() : commit_folder();
}

Result<ExportFiles::Committed> ExportFiles::commit_beside_file() {
  if (how_.merges && !staging_.empty()) {
    Result<void> merged;
    for_each_listed(staging_, [&](const std::string& name) {
      if (merged) merged = merge_into_folder(name);
    });
    if (!merged) return merged.error();
  }
  if (auto done = file_->commit(); !done) return done.error();
  Committed committed{path_, 1 + staged_, 0};
  if (staging_.empty()) return committed;
  const fs::path parent = path_.parent_path();
  std::optional<Error> failed;
  for_each_listed(staging_, [&](const std::string& name) {
    const auto allowed = gate_.path((parent / name).string(), Access::write);
    if (!allowed && !failed) failed = allowed.error();
    if (allowed && ::rename((staging_ / name).c_str(), (parent / name).c_str()) != 0 && !failed)
      failed = errno_error(errno, "cannot replace it", (parent / name).string());
  });
  if (failed) return *failed;
  if (auto synced = io::sync_folder(parent); !synced) return synced.error();
  return committed;
}

Result<ExportFiles::Committed> ExportFiles::commit_folder() {
  Committed committed{folder_, staged_, 0};
  std::error_code ec;
  if (!fs::exists(folder_, ec)) {
    if (::rename(staging_.c_str(), folder_.c_str()) != 0) return errno_error(errno, "cannot create", folder_.string());
    staging_.clear();
  } else {
    if (!fs::is_directory(folder_, ec)) {
      return make_error(Code::input, "is a file, and this format writes a folder of files", folder_.string(),
                        "move it away, or export to another path");
    }
    auto others = others_in(folder_);
    if (!others) return others.error();
    for (const std::string& name : *others) {
      if (fs::exists(staging_ / name, ec)) {
        return make_error(Code::conflict, "is no file of an earlier export; nothing was written",
                          (folder_ / name).string(), "move it away, or export to another path");
      }
    }
    // A second name for each, so that they are never missing; what can have none (a folder) is moved afterwards.
    for (const std::string& name : *others) fs::create_hard_link(folder_ / name, staging_ / name, ec);
    fs::permissions(staging_, fs::status(folder_, ec).permissions(), ec);
    auto exchanged = exchange(staging_, folder_);
    for (const std::string& name : *others) {
      if (!exchanged || fs::exists(folder_ / name, ec))
        ::unlink((staging_ / name).c_str());
      else
        ::rename((staging_ / name).c_str(), (folder_ / name).c_str());
    }
    if (!exchanged) return exchanged.error();
    for_each_listed(staging_, [&](const std::string& name) { committed.removed += !fs::exists(folder_ / name, ec); });
    remove_listed(staging_);
    staging_.clear();
  }
  if (auto synced = io::sync_folder(folder_.parent_path()); !synced) return synced.error();
  return committed;
}

}  // namespace fthost::flow
