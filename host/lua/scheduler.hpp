// Scheduler: the tasks of a state, each a Lua coroutine, and their waits. On the loop's thread. A task runs from a
// handler of the loop until it waits or ends, so tasks never run inside one another. Tasks are named by slot and
// generation, waits by a number that is never used again: a late result finds nothing.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>
#include "lua/lua.hpp"

#include "base/result.hpp"
#include "io/loop.hpp"
#include "lua/task.hpp"

namespace fthost::lua {

class Group;
class Scheduler;
class State;
struct TaskHandle;

// Shared with everything that may outlive the scheduler.
struct Link {
  io::EventLoop& loop;
  std::atomic<Scheduler*> scheduler;  // null once it is gone
};

// Keeps a Lua value from collection for as long as the scheduler lives. The loop's thread.
class Ref {
 public:
  Ref() = default;
  Ref(lua_State* L, std::shared_ptr<Link> link);  // takes the value on top
  Ref(Ref&& other) noexcept : link_(std::move(other.link_)), ref_(std::exchange(other.ref_, LUA_NOREF)) {}
  Ref& operator=(Ref&& other) noexcept;
  ~Ref() { reset(); }
  void reset();
  void push(lua_State* L) const { lua_rawgeti(L, LUA_REGISTRYINDEX, ref_); }
  explicit operator bool() const { return ref_ != LUA_NOREF; }

 private:
  std::shared_ptr<Link> link_;
  int ref_ = LUA_NOREF;
};

enum class TaskEnd { done, failed, cancelled };

struct Task {
  TaskId id;
  lua_State* thread = nullptr;
  int arguments = 0;  // on its stack until it starts
  bool started = false;
  std::shared_ptr<Group> group;  // null: the root
  std::size_t group_index = 0;
  Ref handle;  // of the TaskHandle, which keeps the thread
  TaskHandle* shared = nullptr;

  std::uint64_t wait = 0;  // the present wait; 0: none
  bool shielded = false;   // a cancel asks the wait to end, and does not leave it
  TaskId waits_for;        // the task whose end it waits for, if that is it
  std::function<void()> on_cancel;
  Push push;                   // of the wait that is over
  std::optional<Error> error;  // or why it failed

  bool cancelled = false;
  int cancels_raised = 0;
  bool closes = false;           // it went on after its cancellation: closed at the yield that comes now
  bool ended_cancelled = false;  // the error it ended with is its cancellation
};

class Scheduler {
 public:
  Scheduler(io::EventLoop& loop, State& state);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  io::EventLoop& loop() { return link_->loop; }
  const std::shared_ptr<Link>& link() const { return link_; }

  // In a body: makes a task of the function and the arguments on top of L, which are replaced by its TaskHandle. It
  // starts in a later turn of the loop. Without a group it is the root.
  TaskId spawn(lua_State* L, int argument_count, std::shared_ptr<Group> group);

  Task* current() { return current_; }  // null outside tasks
  TaskId current_id() const { return current_ ? current_->id : TaskId{}; }
  Task* find(TaskId id);

  // As the free function; a shielded wait goes on until it completes, also after a cancel.
  [[nodiscard]] int await(lua_State* L, const std::function<void(Completion)>& start, std::function<void()> on_cancel,
                          bool shielded);
  // Inside `start`: the wait is for the end of that task.
  void note_wait(TaskId other) { current_->waits_for = other; }
  bool would_deadlock(TaskId other);

  // The task gets the error `cancelled` where it waits, and at every wait from now on; the third closes it.
  void cancel(TaskId id);
  // Ends every task now. For a stopped state, outside Lua.
  void halt();
  std::function<void(Task& root, TaskEnd end)> on_root_end;

  // The body that runs when a wait is over: pushes the results or throws.
  static int take_result(lua_State* L);

  // Counts resumers that cannot yield, between a coroutine and its task: no wait can pass them.
  void block(int by) { blocked_ += by; }
  bool closes_current() const { return current_ && current_->closes; }

  void forget(int ref) const;

 private:
  friend class Completion;
  Task& new_task();
  void queue(const Task& task);
  void drain();
  void complete(TaskId id, std::uint64_t wait, Push push, std::optional<Error> error);
  void resume(Task& task);
  void end(Task& task, TaskEnd how);
  [[noreturn]] void raise_cancelled(Task& task);

  State& state_;
  std::shared_ptr<Link> link_;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::vector<std::uint32_t> free_;
  std::vector<TaskId> ready_;
  bool drain_posted_ = false;
  Task* current_ = nullptr;
  std::uint64_t next_wait_ = 1;
  int blocked_ = 0;
};

}  // namespace fthost::lua
