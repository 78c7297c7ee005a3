// ft.flow: native jobs over storages and formats. Rows never cross; requests and reports do. ft.dataset is made of
// these.
#include <nlohmann/json.hpp>

#include "flow/check.hpp"
#include "flow/inspect.hpp"
#include "flow/pipeline.hpp"
#include "flow/redact.hpp"
#include "flow/transfer.hpp"
#include "flow/versions.hpp"
#include "lua/api_plugin.hpp"
#include "lua/async.hpp"
#include "lua/binding.hpp"
#include "lua/host_info.hpp"
#include "lua/state.hpp"

namespace fthost::lua {
namespace {

using Instance = std::shared_ptr<plugin::Instance>;

// The field `name` of the request at index 1 as JSON; `fallback` where it is nil. An empty table is an object if the
// fallback is one.
Json field(lua_State* L, int table, const char* name, Json fallback = nullptr) {
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

// The request at index 1, which may hold these and nothing else.
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
  const Options known(L, table, {"storage", "collection", "filter", "name"});
  auto filter = flow::Filter::parse(field(L, table, "filter", Json::object()));
  if (!filter) throw Failure(filter.error());
  return {storage_field(L, table), text_field(L, table, "collection"), std::move(*filter),
          text_field(L, table, "name")};
}

// The source in the request's field `source`.
flow::Source source_field(lua_State* L) {
  lua_getfield(L, 1, "source");
  flow::Source source = source_of(L, lua_gettop(L));
  lua_pop(L, 1);
  return source;
}

// The path in a field of the request, through the gate; "-" stays: standard input or output.
std::string path_field(lua_State* L, const char* name, Access access) {
  const std::string given = text_field(L, 1, name);
  if (given == "-") return given;
  auto path = State::from(L).gate().path(given, access);
  if (!path) throw Failure(path.error());
  return State::from(L).gate().is_open() ? given : path->string();  // messages name a file as it was given
}

// The same for a path to be written that is no field of the request; "-" is standard output.
std::string written_path(lua_State* L, const std::string& given) {
  if (given == "-") return given;
  auto path = State::from(L).gate().path(given, Access::write);
  if (!path) throw Failure(path.error());
  return State::from(L).gate().is_open() ? given : path->string();
}

// The same for a file to write, where "-" is standard output and none stays none.
std::string output_field(lua_State* L, const char* name) {
  const std::string given = text_field(L, 1, name);
  return given.empty() || given == "-" ? given : path_field(L, name, Access::write);
}

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
  const Options options = check_request(L, {"source", "path", "format", "format_options", "strict"});
  flow::Source source = source_field(L);
  const flow::ExportRequest request{path_field(L, "path", Access::write), text_field(L, 1, "format"),
                                    field(L, 1, "format_options", Json::object()), options.boolean("strict", false),
                                    State::from(L).gate()};
  auto& registry = State::from(L).need<plugin::Registry>();
  const Instance storage = source.storage;
  return run_json(L, {storage}, [&registry, request, source = std::move(source)](const io::CancelToken& cancel) {
    return flow::export_rows(registry, request, source, cancel);
  });
}

int flow_convert(lua_State* L) {
  const Options options = check_request(L, {"path", "from", "from_options", "output", "to", "to_options", "strict"});
  const flow::ConvertRequest request{
      path_field(L, "path", Access::read),
      text_field(L, 1, "from"),
      field(L, 1, "from_options", Json::object()),
      {path_field(L, "output", Access::write), text_field(L, 1, "to"), field(L, 1, "to_options", Json::object()),
       options.boolean("strict", false), State::from(L).gate()}};
  auto& registry = State::from(L).need<plugin::Registry>();
  return run_json(L, {}, [&registry, request](const io::CancelToken& cancel) {
    return flow::convert_files(registry, request, cancel);
  });
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

// A file to write: none, standard output, or a path through the gate.
std::string output_field(lua_State* L, const char* name) {
  const std::string given = text_field(L, 1, name);
  return given.empty() || given == "-" ? given : path_field(L, name, Access::write);
}

int flow_redact(lua_State* L) {
  const Options options = check_request(
      L, {"path", "source", "output", "report", "kinds", "secrets", "style", "key", "all_fields", "strict", "apply"});
  flow::RedactRequest request;
  request.output = output_field(L, "output");
  request.report = output_field(L, "report");
  request.kinds = names_field(L, "kinds");
  for (const Json& table : field(L, 1, "secrets", Json::array())) {
    if (!table.is_object() || !table.value("where", Json()).is_string() || !table.value("json", Json()).is_string())
      options.bad("secrets", "a list of {where, json}");
    request.secrets.emplace_back(table["where"].get<std::string>(), table["json"].get<std::string>());
  }
  request.style = options.string("style", "numbered");
  if (request.style != "numbered" && request.style != "keyed" && request.style != "masked")
    options.bad("style", "numbered, keyed or masked");
  request.key = text_field(L, 1, "key");
  request.all_fields = options.boolean("all_fields", false);
  request.strict = options.boolean("strict", false);
  if (!options.has("source")) {
    request.path = path_field(L, "path", Access::read);
    return run_json(L, {}, [request](const io::CancelToken& cancel) { return flow::redact_file(request, cancel); });
  }
  const bool apply = options.boolean("apply", false);
  flow::Source source = source_field(L);
  const Instance storage = source.storage;
  return run_json(L, {storage}, [request, apply, source = std::move(source)](const io::CancelToken& cancel) {
    return flow::redact_records(request, source, apply, cancel);
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

int flow_stats(lua_State* L) {
  const flow::Source source = source_of(L, 1);
  return run_json(L, {source.storage}, [source](const io::CancelToken& cancel) { return flow::stats(source, cancel); });
}

// What flow_check and flow_check_file have in common.
flow::CheckRequest check_request_of(lua_State* L, const Options& options) {
  flow::CheckRequest request;
  request.provider = text_field(L, 1, "provider");
  request.rules = field(L, 1, "rules", Json::array());
  request.threads = static_cast<unsigned>(options.integer("threads", 0, 0, 1024));
  request.max_findings =
      static_cast<std::uint64_t>(options.integer("max_findings", std::numeric_limits<lua_Integer>::max(), 0));
  request.stream = options.boolean("stream", false);
  return request;
}

int flow_check(lua_State* L) {
  const Options options =
      check_request(L, {"source", "formats", "provider", "rules", "threads", "max_findings", "stream"});
  const flow::Source source = source_field(L);
  flow::CheckRequest request = check_request_of(L, options);
  request.formats = names_field(L, "formats");
  auto& registry = State::from(L).need<plugin::Registry>();
  return run_json(L, {source.storage}, [&registry, source, request](const io::CancelToken& cancel) {
    return flow::check_rows(registry, source, request, cancel);
  });
}

int flow_check_file(lua_State* L) {
  const Options options =
      check_request(L, {"path", "format", "provider", "rules", "threads", "max_findings", "stream", "fix"});
  const std::string path = path_field(L, "path", Access::read), format = text_field(L, 1, "format");
  flow::CheckRequest request = check_request_of(L, options);
  if (!format.empty()) request.formats = {format};
  if (!text_field(L, 1, "fix").empty()) request.mended = path_field(L, "fix", Access::write);
  auto& registry = State::from(L).need<plugin::Registry>();
  return run_json(L, {}, [&registry, path, request](const io::CancelToken& cancel) {
    return flow::check_file(registry, path, request, cancel);
  });
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

data::MinHashOptions hashing_of(const Options& options) {
  data::MinHashOptions hashing;
  hashing.shingle = static_cast<unsigned>(options.integer("shingle", 5, 1, 32));
  hashing.permutations = static_cast<unsigned>(options.integer("permutations", 128, 8, 1024));
  if (hashing.permutations % 8 != 0) options.bad("permutations", "a multiple of 8");
  return hashing;
}

double near_of(const Options& options) {
  const double near = options.number("near", 0);
  if (!(near >= 0 && near <= 1)) options.bad("near", "a number from 0 to 1");
  return near;
}

flow::PipelineRequest::Split pipeline_split(lua_State* L, int index) {
  const Options options(
      L, index,
      {"train", "test", "seed", "by", "group", "near", "shingle", "permutations", "holdout", "previous", "ids"});
  flow::PipelineRequest::Split split;
  Json json = Json::object();
  for (const char* name : {"train", "test", "seed", "by", "group", "holdout", "previous"}) {
    Json value = field(L, index, name);
    if (!value.is_null()) json[name] = std::move(value);
  }
  auto plan = flow::split_plan(json);
  if (!plan) throw Failure(plan.error());
  split.options = plan->options;
  split.by = plan->by;
  split.group = plan->group;
  if (json.contains("previous")) split.previous = json["previous"];
  split.near = near_of(options);
  split.hashing = hashing_of(options);
  split.ids = options.boolean("ids", false);
  return split;
}

int flow_pipeline(lua_State* L) {
  const Options options = check_request(L, {"path", "where", "dedupe", "split", "outputs", "removed", "threads"});
  flow::PipelineRequest request;
  request.path = path_field(L, "path", Access::read);
  auto filter = flow::Filter::parse(field(L, 1, "where", Json::object()));
  if (!filter) throw Failure(filter.error());
  request.where = std::move(*filter);
  if (options.push("dedupe")) {
    check_table(L, lua_gettop(L), "dedupe");
    const Options dedupe(L, lua_gettop(L), {"near", "shingle", "permutations"});
    request.dedupe = flow::DedupeRequest{near_of(dedupe), hashing_of(dedupe)};
    lua_pop(L, 1);
  }
  if (options.push("split")) {
    check_table(L, lua_gettop(L), "split");
    request.split = pipeline_split(L, lua_gettop(L));
    lua_pop(L, 1);
  }
  if (options.push("outputs")) {
    const int outputs = lua_gettop(L);
    check_table(L, outputs, "outputs");
    const Options known(L, outputs, {"kept", "train", "validation", "test"});
    for (const char* part : {"kept", "train", "validation", "test"}) {
      if (!known.has(part)) continue;
      request.outputs[part] = written_path(L, known.string(part, ""));
    }
    lua_pop(L, 1);
  }
  if (options.has("removed")) request.removed = written_path(L, options.string("removed", ""));
  request.threads = static_cast<unsigned>(options.integer("threads", 0, 0, 1024));
  return run_json(L, {}, [request](const io::CancelToken& cancel) { return flow::run_pipeline(request, cancel); });
}

int flow_leakage(lua_State* L) {
  const Options options = check_request(L, {"path", "known", "near", "shingle", "permutations", "threads"});
  flow::LeakageRequest request;
  request.path = path_field(L, "path", Access::read);
  request.known = path_field(L, "known", Access::read);
  request.dedupe = {near_of(options), hashing_of(options)};
  request.threads = static_cast<unsigned>(options.integer("threads", 0, 0, 1024));
  return run_json(L, {}, [request](const io::CancelToken& cancel) { return flow::find_leakage(request, cancel); });
}

int flow_diff(lua_State* L) {
  const Options options = check_request(L, {"a", "b", "fields", "ids", "limit", "document"});
  const flow::DiffRequest request{path_field(L, "a", Access::read),
                                  path_field(L, "b", Access::read),
                                  names_field(L, "fields"),
                                  names_field(L, "ids"),
                                  static_cast<std::size_t>(options.integer("limit", 1000, 0)),
                                  output_field(L, "document")};
  return run_json(L, {}, [request](const io::CancelToken& cancel) { return flow::diff_files(request, cancel); });
}

int flow_merge(lua_State* L) {
  const Options options = check_request(L, {"base", "ours", "theirs", "output", "name", "conflicts", "prefer"});
  flow::MergeRequest request{path_field(L, "base", Access::read),
                             path_field(L, "ours", Access::read),
                             path_field(L, "theirs", Access::read),
                             output_field(L, "output"),
                             text_field(L, 1, "name"),
                             output_field(L, "conflicts")};
  if (request.output.empty()) options.bad("output", "a file, or - for standard output");
  if (request.conflicts == "-") options.bad("conflicts", "a file");
  const std::string prefer = text_field(L, 1, "prefer");
  if (prefer != "" && prefer != "ours" && prefer != "theirs") options.bad("prefer", "ours or theirs");
  if (prefer != "") request.prefer = prefer == "ours" ? data::Side::ours : data::Side::theirs;
  return run_json(L, {}, [request](const io::CancelToken& cancel) { return flow::merge_files(request, cancel); });
}

}  // namespace

void open_flow(lua_State* L) {
  lua_newtable(L);
  set_functions(L, "ft.flow",
                {{"append", entry<flow_append>},
                 {"put", entry<flow_put>},
                 {"import", entry<flow_import>},
                 {"export", entry<flow_export>},
                 {"convert", entry<flow_convert>},
                 {"redact", entry<flow_redact>},
                 {"records", entry<flow_records>},
                 {"count", entry<flow_count>},
                 {"stats", entry<flow_stats>},
                 {"check", entry<flow_check>},
                 {"check_file", entry<flow_check_file>},
                 {"split", entry<flow_split>},
                 {"pipeline", entry<flow_pipeline>},
                 {"leakage", entry<flow_leakage>},
                 {"diff", entry<flow_diff>},
                 {"merge", entry<flow_merge>}});
  lua_setfield(L, -2, "flow");
}

}  // namespace fthost::lua
