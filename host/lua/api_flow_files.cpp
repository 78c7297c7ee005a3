// ft.flow over files: rows go from a file into a report or another file; nothing of a storage is touched.
#include <nlohmann/json.hpp>

#include "flow/formats.hpp"
#include "flow/inspect.hpp"
#include "flow/leakage.hpp"
#include "flow/pipeline.hpp"
#include "flow/redact.hpp"
#include "flow/transfer.hpp"
#include "flow/versions.hpp"
#include "lua/api_flow.hpp"
#include "lua/async.hpp"
#include "lua/host_info.hpp"

namespace fthost::lua {
namespace {

// Runs `work` where each path (empty: none) is a file of rows.
template <class Work>
int run_on_rows(lua_State* L, const std::vector<Instance>& uses, std::vector<std::string> paths, Work work) {
  auto& registry = State::from(L).need<plugin::Registry>();
  return run_json(L, uses,
                  [&registry, paths = std::move(paths),
                   work = std::move(work)](const io::CancelToken& cancel) -> Result<flow::Json> {
                    for (const std::string& path : paths) {
                      if (path.empty()) continue;
                      if (auto rows = flow::check_rows(registry, path, cancel); !rows) return rows.error();
                    }
                    return work(cancel);
                  });
}

int flow_convert(lua_State* L) {
  const Options options =
      check_request(L, {"path", "from", "from_options", "output", "to", "to_options", "strict", "chosen"});
  const flow::ConvertRequest request{
      path_field(L, "path", Access::read),
      text_field(L, 1, "from"),
      field(L, 1, "from_options", Json::object()),
      {path_field(L, "output", Access::write), text_field(L, 1, "to"), field(L, 1, "to_options", Json::object()),
       options.boolean("strict", false), State::from(L).gate(), options.boolean("chosen", false)}};
  auto& registry = State::from(L).need<plugin::Registry>();
  return run_json(L, {}, [&registry, request](const io::CancelToken& cancel) {
    return flow::convert_files(registry, request, cancel);
  });
}

int flow_redact(lua_State* L) {
  const Options options = check_request(
      L, {"path", "source", "output", "report", "kinds", "secrets", "style", "key", "all_fields", "strict", "apply"});
  flow::RedactRequest request;
  request.output = output_field(L, "output");
  request.report = output_field(L, "report");
  request.kinds = names_field(L, "kinds");
  request.secrets = secrets_field(L, 1, options);
  request.style = options.string("style", "numbered");
  if (request.style != "numbered" && request.style != "keyed" && request.style != "masked")
    options.bad("style", "numbered, keyed or masked");
  request.key = text_field(L, 1, "key");
  request.all_fields = options.boolean("all_fields", false);
  request.strict = options.boolean("strict", false);
  if (!options.has("source")) {
    request.path = path_field(L, "path", Access::read);
    return run_on_rows(L, {}, {request.path},
                       [request](const io::CancelToken& cancel) { return flow::redact_file(request, cancel); });
  }
  const bool apply = options.boolean("apply", false);
  flow::Source source = source_field(L);
  const Instance storage = source.storage;
  return run_json(L, {storage}, [request, apply, source = std::move(source)](const io::CancelToken& cancel) {
    return flow::redact_records(request, source, apply, cancel);
  });
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
  const Options options =
      check_request(L, {"path", "source", "where", "dedupe", "split", "outputs", "removed", "threads"});
  flow::PipelineRequest request;
  std::vector<Instance> uses;
  if (options.has("source")) {
    request.source = source_field(L);
    uses.push_back(request.source->storage);
  } else {
    request.path = path_field(L, "path", Access::read);
  }
  auto filter = flow::Filter::parse(field(L, 1, "where", Json::object()));
  if (!filter) throw Failure(filter.error());
  request.where = std::move(*filter);
  if (options.push("dedupe")) {
    check_table(L, lua_gettop(L), "dedupe");
    const Options dedupe(L, lua_gettop(L), {"near", "shingle", "permutations", "ids", "shown"});
    request.dedupe = flow::DedupeRequest{near_of(dedupe), hashing_of(dedupe), dedupe.boolean("ids", false)};
    request.dedupe->shown = static_cast<std::size_t>(dedupe.integer("shown", 20, 0, 1000000000));
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
      request.outputs[part] = gated_path(L, known.string(part, ""), Access::write);
    }
    lua_pop(L, 1);
  }
  if (options.has("removed")) request.removed = gated_path(L, options.string("removed", ""), Access::write);
  request.threads = static_cast<unsigned>(options.integer("threads", 0, 0, 1024));
  return run_on_rows(L, uses, {request.path},
                     [request](const io::CancelToken& cancel) { return flow::run_pipeline(request, cancel); });
}

// A dataset's rows in the request's field, or nothing; `uses` gets its storage.
std::optional<flow::Source> optional_source(lua_State* L, const Options& options, const char* name,
                                            std::vector<Instance>& uses) {
  if (!options.push(name)) return std::nullopt;
  flow::Source source = source_of(L, lua_gettop(L));
  lua_pop(L, 1);
  uses.push_back(source.storage);
  return source;
}

int flow_leakage(lua_State* L) {
  const Options options =
      check_request(L, {"path", "source", "known", "known_source", "near", "shingle", "permutations", "threads"});
  flow::LeakageRequest request;
  std::vector<Instance> uses;
  request.source = optional_source(L, options, "source", uses);
  request.known_source = optional_source(L, options, "known_source", uses);
  if (!request.source) request.path = path_field(L, "path", Access::read);
  if (!request.known_source) request.known = path_field(L, "known", Access::read);
  request.dedupe = {near_of(options), hashing_of(options), false};
  request.threads = static_cast<unsigned>(options.integer("threads", 0, 0, 1024));
  return run_on_rows(L, uses, {request.known, request.path},
                     [request](const io::CancelToken& cancel) { return flow::find_leakage(request, cancel); });
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

void add_flow_files(lua_State* L) {
  set_functions(L, "ft.flow",
                {{"convert", entry<flow_convert>},
                 {"redact", entry<flow_redact>},
                 {"pipeline", entry<flow_pipeline>},
                 {"leakage", entry<flow_leakage>},
                 {"diff", entry<flow_diff>},
                 {"merge", entry<flow_merge>}});
  add_flow_checks(L);
}

}  // namespace fthost::lua
