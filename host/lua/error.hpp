// Errors in Lua: tables {code, message, where, hint, retryable, details, traceback} that print as one sentence.
// Everything the host raises has this form; plain string errors get it where a task or ft.try catches them.
#pragma once

#include <string>
#include "lua/lua.hpp"

#include "base/result.hpp"

namespace fthost::lua {

// Call once for each state, before anything is raised in it.
void define_errors(lua_State* L);

// Pushes the table of `error`. An empty `where` becomes the script's line that called the running C function; the
// traceback is that of L, now. Raises only for want of memory.
void push_error(lua_State* L, const Error& error);

// Raises `error`. Must not be called inside a catch block that still holds the exception.
[[noreturn]] void raise(lua_State* L, const Error& error);

// Whether the value at `index` is an error table of the host.
bool is_error(lua_State* L, int index);
// Whether it says that the task was cancelled. Does not raise.
bool is_cancelled(lua_State* L, int index);

// Message handler of protected calls: turns a string into an error table with a traceback, adds the traceback to an
// error table that has none, and leaves every other object as it is.
int message_handler(lua_State* L);

struct Caught {
  Error error;
  std::string code;       // the script's own word: "error" for a plain string
  std::string traceback;  // may be empty
  int exit_status = 0;    // of an error table with a field `exit` from 1 to 255; 0: none
};
// What the value at `index` says. May raise for want of memory, or from a user's __tostring: call it protected.
Caught describe(lua_State* L, int index);
// The same for the value on top, which is popped, from outside a protected call. Where that fails, says so.
Caught describe_protected(lua_State* L);

// "script.lua:12 in function 'name'", a line a level, innermost first. Allocates nothing in Lua.
std::string traceback(lua_State* L, int level);

// "script.lua:12" of the function at `level`, or "" where it has no lines.
std::string position(lua_State* L, int level);

// ft.error{code, message, where, hint}: returns an error table, to be raised with error().
int new_error(lua_State* L);

}  // namespace fthost::lua
