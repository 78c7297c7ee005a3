// The ft functions of the runtime itself: time, errors, values, tasks, logging.
#include <string>

#include "lua/api.hpp"
#include "lua/binding.hpp"
#include "lua/error.hpp"
#include "lua/modules.hpp"
#include "lua/scheduler.hpp"
#include "lua/scope.hpp"
#include "lua/state.hpp"
#include "lua/value.hpp"

namespace fthost::lua {

namespace {

// ft.map in terms of ft.scope: as many tasks as may run at once, each taking the next item.
constexpr char kPrelude[] = R"lua(
local ft, arguments = ...
function ft.map(...)
  local items, concurrency, fn = arguments(...)
  local results, count, taken = ft.array {}, #items, 0
  local function work()
    while taken < count do
      taken = taken + 1
      local index = taken
      results[index] = fn(items[index], index)
    end
  end
  ft.scope(function(scope)
    for _ = 1, math.min(concurrency, count) do scope:spawn(work) end
  end)
  return results
end
)lua";

constexpr std::int64_t kConcurrency = 16, kMaxConcurrency = 4096;

// map(items, fn) and map(items, {concurrency = n}, fn) -> items, n, fn
int map_arguments(lua_State* L) {
  if (lua_type(L, 1) != LUA_TUSERDATA) check_table(L, 1, "list of items");
  if (lua_isfunction(L, 2) && lua_isnoneornil(L, 3)) {
    lua_settop(L, 2);
    lua_pushnil(L);
    lua_insert(L, 2);
  }
  const Options options(L, 2, {"concurrency"});
  check_function(L, 3, "function");
  lua_settop(L, 3);
  lua_pushinteger(L, options.integer("concurrency", kConcurrency, 1, kMaxConcurrency));
  lua_replace(L, 2);
  return 3;
}

int sleep(lua_State* L) {
  const Duration time = check_seconds(L, 1, "seconds");
  Scheduler* scheduler = State::from(L).scheduler();
  auto timer = std::make_shared<io::EventLoop::TimerId>(0);
  return await(
      L,
      [&](Completion done) {
        if (time == Duration::zero()) return done.finish();
        *timer = scheduler->loop().after(time, [done = std::move(done)] { done.finish(); });
      },
      [scheduler, timer] { scheduler->loop().cancel(*timer); });
}

int try_done(lua_State* L, int status, lua_KContext) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - 1;
  // A cancelled task is leaving: ft.try does not hold it up.
  Scheduler* scheduler = State::from(L).scheduler();
  const Task* task = scheduler ? scheduler->current() : nullptr;
  if (task && task->cancelled && is_cancelled(L, -1)) return lua_error(L);
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

int try_(lua_State* L) {
  luaL_checkany(L, 1);
  lua_pushcfunction(L, message_handler);
  lua_insert(L, 1);
  return try_done(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, 0, try_done), 0);
}

int array(lua_State* L) {
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_newtable(L);
  }
  check_table(L, 1, "list");
  lua_settop(L, 1);
  if (!is_array(L, 1) && lua_getmetatable(L, 1))
    throw Failure(make_error(Code::input, "ft.array: the list has a metatable already", {}, "copy its items first"));
  mark_array(L, 1);
  return 1;
}

int now(lua_State* L) {
  lua_pushnumber(L, std::chrono::duration<double>(State::from(L).clock().wall().time_since_epoch()).count());
  return 1;
}

int clock(lua_State* L) {
  lua_pushnumber(L, std::chrono::duration<double>(State::from(L).clock().now().time_since_epoch()).count());
  return 1;
}

int log(lua_State* L) {
  const std::string_view name = check_string(L, 1, "level");
  LogLevel level;
  if (name == "debug")
    level = LogLevel::debug;
  else if (name == "info")
    level = LogLevel::info;
  else if (name == "warn")
    level = LogLevel::warning;
  else if (name == "error")
    level = LogLevel::error;
  else
    throw Failure(make_error(Code::input, "ft.log: there is no level \"" + std::string(name) + "\"", {},
                             "known are debug, info, warn, error"));
  std::string text;
  for (int i = 2, last = lua_gettop(L); i <= last; ++i) {
    std::size_t size = 0;
    const char* part = luaL_tolstring(L, i, &size);
    if (i > 2) text += ' ';
    text.append(part, size);
    lua_pop(L, 1);
  }
  State::from(L).log(level, text);
  return 0;
}

}  // namespace

void open_core(lua_State* L) {
  set_functions(L, "ft",
                {{"sleep", entry<sleep>},
                 {"try", entry<try_>},
                 {"error", entry<new_error>},
                 {"array", entry<array>},
                 {"now", entry<now>},
                 {"clock", entry<clock>},
                 {"log", entry<log>},
                 {"map", entry<map_arguments>}});  // its name in messages; the prelude puts map in its place
  push_null(L);
  lua_setfield(L, -2, "null");
  open_scope(L);

  if (luaL_loadbufferx(L, kPrelude, sizeof kPrelude - 1, "=ft", "t") != LUA_OK) lua_error(L);
  lua_pushvalue(L, -2);
  lua_getfield(L, -1, "map");
  lua_call(L, 2, 0);
}

void push_ft(lua_State* L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -1, "ft");
  lua_remove(L, -2);
}

void open_ft(lua_State* L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "ft");
  open_core(L);
  open_json(L);
  lua_newtable(L);
  lua_pushcfunction(L, entry<load_member>);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_pop(L, 2);
}

}  // namespace fthost::lua
