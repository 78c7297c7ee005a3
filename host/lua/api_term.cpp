// ft.term: whether a person is there, how wide the terminal is, what is typed. ft.text: words and widths.
#include <nlohmann/json.hpp>
#include <vector>

#include "io/terminal.hpp"
#include "lua/async.hpp"
#include "lua/binding.hpp"
#include "lua/host_info.hpp"
#include "text/distance.hpp"
#include "text/unicode.hpp"

namespace fthost::lua {
namespace {

int term_is_terminal(lua_State* L) {
  lua_pushboolean(L, io::is_terminal(static_cast<int>(check_integer(L, 1, "fd", 0, 2))));
  return 1;
}

int term_width(lua_State* L) {
  lua_pushinteger(L, io::terminal_width());
  return 1;
}

// ft.term.read_line(prompt): the line, or nil at the end of the input. The prompt goes to standard error.
int term_read_line(lua_State* L) {
  const std::string prompt(lua_isnoneornil(L, 1) ? std::string_view() : check_string(L, 1, "prompt"));
  return run_push(L, {}, [prompt](const io::CancelToken& cancel) -> Result<Push> {
    if (!prompt.empty()) std::fputs(prompt.c_str(), stderr);
    std::string line;
    auto more = io::read_input_line(line, cancel);
    if (!more) return more.error();
    if (!*more) {
      return Push([](lua_State* S) {
        lua_pushnil(S);
        return 1;
      });
    }
    if (const auto bad = text::invalid_utf8_offset(line)) {
      return make_error(Code::input, "the input is not UTF-8 at byte " + std::to_string(*bad + 1), "standard input",
                        "set the terminal to UTF-8");
    }
    return Push([line](lua_State* S) {
      lua_pushlstring(S, line.data(), line.size());
      return 1;
    });
  });
}

// ft.text.nearest(word, candidates): the one most likely meant, or nil.
int text_nearest(lua_State* L) {
  const std::string word(check_string(L, 1, "word"));
  check_table(L, 2, "candidates");
  std::vector<std::string> candidates;
  for (const auto& item : to_json(L, 2)) {
    if (item.is_string()) candidates.push_back(item.get<std::string>());
  }
  if (const auto found = text::nearest(word, candidates)) {
    lua_pushlstring(L, candidates[*found].data(), candidates[*found].size());
  } else {
    lua_pushnil(L);
  }
  return 1;
}

int text_display_width(lua_State* L) {
  lua_pushinteger(L, static_cast<lua_Integer>(text::display_width(check_string(L, 1, "text"))));
  return 1;
}

// ft.text.one_line(text): safe to print in one line of a terminal.
int text_one_line(lua_State* L) {
  const std::string safe = text::sanitize_terminal(check_string(L, 1, "text"), false);
  lua_pushlstring(L, safe.data(), safe.size());
  return 1;
}

int text_trim(lua_State* L) {
  const auto trimmed = text::trim(check_string(L, 1, "text"), text::Space::unicode);
  lua_pushlstring(L, trimmed.data(), trimmed.size());
  return 1;
}

int text_lower(lua_State* L) {
  const std::string lower = text::lower(check_string(L, 1, "text"));
  lua_pushlstring(L, lower.data(), lower.size());
  return 1;
}

// ft.text.check_utf8(text, where): the text, or an error that names the first byte that is wrong.
int text_check_utf8(lua_State* L) {
  const std::string_view text = check_string(L, 1, "text");
  if (const auto bad = text::invalid_utf8_offset(text)) {
    throw Failure(make_error(Code::input, "is not UTF-8 at byte " + std::to_string(*bad + 1),
                             lua_isnoneornil(L, 2) ? std::string() : std::string(check_string(L, 2, "where")),
                             "convert it to UTF-8"));
  }
  lua_settop(L, 1);
  return 1;
}

}  // namespace

void open_term(lua_State* L) {
  lua_newtable(L);
  set_functions(
      L, "ft.term",
      {{"is_terminal", entry<term_is_terminal>}, {"width", entry<term_width>}, {"read_line", entry<term_read_line>}});
  lua_setfield(L, -2, "term");
  lua_newtable(L);
  set_functions(L, "ft.text",
                {{"nearest", entry<text_nearest>},
                 {"display_width", entry<text_display_width>},
                 {"one_line", entry<text_one_line>},
                 {"trim", entry<text_trim>},
                 {"lower", entry<text_lower>},
                 {"check_utf8", entry<text_check_utf8>}});
  lua_setfield(L, -2, "text");
}

}  // namespace fthost::lua
