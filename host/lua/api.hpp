// The ft table and the functions that fill it: one Opener a noun, each in its api_<noun>.cpp. An opener finds the ft
// table on top of the stack and leaves it there.
#pragma once

#include "lua/lua.hpp"

namespace fthost::lua {

// Makes the ft table with the runtime's own functions (api_core.cpp, api_json.cpp). Called by State.
void open_ft(lua_State* L);
void push_ft(lua_State* L);

void open_core(lua_State* L);  // ft.sleep, map, scope, timeout, try, error, null, array, now, clock, log
void open_json(lua_State* L);  // ft.json.encode, decode

}  // namespace fthost::lua
