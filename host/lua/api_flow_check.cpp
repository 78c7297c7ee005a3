// ft.flow.check and ft.flow.check_file: what is wrong with a dataset or with files.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "flow/check.hpp"
#include "lua/api_flow.hpp"
#include "lua/api_tokens.hpp"
#include "lua/async.hpp"
#include "lua/host_info.hpp"

namespace fthost::lua {
namespace {

double share_of(const Options& options, const char* name, double fallback) {
  const double share = options.number(name, fallback);
  if (!(share > 0 && share <= 1)) options.bad(name, "a number above 0, up to 1");
  return share;
}

// checks = {tokens = {encoding, limits = {{tokens, of}}}, near = {prompt, answer}, personal = {kinds, secrets}}
flow::CheckTiers tiers_of(lua_State* L, const Options& request) {
  flow::CheckTiers tiers;
  if (!request.push("checks")) return tiers;
  const int checks = lua_gettop(L);
  check_table(L, checks, "checks");
  const Options known(L, checks, {"tokens", "near", "personal"});
  if (known.push("tokens")) {
    const int table = lua_gettop(L);
    check_table(L, table, "tokens");
    const Options options(L, table, {"encoding", "limits"});
    flow::CheckTiers::Tokens tokens;
    lua_getfield(L, table, "encoding");
    tokens.model = check_tokens(L, lua_gettop(L), "encoding");
    lua_pop(L, 1);
    for (const Json& limit : field(L, table, "limits", Json::array())) {
      const Json count = limit.is_object() ? limit.value("tokens", Json()) : Json();
      if (!count.is_number_integer() || count.get<std::int64_t>() < 1)
        options.bad("limits", "a list of {tokens = N, of = \"whose\"}");
      tokens.limits.push_back({count.get<std::uint64_t>(), limit.value("of", "")});
    }
    std::stable_sort(tokens.limits.begin(), tokens.limits.end(),
                     [](const auto& a, const auto& b) { return a.tokens < b.tokens; });
    tiers.tokens = std::move(tokens);
    lua_pop(L, 1);
  }
  if (known.push("near")) {
    check_table(L, lua_gettop(L), "near");
    const Options options(L, lua_gettop(L), {"prompt", "answer"});
    data::PromptOptions prompts;
    prompts.prompt = share_of(options, "prompt", prompts.prompt);
    prompts.answer = share_of(options, "answer", prompts.answer);
    tiers.prompts = prompts;
    lua_pop(L, 1);
  }
  if (known.push("personal")) {
    const int table = lua_gettop(L);
    check_table(L, table, "personal");
    const Options options(L, table, {"kinds", "secrets"});
    flow::CheckTiers::Personal personal;
    for (const Json& kind : field(L, table, "kinds", Json::array())) {
      if (!kind.is_string()) options.bad("kinds", "a list of strings");
      personal.kinds.push_back(kind.get<std::string>());
    }
    personal.secrets = secrets_field(L, table, options);
    tiers.personal = std::move(personal);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return tiers;
}

// What both have in common.
flow::CheckRequest check_request_of(lua_State* L, const Options& options) {
  flow::CheckRequest request;
  request.provider = text_field(L, 1, "provider");
  request.rules = field(L, 1, "rules", Json::array());
  request.tiers = tiers_of(L, options);
  request.threads = static_cast<unsigned>(options.integer("threads", 0, 0, 1024));
  request.max_findings =
      static_cast<std::uint64_t>(options.integer("max_findings", std::numeric_limits<lua_Integer>::max(), 0));
  request.stream = options.boolean("stream", false);
  request.grouped = options.boolean("grouped", false);
  return request;
}

int flow_check(lua_State* L) {
  const Options options = check_request(
      L, {"source", "formats", "provider", "rules", "checks", "threads", "max_findings", "stream", "grouped"});
  const flow::Source source = source_field(L);
  flow::CheckRequest request = check_request_of(L, options);
  request.formats = names_field(L, "formats");
  auto& registry = State::from(L).need<plugin::Registry>();
  return run_json(L, {source.storage}, [&registry, source, request](const io::CancelToken& cancel) {
    return flow::check_rows(registry, source, request, cancel);
  });
}

int flow_check_file(lua_State* L) {
  const Options options = check_request(L, {"path", "paths", "format", "format_options", "provider", "rules", "checks",
                                            "threads", "max_findings", "stream", "grouped", "fix"});
  std::vector<std::string> paths = names_field(L, "paths");
  if (options.has("path")) paths.insert(paths.begin(), text_field(L, 1, "path"));
  if (paths.empty()) options.bad("path", "a file, a folder, a pattern or -");
  for (std::string& path : paths) path = gated_path(L, path, Access::read);
  const std::string format = text_field(L, 1, "format");
  flow::CheckRequest request = check_request_of(L, options);
  request.format_options = field(L, 1, "format_options", Json::object());
  if (!format.empty()) request.formats = {format};
  request.mended = output_field(L, "fix");
  auto& registry = State::from(L).need<plugin::Registry>();
  const Gate gate = State::from(L).gate();
  return run_json(L, {}, [&registry, paths, gate, request](const io::CancelToken& cancel) -> Result<Json> {
    std::vector<std::string> files;
    for (const std::string& path : paths) {
      auto found = flow::input_files(path, gate);
      if (!found) return found.error();
      files.insert(files.end(), found->begin(), found->end());
    }
    return flow::check_files(registry, files, request, cancel);
  });
}

}  // namespace

void add_flow_checks(lua_State* L) {
  set_functions(L, "ft.flow", {{"check", entry<flow_check>}, {"check_file", entry<flow_check_file>}});
}

}  // namespace fthost::lua
