#include "lua/scope.hpp"

#include <cstdio>

#include "lua/binding.hpp"
#include "lua/handle.hpp"
#include "lua/state.hpp"

namespace fthost::lua {

namespace {

struct ScopeHandle {
  std::shared_ptr<Group> group;
};

Scheduler& need_scheduler(lua_State* L) {
  Scheduler* scheduler = State::from(L).scheduler();
  if (!scheduler || !scheduler->current())
    throw Failure(make_error(Code::unsupported, function_name(L) + " cannot be used here: this code is not in a task"));
  return *scheduler;
}

// Copies the top `count` values of another thread.
void copy_top(lua_State* from, lua_State* to, int count) {
  luaL_checkstack(to, count + 1, "results of a task");
  if (!lua_checkstack(from, 1)) throw Failure(make_error(Code::limit, "not enough memory"));
  const int first = lua_gettop(from) - count + 1;
  for (int i = 0; i < count; ++i) {
    lua_pushvalue(from, first + i);
    lua_xmove(from, to, 1);
  }
}

int push_results(lua_State* L, TaskHandle& handle) {
  switch (*handle.end) {
    case TaskEnd::done:
      copy_top(handle.thread, L, handle.results);
      return handle.results;
    case TaskEnd::failed:
      copy_top(handle.thread, L, 1);
      return lua_error(L);
    case TaskEnd::cancelled:
      break;
  }
  throw Failure(make_error(Code::cancelled, "the task that was waited for was cancelled"));
}

int scope(lua_State* L) {
  check_function(L, 1, "function");
  lua_settop(L, 1);
  Scheduler& scheduler = need_scheduler(L);
  auto group = std::make_shared<Group>(scheduler, scheduler.current_id());
  push_handle<ScopeHandle>(L, 0, ScopeHandle{group});
  return group->run(L, 1, Duration::zero());
}

int timeout(lua_State* L) {
  const Duration time = check_seconds(L, 1, "seconds");
  if (time == Duration::zero()) bad_argument(L, 1, "seconds", "above zero");
  check_function(L, 2, "function");
  Scheduler& scheduler = need_scheduler(L);
  auto group = std::make_shared<Group>(scheduler, scheduler.current_id());
  return group->run(L, lua_gettop(L) - 2, time);
}

int scope_spawn(lua_State* L) {
  Group& group = *check_handle<ScopeHandle>(L, 1, "scope").group;
  check_function(L, 2, "function");
  group.check_open();
  need_scheduler(L).spawn(L, lua_gettop(L) - 2, group.shared_from_this());
  return 1;
}

int scope_cancel(lua_State* L) {
  check_handle<ScopeHandle>(L, 1, "scope").group->cancel();
  return 0;
}

int task_wait(lua_State* L) {
  TaskHandle& handle = check_handle<TaskHandle>(L, 1, "task");
  lua_settop(L, 1);
  if (handle.end) return push_results(L, handle);
  Scheduler& scheduler = need_scheduler(L);
  if (scheduler.would_deadlock(handle.id)) {
    throw Failure(make_error(Code::input, "waiting for this task would never end: it waits for the one that asks", {},
                             "wait for it outside"));
  }
  return await(L, [&](Completion done) {
    scheduler.note_wait(handle.id);
    handle.waiters.push_back(std::move(done));
  });
}

int task_cancel(lua_State* L) {
  const TaskHandle& handle = check_handle<TaskHandle>(L, 1, "task");
  need_scheduler(L).cancel(handle.id);
  return 0;
}

int task_status(lua_State* L) {
  const TaskHandle& handle = check_handle<TaskHandle>(L, 1, "task");
  if (!handle.end)
    lua_pushliteral(L, "running");
  else if (*handle.end == TaskEnd::done)
    lua_pushliteral(L, "done");
  else if (*handle.end == TaskEnd::failed)
    lua_pushliteral(L, "failed");
  else
    lua_pushliteral(L, "cancelled");
  return 1;
}

}  // namespace

int push_task_results(lua_State* L) { return push_results(L, check_handle<TaskHandle>(L, 1, "task")); }

void Group::check_open() const {
  if (ended_) throw Failure(make_error(Code::input, "this scope has ended", {}, "spawn inside ft.scope's function"));
  if (cancelled_) throw Failure(make_error(Code::cancelled, "this scope is being cancelled"));
}

void Group::add(Task& task) {
  task.group_index = tasks_.size();
  tasks_.push_back(&task);
}

int Group::run(lua_State* L, int argument_count, Duration timeout) {
  const auto self = shared_from_this();
  timeout_ = timeout;
  return scheduler_.await(
      L,
      [&](Completion done) {
        scheduler_.spawn(L, argument_count, self);
        body_ = Ref(L, scheduler_.link());
        done_ = std::move(done);
        if (timeout <= Duration::zero()) return;
        timer_ = scheduler_.loop().after(timeout, [group = self] {
          group->timer_.reset();
          group->timed_out_ = true;
          group->cancel();
        });
      },
      [self] { self->cancel(); }, true);
}

void Group::cancel() {
  cancelled_ = true;
  for (const Task* task : tasks_) scheduler_.cancel(task->id);  // ends none of them now: they only learn of it
}

void Group::task_ended(Task& task, TaskEnd how) {
  tasks_[task.group_index] = tasks_.back();
  tasks_[task.group_index]->group_index = task.group_index;
  tasks_.pop_back();
  if (how == TaskEnd::failed && !failed_) {
    failed_ = std::move(task.handle);
    cancel();
  }
  if (!tasks_.empty()) return;
  ended_ = true;
  if (timer_) scheduler_.loop().cancel(*timer_);
  if (done_)
    std::exchange(done_, std::nullopt)->finish([self = shared_from_this()](lua_State* L) { return self->results(L); });
}

int Group::results(lua_State* L) {
  const Ref body = std::move(body_), failed = std::move(failed_);
  if (timed_out_) {
    char text[64];
    std::snprintf(text, sizeof text, "it took longer than %g s", std::chrono::duration<double>(timeout_).count());
    throw Failure(make_error(Code::timeout, text));
  }
  const Ref& told = failed ? failed : body;
  told.push(L);
  TaskHandle& handle = *test_handle<TaskHandle>(L, -1);
  if (handle.end == TaskEnd::cancelled) return 0;  // by scope:cancel()
  return push_results(L, handle);
}

void open_scope(lua_State* L) {
  define_handle<TaskHandle>(
      L, "ft.task", {{"wait", entry<task_wait>}, {"cancel", entry<task_cancel>}, {"status", entry<task_status>}});
  define_handle<ScopeHandle>(L, "ft.scope", {{"spawn", entry<scope_spawn>}, {"cancel", entry<scope_cancel>}});
  set_functions(L, "ft", {{"scope", entry<scope>}, {"timeout", entry<timeout>}});
}

}  // namespace fthost::lua
