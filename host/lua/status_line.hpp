// StatusLine: one line on a terminal, drawn again in place, that says how far work on workers has come. It is there
// from half a second after the work began until it ends. begin() on the loop's thread, end() on any.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "io/loop.hpp"

namespace fthost::lua {

class StatusLine {
 public:
  // A line on standard error.
  explicit StatusLine(io::EventLoop& loop) : loop_(loop) {}
  StatusLine(const StatusLine&) = delete;

  // While somebody holds what this gives there may be a line; when it goes, it is cleared. The line outlives it.
  std::shared_ptr<void> begin();
  // Clears it until all work has ended: what is cancelled ends later than it is reported.
  void hide();

 private:
  void end();
  void clear();
  void wait(Duration delay);
  void draw();

  io::EventLoop& loop_;
  std::mutex mutex_;
  int active_ = 0;
  bool waiting_ = false, drawn_ = false, hidden_ = false;
  std::uint64_t done_ = 0, total_ = 0;  // of what was read before
};

}  // namespace fthost::lua
