#include "lua/api_flow.hpp"

#include "lua/api_plugin.hpp"
#include "lua/value.hpp"

namespace fthost::lua {

Json field(lua_State* L, int table, const char* name, Json fallback) {
  lua_getfield(L, table, name);
  Json value = fallback;
  if (!lua_isnil(L, -1)) value = to_json(L, -1);
  lua_pop(L, 1);
  if (value.is_array() && value.empty() && fallback.is_object()) return fallback;
  return value;
}

std::string text_field(lua_State* L, int table, const char* name) {
  const Json value = field(L, table, name, "");
  if (!value.is_string()) throw Failure(make_error(Code::input, function_name(L) + ": " + name + " must be a string"));
  return value.get<std::string>();
}

Options check_request(lua_State* L, std::initializer_list<std::string_view> known) {
  check_table(L, 1, "request");
  return {L, 1, known};
}

Instance storage_field(lua_State* L, int table) {
  lua_getfield(L, table, "storage");
  Instance instance = check_instance(L, lua_gettop(L), FT_STORAGE, "storage");
  lua_pop(L, 1);
  return instance;
}

flow::Target target_of(lua_State* L) { return {storage_field(L, 1), text_field(L, 1, "collection")}; }

flow::Source source_of(lua_State* L, int table) {
  check_table(L, table, "source");
  const Options known(L, table, {"storage", "collection", "filter", "name", "rows"});
  auto filter = flow::Filter::parse(field(L, table, "filter", Json::object()));
  if (!filter) throw Failure(filter.error());
  flow::Source source{storage_field(L, table), text_field(L, table, "collection"), std::move(*filter),
                      text_field(L, table, "name")};
  if (known.push("rows")) {
    source.rows = check_rows(L, lua_gettop(L));
    lua_pop(L, 1);
  }
  return source;
}

flow::Source source_field(lua_State* L) {
  lua_getfield(L, 1, "source");
  flow::Source source = source_of(L, lua_gettop(L));
  lua_pop(L, 1);
  return source;
}

std::vector<std::string> names_field(lua_State* L, const char* name) {
  std::vector<std::string> names;
  for (const auto& item : field(L, 1, name, Json::array())) {
    if (!item.is_string())
      throw Failure(make_error(Code::input, function_name(L) + ": " + name + " must be a list of strings"));
    names.push_back(item.get<std::string>());
  }
  return names;
}

std::vector<std::pair<std::string, std::string>> secrets_field(lua_State* L, int table, const Options& options) {
  std::vector<std::pair<std::string, std::string>> secrets;
  for (const Json& one : field(L, table, "secrets", Json::array())) {
    if (!one.is_object() || !one.value("where", Json()).is_string() || !one.value("json", Json()).is_string())
      options.bad("secrets", "a list of {where, json}");
    secrets.emplace_back(one["where"].get<std::string>(), one["json"].get<std::string>());
  }
  return secrets;
}

std::string gated_path(lua_State* L, const std::string& given, Access access) {
  if (given == "-") return given;
  auto path = State::from(L).gate().path(given, access);
  if (!path) throw Failure(path.error());
  return State::from(L).gate().is_open() ? given : path->string();
}

std::string path_field(lua_State* L, const char* name, Access access) {
  return gated_path(L, text_field(L, 1, name), access);
}

std::string output_field(lua_State* L, const char* name) {
  const std::string given = text_field(L, 1, name);
  return given.empty() ? given : gated_path(L, given, Access::write);
}

}  // namespace fthost::lua
