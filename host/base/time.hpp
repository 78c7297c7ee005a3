// Clock: where time comes from. The real one reads the system; tests drive a ManualClock, so that timeouts, waits
// and limits are tested without waiting. Any thread may read; only the test's thread advances a ManualClock.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace fthost {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;                               // monotonic
  virtual std::chrono::system_clock::time_point wall() const = 0;  // civil time
  virtual bool is_manual() const { return false; }
  // Called after a manual clock has moved; the event loop looks at its timers again.
  virtual void on_advance(std::function<void()>) {}
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
  std::chrono::system_clock::time_point wall() const override;
};

class ManualClock final : public Clock {
 public:
  TimePoint now() const override;
  std::chrono::system_clock::time_point wall() const override;
  bool is_manual() const override { return true; }
  void on_advance(std::function<void()> callback) override;
  void advance(Duration by);

 private:
  mutable std::mutex mutex_;
  Duration elapsed_{0};
  std::function<void()> callback_;
};

// "2026-11-21T06:40:15Z", UTC.
std::string format_utc(std::chrono::system_clock::time_point time);

}  // namespace fthost
