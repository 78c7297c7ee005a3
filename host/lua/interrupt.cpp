#include "lua/interrupt.hpp"

#include <pthread.h>
#include <unistd.h>

#include <atomic>

#include "lua/runtime.hpp"

namespace fthost::lua {

namespace {

constexpr int kInterrupted = 130;

// A handler has nothing but globals. One process has one Ctrl-C.
std::atomic<Runtime*> interrupted_runtime{nullptr};
std::atomic<pthread_t> runtime_thread{};
std::atomic<int> signals_seen{0};

void on_signal(int number) {
  Runtime* runtime = interrupted_runtime;
  if (!runtime) return;
  if (!pthread_equal(pthread_self(), runtime_thread)) {
    pthread_kill(runtime_thread, number);
    return;
  }
  if (signals_seen.fetch_add(1) > 0) {
    constexpr char kText[] = "\nfthost: interrupted twice; the process was ended\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, kText, sizeof kText - 1);
    _exit(kInterrupted);
  }
  runtime->interrupt();
}

}  // namespace

InterruptOnSignal::InterruptOnSignal(Runtime& runtime, std::initializer_list<int> signals) {
  runtime_thread = pthread_self();
  signals_seen = 0;
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

}  // namespace fthost::lua
