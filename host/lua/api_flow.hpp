// What the functions of ft.flow have in common: the fields of their requests, checked.
#pragma once

#include <initializer_list>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/gate.hpp"
#include "flow/source.hpp"
#include "flow/transfer.hpp"
#include "lua/binding.hpp"
#include "lua/state.hpp"
#include "lua/value.hpp"

namespace fthost::lua {

using Instance = std::shared_ptr<plugin::Instance>;

// The field `name` of the table at an index as JSON; `fallback` where it is nil. An empty table is an object if the
// fallback is one.
Json field(lua_State* L, int table, const char* name, Json fallback = nullptr);
std::string text_field(lua_State* L, int table, const char* name);
// The request at index 1, which may hold these and nothing else.
Options check_request(lua_State* L, std::initializer_list<std::string_view> known);

Instance storage_field(lua_State* L, int table);
// What ft.flow.rows and the functions that work on it give.
std::shared_ptr<const flow::Rows> check_rows(lua_State* L, int index);
flow::Target target_of(lua_State* L);
flow::Source source_of(lua_State* L, int table);
flow::Source source_field(lua_State* L);  // in the request's field `source`
std::vector<std::string> names_field(lua_State* L, const char* name);

// A path through the gate; "-" stays: standard input or output. Messages name a file as it was given.
std::string gated_path(lua_State* L, const std::string& given, Access access);
std::string path_field(lua_State* L, const char* name, Access access);
std::string output_field(lua_State* L, const char* name);  // to be written; none stays none

// Tables of keys, [{where, json}], in the field `secrets` of the options.
std::vector<std::pair<std::string, std::string>> secrets_field(lua_State* L, int table, const Options& options);

// Each adds functions to the table at the top of the stack: those over files, those that check, and those of a script
// over rows.
void add_flow_files(lua_State* L);
void add_flow_checks(lua_State* L);
void add_flow_rows(lua_State* L);

}  // namespace fthost::lua
