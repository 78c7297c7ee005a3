#include "io/workers.hpp"

#include <pthread.h>

#include <system_error>

#include "base/log.hpp"
#include "base/result.hpp"

namespace fthost::io {

struct Workers::Shared {
  std::mutex mutex;
  std::condition_variable wake;     // there is work, or the end
  std::condition_variable drained;  // a thread has ended
  std::deque<std::function<void()>> queue;
  std::size_t max_threads = 0;
  std::size_t alive = 0;
  std::size_t idle = 0;
  bool stopping = false;

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      ++idle;
      wake.wait(lock, [this] { return stopping || !queue.empty(); });
      --idle;
      if (queue.empty()) break;
      std::function<void()> job = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      try {
        job();
      } catch (...) {
        log_line(LogLevel::error, "a job let an exception out: " + caught_error().sentence() +
                                      "; its result is lost; this is a defect of fthost");
      }
      job = nullptr;
      lock.lock();
    }
    --alive;
    drained.notify_all();
  }
};

namespace {

constexpr std::size_t kStackBytes = 1u << 20;  // reserved, not touched: 64 calls in flight cost 64 small stacks

}  // namespace

Workers::Workers(std::size_t max_threads) : shared_(std::make_shared<Shared>()) { shared_->max_threads = max_threads; }

Workers::~Workers() { stop(std::chrono::hours(24)); }

void Workers::submit(std::function<void()> job) {
  std::lock_guard lock(shared_->mutex);
  if (shared_->stopping) return;
  shared_->queue.push_back(std::move(job));
  if (shared_->idle >= shared_->queue.size() || shared_->alive >= shared_->max_threads) {
    shared_->wake.notify_one();
    return;
  }
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  auto* handed_over = new std::shared_ptr<Shared>(shared_);
  pthread_t thread;
  ++shared_->alive;
  const int failed = pthread_create(
      &thread, &attributes,
      [](void* argument) -> void* {
        const std::unique_ptr<std::shared_ptr<Shared>> shared(static_cast<std::shared_ptr<Shared>*>(argument));
        (*shared)->run();
        return nullptr;
      },
      handed_over);
  pthread_attr_destroy(&attributes);
  if (failed) {
    delete handed_over;
    --shared_->alive;
    if (shared_->alive == 0) throw std::system_error(failed, std::generic_category(), "cannot start a thread");
    shared_->wake.notify_one();  // the threads that there are will get to it
  }
}

bool Workers::stop(Duration patience) {
  std::unique_lock lock(shared_->mutex);
  shared_->stopping = true;
  shared_->wake.notify_all();
  return shared_->drained.wait_for(lock, patience, [this] { return shared_->alive == 0; });
}

std::size_t Workers::threads() const {
  std::lock_guard lock(shared_->mutex);
  return shared_->alive;
}

}  // namespace fthost::io
