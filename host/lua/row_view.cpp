#include "lua/row_view.hpp"

#include <algorithm>

#include "lua/binding.hpp"
#include "lua/handle.hpp"
#include "lua/row_view_parts.hpp"
#include "lua/value.hpp"

namespace fthost::lua {

const char kRemovedField = 0;

namespace {

const char kViewType = 0;  // its address is the metatable's key in the registry

RowView& view_at(lua_State* L, int index) {
  auto& view = *static_cast<RowView*>(lua_touserdata(L, index));
  if (view.serial != view.context->serial) {
    throw Failure(make_error(Code::input, "this row is gone: a view of a row is good until its function returns", {},
                             "keep a copy: ft.json.decode(ft.json.encode(row))"));
  }
  return view;
}

// Pushes a scalar, or a view of what is none. `context`: the user value of the view that it is found in.
void push_value(lua_State* L, const data::Value& value, RowView& parent, int parent_index) {
  switch (value.kind()) {
    case data::Kind::null:
      return push_null(L);
    case data::Kind::boolean:
      return lua_pushboolean(L, value.raw() == "true");
    case data::Kind::string: {
      if (!value.escaped()) {
        const std::string_view text = value.inner();
        lua_pushlstring(L, text.data(), text.size());
        return;
      }
      const std::string_view text = value.text(parent.context->scratch);
      lua_pushlstring(L, text.data(), text.size());
      return;
    }
    case data::Kind::number: {
      // Lua's own reading: whole numbers that fit stay whole.
      const std::string text(value.raw());
      lua_Integer whole = 0;
      if (value.integer() && parse_integer(text, whole)) return lua_pushinteger(L, whole);
      return lua_pushnumber(L, value.number());
    }
    default:
      break;
  }
  lua_getiuservalue(L, parent_index, 2);
  push_view(L, *parent.context, value);
}

// Pushes the table of what was assigned to or found in the view; false: there is none, and nothing is pushed.
bool push_fields(lua_State* L, int index) {
  if (lua_getiuservalue(L, index, 1) == LUA_TTABLE) return true;
  lua_pop(L, 1);
  return false;
}
void make_fields(lua_State* L, int index) {
  if (push_fields(L, index)) return;
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, index, 1);
}

bool is_removed(lua_State* L, int index) {
  return lua_type(L, index) == LUA_TLIGHTUSERDATA && lua_touserdata(L, index) == &kRemovedField;
}

// What the text holds under the key at 2: none for another kind of key.
data::Value found_under(lua_State* L, const RowView& view) {
  if (view.is_list) {
    int whole = 0;
    const lua_Integer place = lua_tointegerx(L, 2, &whole);
    if (!whole || lua_type(L, 2) != LUA_TNUMBER || place < 1 || place > view.length) return {};
    return view.value.at(static_cast<std::size_t>(place - 1));
  }
  if (lua_type(L, 2) != LUA_TSTRING) return {};
  std::size_t size = 0;
  const char* key = lua_tolstring(L, 2, &size);
  return view.value.find({key, size});
}

int view_index(lua_State* L) {
  RowView& view = view_at(L, 1);
  if (push_fields(L, 1)) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, 3) != LUA_TNIL) {
      if (is_removed(L, 4)) lua_pushnil(L);
      return 1;
    }
    lua_settop(L, 2);
  }
  const data::Value value = found_under(L, view);
  if (!value) return 0;
  push_value(L, value, view, 1);
  if (lua_type(L, -1) == LUA_TUSERDATA) {  // one view a place, so that what is assigned to it is found again
    make_fields(L, 1);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_rawset(L, -3);
    lua_settop(L, 3);
  }
  return 1;
}

// The place is one of the list, or the next; nil takes the last away.
void check_place(lua_State* L, RowView& view) {
  int whole = 0;
  const lua_Integer place = lua_type(L, 2) == LUA_TNUMBER ? lua_tointegerx(L, 2, &whole) : 0;
  const bool removes = lua_isnil(L, 3);
  const lua_Integer last = view.length;
  if (!whole || place < 1 || place > last + 1 || (removes && place < last)) {
    throw Failure(make_error(Code::input,
                             removes ? "only the last place of a list can be set to nil"
                                     : "a list of " + std::to_string(last) + " has the places 1 to " +
                                           std::to_string(last + 1) + " to assign to",
                             {}, removes ? "take it out with table.remove" : ""));
  }
  if (removes) {
    if (place == last) --view.length;
  } else if (place == last + 1) {
    ++view.length;
  }
}

int view_newindex(lua_State* L) {
  RowView& view = view_at(L, 1);
  if (view.context->read_only)
    throw Failure(make_error(Code::input, "a condition changes no row", {}, "change rows with :map(fn)"));
  if (view.is_list)
    check_place(L, view);
  else if (lua_type(L, 2) != LUA_TSTRING)
    bad_argument(L, 2, "field's name", "a string");
  view.context->changed = true;
  make_fields(L, 1);
  lua_pushvalue(L, 2);
  if (lua_isnil(L, 3))
    lua_pushlightuserdata(L, const_cast<char*>(&kRemovedField));
  else
    lua_pushvalue(L, 3);
  lua_rawset(L, 4);
  return 0;
}

int view_len(lua_State* L) {
  const RowView& view = view_at(L, 1);
  if (!view.is_list)
    throw Failure(make_error(Code::input, "this is an object, and # counts lists", {}, "count its fields with pairs"));
  lua_pushinteger(L, view.length);
  return 1;
}

int next_pair(lua_State* L) {
  const lua_Integer at = lua_tointeger(L, lua_upvalueindex(3)) + 1;
  lua_pushinteger(L, at);
  lua_replace(L, lua_upvalueindex(3));
  if (lua_rawgeti(L, lua_upvalueindex(1), at) == LUA_TNIL) return 1;
  lua_pushvalue(L, -1);
  lua_gettable(L, lua_upvalueindex(2));
  return 2;
}

// pairs(view): the fields in the order of the text, then new ones by name; a list's places.
int view_pairs(lua_State* L) {
  const RowView& view = view_at(L, 1);
  lua_settop(L, 1);
  lua_newtable(L);
  lua_Integer count = 0;
  const auto add = [&] { lua_rawseti(L, 2, ++count); };
  if (view.is_list) {
    for (std::int64_t place = 1; place <= view.length; ++place) {
      lua_pushinteger(L, place);
      add();
    }
  } else {
    const bool fields = push_fields(L, 1);
    for (data::Value member = view.value.first(); member; member = member.next()) {
      const std::string_view key = member.key().text(view.context->scratch);
      lua_pushlstring(L, key.data(), key.size());
      if (fields) {
        lua_pushvalue(L, -1);
        lua_rawget(L, 3);
        const bool removed = is_removed(L, -1);
        lua_pop(L, 1);
        if (removed) {
          lua_pop(L, 1);
          continue;
        }
      }
      add();
    }
    if (fields) {
      for (const std::string& key : new_fields(L, view, 3)) {
        lua_pushlstring(L, key.data(), key.size());
        add();
      }
      lua_settop(L, 2);
    }
  }
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, entry<next_pair>, 3);
  return 1;
}

int view_text(lua_State* L) {
  std::string json;
  append_json(L, 1, json);
  lua_pushlstring(L, json.data(), json.size());
  return 1;
}

}  // namespace

std::vector<std::string> new_fields(lua_State* L, const RowView& view, int fields) {
  std::vector<std::string> keys;
  for (lua_pushnil(L); lua_next(L, fields); lua_pop(L, 1)) {
    std::size_t size = 0;
    const char* key = lua_tolstring(L, -2, &size);  // a string: view_newindex sees to it
    if (!is_removed(L, -1) && !view.value.find({key, size})) keys.emplace_back(key, size);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

const RowView& checked_view(lua_State* L, int index) { return view_at(L, index); }

void push_view(lua_State* L, RowContext& context, const data::Value& value) {
  auto& view = *static_cast<RowView*>(lua_newuserdatauv(L, sizeof(RowView), 2));
  const bool is_list = value.kind() == data::Kind::array;
  new (&view) RowView{&context, context.serial, value, is_list, is_list ? static_cast<std::int64_t>(value.size()) : 0};
  lua_insert(L, -2);
  lua_setiuservalue(L, -2, 2);  // the context lives as long
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kViewType);
  lua_setmetatable(L, -2);
}

void define_row_views(lua_State* L) {
  define_handle<RowContext>(L, "ft.row.context", {});
  lua_createtable(L, 0, 8);
  set_functions(L, "row",
                {{"__index", entry<view_index>},
                 {"__newindex", entry<view_newindex>},
                 {"__len", entry<view_len>},
                 {"__pairs", entry<view_pairs>},
                 {"__tostring", entry<view_text>}});
  for (const char* name : {"__name", "__metatable"}) {
    lua_pushliteral(L, "row");
    lua_setfield(L, -2, name);
  }
  lua_rawsetp(L, LUA_REGISTRYINDEX, &kViewType);
}

RowContext& push_row_context(lua_State* L) { return push_handle<RowContext>(L, 0); }

bool begin_row(RowContext& context, std::string_view text) {
  ++context.serial;
  context.changed = false;
  return context.document.parse_object(text);
}

void end_row(RowContext& context) { ++context.serial; }

void push_row(lua_State* L, int index) {
  RowContext& context = check_handle<RowContext>(L, index, "row");
  lua_pushvalue(L, index);
  push_view(L, context, context.document.root());
}

bool is_row_view(lua_State* L, int index) {
  if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return false;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &kViewType);
  const bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
}

bool is_row(lua_State* L, int index, const RowContext& context) {
  if (!is_row_view(L, index)) return false;
  const auto& view = *static_cast<const RowView*>(lua_touserdata(L, index));
  return view.context == &context && view.serial == context.serial && view.value.index() == 0;
}

}  // namespace fthost::lua
