#include "base/time.hpp"

#include <ctime>

namespace fthost {

TimePoint SystemClock::now() const { return std::chrono::steady_clock::now(); }
std::chrono::system_clock::time_point SystemClock::wall() const { return std::chrono::system_clock::now(); }

TimePoint ManualClock::now() const {
  std::lock_guard lock(mutex_);
  return TimePoint(elapsed_);
}

std::chrono::system_clock::time_point ManualClock::wall() const {
  std::lock_guard lock(mutex_);
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(elapsed_));
}

void ManualClock::on_advance(std::function<void()> callback) {
  std::lock_guard lock(mutex_);
  callback_ = std::move(callback);
}

void ManualClock::advance(Duration by) {
  std::function<void()> callback;
  {
    std::lock_guard lock(mutex_);
    elapsed_ += by;
    callback = callback_;
  }
  if (callback) callback();
}

std::string format_utc(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace fthost
