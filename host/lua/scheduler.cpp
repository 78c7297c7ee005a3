#include "lua/scheduler.hpp"

#include "lua/binding.hpp"
#include "lua/coroutines.hpp"
#include "lua/error.hpp"
#include "lua/handle.hpp"
#include "lua/modules.hpp"
#include "lua/scope.hpp"
#include "lua/state.hpp"

namespace fthost::lua {

namespace {

constexpr int kWaitsAfterCancel = 3;  // the third closes the task

int task_done(lua_State* L, int status, lua_KContext) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - 1;
  Task* task = State::from(L).scheduler()->current();
  if (task) task->ended_cancelled = task->cancelled && is_cancelled(L, -1);
  return lua_error(L);
}

// The function of every task: runs the script's function protected, so that its errors get a traceback, and its
// close handlers may wait.
int task_body(lua_State* L) {
  lua_pushcfunction(L, message_handler);
  lua_insert(L, 1);
  return task_done(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, 0, task_done), 0);
}

}  // namespace

struct Completion::Ticket {
  std::shared_ptr<Link> link;
  TaskId task;
  std::uint64_t wait;
  std::atomic<bool> used{false};

  Ticket(std::shared_ptr<Link> l, TaskId t, std::uint64_t w) : link(std::move(l)), task(t), wait(w) {}
  ~Ticket() {
    if (!used && link->scheduler) settle({}, make_error(Code::internal, "the operation ended without a result"));
  }

  void settle(Push push, std::optional<Error> error) {
    if (used.exchange(true)) return;
    link->loop.post(
        [link = link, task = task, wait = wait, push = std::move(push), error = std::move(error)]() mutable {
          if (Scheduler* scheduler = link->scheduler)
            scheduler->complete(task, wait, std::move(push), std::move(error));
        });
  }
};

void Completion::finish(Push push) const { ticket_->settle(std::move(push), {}); }
void Completion::fail(Error error) const { ticket_->settle({}, std::move(error)); }

int await(lua_State* L, const std::function<void(Completion)>& start, std::function<void()> on_cancel) {
  Scheduler* scheduler = State::from(L).scheduler();
  if (!scheduler) {
    throw Failure(make_error(Code::unsupported, function_name(L) + " cannot wait here: this code has no tasks", {},
                             "it runs on a worker; do the work in the script and pass the result"));
  }
  return scheduler->await(L, start, std::move(on_cancel), false);
}

Ref::Ref(lua_State* L, std::shared_ptr<Link> link) : link_(std::move(link)), ref_(luaL_ref(L, LUA_REGISTRYINDEX)) {}

void Ref::reset() {
  if (ref_ == LUA_NOREF) return;
  if (const Scheduler* scheduler = link_->scheduler) scheduler->forget(ref_);
  ref_ = LUA_NOREF;
}

Ref& Ref::operator=(Ref&& other) noexcept {
  std::swap(link_, other.link_);
  std::swap(ref_, other.ref_);
  return *this;
}

Scheduler::Scheduler(io::EventLoop& loop, State& state) : state_(state), link_(std::make_shared<Link>(loop, this)) {
  state_.set_scheduler(this);
}

Scheduler::~Scheduler() {
  link_->scheduler = nullptr;
  state_.set_scheduler(nullptr);
}

void Scheduler::forget(int ref) const { luaL_unref(state_.main(), LUA_REGISTRYINDEX, ref); }

Task& Scheduler::new_task() {
  if (free_.empty()) {
    tasks_.push_back(std::make_unique<Task>());
    free_.reserve(tasks_.size());  // so that the end of a task never allocates
    tasks_.back()->id = {static_cast<std::uint32_t>(tasks_.size() - 1), 1};
    return *tasks_.back();
  }
  Task& task = *tasks_[free_.back()];
  free_.pop_back();
  return task;
}

Task* Scheduler::find(TaskId id) {
  if (!id || id.slot >= tasks_.size()) return nullptr;
  Task* task = tasks_[id.slot].get();
  return task->id == id && task->shared ? task : nullptr;
}

TaskId Scheduler::spawn(lua_State* L, int argument_count, std::shared_ptr<Group> group) {
  luaL_checkstack(L, 4, "spawn");
  const int function = lua_gettop(L) - argument_count;
  TaskHandle& shared = push_handle<TaskHandle>(L, 1);
  lua_State* thread = lua_newthread(L);
  thread_flags(thread) = kTaskThread;
  if (!lua_checkstack(thread, argument_count + 2))
    throw Failure(make_error(Code::input, "too many arguments for a task"));
  lua_pushvalue(L, -2);
  Ref handle(L, link_);
  lua_setiuservalue(L, -2, 1);  // the handle keeps the thread
  lua_insert(L, function);
  lua_pushcfunction(thread, task_body);
  lua_xmove(L, thread, argument_count + 1);

  Task& task = new_task();
  task.thread = thread;
  task.arguments = argument_count + 1;
  task.handle = std::move(handle);
  task.shared = &shared;
  task.group = std::move(group);
  shared.thread = thread;
  shared.id = task.id;
  if (task.group) task.group->add(task);
  queue(task);
  return task.id;
}

void Scheduler::queue(const Task& task) {
  ready_.push_back(task.id);
  if (drain_posted_) return;
  drain_posted_ = true;
  link_->loop.post([link = link_] {
    if (Scheduler* scheduler = link->scheduler) scheduler->drain();
  });
}

void Scheduler::drain() {
  drain_posted_ = false;
  for (const TaskId id : std::exchange(ready_, {})) {
    Task* task = find(id);
    if (!task) continue;
    if (!task->started && task->cancelled)
      end(*task, TaskEnd::cancelled);
    else
      resume(*task);
  }
}

int Scheduler::await(lua_State* L, const std::function<void(Completion)>& start, std::function<void()> on_cancel,
                     bool shielded) {
  Task* task = current_;
  if (!task || blocked_ > 0 || !lua_isyieldable(L)) {
    throw Failure(make_error(Code::unsupported, function_name(L) + " cannot wait here", {},
                             "Lua cannot pause inside table.sort, string.gsub, a metamethod such as __tostring, or a "
                             "finalizer; call it before or after"));
  }
  if (task->cancelled) {
    if (task->cancels_raised + 1 < kWaitsAfterCancel) raise_cancelled(*task);
    task->closes = true;
    return kWaits;
  }

  struct Begun {  // whatever leaves `start` other than by its end takes the wait back
    Task* task;
    ~Begun() {
      if (!task) return;
      task->wait = 0;
      task->waits_for = {};
    }
  } begun{task};
  task->wait = next_wait_++;
  task->shielded = shielded;
  start(Completion(std::make_shared<Completion::Ticket>(link_, task->id, task->wait)));
  task->on_cancel = std::move(on_cancel);
  begun.task = nullptr;
  return kWaits;
}

int Scheduler::take_result(lua_State* L) {
  Scheduler& scheduler = *State::from(L).scheduler();
  Task& task = *scheduler.current_;
  const Push push = std::exchange(task.push, {});
  const std::optional<Error> error = std::exchange(task.error, {});
  if (task.cancelled) scheduler.raise_cancelled(task);
  if (error) throw Failure(*error);
  return push ? push(L) : 0;
}

void Scheduler::raise_cancelled(Task& task) {
  ++task.cancels_raised;
  throw Failure(make_error(Code::cancelled, state_.limits().interrupted() ? "interrupted" : "the task was cancelled"));
}

void Scheduler::complete(TaskId id, std::uint64_t wait, Push push, std::optional<Error> error) {
  Task* task = find(id);
  if (!task || task->wait != wait) return;
  task->wait = 0;
  task->on_cancel = nullptr;
  task->push = std::move(push);
  task->error = std::move(error);
  resume(*task);
}

void Scheduler::cancel(TaskId id) {
  Task* task = find(id);
  if (!task || task->cancelled) return;
  task->cancelled = true;
  if (task->wait == 0) return;  // it runs, or is about to: it learns of it at its next wait
  const auto on_cancel = std::exchange(task->on_cancel, nullptr);
  if (!task->shielded) {
    task->wait = 0;
    queue(*task);
  }
  if (on_cancel) on_cancel();
}

void Scheduler::resume(Task& task) {
  const int count = std::exchange(task.arguments, 0);
  task.started = true;
  task.waits_for = {};
  int results = 0;
  current_ = &task;
  const int status = state_.resume(task.thread, state_.main(), count, &results);
  current_ = nullptr;
  if (state_.limits().stopped() != Stop::none) {
    halt();
  } else if (status == LUA_YIELD && is_wait(task.thread, results)) {
    lua_pop(task.thread, results);
    if (!task.closes) return;
    state_.close(task.thread);
    end(task, TaskEnd::cancelled);
  } else if (status == LUA_OK) {
    task.shared->results = results;
    end(task, TaskEnd::done);
  } else {  // an error, or a yield of foreign C code, which nobody can resume
    if (state_.close(task.thread) == LUA_OK) lua_pushnil(task.thread);
    end(task, task.ended_cancelled ? TaskEnd::cancelled : TaskEnd::failed);
  }
}

void Scheduler::end(Task& task, TaskEnd how) {
  task.shared->end = how;
  for (const Completion& waiter : std::exchange(task.shared->waiters, {})) waiter.finish(push_task_results);
  state_.modules().abandon(task.id);
  if (task.group)
    task.group->task_ended(task, how);
  else if (on_root_end)
    on_root_end(task, how);
  const TaskId id = task.id;
  task = Task{};
  task.id = {id.slot, id.generation + 1 == 0 ? 1 : id.generation + 1};
  free_.push_back(id.slot);
}

void Scheduler::halt() {
  for (std::size_t slot = 0; slot < tasks_.size(); ++slot) {
    Task& task = *tasks_[slot];
    if (!task.shared) continue;
    if (!task.group) state_.limits().set_place(traceback(task.thread, 0));
    const auto on_cancel = std::exchange(task.on_cancel, nullptr);
    task.wait = 0;
    if (on_cancel) on_cancel();
    if (task.started) state_.close(task.thread);
    end(task, TaskEnd::cancelled);
  }
}

bool Scheduler::would_deadlock(TaskId other) {
  for (Task* at = find(other); at; at = find(at->waits_for)) {
    for (Task* mine = current_; mine; mine = mine->group ? find(mine->group->parent()) : nullptr)
      if (at == mine) return true;
  }
  return false;
}

}  // namespace fthost::lua
