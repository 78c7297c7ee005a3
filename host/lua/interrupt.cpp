#include "lua/interrupt.hpp"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "io/temporaries.hpp"
#include "lua/runtime.hpp"

namespace fthost::lua {

namespace {

constexpr int kInterrupted = 130;
constexpr long long kOneSignal = 250;  // ms

// A handler has nothing but globals. One process has one Ctrl-C.
std::atomic<Runtime*> interrupted_runtime{nullptr};
std::atomic<pthread_t> runtime_thread{};
std::atomic<long long> interrupted_at{0};  // in ms, never 0 once a signal was seen
static_assert(std::atomic<long long>::is_always_lock_free);

long long now_ms() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<long long>(time.tv_sec) * 1000 + time.tv_nsec / 1000000 + 1;
}

void on_signal(int number) {
  if (!pthread_equal(pthread_self(), runtime_thread)) {
    pthread_kill(runtime_thread, number);
    return;
  }
  const long long now = now_ms(), before = interrupted_at;
  if (before != 0 && now - before < kOneSignal) return;  // sent to the process and to its group, or a shaky finger
  Runtime* const runtime = interrupted_runtime;
  if (before == 0 && runtime) {
    interrupted_at = now;
    runtime->interrupt();
    return;
  }
  io::unlink_temporaries();
  constexpr char kTwice[] = "\nfthost: interrupted twice; the process was ended\n";
  constexpr char kAtEnd[] = "\nfthost: interrupted\n";
  [[maybe_unused]] const auto written =
      before != 0 ? write(STDERR_FILENO, kTwice, sizeof kTwice - 1) : write(STDERR_FILENO, kAtEnd, sizeof kAtEnd - 1);
  _exit(kInterrupted);
}

}  // namespace

InterruptOnSignal::InterruptOnSignal(Runtime& runtime, std::initializer_list<int> signals) {
  runtime_thread = pthread_self();
  interrupted_at = 0;
  interrupted_runtime = &runtime;
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int number : signals) {
    struct sigaction before{};
    sigaction(number, &action, &before);
    before_.emplace_back(number, before);
  }
}

InterruptOnSignal::~InterruptOnSignal() {
  for (const auto& [number, action] : before_) sigaction(number, &action, nullptr);
  interrupted_runtime = nullptr;
}

void forget_interrupts(const Runtime& runtime) {
  Runtime* here = const_cast<Runtime*>(&runtime);
  interrupted_runtime.compare_exchange_strong(here, nullptr);
}

}  // namespace fthost::lua
