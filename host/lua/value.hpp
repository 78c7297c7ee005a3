// Values between Lua and JSON. A table made by ft.array, or decoded from a JSON list, is marked as a list, so that an
// empty one stays a list; ft.null is JSON's null. Integers and floats keep their kind.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include "lua/lua.hpp"

namespace fthost::lua {

using Json = nlohmann::ordered_json;

constexpr int kMaxDepth = 200;  // of nested tables; deeper is taken for a table that contains itself

// Call once for each state.
void define_values(lua_State* L);

// The JSON of the value at `index`. Keys come out sorted, because a Lua table has no order. Throws Failure with a JSON
// pointer to the culprit for what JSON does not have: functions, NaN, keys other than strings, text that is not UTF-8,
// lists with holes (in a marked list a hole is null).
Json to_json(lua_State* L, int index);

// Pushes one value. Integers above 2^63-1 become floats. Throws Failure beyond kMaxDepth.
void push_json(lua_State* L, const Json& value);

void push_null(lua_State* L);
// A number that Lua's integers do not hold becomes a float.
void push_unsigned(lua_State* L, std::uint64_t value);
bool is_null(lua_State* L, int index);

// Marks the table at `index` as a list.
void mark_array(lua_State* L, int index);
bool is_array(lua_State* L, int index);

}  // namespace fthost::lua
