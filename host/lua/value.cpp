#include "lua/value.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "lua/row_view.hpp"
#include "lua/state.hpp"
#include "text/unicode.hpp"

namespace fthost::lua {

namespace {

const char kArrayType = 0;  // its address is the metatable's key in the registry

// Where in the value the walk is; rendered as a JSON pointer when something is wrong.
struct Path {
  const Path* parent = nullptr;
  std::string_view key{};
  lua_Integer index = 0;  // from 1; 0: a key
  // Bytes that the whole may still take: a few tables that hold each other twice unfold into gigabytes.
  std::size_t* left = nullptr;

  std::string pointer() const {
    if (!parent) return {};
    std::string part;
    if (index > 0) {
      part = std::to_string(index - 1);
    } else {
      for (const char c : key) {
        if (c == '~')
          part += "~0";
        else if (c == '/')
          part += "~1";
        else
          part += c;
      }
    }
    return parent->pointer() + "/" + part;
  }
};

[[noreturn]] void refuse(const Path& path, const std::string& message, const std::string& hint = {}) {
  const std::string pointer = path.pointer();
  throw Failure(make_error(
      Code::input,
      "this value cannot be written as JSON: " + (pointer.empty() ? message : "at " + pointer + ", " + message), {},
      hint));
}

constexpr std::size_t kMostBytes = std::size_t{1} << 31;  // where scripts have no memory limit
constexpr std::size_t kNode = 32;                         // what a value takes beside its text

void spend(const Path& path, std::size_t bytes) {
  if (bytes > *path.left)
    throw Failure(make_error(Code::limit, "this value is too large to be written as JSON", {},
                             "does it hold the same table many times?"));
  *path.left -= bytes;
}

bool is_utf8(std::string_view text) { return !text::invalid_utf8_offset(text); }

Json convert(lua_State* L, int index, const Path& path, int depth);

Json convert_array(lua_State* L, int index, const Path& path, int depth, bool marked) {
  lua_Integer last = 0, count = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1) {
      lua_pushvalue(L, -1);
      const std::string key = luaL_tolstring(L, -1, nullptr);
      refuse(path, "a list has the key " + key, "a table is a list or an object, not both");
    }
    last = std::max(last, lua_tointeger(L, -1));
    ++count;
  }
  if (last != count && (!marked || last / 2 > count + 8))
    refuse(path,
           "a list has holes: its last index is " + std::to_string(last) + " and it has " + std::to_string(count) +
               " items",
           "put ft.null where there is nothing");
  Json array = Json::array();
  auto& items = array.get_ref<Json::array_t&>();
  items.reserve(static_cast<std::size_t>(last));
  for (lua_Integer i = 1; i <= last; ++i) {
    lua_rawgeti(L, index, i);
    if (lua_isnil(L, -1))
      items.emplace_back(nullptr);
    else
      items.push_back(convert(L, lua_gettop(L), Path{&path, {}, i, path.left}, depth + 1));
    lua_pop(L, 1);
  }
  return array;
}

Json convert_object(lua_State* L, int index, const Path& path, int depth) {
  std::vector<std::string_view> keys;  // they live as long as the table is not changed
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING) {
      lua_pushvalue(L, -1);
      const std::string key = luaL_tolstring(L, -1, nullptr);
      refuse(path, "an object has the key " + key + ", a " + luaL_typename(L, -2), "keys of an object are strings");
    }
    std::size_t size = 0;
    const char* data = lua_tolstring(L, -1, &size);
    keys.emplace_back(data, size);
  }
  std::sort(keys.begin(), keys.end());
  Json object = Json::object();
  auto& fields = object.get_ref<Json::object_t&>();
  fields.reserve(keys.size());
  for (const std::string_view key : keys) {
    const Path here{&path, key, 0, path.left};
    if (!is_utf8(key)) refuse(path, "a key is not UTF-8");
    lua_pushlstring(L, key.data(), key.size());
    lua_rawget(L, index);
    // A Lua table has each key once, so the linear search of the map's own insertion is not needed.
    static_cast<std::vector<Json::object_t::value_type>&>(fields).emplace_back(
        std::string(key), convert(L, lua_gettop(L), here, depth + 1));
    lua_pop(L, 1);
  }
  return object;
}

Json convert_table(lua_State* L, int index, const Path& path, int depth) {
  if (depth >= kMaxDepth)
    refuse(path, "tables are nested deeper than " + std::to_string(kMaxDepth) + " levels",
           "does a table contain itself?");
  luaL_checkstack(L, 6, "JSON");
  if (is_array(L, index)) return convert_array(L, index, path, depth, true);
  lua_pushnil(L);
  if (!lua_next(L, index)) return Json::object();
  const bool list = lua_type(L, -2) == LUA_TNUMBER || lua_rawlen(L, index) > 0;
  lua_pop(L, 2);
  return list ? convert_array(L, index, path, depth, false) : convert_object(L, index, path, depth);
}

Json convert(lua_State* L, int index, const Path& path, int depth) {
  spend(path, kNode);
  switch (lua_type(L, index)) {
    case LUA_TNIL:
      return nullptr;
    case LUA_TBOOLEAN:
      return lua_toboolean(L, index) != 0;
    case LUA_TNUMBER: {
      if (lua_isinteger(L, index)) return static_cast<std::int64_t>(lua_tointeger(L, index));
      const double number = lua_tonumber(L, index);
      if (!std::isfinite(number)) refuse(path, std::isnan(number) ? "a number is NaN" : "a number is infinite");
      return number;
    }
    case LUA_TSTRING: {
      std::size_t size = 0;
      const char* data = lua_tolstring(L, index, &size);
      if (!is_utf8({data, size})) refuse(path, "a text is not UTF-8", "encode binary data first");
      spend(path, size);
      return std::string(data, size);
    }
    case LUA_TTABLE:
      return convert_table(L, index, path, depth);
    case LUA_TLIGHTUSERDATA:
      if (is_null(L, index)) return nullptr;
      break;
    case LUA_TUSERDATA: {
      if (!is_row_view(L, index)) break;
      std::string json;
      append_json(L, index, json);
      spend(path, json.size());
      return Json::parse(json);
    }
    default:
      break;
  }
  refuse(path, std::string("there is a ") + luaL_typename(L, index));
}

void push(lua_State* L, const Json& value, int depth) {
  if (depth > kMaxDepth)
    throw Failure(make_error(Code::input, "JSON nested deeper than " + std::to_string(kMaxDepth) + " levels"));
  luaL_checkstack(L, 4, "JSON");
  switch (value.type()) {
    case Json::value_t::boolean:
      lua_pushboolean(L, value.get<bool>());
      return;
    case Json::value_t::number_integer:
      lua_pushinteger(L, value.get<std::int64_t>());
      return;
    case Json::value_t::number_unsigned:
      push_unsigned(L, value.get<std::uint64_t>());
      return;
    case Json::value_t::number_float:
      lua_pushnumber(L, value.get<double>());
      return;
    case Json::value_t::string: {
      const auto& text = value.get_ref<const std::string&>();
      lua_pushlstring(L, text.data(), text.size());
      return;
    }
    case Json::value_t::array: {
      lua_createtable(L, static_cast<int>(std::min<std::size_t>(value.size(), 1 << 20)), 0);
      mark_array(L, -1);
      lua_Integer index = 0;
      for (const Json& item : value) {
        push(L, item, depth + 1);
        lua_rawseti(L, -2, ++index);
      }
      return;
    }
    case Json::value_t::object: {
      lua_createtable(L, 0, static_cast<int>(std::min<std::size_t>(value.size(), 1 << 20)));
      for (const auto& [key, item] : value.get_ref<const Json::object_t&>()) {
        lua_pushlstring(L, key.data(), key.size());
        push(L, item, depth + 1);
        lua_rawset(L, -3);
      }
      return;
    }
    default:
      push_null(L);
      return;
  }
}

int null_text(lua_State* L) {
  lua_pushliteral(L, "null");
  return 1;
}

}  // namespace

void define_values(lua_State* L) {
  lua_newtable(L);
  lua_pushliteral(L, "ft.array");
  lua_setfield(L, -2, "__name");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kArrayType);

  // The only light userdata that scripts see is ft.null, so its metatable serves them all.
  push_null(L);
  lua_newtable(L);
  lua_pushcfunction(L, null_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "ft.null");
  lua_setfield(L, -2, "__name");
  lua_pushliteral(L, "ft.null");
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pop(L, 1);
}

Json to_json(lua_State* L, int index) {
  const std::size_t limit = State::from(L).settings().limits.memory;
  std::size_t left = limit != 0 ? limit : kMostBytes;
  return convert(L, lua_absindex(L, index), Path{nullptr, {}, 0, &left}, 0);
}

void push_json(lua_State* L, const Json& value) { push(L, value, 0); }

void push_unsigned(lua_State* L, std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(LUA_MAXINTEGER))
    lua_pushinteger(L, static_cast<lua_Integer>(value));
  else
    lua_pushnumber(L, static_cast<double>(value));
}

void push_null(lua_State* L) { lua_pushlightuserdata(L, nullptr); }

bool is_null(lua_State* L, int index) {
  return lua_type(L, index) == LUA_TLIGHTUSERDATA && lua_touserdata(L, index) == nullptr;
}

void mark_array(lua_State* L, int index) {
  index = lua_absindex(L, index);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kArrayType);
  lua_setmetatable(L, index);
}

bool is_array(lua_State* L, int index) {
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kArrayType);
  const bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
}

}  // namespace fthost::lua
