#include "lua/libraries.hpp"

#include <cstring>
#include <initializer_list>

#include "lua/binding.hpp"
#include "lua/state.hpp"

namespace fthost::lua {

namespace {

int exit_script(lua_State* L) {
  int status = 0;
  if (lua_isboolean(L, 1))
    status = lua_toboolean(L, 1) ? 0 : 1;
  else if (!lua_isnoneornil(L, 1))
    status = static_cast<int>(check_integer(L, 1, "exit status", 0, 255));
  LimitControl& limits = State::from(L).limits();
  limits.stop(Stop::exit, status);
  return limits.halt(L);
}

int hook_taken(lua_State*) {
  throw Failure(
      make_error(Code::unsupported, "debug.sethook is in use by --time-limit", {}, "run the script without a limit"));
}

// load of the sandbox: the standard function with the mode "t". It tells a missing environment from a nil one by
// the number of its arguments, so that is kept.
int load_text(lua_State* L) {
  if (lua_gettop(L) < 3) lua_settop(L, 3);
  lua_pushliteral(L, "t");
  lua_replace(L, 3);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

// Leaves the chunk, or nil and a message as loadfile does.
int load_gated(lua_State* L) {
  const std::string_view given = check_string(L, 1, "path");
  const auto path = State::from(L).gate().path(given, Access::read).value();
  const bool environment = !lua_isnone(L, 3);
  if (luaL_loadfilex(L, path.c_str(), "t") != LUA_OK) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  if (environment) {
    lua_pushvalue(L, 3);
    if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
  }
  return 1;
}

int file_done(lua_State* L, int, lua_KContext) { return lua_gettop(L) - 1; }

int do_gated(lua_State* L) {
  lua_settop(L, 1);
  if (load_gated(L) == 2) return lua_error(L);
  lua_callk(L, 0, LUA_MULTRET, 0, file_done);
  return file_done(L, LUA_OK, 0);
}

int collect(lua_State* L) {
  const char* what = luaL_optstring(L, 1, "collect");
  if (std::strcmp(what, "count") == 0) {
    const double kilobytes = static_cast<double>(lua_gc(L, LUA_GCCOUNT)) + lua_gc(L, LUA_GCCOUNTB) / 1024.0;
    lua_pushnumber(L, kilobytes);
  } else if (std::strcmp(what, "collect") == 0) {
    lua_pushinteger(L, lua_gc(L, LUA_GCCOLLECT));
  } else {
    throw Failure(make_error(Code::unsupported, std::string("collectgarbage(\"") + what + "\") is not in the sandbox",
                             {}, "known are collect, count"));
  }
  return 1;
}

void remove_fields(lua_State* L, const char* library, std::initializer_list<const char*> names) {
  lua_getglobal(L, library);
  for (const char* name : names) {
    lua_pushnil(L);
    lua_setfield(L, -2, name);
  }
  lua_pop(L, 1);
}

void keep_fields(lua_State* L, const char* library, std::initializer_list<const char*> names) {
  lua_getglobal(L, library);
  lua_newtable(L);
  for (const char* name : names) {
    lua_getfield(L, -2, name);
    lua_setfield(L, -2, name);
  }
  lua_pushvalue(L, -1);
  lua_setglobal(L, library);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_insert(L, -2);
  lua_setfield(L, -2, library);
  lua_pop(L, 2);
}

void set_global(lua_State* L, const char* name, lua_CFunction function) {
  lua_pushcfunction(L, function);
  lua_setglobal(L, name);
}

void close_sandbox(lua_State* L) {
  keep_fields(L, "os", {"clock", "date", "difftime", "time"});
  keep_fields(L, "io", {"read", "write", "stdin", "stdout", "stderr", "type"});  // what opens files is left out
  keep_fields(L, "debug", {"traceback"});
  keep_fields(L, "package", {"loaded", "preload", "config"});
  remove_fields(L, "string", {"dump"});
  lua_getglobal(L, "load");
  lua_pushcclosure(L, entry<load_text>, 1);
  lua_setglobal(L, "load");
  set_global(L, "loadfile", entry<load_gated>);
  set_global(L, "dofile", entry<do_gated>);
  set_global(L, "collectgarbage", entry<collect>);
}

std::string global_name(lua_State* L) { return luaL_tolstring(L, 2, nullptr); }

int undeclared_read(lua_State* L) {
  throw Failure(make_error(Code::input, "there is no global \"" + global_name(L) + "\"", {},
                           "is it misspelt, or not part of the sandbox?"));
}

int undeclared_write(lua_State* L) {
  throw Failure(make_error(Code::input, "assignment to the undeclared global \"" + global_name(L) + "\"", {},
                           "write \"local\" before it"));
}

}  // namespace

void open_libraries(lua_State* L, const Settings& settings) {
  for (const luaL_Reg& library : {luaL_Reg{LUA_GNAME, luaopen_base}, luaL_Reg{LUA_COLIBNAME, luaopen_coroutine},
                                  luaL_Reg{LUA_TABLIBNAME, luaopen_table}, luaL_Reg{LUA_STRLIBNAME, luaopen_string},
                                  luaL_Reg{LUA_UTF8LIBNAME, luaopen_utf8}, luaL_Reg{LUA_MATHLIBNAME, luaopen_math},
                                  luaL_Reg{LUA_OSLIBNAME, luaopen_os}, luaL_Reg{LUA_IOLIBNAME, luaopen_io},
                                  luaL_Reg{LUA_LOADLIBNAME, luaopen_package}, luaL_Reg{LUA_DBLIBNAME, luaopen_debug}}) {
    luaL_requiref(L, library.name, library.func, 1);
    lua_pop(L, 1);
  }
  if (settings.sandbox) {
    close_sandbox(L);
    return;
  }
  lua_getglobal(L, "os");
  lua_pushcfunction(L, entry<exit_script>);
  lua_setfield(L, -2, "exit");
  lua_pop(L, 1);
  if (settings.limits.time > Duration::zero()) {
    lua_getglobal(L, "debug");
    lua_pushcfunction(L, entry<hook_taken>);
    lua_setfield(L, -2, "sethook");
    lua_pop(L, 1);
  }
}

void make_globals_strict(lua_State* L) {
  lua_pushglobaltable(L);
  lua_newtable(L);
  lua_pushcfunction(L, entry<undeclared_read>);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, entry<undeclared_write>);
  lua_setfield(L, -2, "__newindex");
  lua_pushliteral(L, "globals");
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
}

}  // namespace fthost::lua
