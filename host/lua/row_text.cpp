// The JSON of a script's values, straight into text: rows pass through no tree.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "data/edit.hpp"
#include "data/json_text.hpp"
#include "lua/binding.hpp"
#include "lua/row_view_parts.hpp"
#include "lua/value.hpp"

namespace fthost::lua {

namespace {

[[noreturn]] void refuse_value(const std::string& what, const std::string& hint = {}) {
  throw Failure(make_error(Code::input, "this value cannot be written as JSON: " + what, {}, hint));
}

void append_text(lua_State* L, int index, std::string& out) {
  std::size_t size = 0;
  const char* data = lua_tolstring(L, index, &size);
  const std::string_view text(data, size);
  if (data::find_invalid_utf8(text) != std::string_view::npos)
    refuse_value("a text is not UTF-8", "encode binary data first");
  data::append_quoted(out, text);
}

void append_number(lua_State* L, int index, std::string& out) {
  char buffer[40];
  if (lua_isinteger(L, index)) {
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, lua_tointeger(L, index)).ptr;
    out.append(buffer, end);
    return;
  }
  const double number = lua_tonumber(L, index);
  if (!std::isfinite(number)) refuse_value(std::isnan(number) ? "a number is NaN" : "a number is infinite");
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  out += text;
  if (text.find_first_not_of("-0123456789") == std::string_view::npos) out += ".0";  // it stays no whole number
}

void append_any(lua_State* L, int index, std::string& out, int depth);

void append_list(lua_State* L, int index, std::string& out, int depth) {
  lua_Integer last = 0, count = 0;
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1)
      refuse_value("a list has other keys than its places", "a table is a list or an object, not both");
    last = std::max(last, lua_tointeger(L, -2));
    ++count;
  }
  if (last != count) refuse_value("a list has holes", "put ft.null where there is nothing");
  out += '[';
  for (lua_Integer place = 1; place <= last; ++place) {
    if (place > 1) out += ',';
    lua_rawgeti(L, index, place);
    append_any(L, lua_gettop(L), out, depth + 1);
    lua_pop(L, 1);
  }
  out += ']';
}

void append_object(lua_State* L, int index, std::string& out, int depth) {
  std::vector<std::string> keys;
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) refuse_value("an object has a key that is no string");
    std::size_t size = 0;
    const char* key = lua_tolstring(L, -2, &size);
    keys.emplace_back(key, size);
  }
  std::sort(keys.begin(), keys.end());  // Lua keeps no order
  out += '{';
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) out += ',';
    lua_pushlstring(L, keys[i].data(), keys[i].size());
    append_text(L, -1, out);
    out += ':';
    lua_rawget(L, index);
    append_any(L, lua_gettop(L), out, depth + 1);
    lua_pop(L, 1);
  }
  out += '}';
}

void append_table(lua_State* L, int index, std::string& out, int depth) {
  bool list = is_array(L, index);
  if (!list) {
    lua_pushnil(L);
    if (lua_next(L, index)) {
      list = lua_type(L, -2) == LUA_TNUMBER;
      lua_pop(L, 2);
    }
  }
  list ? append_list(L, index, out, depth) : append_object(L, index, out, depth);
}

// What was assigned within a view, as edits of the row's text.
void collect_edits(lua_State* L, const RowView& view, int index, data::Edits& edits, int depth);

// The value on top stands in the place of `original`.
void edit_place(lua_State* L, const RowView& view, const data::Value& original, data::Edits& edits, int depth) {
  if (is_row_view(L, -1)) {
    const RowView& here = checked_view(L, lua_gettop(L));
    if (here.context == view.context && here.value.index() == original.index())
      return collect_edits(L, here, lua_gettop(L), edits, depth + 1);
  }
  std::string json;
  append_any(L, lua_gettop(L), json, depth + 1);
  edits.replace(original, std::move(json));
}

void edit_list(lua_State* L, const RowView& view, int fields, data::Edits& edits, int depth) {
  std::int64_t place = 0;
  for (data::Value item = view.value.first(); item; item = item.next()) {
    if (++place > view.length) {
      edits.remove(item);
      continue;
    }
    if (lua_rawgeti(L, fields, place) != LUA_TNIL) edit_place(L, view, item, edits, depth);
    lua_pop(L, 1);
  }
  while (++place <= view.length) {
    lua_rawgeti(L, fields, place);
    std::string json;
    append_any(L, lua_gettop(L), json, depth + 1);
    lua_pop(L, 1);
    edits.append(view.value, json, place == 1);
  }
}

void edit_object(lua_State* L, const RowView& view, int fields, data::Edits& edits, int depth) {
  std::size_t left = 0;
  std::string scratch;
  // New members are spaced as the first one is.
  const data::Value first = view.value.first();
  const bool spaced = first && view.context->document.text()[first.begin() - 1] == ' ';
  for (data::Value member = first; member; member = member.next()) {
    const std::string_view key = member.key().text(scratch);
    lua_pushlstring(L, key.data(), key.size());
    const int type = lua_rawget(L, fields);
    const bool removed = type == LUA_TLIGHTUSERDATA && lua_touserdata(L, -1) == &kRemovedField;
    left += !removed;
    if (removed)
      edits.remove(member);
    else if (type != LUA_TNIL && view.value.find(key).index() == member.index())
      edit_place(L, view, member, edits, depth);
    lua_pop(L, 1);
  }
  for (const std::string& key : new_fields(L, view, fields)) {
    std::string json(spaced && left > 0 ? " " : "");
    lua_pushlstring(L, key.data(), key.size());
    append_text(L, -1, json);
    json += spaced ? ": " : ":";
    lua_rawget(L, fields);
    append_any(L, lua_gettop(L), json, depth + 1);
    lua_pop(L, 1);
    edits.append(view.value, json, left++ == 0);
  }
}

void collect_edits(lua_State* L, const RowView& view, int index, data::Edits& edits, int depth) {
  if (depth > kMaxDepth) refuse_value("it is nested too deep", "does a table contain itself?");
  luaL_checkstack(L, 8, "JSON");
  if (lua_getiuservalue(L, index, 1) == LUA_TTABLE) {
    const int fields = lua_gettop(L);
    view.is_list ? edit_list(L, view, fields, edits, depth) : edit_object(L, view, fields, edits, depth);
  }
  lua_pop(L, 1);
}

void append_view(lua_State* L, int index, std::string& out, int depth) {
  const RowView& view = checked_view(L, index);
  data::Edits edits;
  if (view.context->changed) collect_edits(L, view, index, edits, depth);
  if (edits.empty())
    out += view.value.raw();
  else
    out += edits.apply(view.value.raw(), view.value.begin());
}

void append_any(lua_State* L, int index, std::string& out, int depth) {
  if (depth > kMaxDepth) refuse_value("it is nested too deep", "does a table contain itself?");
  luaL_checkstack(L, 8, "JSON");
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
      out += lua_toboolean(L, index) ? "true" : "false";
      return;
    case LUA_TNUMBER:
      return append_number(L, index, out);
    case LUA_TSTRING:
      return append_text(L, index, out);
    case LUA_TTABLE:
      return append_table(L, index, out, depth);
    case LUA_TLIGHTUSERDATA:
      if (!is_null(L, index)) break;
      out += "null";
      return;
    case LUA_TUSERDATA:
      if (is_row_view(L, index)) return append_view(L, index, out, depth);
      break;
    default:
      break;
  }
  refuse_value(std::string("there is a ") + luaL_typename(L, index));
}

}  // namespace

bool parse_integer(std::string_view text, lua_Integer& number) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size();
}

void append_json(lua_State* L, int index, std::string& out) { append_any(L, lua_absindex(L, index), out, 0); }

}  // namespace fthost::lua
