// FileLock: one writer, or many readers, among all processes of this machine, by flock(2) on a file that holds nothing
// else. The kernel drops a lock with its process, so a killed one leaves nothing to clean up. Any thread; two locks
// of one process exclude each other like those of two.
#pragma once

#include <filesystem>
#include <functional>

#include "base/result.hpp"

namespace fthost::io {

class FileLock {
 public:
  enum class Mode { shared, exclusive };

  // Waits for the lock. `cancelled`, if given, is asked every few milliseconds while waiting; the error is then
  // Code::cancelled. The file and its folder are made where missing; the file stays behind.
  static Result<FileLock> acquire(const std::filesystem::path& path, Mode mode,
                                  const std::function<bool()>& cancelled = {});
  // Does not wait: Code::conflict, with a sentence that says who holds it.
  static Result<FileLock> try_acquire(const std::filesystem::path& path, Mode mode);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

  // Gives it up before the end of its life.
  void release();
  bool held() const { return fd_ >= 0; }

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace fthost::io
