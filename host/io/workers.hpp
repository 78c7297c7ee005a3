// Workers: the threads that run plugin calls and chunks of data work. Any thread may submit. Threads are started as
// work arrives, up to a limit, and reused; blocking calls need as many threads as there are calls in flight.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "base/time.hpp"

namespace fthost::io {

class Workers {
 public:
  explicit Workers(std::size_t max_threads = 1024);
  // Waits for the work in progress; whoever cannot wait calls stop() first.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Runs `job` on some thread. A job has its own way of saying that it failed and must not throw: what it lets out all
  // the same is a defect that is logged as an error, and the thread goes on with the next.
  void submit(std::function<void()> job);

  // Takes no more, and waits up to `patience` (real time) until all that was submitted is done. False: something still
  // runs, and the process should leave by std::_Exit after flushing what it owns.
  bool stop(Duration patience);

  std::size_t threads() const;

 private:
  struct Shared;  // outlives this object while a thread still runs
  std::shared_ptr<Shared> shared_;
};

}  // namespace fthost::io
