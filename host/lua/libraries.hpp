// Lua's standard libraries as scripts get them: all of them for a trusted script, a safe part in the sandbox.
#pragma once

#include "lua/lua.hpp"

namespace fthost::lua {

struct Settings;

// Opens the libraries. Everywhere: os.exit ends the script, not the process. With a time limit: debug.sethook is
// taken. In the sandbox: no io, no debug but traceback, no reach into the system by os, no native modules, text
// chunks only, and dofile and loadfile ask the gate.
void open_libraries(lua_State* L, const Settings& settings);

// Last: reading or assigning a global that does not exist becomes an error.
void make_globals_strict(lua_State* L);

}  // namespace fthost::lua
