// Watchdog: a thread that ends the process when the Lua thread has not come out in time: finalizers and long calls of
// C (string.find) are out of reach for a hook. It waits in poll(2); arm() and disarm() are atomics and a write, so the
// allocator may call them. Real time, also in tests.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "base/time.hpp"

namespace fthost::lua {

class Watchdog {
 public:
  explicit Watchdog(int exit_status);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // After `delay` without disarm(): writes `sentence` to standard error and leaves by _exit. The text must live on.
  void arm(Duration delay, const char* sentence);
  // As arm(), unless it is armed for an earlier moment already.
  void arm_earlier(Duration delay, const char* sentence);
  void disarm();

 private:
  void watch();
  void set(std::int64_t deadline, const char* sentence);

  const int exit_status_;
  int wake_;                               // eventfd
  std::atomic<std::int64_t> deadline_{0};  // steady clock, nanoseconds; 0: not armed
  std::atomic<const char*> sentence_{nullptr};
  std::atomic<bool> quit_{false};
  std::thread thread_;
};

}  // namespace fthost::lua
