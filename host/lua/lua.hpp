// Lua's own headers. Its C++ build exports C++ names, so its lua.hpp, which declares them extern "C", does not do.
#pragma once

#include <lua.h>

#include <lauxlib.h>
#include <lualib.h>
