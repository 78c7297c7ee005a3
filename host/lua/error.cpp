#include "lua/error.hpp"

#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "lua/binding.hpp"
#include "lua/state.hpp"
#include "lua/value.hpp"

namespace fthost::lua {

namespace {

const char kErrorType = 0;  // its address is the metatable's key in the registry

constexpr int kFirstLevels = 10, kLastLevels = 11;  // of a deep traceback, as Lua's own

void set_text(lua_State* L, int table, const char* key, const std::string& text) {
  if (text.empty()) return;
  lua_pushlstring(L, text.data(), text.size());
  lua_setfield(L, table, key);
}

std::string error_field(lua_State* L, int table, const char* key) {
  lua_pushstring(L, key);
  lua_rawget(L, table);
  std::string text;
  if (lua_type(L, -1) == LUA_TSTRING) text = lua_tostring(L, -1);
  lua_pop(L, 1);
  return text;
}

// Splits Lua's "script.lua:12: message".
void split_position(const std::string& text, std::string& where, std::string& message) {
  message = text;
  const auto end = text.find(": ");
  if (end == std::string::npos || end == 0) return;
  const auto colon = text.rfind(':', end - 1);
  if (colon == std::string::npos || colon + 1 == end) return;
  if (text.find_first_not_of("0123456789", colon + 1) != end) return;
  where = text.substr(0, end);
  message = text.substr(end + 2);
}

// Pushes a table with the fields given and the metatable of errors.
void push_table(lua_State* L, const char* code, const std::string& message, const std::string& where,
                const std::string& hint, bool retryable, const std::string& trace) {
  luaL_checkstack(L, 4, "error");
  lua_createtable(L, 0, 6);
  const int table = lua_gettop(L);
  lua_pushstring(L, code);
  lua_setfield(L, table, "code");
  lua_pushlstring(L, message.data(), message.size());
  lua_setfield(L, table, "message");
  set_text(L, table, "where", where);
  set_text(L, table, "hint", hint);
  set_text(L, table, "traceback", trace);
  lua_pushboolean(L, retryable);
  lua_setfield(L, table, "retryable");
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kErrorType);
  lua_setmetatable(L, table);
}

// Describes what is no table: a plain string, or whatever a script has raised.
void describe_plain(lua_State* L, int index, Caught& caught) {
  caught.code = "error";
  if (lua_type(L, index) == LUA_TSTRING) {
    split_position(lua_tostring(L, index), caught.error.where, caught.error.message);
  } else if (lua_isnil(L, index)) {
    caught.error.message = "an error without a message";
  } else {
    caught.error.message = luaL_tolstring(L, index, nullptr);
    lua_pop(L, 1);
    if (!luaL_getmetafield(L, index, "__tostring"))
      caught.error.message = std::string("the error object is a ") + luaL_typename(L, index);
    else
      lua_pop(L, 1);
  }
}

Code code_of(const std::string& name) {
  for (int code = 0; code <= static_cast<int>(Code::limit); ++code)
    if (name == code_name(static_cast<Code>(code))) return static_cast<Code>(code);
  return Code::internal;
}

int error_text(lua_State* L) {
  const std::string sentence = describe(L, 1).error.sentence();
  lua_pushlstring(L, sentence.data(), sentence.size());
  return 1;
}

std::string required_text(lua_State* L, const char* key) {
  const std::string text = error_field(L, 1, key);
  if (text.empty()) bad_argument(L, 1, std::string("field ") + key, "a text");
  return text;
}

int describe_into(lua_State* L) {
  *static_cast<Caught*>(lua_touserdata(L, 2)) = describe(L, 1);
  return 0;
}

int copy_error(lua_State* L) {
  check_table(L, 1, "table of fields");
  lua_settop(L, 1);
  required_text(L, "message");
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, 2);
  }
  if (error_field(L, 2, "code").empty()) {
    lua_pushliteral(L, "error");
    lua_setfield(L, 2, "code");
  }
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kErrorType);
  lua_setmetatable(L, 2);
  return 1;
}

}  // namespace

std::string position(lua_State* L, int level) {
  lua_Debug record;
  if (!lua_getstack(L, level, &record) || !lua_getinfo(L, "Sl", &record) || record.currentline <= 0) return {};
  return std::string(record.short_src) + ":" + std::to_string(record.currentline);
}

namespace {

// Whether a frame, of which "S" is known, is of the installed commands and libraries.
bool is_installed(lua_State* L, const lua_Debug& record) {
  const std::string scripts = "@" + State::from(L).settings().scripts.string();
  const std::string_view source(record.source, record.srclen);
  return scripts.size() > 1 && (source.starts_with(scripts + "/ft/") || source.starts_with(scripts + "/commands/") ||
                                source == scripts + "/boot.lua");
}

// The line of the person's own script that led here: frames of the installed commands and libraries are passed over.
std::string script_position(lua_State* L) {
  lua_Debug record;
  for (int level = 1; lua_getstack(L, level, &record) && lua_getinfo(L, "Sl", &record); ++level) {
    if (record.currentline > 0 && !is_installed(L, record))
      return std::string(record.short_src) + ":" + std::to_string(record.currentline);
  }
  return {};
}

}  // namespace

void define_errors(lua_State* L) {
  lua_newtable(L);
  lua_pushcfunction(L, entry<error_text>);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "ft.error");
  lua_setfield(L, -2, "__name");
  lua_pushliteral(L, "ft.error");
  lua_setfield(L, -2, "__metatable");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kErrorType);
}

void push_error(lua_State* L, const Error& error) {
  const std::string place = script_position(L);
  // Where no script of a person is on the stack, the way through the installed ones is nobody's business but ours.
  const bool trace = !place.empty() || error.code == Code::internal || log_level() == LogLevel::debug;
  push_table(L, code_name(error.code), error.message, error.where.empty() ? place : error.where, error.hint,
             error.code == Code::retry, trace ? traceback(L, 0) : std::string());
  if (error.details.empty()) return;
  const auto details = Json::parse(error.details, nullptr, false);
  if (details.is_discarded()) return;
  push_json(L, details);
  lua_setfield(L, -2, "details");
}

void raise(lua_State* L, const Error& error) {
  push_error(L, error);
  lua_error(L);
  __builtin_unreachable();
}

bool is_error(lua_State* L, int index) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kErrorType);
  const bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
}

bool is_cancelled(lua_State* L, int index) {
  if (!is_error(L, index)) return false;
  return error_field(L, lua_absindex(L, index), "code") == code_name(Code::cancelled);
}

int message_handler(lua_State* L) {
  lua_settop(L, 1);
  if (is_error(L, 1)) {
    if (error_field(L, 1, "traceback").empty()) set_text(L, 1, "traceback", traceback(L, 1));
    return 1;
  }
  if (lua_type(L, 1) == LUA_TTABLE || lua_type(L, 1) == LUA_TUSERDATA) return 1;
  Caught caught;
  describe_plain(L, 1, caught);
  push_table(L, caught.code.c_str(), caught.error.message, caught.error.where, caught.error.hint, false,
             traceback(L, 1));
  return 1;
}

Caught describe(lua_State* L, int index) {
  index = lua_absindex(L, index);
  luaL_checkstack(L, 6, "error");
  Caught caught;
  if (lua_type(L, index) != LUA_TTABLE || (!is_error(L, index) && error_field(L, index, "message").empty())) {
    describe_plain(L, index, caught);
    caught.error.code = Code::internal;
    return caught;
  }
  caught.code = error_field(L, index, "code");
  if (caught.code.empty()) caught.code = "error";
  caught.error.code = code_of(caught.code);
  caught.error.message = error_field(L, index, "message");
  caught.error.where = error_field(L, index, "where");
  caught.error.hint = error_field(L, index, "hint");
  caught.traceback = error_field(L, index, "traceback");
  lua_pushliteral(L, "exit");
  lua_rawget(L, index);
  const lua_Integer status = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
  if (status > 0 && status <= 255) caught.exit_status = static_cast<int>(status);
  lua_pop(L, 1);
  lua_pushliteral(L, "details");
  lua_rawget(L, index);
  if (lua_istable(L, -1)) caught.error.details = to_json(L, -1).dump();
  lua_pop(L, 1);
  return caught;
}

Caught describe_protected(lua_State* L) {
  Caught caught;
  caught.code = code_name(Code::limit);
  caught.error = make_error(Code::limit, "not enough memory");
  if (!lua_checkstack(L, 3)) return caught;
  lua_pushcfunction(L, entry<describe_into>);
  lua_insert(L, -2);
  lua_pushlightuserdata(L, &caught);
  const int status = lua_pcall(L, 2, 0, 0);
  if (status != LUA_OK) {
    if (status != LUA_ERRMEM)
      caught = Caught{make_error(Code::internal, "the error object's own __tostring failed"), "error", {}, 0};
    lua_pop(L, 1);
  }
  return caught;
}

namespace {

// The first level from `low` on that is not in use. Finding one level takes Lua time in its depth, and a stack overflow
// is 200,000 deep: so it is bracketed by doubling, then halved.
int stack_depth(lua_State* L, int low) {
  lua_Debug record;
  int high = low + 1;
  while (lua_getstack(L, high, &record)) {
    low = high;
    high *= 2;
  }
  while (low < high) {
    const int middle = low + (high - low) / 2;
    if (lua_getstack(L, middle, &record))
      low = middle + 1;
    else
      high = middle;
  }
  return high;
}

// Where the frames of what has started a person's script begin; `last` where there is no such script.
int own_end(lua_State* L, int level, int last) {
  lua_Debug record;
  for (int end = last; end > level && lua_getstack(L, end - 1, &record) && lua_getinfo(L, "S", &record); --end) {
    if (*record.what != 'C' && !is_installed(L, record)) return end;
  }
  return last;
}

}  // namespace

std::string traceback(lua_State* L, int level) {
  lua_Debug record;
  const int last = own_end(L, level, stack_depth(L, level));
  std::string text;
  for (int at = level; at < last; ++at) {
    if (at == level + kFirstLevels && last - at > kLastLevels) {
      text += "... (" + std::to_string(last - kLastLevels - at) + " levels left out)\n";
      at = last - kLastLevels;
    }
    if (!lua_getstack(L, at, &record) || !lua_getinfo(L, "Slnt", &record)) break;
    if (*record.what == 'C' && !record.name) continue;
    text += record.short_src;
    if (record.currentline > 0) text += ":" + std::to_string(record.currentline);
    if (*record.what == 'm')
      text += " in the main chunk";
    else if (record.name)
      text += std::string(*record.namewhat == 'm' ? " in method '" : " in function '") + record.name + "'";
    else
      text += " in the function at line " + std::to_string(record.linedefined);
    if (record.istailcall) text += " (after tail calls)";
    text += "\n";
  }
  if (!text.empty()) text.pop_back();
  return text;
}

int new_error(lua_State* L) { return copy_error(L); }

}  // namespace fthost::lua
