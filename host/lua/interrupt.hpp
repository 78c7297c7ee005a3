// Ctrl-C for a runtime: while one of these lives, the given signals interrupt its script; a second signal, or one after
// the runtime's end, ends the process at once with status 130, without the temporary files. Two within a quarter of a
// second are one. Made on the thread of the loop, where the handlers do their work: a signal that lands on another
// thread is sent on to it.
#pragma once

#include <signal.h>

#include <initializer_list>
#include <utility>
#include <vector>

namespace fthost::lua {

class Runtime;

class InterruptOnSignal {
 public:
  explicit InterruptOnSignal(Runtime& runtime, std::initializer_list<int> signals = {SIGINT, SIGTERM});
  ~InterruptOnSignal();
  InterruptOnSignal(const InterruptOnSignal&) = delete;
  InterruptOnSignal& operator=(const InterruptOnSignal&) = delete;

 private:
  std::vector<std::pair<int, struct sigaction>> before_;
};

// A runtime that ends takes itself out.
void forget_interrupts(const Runtime& runtime);

}  // namespace fthost::lua
