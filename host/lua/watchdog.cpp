#include "lua/watchdog.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <system_error>

namespace fthost::lua {

namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Watchdog::Watchdog(int exit_status) : exit_status_(exit_status), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  // Signals belong to the Lua thread: this one must never be chosen for SIGINT.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this] { watch(); });
  } catch (const std::system_error&) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::close(wake_);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Watchdog::~Watchdog() {
  quit_ = true;
  set(0, nullptr);
  thread_.join();
  ::close(wake_);
}

void Watchdog::set(std::int64_t deadline, const char* sentence) {
  sentence_ = sentence;
  deadline_ = deadline;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);  // fails only when it is readable already
}

void Watchdog::arm(Duration delay, const char* sentence) { set(now_ns() + delay.count(), sentence); }

void Watchdog::arm_earlier(Duration delay, const char* sentence) {
  const std::int64_t deadline = now_ns() + delay.count(), present = deadline_;
  if (present == 0 || deadline < present) set(deadline, sentence);
}

void Watchdog::disarm() { set(0, nullptr); }

void Watchdog::watch() {
  for (;;) {
    const std::int64_t deadline = deadline_;
    int timeout = -1;
    if (deadline != 0) {
      const std::int64_t left = deadline - now_ns();
      if (left <= 0) break;
      timeout = static_cast<int>(std::min<std::int64_t>(left / 1'000'000 + 1, INT_MAX));
    }
    pollfd entry{wake_, POLLIN, 0};
    if (poll(&entry, 1, timeout) <= 0) continue;
    std::uint64_t count;
    [[maybe_unused]] const auto got = read(wake_, &count, sizeof count);
    if (quit_) return;
  }
  if (const char* sentence = sentence_) {
    [[maybe_unused]] const auto written = write(STDERR_FILENO, sentence, std::strlen(sentence));
  }
  _exit(exit_status_);
}

}  // namespace fthost::lua
