// Every path that ends in "the data is safe" goes: write, fsync, rename, fsync of the folder.
#include "io/files.hpp"

#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <utility>

#include "base/gate.hpp"

namespace fthost::io {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kBuffer = std::size_t{256} << 10;

fs::path folder_of(const fs::path& path) {
  fs::path folder = path.parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

Error write_error(int number, const std::string& action, const fs::path& path) {
  std::string hint;
  if (number == EFBIG) hint = "the process may not write files this large: raise the limit (ulimit -f)";
  return errno_error(number, action, path.string(), hint);
}

Result<Descriptor> open_file(const fs::path& path, int flags, const std::string& action) {
  int fd;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return errno_error(errno, action, path.string());
  return Descriptor(fd);
}

// Reads until `size` bytes or the end.
Result<std::size_t> read_at(int fd, char* buffer, std::size_t size, std::uint64_t offset, const fs::path& path) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::pread(fd, buffer + done, size - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error(errno, "cannot read", path.string());
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Result<std::uint64_t> size_of(int fd, const fs::path& path) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return errno_error(errno, "cannot read its size", path.string());
  return static_cast<std::uint64_t>(info.st_size);
}

constexpr const char* kClosedOutput = R"({"closed_output":true})";

std::string temporary_prefix(const fs::path& target) { return "." + target.filename().string() + "."; }

}  // namespace

Result<std::string> read_file(const fs::path& path, std::size_t limit) {
  auto fd = open_file(path, O_RDONLY, "cannot open");
  if (!fd) return fd.error();
  auto size = size_of(fd->get(), path);
  if (!size) return size.error();
  // Pipes and /proc say 0: the size is only where the reading starts.
  std::string text(std::min<std::size_t>(*size, limit) + 1, '\0');
  std::size_t done = 0;
  for (;;) {
    const ssize_t count = ::read(fd->get(), text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error(errno, "cannot read", path.string());
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
    if (done > limit) {
      return make_error(Code::limit, "larger than the " + std::to_string(limit) + " bytes allowed here", path.string());
    }
    if (done == text.size()) text.resize(std::min(text.size() * 2, limit + 1));
  }
  text.resize(done);
  return text;
}

bool is_closed_output(const Error& error) { return error.details == kClosedOutput; }

Result<void> write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const bool closed = errno == EPIPE && fd == STDOUT_FILENO;
      Error error = write_error(errno, "cannot write", path);
      if (closed) error.details = kClosedOutput;
      return error;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> write_atomic(const fs::path& path, std::string_view bytes) {
  auto file = AtomicFile::create(path);
  if (!file) return file.error();
  if (auto written = file->write(bytes); !written) return written.error();
  return file->commit();
}

AtomicFile::AtomicFile(Descriptor fd, fs::path target, fs::path temporary)
    : fd_(std::move(fd)),
      target_(std::move(target)),
      temporary_(std::move(temporary)),
      name_(temporary_.empty() ? TemporaryName() : TemporaryName(temporary_.c_str())) {}

AtomicFile::~AtomicFile() {
  if (fd_ && !temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<AtomicFile> AtomicFile::create(const fs::path& target, const fs::path& like) {
  static std::atomic<unsigned> counter{0};
  struct stat there{};
  if (::stat(target.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    auto open = open_file(target, O_WRONLY, "cannot write to it");
    if (!open) return open.error();
    return AtomicFile(std::move(*open), target, {});
  }
  fs::path real = target;
  if (std::error_code ec; fs::is_symlink(target, ec)) {
    auto resolved = resolve_links(target);
    if (!resolved) return resolved.error();
    real = std::move(*resolved);
  }
  for (;;) {
    const fs::path temporary = folder_of(real) / (temporary_prefix(real) + std::to_string(::getpid()) + "-" +
                                                  std::to_string(counter++) + ".tmp");
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && (errno == EEXIST || errno == EINTR)) continue;
    if (fd < 0) return errno_error(errno, "cannot create a temporary file beside it", real.string());
    AtomicFile file(Descriptor(fd), real, temporary);
    struct stat old{};
    if (::stat(real.c_str(), &old) == 0) {
      if (::fchmod(fd, old.st_mode & 07777) != 0) return errno_error(errno, "cannot keep its mode", real.string());
      // Only a privileged process can give a file away; for others the new file is theirs.
      if ((old.st_uid != ::geteuid() || old.st_gid != ::getegid()) && ::fchown(fd, old.st_uid, old.st_gid) != 0) {
        [[maybe_unused]] const int group_only = ::fchown(fd, static_cast<uid_t>(-1), old.st_gid);
      }
    } else if (!like.empty() && ::stat(like.c_str(), &old) == 0 && ::fchmod(fd, old.st_mode & 0777) != 0) {
      return errno_error(errno, "cannot set its mode", real.string());
    }
    return file;
  }
}

Result<void> AtomicFile::flush() {
  auto written = write_all(fd_.get(), buffer_, target_);
  buffer_.clear();
  return written;
}

Result<void> AtomicFile::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() <= kBuffer) {
    buffer_.append(bytes);
    return {};
  }
  if (auto flushed = flush(); !flushed) return flushed;
  if (bytes.size() >= kBuffer) return write_all(fd_.get(), bytes, target_);
  buffer_.append(bytes);
  return {};
}

Result<void> AtomicFile::sync() {
  if (auto flushed = flush(); !flushed) return flushed;
  if (!temporary_.empty() && ::fsync(fd_.get()) != 0) return write_error(errno, "cannot write it to the disk", target_);
  return {};
}

Result<void> AtomicFile::commit() {
  if (auto synced = sync(); !synced) return synced;
  if (temporary_.empty()) {
    fd_.reset();
    return {};
  }
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
    return errno_error(errno, "cannot replace it", target_.string());
  }
  name_.forget();
  fd_.reset();
  return sync_folder(folder_of(target_));
}

void remove_stale_temporaries(const fs::path& target) {
  auto entries = list_folder(folder_of(target));
  if (!entries) return;
  const std::string prefix = temporary_prefix(target);
  for (const fs::path& entry : *entries) {
    const std::string name = entry.filename().string();
    if (!name.starts_with(prefix) || !name.ends_with(".tmp")) continue;
    int process = 0;
    const char* begin = name.data() + prefix.size();
    const auto parsed = std::from_chars(begin, name.data() + name.size(), process);
    if (parsed.ec != std::errc() || *parsed.ptr != '-') continue;
    if (process > 0 && ::kill(process, 0) != 0 && errno == ESRCH) ::unlink(entry.c_str());
  }
}

AppendFile::AppendFile(fs::path path, IsWhole is_whole, Notify notify)
    : path_(std::move(path)), is_whole_(std::move(is_whole)), notify_(std::move(notify)) {}

namespace {

// flock(2) of the appended file itself, for the short time of one append or repair.
class Flock {
 public:
  explicit Flock(int fd) : fd_(fd) {}
  Flock(const Flock&) = delete;
  Flock& operator=(const Flock&) = delete;
  ~Flock() { ::flock(fd_, LOCK_UN); }

 private:
  int fd_;
};

}  // namespace

Result<AppendFile> AppendFile::open(const fs::path& path, IsWhole is_whole, Notify notify) {
  AppendFile file(path, std::move(is_whole), std::move(notify));
  if (auto made = ensure_folder(folder_of(path)); !made) return made.error();
  if (auto locked = file.open_and_lock(); !locked) return locked.error();
  const Flock unlock(file.fd_.get());
  if (auto repaired = file.repair(); !repaired) return repaired.error();
  return file;
}

// Ends with the lock held on the file that the path names now.
Result<void> AppendFile::open_and_lock() {
  for (;;) {
    bool created = false;
    if (!fd_) {
      created = ::access(path_.c_str(), F_OK) != 0;
      auto fd = open_file(path_, O_RDWR | O_CREAT | O_APPEND, "cannot open it for appending");
      if (!fd) return fd.error();
      fd_ = std::move(*fd);
    }
    if (created) {
      if (auto synced = sync_folder(folder_of(path_)); !synced) return synced;
    }
    int status;
    do {
      status = ::flock(fd_.get(), LOCK_EX);
    } while (status != 0 && errno == EINTR);
    if (status != 0) return errno_error(errno, "cannot lock", path_.string());
    struct stat open_now{}, named{};
    if (::fstat(fd_.get(), &open_now) != 0) return errno_error(errno, "cannot read its size", path_.string());
    if (::stat(path_.c_str(), &named) == 0 && named.st_ino == open_now.st_ino && named.st_dev == open_now.st_dev) {
      return {};
    }
    fd_.reset();
  }
}

Result<void> AppendFile::repair() {
  auto size = size_of(fd_.get(), path_);
  if (!size) return size.error();
  // The tail is what stands after the last newline: found in a growing window at the end.
  std::string tail;
  std::uint64_t begin = *size;
  for (std::uint64_t window = 1; begin > 0; window *= 256) {
    const std::uint64_t from = *size - std::min(window, *size);
    tail.resize(static_cast<std::size_t>(*size - from));
    auto read = read_at(fd_.get(), tail.data(), tail.size(), from, path_);
    if (!read) return read.error();
    const std::size_t newline = tail.rfind('\n');
    begin = from;
    if (newline == std::string::npos) continue;
    begin += newline + 1;
    tail.erase(0, newline + 1);
    break;
  }
  if (tail.empty()) return {};
  if (is_whole_(tail)) {
    if (auto written = write_all(fd_.get(), "\n", path_); !written) return written;
    if (::fdatasync(fd_.get()) != 0) return write_error(errno, "cannot write it to the disk", path_);
    notify_(path_.string() + ": the last line had no newline; it is whole and has one now");
    return {};
  }
  if (auto saved = set_aside(begin, tail); !saved) return saved;
  notify_(path_.string() + ": the last line is not whole (" + std::to_string(tail.size()) +
          " bytes); it was moved to " + path_.string() + ".torn: if it is yours, complete it there and put it back");
  return {};
}

Result<void> AppendFile::set_aside(std::uint64_t begin, std::string_view torn) {
  fs::path aside = path_;
  aside += ".torn";
  auto fd = open_file(aside, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, "cannot save the torn last line");
  if (!fd) return fd.error();
  const std::string line_end = torn.ends_with('\n') ? "" : "\n";
  if (auto written = write_all(fd->get(), std::string(torn) + line_end, aside); !written) return written;
  if (::fsync(fd->get()) != 0) return write_error(errno, "cannot write it to the disk", aside);
  if (auto synced = sync_folder(folder_of(aside)); !synced) return synced;
  if (::ftruncate(fd_.get(), static_cast<off_t>(begin)) != 0 || ::fdatasync(fd_.get()) != 0) {
    return write_error(errno, "cannot cut off the torn last line", path_);
  }
  return {};
}

Result<std::uint64_t> AppendFile::append(std::string_view lines) {
  if (lines.empty() || lines.back() != '\n') {
    return make_error(Code::internal, "append needs whole lines", path_.string());
  }
  if (auto locked = open_and_lock(); !locked) return locked.error();
  const Flock unlock(fd_.get());
  if (auto repaired = repair(); !repaired) return repaired.error();
  auto end = size_of(fd_.get(), path_);
  if (!end) return end.error();
  auto written = write_all(fd_.get(), lines, path_);
  if (written && ::fdatasync(fd_.get()) != 0) written = write_error(errno, "cannot write it to the disk", path_);
  if (!written) {
    Error error = written.error();
    if (::ftruncate(fd_.get(), static_cast<off_t>(*end)) != 0 || ::fdatasync(fd_.get()) != 0) {
      error.message += "; and the part that was written could not be cut off again, the next open repairs it";
    }
    return error;
  }
  return *end;
}

Result<void> AppendFile::cut(std::uint64_t begin) {
  if (auto locked = open_and_lock(); !locked) return locked;
  const Flock unlock(fd_.get());
  auto end = size_of(fd_.get(), path_);
  if (!end) return end.error();
  if (begin >= *end) return {};
  std::string lines(static_cast<std::size_t>(*end - begin), '\0');
  auto read = read_at(fd_.get(), lines.data(), lines.size(), begin, path_);
  if (!read) return read.error();
  return set_aside(begin, lines);
}

Result<void> ensure_folder(const fs::path& folder) {
  if (folder.empty()) return {};
  if (::mkdir(folder.c_str(), 0777) == 0) return sync_folder(folder_of(folder));
  if (errno == ENOENT && folder.has_parent_path() && folder.parent_path() != folder) {
    if (auto above = ensure_folder(folder.parent_path()); !above) return above;
    if (::mkdir(folder.c_str(), 0777) == 0) return sync_folder(folder_of(folder));
  }
  const int number = errno;
  struct stat info{};
  if (number == EEXIST && ::stat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return {};
  return errno_error(number == EEXIST ? ENOTDIR : number, "cannot make the folder", folder.string());
}

Result<void> sync_folder(const fs::path& folder) {
  auto fd = open_file(folder.empty() ? fs::path(".") : folder, O_RDONLY | O_DIRECTORY, "cannot open the folder");
  if (!fd) return fd.error();
  // Some file systems cannot sync a folder and say EINVAL: there is nothing more to do there.
  if (::fsync(fd->get()) != 0 && errno != EINVAL) {
    return errno_error(errno, "cannot write the folder to the disk", folder.string());
  }
  return {};
}

Result<std::vector<fs::path>> list_folder(const fs::path& folder) {
  std::error_code ec;
  std::vector<fs::path> entries;
  fs::directory_iterator it(folder.empty() ? fs::path(".") : folder, ec);
  while (!ec && it != fs::directory_iterator()) {
    entries.push_back(folder.empty() ? it->path().filename() : it->path());
    it.increment(ec);
  }
  if (ec) return errno_error(ec.value(), "cannot list the folder", folder.string());
  std::sort(entries.begin(), entries.end());
  return entries;
}

namespace {

using Segments = std::vector<std::string>;

Result<void> glob_into(const fs::path& base, const Segments& segments, std::size_t at, std::vector<fs::path>& found) {
  std::error_code ec;
  if (at == segments.size()) {
    if (fs::exists(fs::symlink_status(base, ec))) found.push_back(base);
    return {};
  }
  const std::string& segment = segments[at];
  const bool any_depth = segment == "**";
  if (!any_depth && segment.find_first_of("*?[") == std::string::npos) {
    return glob_into(base / segment, segments, at + 1, found);
  }
  if (any_depth) {
    if (auto here = glob_into(base, segments, at + 1, found); !here) return here;
  }
  if (!fs::is_directory(base.empty() ? fs::path(".") : base, ec)) return {};
  auto entries = list_folder(base);
  if (!entries) return entries.error();
  for (const fs::path& entry : *entries) {
    const std::string name = entry.filename().string();
    if (any_depth) {
      // Links to folders are not entered: they may lead back up.
      if (name.starts_with('.') || !fs::is_directory(entry, ec) || fs::is_symlink(entry, ec)) continue;
      if (auto below = glob_into(entry, segments, at, found); !below) return below;
    } else if (::fnmatch(segment.c_str(), name.c_str(), FNM_PERIOD) == 0) {
      if (auto below = glob_into(entry, segments, at + 1, found); !below) return below;
    }
  }
  return {};
}

}  // namespace

Result<std::vector<fs::path>> glob(const std::string& pattern) {
  Segments segments;
  const fs::path path(pattern);
  for (const fs::path& part : path.relative_path()) {
    if (!part.empty()) segments.push_back(part.string());
  }
  std::vector<fs::path> found;
  if (auto done = glob_into(path.root_path(), segments, 0, found); !done) return done.error();
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Result<void> copy_file(const fs::path& from, const fs::path& to) {
  auto source = open_file(from, O_RDONLY, "cannot open");
  if (!source) return source.error();
  auto target = AtomicFile::create(to, from);
  if (!target) return target.error();
  std::string buffer(kBuffer, '\0');
  for (std::uint64_t offset = 0;;) {
    auto count = read_at(source->get(), buffer.data(), buffer.size(), offset, from);
    if (!count) return count.error();
    if (*count == 0) break;
    if (auto written = target->write(std::string_view(buffer).substr(0, *count)); !written) return written;
    offset += *count;
  }
  return target->commit();
}

Result<void> remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return errno_error(errno, "cannot remove", path.string());
  }
  return sync_folder(folder_of(path));
}

}  // namespace fthost::io
