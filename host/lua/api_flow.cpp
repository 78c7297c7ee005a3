// ft.flow: native jobs over storages and formats. Rows never cross; requests and reports do. ft.dataset is made of
// these.
#include <nlohmann/json.hpp>

#include "flow/inspect.hpp"
#include "flow/stats.hpp"
#include "flow/tokens.hpp"
#include "flow/transfer.hpp"
#include "lua/api_flow.hpp"
#include "lua/api_plugin.hpp"
#include "lua/api_tokens.hpp"
#include "lua/async.hpp"
#include "lua/binding.hpp"
#include "lua/host_info.hpp"
#include "lua/state.hpp"

namespace fthost::lua {
namespace {

int flow_append(lua_State* L) {
  check_request(L, {"storage", "collection", "records"});
  const flow::Target target = target_of(L);
  const Json records = field(L, 1, "records", Json::array());
  return run_json(L, {target.storage}, [target, records](const io::CancelToken& cancel) {
    return flow::append_records(target, records, cancel);
  });
}

int flow_put(lua_State* L) {
  check_request(L, {"storage", "collection", "records"});
  const flow::Target target = target_of(L);
  const Json records = field(L, 1, "records", Json::array());
  return run_json(L, {target.storage}, [target, records](const io::CancelToken& cancel) {
    return flow::put_records(target, records, cancel);
  });
}

int flow_import(lua_State* L) {
  const Options options =
      check_request(L, {"storage", "collection", "path", "format", "format_options", "set", "strict"});
  const flow::Target target = target_of(L);
  const flow::ImportRequest request{path_field(L, "path", Access::read),
                                    text_field(L, 1, "format"),
                                    field(L, 1, "format_options", Json::object()),
                                    field(L, 1, "set", Json::object()),
                                    options.boolean("strict", false),
                                    State::from(L).gate()};
  auto& registry = State::from(L).need<plugin::Registry>();
  return run_json(L, {target.storage}, [&registry, request, target](const io::CancelToken& cancel) {
    return flow::import_files(registry, request, target, cancel);
  });
}

int flow_export(lua_State* L) {
  const Options options = check_request(L, {"source", "path", "format", "format_options", "strict", "chosen"});
  flow::Source source = source_field(L);
  const flow::ExportRequest request{
      path_field(L, "path", Access::write), text_field(L, 1, "format"), field(L, 1, "format_options", Json::object()),
      options.boolean("strict", false),     State::from(L).gate(),      options.boolean("chosen", false)};
  auto& registry = State::from(L).need<plugin::Registry>();
  const Instance storage = source.storage;
  return run_json(L, {storage}, [&registry, request, source = std::move(source)](const io::CancelToken& cancel) {
    return flow::export_rows(registry, request, source, cancel);
  });
}

int flow_records(lua_State* L) {
  const flow::Source source = source_of(L, 1);
  return run_json(L, {source.storage},
                  [source](const io::CancelToken& cancel) { return flow::records(source, cancel); });
}

int flow_count(lua_State* L) {
  const flow::Source source = source_of(L, 1);
  return run_json(L, {source.storage}, [source](const io::CancelToken& cancel) { return flow::count(source, cancel); });
}

int flow_split(lua_State* L) {
  check_request(L, {"source", "train", "test", "seed", "by", "group", "holdout", "previous"});
  const flow::Source source = source_field(L);
  Json options = Json::object();
  for (const char* name : {"train", "test", "seed", "by", "group", "holdout", "previous"}) {
    Json value = field(L, 1, name);
    if (!value.is_null()) options[name] = std::move(value);
  }
  return run_json(L, {source.storage},
                  [source, options](const io::CancelToken& cancel) { return flow::split(source, options, cancel); });
}

flow::RecordFiles record_files(lua_State* L) {
  return {path_field(L, "path", Access::read), text_field(L, 1, "format"),
          field(L, 1, "format_options", Json::object()), State::from(L).gate()};
}

int flow_stats(lua_State* L) {
  const Options options = check_request(L, {"source", "path", "format", "format_options", "encoding"});
  flow::StatsRequest request;
  if (options.push("encoding")) {
    request.tokens.emplace().model = check_tokens(L, lua_gettop(L), "encoding");
    lua_pop(L, 1);
  }
  if (options.has("source")) {
    const flow::Source source = source_field(L);
    return run_json(L, {source.storage},
                    [source, request](const io::CancelToken& cancel) { return flow::stats(source, request, cancel); });
  }
  const flow::RecordFiles files = record_files(L);
  auto& registry = State::from(L).need<plugin::Registry>();
  return run_json(L, {}, [&registry, files, request](const io::CancelToken& cancel) {
    return flow::stats(registry, files, request, cancel);
  });
}

int flow_tokens(lua_State* L) {
  const Options options =
      check_request(L, {"source", "path", "format", "format_options", "encoding", "limits", "threads"});
  flow::TokensRequest request;
  request.threads = static_cast<unsigned>(options.integer("threads", 1, 1, 1024));
  lua_getfield(L, 1, "encoding");
  request.model = check_tokens(L, lua_gettop(L), "encoding");
  lua_pop(L, 1);
  for (const auto& limit : field(L, 1, "limits", Json::array())) {
    if (!limit.is_number_unsigned() && !(limit.is_number_integer() && limit.get<std::int64_t>() >= 0))
      throw Failure(make_error(Code::input, function_name(L) + ": limits must be a list of whole numbers from 0"));
    request.limits.push_back(limit.get<std::uint64_t>());
  }
  if (options.has("source")) {
    const flow::Source source = source_field(L);
    return run_json(L, {source.storage}, [source, request](const io::CancelToken& cancel) {
      return flow::count_tokens(source, request, cancel);
    });
  }
  const flow::RecordFiles files = record_files(L);
  auto& registry = State::from(L).need<plugin::Registry>();
  return run_json(L, {}, [&registry, files, request](const io::CancelToken& cancel) {
    return flow::count_tokens(registry, files, request, cancel);
  });
}

}  // namespace

void open_flow(lua_State* L) {
  lua_newtable(L);
  set_functions(L, "ft.flow",
                {{"append", entry<flow_append>},
                 {"put", entry<flow_put>},
                 {"import", entry<flow_import>},
                 {"export", entry<flow_export>},
                 {"records", entry<flow_records>},
                 {"count", entry<flow_count>},
                 {"stats", entry<flow_stats>},
                 {"split", entry<flow_split>},
                 {"tokens", entry<flow_tokens>}});
  add_flow_files(L);
  add_flow_rows(L);
  lua_setfield(L, -2, "flow");
}

}  // namespace fthost::lua
