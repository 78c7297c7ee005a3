// How C++ functions become Lua functions. A body is plain C++: it throws Failure (or any std::exception) and the
// trampoline raises the error table. Lua's own errors and yields are C++ exceptions of another kind that must pass:
// catch std::exception, never (...), and put no Lua call into a destructor or a noexcept function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include "lua/lua.hpp"

#include "base/result.hpp"
#include "base/time.hpp"

namespace fthost::lua {

using Body = int (*)(lua_State*);

// The trampoline: runs `body` and raises what it throws, or waits if it has returned await(...).
int call_body(lua_State* L, Body body);

// The lua_CFunction of a body: {"open", entry<open_dataset>}.
template <Body body>
int entry(lua_State* L) {
  return call_body(L, body);
}

// What await() returns to say that the trampoline is to wait. A body passes it on.
constexpr int kWaits = -1;

struct Function {
  const char* name;
  lua_CFunction function;
};

// Adds functions to the table on top of the stack. `noun` ("ft.dataset") is what messages put before their names.
void set_functions(lua_State* L, const std::string& noun, std::initializer_list<Function> functions);

// The running function as messages name it: "ft.dataset.open".
std::string function_name(lua_State* L);

// Throws "ft.dataset.open: the path must be a string, not nil".
[[noreturn]] void bad_argument(lua_State* L, int arg, std::string_view what, std::string_view expected);

// Checked arguments; `what` names one in the message ("path"). Strings live as long as the argument stays on the stack;
// no number passes for a string, and only a number with an integral value for an integer.
std::string_view check_string(lua_State* L, int arg, std::string_view what);
double check_number(lua_State* L, int arg, std::string_view what);  // finite
std::int64_t check_integer(lua_State* L, int arg, std::string_view what,
                           std::int64_t min = std::numeric_limits<std::int64_t>::min(),
                           std::int64_t max = std::numeric_limits<std::int64_t>::max());
Duration check_seconds(lua_State* L, int arg, std::string_view what);  // not negative; beyond a century is a century
void check_table(lua_State* L, int arg, std::string_view what);
void check_function(lua_State* L, int arg, std::string_view what);

// The candidate that a misspelt word most likely means, or "".
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known);

// The trailing table of options. Unknown keys are refused, naming the nearest known one; nil and none are no options.
class Options {
 public:
  Options(lua_State* L, int arg, std::initializer_list<std::string_view> known);

  // Pushes the value and returns true, or pushes nothing and returns false where the option is not given.
  bool push(const char* name) const;
  bool has(const char* name) const;
  std::optional<std::string> string(const char* name) const;
  std::string string(const char* name, std::string_view fallback) const;
  double number(const char* name, double fallback) const;
  std::int64_t integer(const char* name, std::int64_t fallback,
                       std::int64_t min = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t max = std::numeric_limits<std::int64_t>::max()) const;
  bool boolean(const char* name, bool fallback) const;
  // The error of an option whose value does not do.
  [[noreturn]] void bad(const char* name, const std::string& expected) const;

 private:
  lua_State* L_;
  int index_;  // 0: no table
};

}  // namespace fthost::lua
