// Row views: what a script's function gets of a row. Nothing is decoded before it is asked for; lists and objects are
// views in turn, and what is assigned to a field is kept beside the text until the row is written, when all other
// bytes stay as they lie. A view is good for its row only: kept for longer, it is an error and not another row.
// One context a pass, on the thread that owns the Lua state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include "lua/lua.hpp"

#include "data/json.hpp"

namespace fthost::lua {

// The row that a pass is at.
struct RowContext {
  data::Document document;
  std::string own;           // the text, where a function has made the row anew
  std::uint64_t serial = 0;  // of the row; views of another are stale
  bool changed = false;      // something was assigned
  bool read_only = false;    // a condition is asked, which changes nothing
  std::string scratch;
};

void define_row_views(lua_State* L);  // once a state

// Pushes a new context, which the views keep alive.
RowContext& push_row_context(lua_State* L);

// The row that is a JSON object in `text`, which must outlive the row. False: it is none. Views of the row before are
// stale from now on.
bool begin_row(RowContext& context, std::string_view text);
void end_row(RowContext& context);

// Pushes the view of the row whose context is at `index`.
void push_row(lua_State* L, int index);
// Whether the value is a view, perhaps a stale one.
bool is_row_view(lua_State* L, int index);
// Whether the value is the view of the whole row that the context is at.
bool is_row(lua_State* L, int index, const RowContext& context);

// Appends the JSON of any value, views with their edits included. Throws Failure for what JSON does not have.
void append_json(lua_State* L, int index, std::string& out);

}  // namespace fthost::lua
