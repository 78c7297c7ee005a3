// ft.json: text to values and back. For configuration, requests and reports; rows never pass through here.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "lua/api.hpp"
#include "lua/binding.hpp"
#include "lua/value.hpp"

namespace fthost::lua {

namespace {

int encode(lua_State* L) {
  luaL_checkany(L, 1);
  const Options options(L, 2, {"pretty"});
  const std::string text = to_json(L, 1).dump(options.boolean("pretty", false) ? 2 : -1);
  lua_pushlstring(L, text.data(), text.size());
  return 1;
}

// "[json.exception.parse_error.101] parse error at line 1, column 5: what - details" -> "what - details"
std::string reason(const char* text) {
  const std::string all = text;
  const auto column = all.find("column ");
  const auto colon = all.find(": ", column == std::string::npos ? 0 : column);
  return colon == std::string::npos ? all : all.substr(colon + 2);
}

int decode(lua_State* L) {
  const std::string_view text = check_string(L, 1, "text");
  const std::string where = Options(L, 2, {"where"}).string("where", "");
  Json value;
  try {
    value = Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    const std::size_t at = std::min(error.byte > 0 ? error.byte - 1 : 0, text.size());
    const std::string_view before = text.substr(0, at);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const auto last = before.rfind('\n');
    const std::size_t column = at - (last == std::string_view::npos ? 0 : last + 1) + 1;
    throw Failure(make_error(Code::input,
                             "broken JSON at line " + std::to_string(line) + ", column " + std::to_string(column) +
                                 ": " + reason(error.what()),
                             where));
  }
  push_json(L, value);
  return 1;
}

}  // namespace

void open_json(lua_State* L) {
  lua_newtable(L);
  set_functions(L, "ft.json", {{"encode", entry<encode>}, {"decode", entry<decode>}});
  lua_setfield(L, -2, "json");
}

}  // namespace fthost::lua
