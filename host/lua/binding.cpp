#include "lua/binding.hpp"

#include <algorithm>
#include <cmath>

#include "lua/coroutines.hpp"
#include "lua/error.hpp"
#include "lua/handle.hpp"
#include "text/distance.hpp"

namespace fthost::lua {

namespace {

constexpr int kRaises = -2;

const char kNames = 0;  // registry: function -> "ft.dataset.open"

void push_names(lua_State* L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &kNames) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kNames);
}

// What a message says was given: "nil", "a string", "a dataset".
std::string given(lua_State* L, int index) {
  if (lua_isnoneornil(L, index)) return "nothing";
  if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING) {
    const std::string name = lua_tostring(L, -1);
    lua_pop(L, 1);
    return name;
  }
  if (lua_type(L, index) == LUA_TNUMBER) {
    lua_pushvalue(L, index);
    const std::string text = luaL_tolstring(L, -1, nullptr);
    lua_pop(L, 2);
    return text;
  }
  return std::string("a ") + luaL_typename(L, index);
}

std::int64_t integer_in(lua_State* L, int index, std::int64_t min, std::int64_t max, bool& good) {
  int exact = 0;
  const lua_Integer number = lua_type(L, index) == LUA_TNUMBER ? lua_tointegerx(L, index, &exact) : 0;
  good = exact != 0 && number >= min && number <= max;
  return number;
}

std::string integer_wanted(std::int64_t min, std::int64_t max) {
  const bool bounded_above = max != std::numeric_limits<std::int64_t>::max();
  if (min == std::numeric_limits<std::int64_t>::min()) {
    return bounded_above ? "a whole number up to " + std::to_string(max) : "a whole number";
  }
  if (bounded_above) return "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  return "a whole number from " + std::to_string(min);
}

// __index of a type's methods table: reached only for a name that is not there.
int unknown_method(lua_State* L) {
  std::vector<std::string_view> known;
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    lua_pop(L, 1);
    known.emplace_back(lua_tostring(L, -1));
  }
  const std::string name = luaL_tolstring(L, 2, nullptr);
  const std::string_view meant = nearest(name, known);
  throw Failure(make_error(Code::input,
                           std::string(lua_tostring(L, lua_upvalueindex(1))) + " has no method \"" + name + "\"", {},
                           meant.empty() ? "" : "did you mean \"" + std::string(meant) + "\"?"));
}

}  // namespace

namespace {

// Runs the body and leaves nothing behind that needs unwinding: its results, kWaits, or kRaises and an error on top.
[[gnu::noinline]] int guarded(lua_State* L, Body body) {
  Error error;
  try {
    return body(L);
  } catch (const Failure& failure) {
    error = failure.error();
  } catch (const std::bad_alloc&) {
    error = make_error(Code::limit, "not enough memory");
  } catch (const std::exception& exception) {
    error = make_error(Code::internal, exception.what());
  }
  push_error(L, error);
  return kRaises;
}

}  // namespace

int call_body(lua_State* L, Body body) {
  // Lua leaves by a C++ exception, which is cheap only through frames without destructors: so from here.
  const int results = guarded(L, body);
  if (results >= 0) return results;
  if (results == kRaises) return lua_error(L);
  return yield_wait(L);
}

void set_functions(lua_State* L, const std::string& noun, std::initializer_list<Function> functions) {
  push_names(L);
  for (const Function& each : functions) {
    lua_pushcfunction(L, each.function);
    lua_pushvalue(L, -1);
    lua_pushstring(L, (noun + "." + each.name).c_str());
    lua_rawset(L, -4);
    lua_setfield(L, -3, each.name);
  }
  lua_pop(L, 1);
}

std::string function_name(lua_State* L) {
  lua_Debug record;
  if (!lua_getstack(L, 0, &record)) return {};
  luaL_checkstack(L, 3, nullptr);
  push_names(L);
  lua_getinfo(L, "fn", &record);
  std::string name;
  if (lua_rawget(L, -2) == LUA_TSTRING)
    name = lua_tostring(L, -1);
  else if (record.name)
    name = record.name;
  lua_pop(L, 2);
  return name;
}

void bad_argument(lua_State* L, int arg, std::string_view what, std::string_view expected) {
  const std::string name = function_name(L);
  throw Failure(make_error(Code::input, (name.empty() ? "" : name + ": ") + "the " + std::string(what) + " must be " +
                                            std::string(expected) + ", not " + given(L, arg)));
}

std::string_view check_string(lua_State* L, int arg, std::string_view what) {
  if (lua_type(L, arg) != LUA_TSTRING) bad_argument(L, arg, what, "a string");
  std::size_t size = 0;
  const char* data = lua_tolstring(L, arg, &size);
  return {data, size};
}

double check_number(lua_State* L, int arg, std::string_view what) {
  if (lua_type(L, arg) != LUA_TNUMBER) bad_argument(L, arg, what, "a number");
  const double number = lua_tonumber(L, arg);
  if (!std::isfinite(number)) bad_argument(L, arg, what, "a finite number");
  return number;
}

std::int64_t check_integer(lua_State* L, int arg, std::string_view what, std::int64_t min, std::int64_t max) {
  bool good = false;
  const std::int64_t number = integer_in(L, arg, min, max, good);
  if (!good) bad_argument(L, arg, what, integer_wanted(min, max));
  return number;
}

Duration check_seconds(lua_State* L, int arg, std::string_view what) {
  constexpr double kCentury = 100.0 * 365 * 24 * 3600;
  const double seconds = check_number(L, arg, what);
  if (seconds < 0) bad_argument(L, arg, what, "zero or more");
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::min(seconds, kCentury)));
}

void check_table(lua_State* L, int arg, std::string_view what) {
  if (!lua_istable(L, arg)) bad_argument(L, arg, what, "a table");
}

void check_function(lua_State* L, int arg, std::string_view what) {
  if (!lua_isfunction(L, arg)) bad_argument(L, arg, what, "a function");
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known) {
  const auto found = text::nearest(word, std::vector<std::string>(known.begin(), known.end()));
  return found ? known[*found] : std::string_view();
}

Options::Options(lua_State* L, int arg, std::initializer_list<std::string_view> known) : L_(L), index_(0) {
  if (lua_isnoneornil(L, arg)) return;
  if (!lua_istable(L, arg)) bad_argument(L, arg, "options", "a table");
  index_ = lua_absindex(L, arg);
  luaL_checkstack(L, 4, "options");
  lua_pushnil(L);
  while (lua_next(L, index_)) {
    lua_pop(L, 1);
    std::string_view key;
    if (lua_type(L, -1) == LUA_TSTRING) {
      std::size_t size = 0;
      const char* data = lua_tolstring(L, -1, &size);
      key = {data, size};
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    }
    std::vector<std::string_view> candidates(known);
    std::string hint;
    if (const auto meant = nearest(key, candidates); !meant.empty()) {
      hint = "did you mean \"" + std::string(meant) + "\"?";
    } else {
      std::sort(candidates.begin(), candidates.end());
      for (const auto candidate : candidates) hint += (hint.empty() ? "" : ", ") + std::string(candidate);
      hint = hint.empty() ? "there are no options here" : "known are " + hint;
    }
    lua_pushvalue(L, -1);
    throw Failure(make_error(
        Code::input, function_name(L) + ": unknown option \"" + luaL_tolstring(L, -1, nullptr) + "\"", {}, hint));
  }
}

bool Options::push(const char* name) const {
  if (index_ == 0) return false;
  lua_pushstring(L_, name);
  if (lua_rawget(L_, index_) != LUA_TNIL) return true;
  lua_pop(L_, 1);
  return false;
}

bool Options::has(const char* name) const {
  if (!push(name)) return false;
  lua_pop(L_, 1);
  return true;
}

void Options::bad(const char* name, const std::string& expected) const {
  std::string text = "nothing";
  if (push(name))
    text = lua_type(L_, -1) == LUA_TSTRING ? '"' + std::string(lua_tostring(L_, -1)) + '"' : given(L_, -1);
  throw Failure(
      make_error(Code::input, function_name(L_) + ": option " + name + " must be " + expected + ", not " + text));
}

std::optional<std::string> Options::string(const char* name) const {
  if (!push(name)) return std::nullopt;
  if (lua_type(L_, -1) != LUA_TSTRING) bad(name, "a string");
  std::size_t size = 0;
  const char* data = lua_tolstring(L_, -1, &size);
  std::string text(data, size);
  lua_pop(L_, 1);
  return text;
}

std::string Options::string(const char* name, std::string_view fallback) const {
  return string(name).value_or(std::string(fallback));
}

double Options::number(const char* name, double fallback) const {
  if (!push(name)) return fallback;
  const double number = lua_type(L_, -1) == LUA_TNUMBER ? lua_tonumber(L_, -1) : std::nan("");
  if (!std::isfinite(number)) bad(name, "a number");
  lua_pop(L_, 1);
  return number;
}

std::int64_t Options::integer(const char* name, std::int64_t fallback, std::int64_t min, std::int64_t max) const {
  if (!push(name)) return fallback;
  bool good = false;
  const std::int64_t number = integer_in(L_, -1, min, max, good);
  if (!good) bad(name, integer_wanted(min, max));
  lua_pop(L_, 1);
  return number;
}

bool Options::boolean(const char* name, bool fallback) const {
  if (!push(name)) return fallback;
  if (!lua_isboolean(L_, -1)) bad(name, "true or false");
  const bool value = lua_toboolean(L_, -1) != 0;
  lua_pop(L_, 1);
  return value;
}

void define_handle_type(lua_State* L, const void* key, const std::string& name, lua_CFunction collect,
                        std::initializer_list<Function> methods, std::initializer_list<Function> metamethods) {
  lua_newtable(L);
  set_functions(L, name, metamethods);
  lua_pushcfunction(L, collect);
  lua_setfield(L, -2, "__gc");
  lua_pushstring(L, name.c_str());
  lua_setfield(L, -2, "__name");
  lua_pushstring(L, name.c_str());
  lua_setfield(L, -2, "__metatable");
  lua_newtable(L);
  set_functions(L, name, methods);
  lua_newtable(L);
  lua_pushstring(L, name.c_str());
  lua_pushcclosure(L, entry<unknown_method>, 1);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_setfield(L, -2, "__index");
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

void* test_handle(lua_State* L, int index, const void* key) {
  if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return nullptr;
  lua_rawgetp(L, LUA_REGISTRYINDEX, key);
  const bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same ? lua_touserdata(L, index) : nullptr;
}

void* check_handle(lua_State* L, int arg, const void* key, std::string_view what) {
  void* object = test_handle(L, arg, key);
  if (object) return object;
  std::string name = "handle";
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, key) == LUA_TTABLE && lua_getfield(L, -1, "__name") == LUA_TSTRING)
    name = lua_tostring(L, -1);
  bad_argument(L, arg, what, "of type " + name);
}

void set_handle_type(lua_State* L, const void* key) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, key);
  lua_setmetatable(L, -2);
}

}  // namespace fthost::lua
