#include "lua/coroutines.hpp"

#include "lua/binding.hpp"
#include "lua/scheduler.hpp"
#include "lua/state.hpp"

namespace fthost::lua {

namespace {

const char kWait = 0;  // its address, as a light userdata, is the value that a wait yields

enum class Step { values, error, wait, stop };

const char* status_name(lua_State* L, lua_State* thread) {
  if (L == thread) return "running";
  if (thread_flags(thread) != 0) return "normal";
  switch (lua_status(thread)) {
    case LUA_YIELD:
      return "suspended";
    case LUA_OK: {
      lua_Debug record;
      if (lua_getstack(thread, 0, &record)) return "normal";
      return lua_gettop(thread) == 0 ? "dead" : "suspended";
    }
    default:
      return "dead";
  }
}

// Runs `thread` with the values on top of L until it ends, yields or waits, and moves what it gives to L.
Step step(lua_State* L, lua_State* thread, int count, int& results) {
  State& state = State::from(L);
  if (!lua_checkstack(thread, count + 1)) {
    lua_pushliteral(L, "too many arguments to resume");
    return Step::error;
  }
  lua_xmove(L, thread, count);
  Scheduler* scheduler = state.scheduler();
  const bool blocks = scheduler && !lua_isyieldable(L);
  if (blocks) scheduler->block(1);
  const int status = state.resume(thread, L, count, &results);
  if (blocks) scheduler->block(-1);
  if (state.limits().stopped() != Stop::none) {
    if (status == LUA_YIELD) state.close(thread);
    return Step::stop;
  }
  if (status == LUA_YIELD && is_wait(thread, results)) {
    lua_pop(thread, 1);
    if (scheduler->closes_current())
      state.close(thread);
    else
      thread_flags(thread) |= kWaiting;
    return Step::wait;
  }
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(thread, L, 1);
    return Step::error;
  }
  if (!lua_checkstack(L, results + 1)) {
    lua_pop(thread, results);
    lua_pushliteral(L, "too many results to resume");
    return Step::error;
  }
  lua_xmove(thread, L, results);
  return Step::values;
}

// Whether `thread` can be resumed by a script; else pushes why.
bool resumable(lua_State* L, lua_State* thread) {
  if (thread_flags(thread) & kTaskThread) {
    lua_pushliteral(L, "cannot resume a task");
  } else if (thread_flags(thread) & kWaiting) {
    lua_pushliteral(L, "cannot resume a coroutine that waits for an operation");
  } else if (const char* status = status_name(L, thread); *status != 's') {
    if (*status == 'd')
      lua_pushliteral(L, "cannot resume dead coroutine");
    else
      lua_pushliteral(L, "cannot resume non-suspended coroutine");
  } else {
    return true;
  }
  return false;
}

lua_State* check_thread(lua_State* L) {
  lua_State* thread = lua_tothread(L, 1);
  luaL_argexpected(L, thread, 1, "coroutine");
  return thread;
}

int resume_more(lua_State* L, int, lua_KContext);

// coroutine.resume(thread, ...) with the thread at 1 and `count` values on top.
int resume_step(lua_State* L, int count) {
  int results = 0;
  switch (step(L, lua_tothread(L, 1), count, results)) {
    case Step::wait:
      return pass_wait(L, resume_more);
    case Step::stop:
      return State::from(L).limits().halt(L);
    case Step::error:
      lua_pushboolean(L, 0);
      lua_insert(L, -2);
      return 2;
    case Step::values:
      break;
  }
  lua_pushboolean(L, 1);
  lua_insert(L, -(results + 1));
  return results + 1;
}

int resume_more(lua_State* L, int, lua_KContext) {
  lua_settop(L, 1);
  thread_flags(lua_tothread(L, 1)) &= ~static_cast<std::uintptr_t>(kWaiting);
  return resume_step(L, 0);
}

int resume(lua_State* L) {
  if (!resumable(L, check_thread(L))) {
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
  }
  return resume_step(L, lua_gettop(L) - 1);
}

int wrap_more(lua_State* L, int, lua_KContext);

int wrap_step(lua_State* L, int count) {
  lua_State* thread = lua_tothread(L, lua_upvalueindex(1));
  int results = 0;
  switch (step(L, thread, count, results)) {
    case Step::wait:
      return pass_wait(L, wrap_more);
    case Step::stop:
      return State::from(L).limits().halt(L);
    case Step::values:
      return results;
    case Step::error:
      break;
  }
  const int status = lua_status(thread);
  if (status != LUA_OK && status != LUA_YIELD) {  // it died of the error: close its variables, which may fail anew
    if (State::from(L).close(thread) != LUA_OK) {
      lua_pop(L, 1);
      lua_xmove(thread, L, 1);
    }
  }
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

int wrap_more(lua_State* L, int, lua_KContext) {
  lua_settop(L, 0);
  thread_flags(lua_tothread(L, lua_upvalueindex(1))) &= ~static_cast<std::uintptr_t>(kWaiting);
  return wrap_step(L, 0);
}

int wrapped(lua_State* L) {
  if (!resumable(L, lua_tothread(L, lua_upvalueindex(1)))) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
    return lua_error(L);
  }
  return wrap_step(L, lua_gettop(L));
}

int wrap(lua_State* L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State* thread = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, thread, 1);
  lua_pushcclosure(L, wrapped, 1);
  return 1;
}

int yield_refused(lua_State*) {
  throw Failure(make_error(Code::input, "coroutine.yield outside a coroutine: there is nobody to yield to", {},
                           "to let other tasks run, call ft.sleep(0)"));
}

int yield(lua_State* L) {
  if (thread_flags(L) & kTaskThread) return call_body(L, yield_refused);
  return lua_yield(L, lua_gettop(L));
}

int status(lua_State* L) {
  lua_pushstring(L, status_name(L, check_thread(L)));
  return 1;
}

int close(lua_State* L) {
  lua_State* thread = check_thread(L);
  const char* name = status_name(L, thread);
  if (*name != 's' && *name != 'd') return luaL_error(L, "cannot close a %s coroutine", name);
  if (State::from(L).close(thread) == LUA_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushboolean(L, 0);
  lua_xmove(thread, L, 1);
  return 2;
}

}  // namespace

std::uintptr_t& thread_flags(lua_State* thread) {
  static_assert(LUA_EXTRASPACE >= sizeof(std::uintptr_t));
  return *static_cast<std::uintptr_t*>(lua_getextraspace(thread));
}

int pass_wait(lua_State* L, lua_KFunction then) {
  luaL_checkstack(L, 1, nullptr);
  lua_pushlightuserdata(L, const_cast<char*>(&kWait));
  return lua_yieldk(L, 1, 0, then);
}

int yield_wait(lua_State* L) {
  return pass_wait(L, [](lua_State* S, int, lua_KContext) { return call_body(S, Scheduler::take_result); });
}

bool is_wait(lua_State* thread, int result_count) {
  return result_count == 1 && lua_islightuserdata(thread, -1) && lua_touserdata(thread, -1) == &kWait;
}

void replace_coroutines(lua_State* L) {
  thread_flags(L) = 0;  // the main thread's: Lua does not clear it, and every thread begins with a copy
  lua_getglobal(L, "coroutine");
  set_functions(L, "coroutine",
                {{"resume", resume}, {"wrap", wrap}, {"yield", yield}, {"status", status}, {"close", close}});
  lua_pop(L, 1);
}

}  // namespace fthost::lua
