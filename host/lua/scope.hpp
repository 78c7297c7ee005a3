// Groups of tasks that end together: ft.scope and ft.timeout. The task that opened the group waits until every task in
// it has ended; the first error cancels the others and is raised where the group was opened. The loop's thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>
#include "lua/lua.hpp"

#include "lua/scheduler.hpp"

namespace fthost::lua {

// What a script holds of a task. Its user value is the Lua thread, on whose stack the results or the error stay.
struct TaskHandle {
  lua_State* thread = nullptr;
  TaskId id;
  std::optional<TaskEnd> end;  // none: it still runs
  int results = 0;
  std::vector<Completion> waiters;
};

class Group : public std::enable_shared_from_this<Group> {
 public:
  Group(Scheduler& scheduler, TaskId parent) : scheduler_(scheduler), parent_(parent) {}

  TaskId parent() const { return parent_; }
  // Whether a task may still be added: throws what to tell the script if not.
  void check_open() const;
  void add(Task& task);

  // The whole of ft.scope and ft.timeout: waits for a first task, made of the function and the arguments on top of L,
  // and for all that it adds. A zero time is none.
  int run(lua_State* L, int argument_count, Duration timeout);

  void cancel();
  void task_ended(Task& task, TaskEnd how);

 private:
  int results(lua_State* L);

  Scheduler& scheduler_;
  TaskId parent_;
  std::vector<Task*> tasks_;
  std::optional<Completion> done_;
  Ref body_, failed_;  // handles of the first task and of the one whose error is raised
  bool cancelled_ = false, ended_ = false, timed_out_ = false;
  std::optional<io::EventLoop::TimerId> timer_;
  Duration timeout_{0};
};

// Pushes what the task whose handle is at 1 has returned, or raises how it ended.
int push_task_results(lua_State* L);

// Adds ft.scope and ft.timeout to the ft table on top.
void open_scope(lua_State* L);

}  // namespace fthost::lua
