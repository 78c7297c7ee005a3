// Lua's coroutine library with waits in it: when a coroutine of a script waits (await), the wait travels outward
// through its resumers to the scheduler, and back in when it is over. Scripts never see it.
#pragma once

#include <cstdint>
#include "lua/lua.hpp"

namespace fthost::lua {

// What a Lua thread is besides being a coroutine; kept in its extra space, which Lua copies from the main thread (0).
enum ThreadFlags : std::uintptr_t {
  kTaskThread = 1,  // the scheduler's: scripts may not resume or close it
  kWaiting = 2,     // a wait passed through it, and its resumer waits too
};
std::uintptr_t& thread_flags(lua_State* thread);

// Replaces create's company in the global `coroutine`: resume, wrap, yield, status, close.
void replace_coroutines(lua_State* L);

// The yields of a wait: one value that no script can make; whoever resumes looks for it.
int yield_wait(lua_State* L);                     // of a binding: goes on with the wait's result
int pass_wait(lua_State* L, lua_KFunction then);  // of a resumer, outward
bool is_wait(lua_State* thread, int result_count);

}  // namespace fthost::lua
