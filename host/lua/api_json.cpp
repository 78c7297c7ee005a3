// ft.json: text to values and back. For configuration, requests and reports; rows never pass through here.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

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
std::string reason(const std::string& all) {
  const auto column = all.find("column ");
  const auto colon = all.find(": ", column == std::string::npos ? 0 : column);
  return colon == std::string::npos ? all : all.substr(colon + 2);
}

// Puts what the parser reads straight onto the Lua stack, so that all of its memory counts as the script's.
class Builder : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(lua_State* L) : L_(L) {}
  std::size_t error_byte = 0;
  std::string error_text;

  bool null() override { return push_null(L_), add(); }
  bool boolean(bool value) override { return lua_pushboolean(L_, value), add(); }
  bool number_integer(std::int64_t value) override { return lua_pushinteger(L_, value), add(); }
  bool number_unsigned(std::uint64_t value) override { return push_unsigned(L_, value), add(); }
  bool number_float(double value, const std::string&) override { return lua_pushnumber(L_, value), add(); }
  bool string(std::string& value) override { return lua_pushlstring(L_, value.data(), value.size()), add(); }
  bool binary(Json::binary_t&) override { return false; }  // JSON has none
  bool key(std::string& name) override { return lua_pushlstring(L_, name.data(), name.size()), true; }
  bool start_object(std::size_t) override { return open(false); }
  bool start_array(std::size_t) override { return open(true); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t byte, const std::string&, const Json::exception& error) override {
    error_byte = byte;
    error_text = error.what();
    return false;
  }

 private:
  bool open(bool array) {
    if (counts_.size() >= kMaxDepth)
      throw Failure(make_error(Code::input, "JSON nested deeper than " + std::to_string(kMaxDepth) + " levels"));
    luaL_checkstack(L_, 4, "JSON");
    lua_newtable(L_);
    if (array) mark_array(L_, -1);
    counts_.push_back(array ? 0 : kObject);
    return true;
  }
  bool close() {
    counts_.pop_back();
    return add();
  }
  // The value on top goes into the container below it.
  bool add() {
    if (counts_.empty()) return true;
    if (counts_.back() == kObject)
      lua_rawset(L_, -3);
    else
      lua_rawseti(L_, -2, ++counts_.back());
    return true;
  }

  static constexpr lua_Integer kObject = -1;
  lua_State* L_;
  std::vector<lua_Integer> counts_;  // of the containers that are open: items so far
};

int decode(lua_State* L) {
  const std::string_view text = check_string(L, 1, "text");
  const std::string where = Options(L, 2, {"where"}).string("where", "");
  luaL_checkstack(L, 4, "JSON");
  Builder builder(L);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) {
    const std::size_t at = std::min(builder.error_byte > 0 ? builder.error_byte - 1 : 0, text.size());
    const std::string_view before = text.substr(0, at);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const auto last = before.rfind('\n');
    const std::size_t column = at - (last == std::string_view::npos ? 0 : last + 1) + 1;
    throw Failure(make_error(Code::input,
                             "broken JSON at line " + std::to_string(line) + ", column " + std::to_string(column) +
                                 ": " + reason(builder.error_text),
                             where));
  }
  return 1;
}

}  // namespace

void open_json(lua_State* L) {
  lua_newtable(L);
  set_functions(L, "ft.json", {{"encode", entry<encode>}, {"decode", entry<decode>}});
  lua_setfield(L, -2, "json");
}

}  // namespace fthost::lua
