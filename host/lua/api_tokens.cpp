// ft.text.encoding: text to token ids and back, and counts, over a token table, a tokenizer.json or the estimate. Which
// of them a name means is the Lua library's to say (ft.tokens).
#include "lua/api_tokens.hpp"

#include <nlohmann/json.hpp>

#include "lua/async.hpp"
#include "lua/binding.hpp"
#include "lua/handle.hpp"
#include "lua/host_info.hpp"
#include "lua/state.hpp"

namespace fthost::lua {
namespace {

TokensHandle& self_of(lua_State* L) { return check_handle<TokensHandle>(L, 1, "encoding"); }

// ft.text.encoding(spec): {name, table | tokenizer, encoding, tool_overhead}
int text_encoding(lua_State* L) {
  check_table(L, 1, "spec");
  const Options options(L, 1, {"name", "table", "encoding", "tokenizer", "tool_overhead"});
  flow::TokenModel::Spec spec;
  spec.name = options.string("name", "chars4");
  spec.encoding = options.string("encoding", "");
  spec.tool_overhead = options.integer("tool_overhead", 0, 0, 1000);
  const auto path_of = [&](const char* name) -> std::string {
    const std::string given = options.string(name, "");
    if (given.empty()) return given;
    auto path = State::from(L).gate().path(given, Access::read);
    if (!path) throw Failure(path.error());
    return State::from(L).gate().is_open() ? given : path->string();
  };
  spec.table = path_of("table");
  spec.tokenizer = path_of("tokenizer");
  return run_push(L, {}, [spec](const io::CancelToken&) -> Result<Push> {
    auto model = flow::TokenModel::open(spec);
    if (!model) return model.error();
    return Push([opened = *model](lua_State* S) {
      push_handle<TokensHandle>(S, 0, TokensHandle{opened, nullptr});
      return 1;
    });
  });
}

// encoding:count(text)
int tokens_count(lua_State* L) {
  TokensHandle& self = self_of(L);
  if (!self.counter) self.counter = std::make_unique<flow::TokenModel::Counter>(*self.model);
  lua_pushinteger(L, static_cast<lua_Integer>(self.counter->count(check_string(L, 2, "text"))));
  return 1;
}

// encoding:encode(text, {special = {"<|endoftext|>"}}): a list of ids
int tokens_encode(lua_State* L) {
  const TokensHandle& self = self_of(L);
  const std::string_view text = check_string(L, 2, "text");
  const Options options(L, 3, {"special"});
  std::vector<std::string> specials;
  if (options.push("special")) {
    for (const auto& one : to_json(L, -1)) {
      if (!one.is_string()) options.bad("special", "a list of strings");
      specials.push_back(one.get<std::string>());
    }
    lua_pop(L, 1);
  }
  auto ids = self.model->encode(text, specials);
  if (!ids) throw Failure(ids.error());
  push_json(L, Json(*ids));
  return 1;
}

// encoding:decode(ids): the text
int tokens_decode(lua_State* L) {
  const TokensHandle& self = self_of(L);
  check_table(L, 2, "ids");
  std::vector<std::int32_t> ids;
  for (const auto& one : to_json(L, 2)) {
    if (!one.is_number_integer() || one.get<std::int64_t>() != static_cast<std::int32_t>(one.get<std::int64_t>()))
      bad_argument(L, 2, "ids", "a list of whole numbers");
    ids.push_back(one.get<std::int32_t>());
  }
  auto text = self.model->decode(ids);
  if (!text) throw Failure(text.error());
  lua_pushlstring(L, text->data(), text->size());
  return 1;
}

// encoding:describe(): {name, estimated, vocab_size}
int tokens_describe(lua_State* L) {
  const TokensHandle& self = self_of(L);
  Json json{{"name", self.model->name()}, {"estimated", self.model->estimated()}};
  if (const auto size = self.model->vocab_size()) json["vocab_size"] = *size;
  push_json(L, json);
  return 1;
}

int tokens_tostring(lua_State* L) {
  const std::string text = "encoding " + self_of(L).model->name();
  lua_pushlstring(L, text.data(), text.size());
  return 1;
}

}  // namespace

std::shared_ptr<const flow::TokenModel> check_tokens(lua_State* L, int index, const char* what) {
  return check_handle<TokensHandle>(L, index, what).model;
}

void open_tokens(lua_State* L) {
  define_handle<TokensHandle>(L, "encoding",
                              {{"count", entry<tokens_count>},
                               {"encode", entry<tokens_encode>},
                               {"decode", entry<tokens_decode>},
                               {"describe", entry<tokens_describe>}},
                              {{"__tostring", entry<tokens_tostring>}});
  lua_getfield(L, -1, "text");
  set_functions(L, "ft.text", {{"encoding", entry<text_encoding>}});
  lua_pop(L, 1);
}

}  // namespace fthost::lua
