// Files as the host uses them: read whole, replaced atomically, or appended to durably. After a kill or a full disk a
// file is as it was or as it should be. Blocking: workers and start-up only. Objects belong to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "io/descriptor.hpp"
#include "io/temporaries.hpp"

namespace fthost::io {

inline constexpr std::size_t kReadLimit = std::size_t{64} << 20;

// The whole file; Code::limit where it is larger than `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit = kReadLimit);

// Writes all of `bytes`, over short writes and signals. `path` is for the message.
Result<void> write_all(int fd, std::string_view bytes, const std::filesystem::path& path);

// The Error of write_all to standard output whose reader has gone away: no fault of anybody's, and nothing to say.
bool is_closed_output(const Error& error);

// Replaces `path` by `bytes` at one instant, durably; the old file's mode is kept. A link is followed, not replaced,
// also one that leads nowhere yet. A device or a pipe is written to as it is.
Result<void> write_atomic(const std::filesystem::path& path, std::string_view bytes);

// The same for content that is written in pieces. Without commit() the target stays as it is, unless it is a device or
// a pipe.
class AtomicFile {
 public:
  // A target that is new gets the mode of `like`, where given.
  static Result<AtomicFile> create(const std::filesystem::path& target, const std::filesystem::path& like = {});
  AtomicFile(AtomicFile&&) = default;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();  // removes the temporary file

  Result<void> write(std::string_view bytes);
  // Everything written so far is on the disk: what is left to commit() is an instant.
  Result<void> sync();
  Result<void> commit();
  const std::filesystem::path& temporary() const { return temporary_; }  // what becomes the file

 private:
  AtomicFile(Descriptor fd, std::filesystem::path target, std::filesystem::path temporary);
  Result<void> flush();

  Descriptor fd_;                             // open until commit
  std::filesystem::path target_, temporary_;  // no temporary: the target itself is open
  TemporaryName name_;                        // of the temporary
  std::string buffer_;
};

// Removes temporaries of `target` whose process was killed. For the holder of the lock that guards `target`.
void remove_stale_temporaries(const std::filesystem::path& target);

// A file of lines that only grows, shared with other processes that append through this class.
// A last line without a newline (a writer was killed, or a person's editor left it out) is repaired on open and before
// every append: a whole one gets its newline; a torn one is moved to `<name>.torn`. Either way `notify` gets a
// sentence.
class AppendFile {
 public:
  using IsWhole = std::function<bool(std::string_view line)>;  // is this unterminated last line a complete record?
  using Notify = std::function<void(const std::string& sentence)>;

  // Made where missing, with its folders.
  static Result<AppendFile> open(const std::filesystem::path& path, IsWhole is_whole, Notify notify);

  // Appends whole lines, each ending in a newline, and returns the offset of the first once they are on the disk.
  // On failure the file has its old length. Others' replacement of the file (rename) is followed.
  Result<std::uint64_t> append(std::string_view lines);

  // Moves everything from `begin`, the start of a line, to `<name>.torn`.
  Result<void> cut(std::uint64_t begin);

  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return fd_.get(); }

 private:
  AppendFile(std::filesystem::path path, IsWhole is_whole, Notify notify);
  Result<void> open_and_lock();
  Result<void> repair();
  Result<void> set_aside(std::uint64_t begin, std::string_view torn);

  std::filesystem::path path_;
  IsWhole is_whole_;
  Notify notify_;
  Descriptor fd_;
};

// Makes a folder and those above it; durable. An empty path is the current folder.
Result<void> ensure_folder(const std::filesystem::path& folder);
// Makes renames, new names and removals in `folder` durable.
Result<void> sync_folder(const std::filesystem::path& folder);
// Paths of the entries, by name, hidden ones too.
Result<std::vector<std::filesystem::path>> list_folder(const std::filesystem::path& folder);
// Paths that match, sorted: `*`, `?` and `[a-z]` within a name, `**` for any number of folders. Hidden names match only
// a pattern that begins with a dot. No match is an empty list.
Result<std::vector<std::filesystem::path>> glob(const std::string& pattern);
// Atomic like write_atomic; the copy has the mode of `from` where `to` is new.
Result<void> copy_file(const std::filesystem::path& from, const std::filesystem::path& to);
// Durable; a missing file is fine.
Result<void> remove_file(const std::filesystem::path& path);

}  // namespace fthost::io
