// ft.plugin: instances of plugins, and what is known of those that are installed. ft.provider, ft.dataset and
// ft.evaluate (scripts/ft) are made of these.
#include "lua/api_plugin.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>

#include "flow/inspect.hpp"
#include "lua/async.hpp"
#include "lua/binding.hpp"
#include "lua/handle.hpp"
#include "lua/host_info.hpp"
#include "lua/state.hpp"
#include "lua/value.hpp"
#include "plugin/invoke.hpp"
#include "plugin/loader.hpp"

namespace fthost::lua {

const std::shared_ptr<plugin::Instance>& PluginHandle::instance() const {
  if (!instance_) throw Failure(make_error(Code::input, "the plugin has been closed"));
  return instance_;
}

void PluginHandle::release() {
  if (instance_) workers_.submit([instance = std::move(instance_)] {});
  instance_ = nullptr;
}

std::shared_ptr<plugin::Instance> check_instance(lua_State* L, int index, ft_kind kind, const char* what) {
  const auto& instance = check_handle<PluginHandle>(L, index, what).instance();
  if (instance->desc().kind != kind) {
    throw Failure(make_error(
        Code::input, std::string(what) + " must be a " + plugin::kind_name(kind) + ", not the " + instance->owner()));
  }
  return instance;
}

namespace {

using plugin::CallContext;
using plugin::Instance;
using plugin::str;

std::shared_ptr<CallContext> context_for(const io::CancelToken& cancel) {
  auto context = std::make_shared<CallContext>();
  context->cancel = cancel;
  return context;
}

// ft.plugin.open(kind, name, config)
int plugin_open(lua_State* L) {
  auto kind = plugin::parse_kind(std::string(check_string(L, 1, "kind")));
  if (!kind) throw Failure(kind.error());
  const std::string name(check_string(L, 2, "name"));
  const Json config = lua_isnoneornil(L, 3) ? Json::object() : to_json(L, 3);
  State& state = State::from(L);
  auto& registry = state.need<plugin::Registry>();
  auto& workers = state.need<io::Workers>();
  return run_push(L, {},
                  [&registry, &workers, kind = *kind, name, config](const io::CancelToken& cancel) -> Result<Push> {
                    const Json object = config.is_array() && config.empty() ? Json::object() : config;
                    auto instance = registry.create(kind, name, object, context_for(cancel));
                    if (!instance) return instance.error();
                    return Push([&workers, instance = std::move(*instance)](lua_State* S) {
                      push_handle<PluginHandle>(S, 0, workers, instance);
                      return 1;
                    });
                  });
}

int handle_describe(lua_State* L) {
  const auto& instance = check_handle<PluginHandle>(L, 1, "self").instance();
  Json json = plugin::describe(instance->desc());
  json["config"] = instance->config();
  push_json(L, json);
  return 1;
}

int handle_close(lua_State* L) {
  check_handle<PluginHandle>(L, 1, "self").release();
  return 0;
}

int handle_tostring(lua_State* L) {
  const auto& instance = check_handle<PluginHandle>(L, 1, "self").instance();
  lua_pushstring(L, instance->owner().c_str());
  return 1;
}

// Operations are checked against the descriptor, so that a wrong one never reaches the plugin.
void check_operation(const Instance& instance, const std::string& operation) {
  const Json described = plugin::describe(instance.desc());
  std::vector<std::string_view> known;
  for (const auto& item : described["operations"]) {
    if (item.get<std::string>() == operation) return;
    known.push_back(item.get_ref<const std::string&>());
  }
  const std::string_view near = nearest(operation, known);
  throw Failure(make_error(Code::unsupported, "has no operation \"" + operation + "\"", instance.owner(),
                           near.empty() ? std::string("it has ") + instance.desc().operations
                                        : "did you mean \"" + std::string(near) + "\"?"));
}

// An empty Lua table is an object here: every request is one.
Json request_json(lua_State* L, int index) {
  if (lua_isnoneornil(L, index)) return Json::object();
  Json json = to_json(L, index);
  if (json.is_array() && json.empty()) return Json::object();
  return json;
}

// One request; FT_RESULT becomes the value. `on_delta` may be empty.
Result<Json> request(const std::shared_ptr<Instance>& instance, const std::string& operation, const std::string& input,
                     const io::CancelToken& cancel, const std::function<bool(Json)>& on_delta) {
  auto context = context_for(cancel);
  Json result;
  bool answered = false;
  context->emit = [&](std::uint32_t channel, std::uint64_t, std::string_view bytes) {
    if (channel == FT_RESULT) {
      result = Json::parse(bytes, nullptr, false);
      answered = true;
    } else if (channel == FT_DELTA && on_delta) {
      Json delta = Json::parse(bytes, nullptr, false);
      if (!delta.is_discarded() && !on_delta(std::move(delta))) return FT_E_CANCELLED;
    }
    return FT_OK;
  };
  auto status = instance->call(context, [&](ft_call call) {
    return instance->table<ft_provider>().request(instance->self(), call, str(operation), str(input));
  });
  if (!status) return status.error();
  if (!answered || result.is_discarded()) {
    return make_error(Code::internal, "gave no result for \"" + operation + "\"", instance->owner(),
                      "this is a defect of the plugin");
  }
  return result;
}

// plugin:request(operation, input)
int handle_request(lua_State* L) {
  const auto instance = check_instance(L, 1, FT_PROVIDER, "self");
  const std::string operation(check_string(L, 2, "operation"));
  check_operation(*instance, operation);
  const std::string input = request_json(L, 3).dump();
  return run_json(L, {instance}, [instance, operation, input](const io::CancelToken& cancel) {
    return request(instance, operation, input, cancel, {});
  });
}

// A streamed request: parts wait in a bounded queue until the script asks for them.
struct Stream {
  static constexpr std::size_t kCapacity = 256;
  std::mutex mutex;
  std::condition_variable room;
  std::deque<Json> parts;
  std::optional<Result<Json>> result;
  std::optional<Completion> waiter;
  const std::shared_ptr<Instance> instance;
  io::CancelToken cancel;
  std::shared_ptr<std::atomic<bool>> finished = std::make_shared<std::atomic<bool>>(false);

  explicit Stream(std::shared_ptr<Instance> i) : instance(std::move(i)) {}
  bool add(Json part) {
    const auto woken = cancel.on_cancel([this] {
      const std::lock_guard lock(mutex);
      room.notify_all();
    });
    std::unique_lock lock(mutex);
    room.wait(lock, [&] { return parts.size() < kCapacity || cancel.cancelled(); });
    if (cancel.cancelled()) return false;
    parts.push_back(std::move(part));
    wake();
    return true;
  }
  void end(Result<Json> outcome) {
    const std::lock_guard lock(mutex);
    result = std::move(outcome);
    *finished = true;
    wake();
  }
  void wake() {  // under the mutex
    if (!waiter) return;
    waiter->finish();
    waiter.reset();
  }
};

struct StreamHandle {
  std::shared_ptr<Stream> stream;
  io::EventLoop& loop;
  void cancel() const { cancel_work(loop, stream->cancel, stream->finished, {stream->instance}); }
  ~StreamHandle() {
    if (!*stream->finished) cancel();
  }
};

// plugin:stream(operation, input): a stream whose next() gives the parts and whose result() gives the end.
int handle_stream(lua_State* L) {
  const auto instance = check_instance(L, 1, FT_PROVIDER, "self");
  const std::string operation(check_string(L, 2, "operation"));
  check_operation(*instance, operation);
  const std::string input = request_json(L, 3).dump();
  auto stream = std::make_shared<Stream>(instance);
  push_handle<StreamHandle>(L, 0, stream, State::from(L).need<io::EventLoop>());
  State::from(L).need<io::Workers>().submit([operation, input, stream] {
    stream->end(guarded([&] {
      return request(stream->instance, operation, input, stream->cancel,
                     [&](Json part) { return stream->add(std::move(part)); });
    }));
  });
  return 1;
}

// stream:wait(): true once a part or the end is there. next() and result() are made of it in Lua (ft.provider).
int stream_wait(lua_State* L) {
  const auto& handle = check_handle<StreamHandle>(L, 1, "self");
  const auto stream = handle.stream;
  return await(
      L,
      [&](Completion done) {
        const std::lock_guard lock(stream->mutex);
        if (!stream->parts.empty() || stream->result) {
          done.finish();
        } else {
          stream->waiter = done;
        }
      },
      [stream, &loop = handle.loop] { cancel_work(loop, stream->cancel, stream->finished, {stream->instance}); });
}

// stream:take(): a part, or nil if none is waiting.
int stream_take(lua_State* L) {
  const auto stream = check_handle<StreamHandle>(L, 1, "self").stream;
  const std::lock_guard lock(stream->mutex);
  if (stream->parts.empty()) {
    lua_pushnil(L);
    return 1;
  }
  const Json part = std::move(stream->parts.front());
  stream->parts.pop_front();
  stream->room.notify_one();
  push_json(L, part);
  return 1;
}

// stream:result(): the result once it has ended, nil before; raises its error.
int stream_result(lua_State* L) {
  const auto stream = check_handle<StreamHandle>(L, 1, "self").stream;
  const std::lock_guard lock(stream->mutex);
  if (!stream->result) {
    lua_pushnil(L);
    return 1;
  }
  if (!*stream->result) throw Failure(stream->result->error());
  push_json(L, **stream->result);
  return 1;
}

// scorer:score(rows): a number a row (a list of them where the scorer has several outputs), null for no score.
int handle_score(lua_State* L) {
  const auto instance = check_instance(L, 1, FT_SCORER, "self");
  check_table(L, 2, "rows");
  const Json rows = to_json(L, 2);
  return run_json(L, {instance}, [instance, rows](const io::CancelToken& cancel) -> Result<Json> {
    return plugin::score_rows(*instance, rows, context_for(cancel));
  });
}

int handle_signature(lua_State* L) {
  const auto instance = check_instance(L, 1, FT_SCORER, "self");
  return run_json(L, {instance}, [instance](const io::CancelToken& cancel) -> Result<Json> {
    auto context = context_for(cancel);
    std::string text;
    context->emit = [&](std::uint32_t, std::uint64_t, std::string_view bytes) {
      text.append(bytes);
      return FT_OK;
    };
    auto status = instance->call(
        context, [&](ft_call call) { return instance->table<ft_scorer>().signature(instance->self(), call); });
    if (!status) return status.error();
    return Json(text);
  });
}

// storage:list(): [{collection, count}]
int handle_list(lua_State* L) {
  const auto instance = check_instance(L, 1, FT_STORAGE, "self");
  return run_json(L, {instance}, [instance](const io::CancelToken& cancel) -> Result<Json> {
    return plugin::storage_list(*instance, context_for(cancel));
  });
}

// storage:read(collection, query): [{id, revision, record}]
int handle_read(lua_State* L) {
  const auto instance = check_instance(L, 1, FT_STORAGE, "self");
  const std::string collection(check_string(L, 2, "collection"));
  const Json query = request_json(L, 3);
  return run_json(L, {instance}, [instance, collection, query](const io::CancelToken& cancel) -> Result<Json> {
    Json items = Json::array();
    Result<void> fitted;
    data::Document document;
    auto done = plugin::storage_read(*instance, collection, query, context_for(cancel), [&](std::string_view item) {
      if (!document.parse_object(item)) {
        fitted = make_error(Code::internal, "gave what is no record: " + document.problem().message, instance->owner());
        return false;
      }
      const std::string id = document.find("id").text();
      auto record = flow::as_table(document.find("record"), id);
      if (record)
        items.push_back({{"id", id}, {"revision", document.find("revision").text()}, {"record", std::move(*record)}});
      else
        fitted = record.error();
      return static_cast<bool>(record);
    });
    if (!done) return done.error();
    if (!fitted) return fitted.error();
    return items;
  });
}

// storage:remove(collection, ids): {removed}
int handle_remove(lua_State* L) {
  const auto instance = check_instance(L, 1, FT_STORAGE, "self");
  const std::string collection(check_string(L, 2, "collection"));
  check_table(L, 3, "ids");
  std::vector<std::string> ids;
  for (const auto& id : to_json(L, 3)) {
    if (!id.is_string()) bad_argument(L, 3, "ids", "a list of strings");
    ids.push_back(id.get<std::string>());
  }
  return run_json(L, {instance}, [instance, collection, ids](const io::CancelToken& cancel) -> Result<Json> {
    return plugin::storage_write(*instance, plugin::StorageWrite::remove, collection, {ids}, context_for(cancel));
  });
}

// ft.plugin.list(): every plugin that is there, described; {kind, name, path, problem} for what was refused.
int plugin_list(lua_State* L) {
  auto& registry = State::from(L).need<plugin::Registry>();
  return run_json(L, {}, [&registry](const io::CancelToken&) -> Result<Json> {
    Json all = Json::array();
    for (const auto& item : registry.list()) {
      Json json = item.desc ? plugin::describe(*item.desc)
                            : Json{{"kind", item.kind}, {"name", item.name}, {"problem", item.problem}};
      json["path"] = item.path;
      json["shadowed"] = item.shadowed;
      all.push_back(std::move(json));
    }
    return all;
  });
}

// ft.plugin.find(kind, name): its description, without making an instance.
int plugin_find(lua_State* L) {
  auto kind = plugin::parse_kind(std::string(check_string(L, 1, "kind")));
  if (!kind) throw Failure(kind.error());
  const std::string name(check_string(L, 2, "name"));
  auto& registry = State::from(L).need<plugin::Registry>();
  return run_json(L, {}, [&registry, kind = *kind, name](const io::CancelToken&) -> Result<Json> {
    auto found = registry.find(kind, name);
    if (!found) return found.error();
    Json json = plugin::describe(*found->desc);
    json["path"] = found->path;
    return json;
  });
}

}  // namespace

void open_plugin(lua_State* L) {
  define_handle<PluginHandle>(L, "plugin",
                              {{"describe", entry<handle_describe>},
                               {"close", entry<handle_close>},
                               {"request", entry<handle_request>},
                               {"stream", entry<handle_stream>},
                               {"score", entry<handle_score>},
                               {"signature", entry<handle_signature>},
                               {"list", entry<handle_list>},
                               {"read", entry<handle_read>},
                               {"remove", entry<handle_remove>}},
                              {{"__tostring", entry<handle_tostring>}});
  define_handle<StreamHandle>(
      L, "stream", {{"wait", entry<stream_wait>}, {"take", entry<stream_take>}, {"result", entry<stream_result>}});
  lua_newtable(L);
  set_functions(L, "ft.plugin",
                {{"open", entry<plugin_open>},
                 {"list", entry<plugin_list>},
                 {"find", entry<plugin_find>},
                 {"check", entry<plugin_check>}});
  lua_setfield(L, -2, "plugin");
}

}  // namespace fthost::lua
