// The holder's process id and name stand in the lock file while it is held, for the sentence that others are told.
#include "io/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "io/files.hpp"

namespace fthost::io {

namespace {

Error held_error(int fd, const std::filesystem::path& path) {
  char text[128];
  const ssize_t size = ::pread(fd, text, sizeof text, 0);
  std::string holder(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  holder = holder.substr(0, holder.find('\n'));
  if (holder.empty()) holder = "another process";
  return make_error(Code::conflict, "in use by " + holder, path.string(), "wait until it is done, or stop it");
}

Result<Descriptor> open_lock(const std::filesystem::path& path) {
  if (auto made = ensure_folder(path.parent_path()); !made) return made.error();
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return errno_error(errno, "cannot open the lock file", path.string());
  return Descriptor(fd);
}

int flock_retrying(int fd, int operation) {
  int status;
  do {
    status = ::flock(fd, operation);
  } while (status != 0 && errno == EINTR);
  return status;
}

int operation_of(FileLock::Mode mode) { return mode == FileLock::Mode::exclusive ? LOCK_EX : LOCK_SH; }

// For others to read; a failure only makes their sentence poorer.
void sign(int fd, FileLock::Mode mode) {
  std::string text;
  if (mode == FileLock::Mode::exclusive) {
    text = "process " + std::to_string(::getpid()) + " (" + program_invocation_short_name + ")\n";
  }
  if (::ftruncate(fd, 0) != 0 || text.empty()) return;
  if (::pwrite(fd, text.data(), text.size(), 0) < 0) return;
}

}  // namespace

Result<FileLock> FileLock::try_acquire(const std::filesystem::path& path, Mode mode) {
  auto fd = open_lock(path);
  if (!fd) return fd.error();
  if (flock_retrying(fd->get(), operation_of(mode) | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return held_error(fd->get(), path);
    return errno_error(errno, "cannot lock", path.string());
  }
  sign(fd->get(), mode);
  return FileLock(fd->release());
}

Result<FileLock> FileLock::acquire(const std::filesystem::path& path, Mode mode,
                                   const std::function<bool()>& cancelled) {
  auto fd = open_lock(path);
  if (!fd) return fd.error();
  if (!cancelled) {
    if (flock_retrying(fd->get(), operation_of(mode)) != 0) return errno_error(errno, "cannot lock", path.string());
  } else {
    // flock cannot be interrupted without a signal, so the wait asks again, at growing intervals of 1 to 20 ms.
    auto pause = std::chrono::milliseconds(1);
    while (flock_retrying(fd->get(), operation_of(mode) | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return errno_error(errno, "cannot lock", path.string());
      if (cancelled()) {
        Error error = held_error(fd->get(), path);
        error.code = Code::cancelled;
        error.message = "cancelled while waiting for the lock, " + error.message;
        error.hint.clear();
        return error;
      }
      std::this_thread::sleep_for(pause);
      pause = std::min(pause * 2, std::chrono::milliseconds(20));
    }
  }
  sign(fd->get(), mode);
  return FileLock(fd->release());
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  if (this != &other) {
    release();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

FileLock::~FileLock() { release(); }

void FileLock::release() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace fthost::io
