// What views of rows are made of, for the two files that make them: row_view.cpp reads and assigns, row_text.cpp
// writes the JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lua/row_view.hpp"

namespace fthost::lua {

// In a userdata with two values: the table of what was assigned or found so far, and the context. It owns nothing, so
// nothing is to be done when it is collected.
struct RowView {
  RowContext* context;
  std::uint64_t serial;
  data::Value value;
  bool is_list;
  std::int64_t length;  // of a list, with what was assigned
};

extern const char kRemovedField;  // its address, as a light userdata, stands for a field that was set to nil

// Of the row that is being worked on, or an error.
const RowView& checked_view(lua_State* L, int index);
// With the context's userdata on top, which is replaced by the view.
void push_view(lua_State* L, RowContext& context, const data::Value& value);
// Names in the table of fields that the text does not have, sorted: Lua keeps no order.
std::vector<std::string> new_fields(lua_State* L, const RowView& view, int fields);
// A whole number that fits.
bool parse_integer(std::string_view text, lua_Integer& number);

}  // namespace fthost::lua
