// The delicate part of child processes: fork, and everything between it and exec. Any thread.
// In the child nothing is inherited but what is asked for: no descriptors, no signal handlers, no blocked signals.
#pragma once

#include <sys/types.h>

#include <utility>

#include "base/result.hpp"

namespace fthost::io {

struct ProcessOptions;

// A file descriptor that is closed with its owner.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { reset(); }
  void reset();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// A running child and our ends of its standard streams, which do not block.
struct ChildPipes {
  pid_t pid = 0;
  Fd input, output, errors;
  Fd watch;  // readable when it has ended (pidfd); none where the kernel has no such thing
};

Result<ChildPipes> spawn_with_pipes(const ProcessOptions& options);
Result<pid_t> spawn_detached(const ProcessOptions& options);

// An eventfd that does not block.
Result<Fd> make_event();

}  // namespace fthost::io
