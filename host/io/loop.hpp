// EventLoop: the one loop of the process. It runs on the main thread; post() may be called from any thread,
// everything else from the loop's own. Timers follow the Clock, so a ManualClock drives them in tests.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "base/time.hpp"

namespace fthost::io {

class EventLoop {
 public:
  explicit EventLoop(Clock& clock);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  Clock& clock() { return clock_; }
  boost::asio::io_context& context() { return context_; }

  // Runs `fn` on the loop's thread, never inline. An exception that leaves `fn` leaves run().
  void post(std::function<void()> fn);

  // Runs until stop(). May be called again after it returned.
  void run();
  void stop();

  // Name lookups under way. Nothing stops one (getaddrinfo), and the end of the loop waits for it, for 20 s or more
  // where no name server answers: a program that is done meanwhile flushes what it owns and leaves by std::_Exit.
  std::size_t lookups() const { return lookups_; }
  void count_lookup(bool begins) { begins ? ++lookups_ : --lookups_; }

  using TimerId = std::uint64_t;
  // Calls `fn` once the clock has reached now + delay. Equal deadlines fire in the order they were set.
  TimerId after(Duration delay, std::function<void()> fn);
  void cancel(TimerId id);  // an unknown or fired id is passed over

 private:
  void arm();
  void fire_due();

  struct Key {
    TimePoint due;
    TimerId id;
    bool operator<(const Key& other) const { return due != other.due ? due < other.due : id < other.id; }
  };

  Clock& clock_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  boost::asio::steady_timer wake_;
  std::map<Key, std::function<void()>> timers_;
  std::map<TimerId, TimePoint> due_;
  TimerId next_id_ = 1;
  std::size_t lookups_ = 0;
};

}  // namespace fthost::io
