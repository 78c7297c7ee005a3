// What a binding needs to be asynchronous. A script is a task; await() puts the task aside, other tasks run, and the
// task goes on when the operation's Completion is finished, from whichever thread. On the loop's thread, in a body.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include "lua/lua.hpp"

#include "base/result.hpp"

namespace fthost::lua {

// Names a task; a stale one finds nothing.
struct TaskId {
  std::uint32_t slot = 0, generation = 0;  // generation 0: no task
  explicit operator bool() const { return generation != 0; }
  bool operator==(const TaskId&) const = default;
};

// Pushes the results of an operation and returns their number. Runs on the loop's thread, in the waiting script;
// it may throw and raise like a body.
using Push = std::function<int(lua_State*)>;

// Ends one wait, once. Copies are the same completion; any thread may finish it; the result is posted to the loop,
// never handed over inline. A result that comes after the wait was cancelled or ended is dropped. When the last copy
// goes without a result, the script gets an error. The event loop must outlive every copy.
class Completion {
 public:
  void finish(Push push = {}) const;
  void fail(Error error) const;

  // For results that can only be moved.
  template <class T>
  void finish_with(T value, int (*push)(lua_State*, T&)) const {
    auto shared = std::make_shared<T>(std::move(value));
    finish([shared, push](lua_State* L) { return push(L, *shared); });
  }

 private:
  friend class Scheduler;
  struct Ticket;
  explicit Completion(std::shared_ptr<Ticket> ticket) : ticket_(std::move(ticket)) {}
  std::shared_ptr<Ticket> ticket_;
};

// Starts an operation and waits for it: `return await(L, [&](Completion done) {...})`, as the last thing of a body or
// of a Push; the wait begins when the body has returned. `start` runs at once, and what it throws is raised.
// `on_cancel` runs on the loop's thread, at most once, if the task is cancelled while it waits; it tells the operation
// to stop and nothing more: the task goes on without it. Throws where Lua cannot yield (table.sort, string.gsub,
// __tostring, ...) and in a state without tasks.
[[nodiscard]] int await(lua_State* L, const std::function<void(Completion)>& start,
                        std::function<void()> on_cancel = {});

}  // namespace fthost::lua
