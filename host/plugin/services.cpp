#include "plugin/services.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "base/status.hpp"
#include "plugin/services_tables.hpp"
#include "text/unicode.hpp"

namespace fthost::plugin {
namespace {

using Tables = Services::Tables;
using Json = nlohmann::ordered_json;

void host_log(void* ctx, int32_t level, ft_str text) {
  const Services& services = Tables::of(ctx);
  if (level >= services.options().log_level) log_line(static_cast<LogLevel>(level), std::string(view(text)));
}

// Gives `sink` the output of a call that is neither over nor cancelled, also after waiting for another's output.
template <class Sink>
ft_status hand_over(void* ctx, ft_call call, Sink&& sink) {
  const auto context = Tables::of(ctx).calls().find(call);
  if (!context || context->cancel.cancelled()) return FT_E_CANCELLED;
  ft_status status = FT_E_CANCELLED;
  context->while_open(call, [&] {
    if (!context->cancel.cancelled()) status = sink(*context);
  });
  return status;
}

ft_status host_emit(void* ctx, ft_call call, uint32_t channel, uint64_t row, ft_str bytes) {
  return hand_over(
      ctx, call, [&](CallContext& context) { return context.emit ? context.emit(channel, row, view(bytes)) : FT_OK; });
}

ft_status host_emit_file(void* ctx, ft_call call, ft_str name, ft_str bytes) {
  return hand_over(ctx, call, [&](CallContext& context) {
    if (!context.emit_file) return FT_E_UNSUPPORTED;
    const std::filesystem::path path(view(name));
    if (path.empty() || path.is_absolute() || path.lexically_normal().string().starts_with("..")) {
      return refuse(&context, make_error(Code::input, "a side file must lie inside the export's folder",
                                         text::repair_utf8(view(name))));
    }
    return context.emit_file(view(name), view(bytes));
  });
}

// Takes what is text; anything else is kept as a detail. What is no such object is the message itself.
void host_fail(void* ctx, ft_call call, ft_status status, ft_str error_json) {
  const auto context = Tables::of(ctx).calls().find(call);
  if (!context) return;
  const std::string given = text::repair_utf8(view(error_json));
  Json json = Json::parse(given, nullptr, false);
  Error error;
  error.code = code_of(status);
  if (json.is_object()) {
    const auto take = [&](const char* key, std::string& text) {
      if (const auto found = json.find(key); found != json.end() && found->is_string()) {
        text = found->get<std::string>();
        json.erase(key);
      }
    };
    take("message", error.message);
    take("where", error.where);
    take("hint", error.hint);
    if (!json.empty()) error.details = json.dump();
  }
  if (error.message.empty()) error.message = given;
  context->set_error(call, std::move(error));
}

void host_progress(void* ctx, ft_call call, uint64_t done, uint64_t total) {
  const auto context = Tables::of(ctx).calls().find(call);
  if (!context) return;
  context->while_open(call, [&] {
    if (context->progress) context->progress(done, total);
  });
}

int32_t host_cancelled(void* ctx, ft_call call) {
  const auto context = Tables::of(ctx).calls().find(call);
  return !context || context->cancel.cancelled() ? 1 : 0;
}

const void* host_service(void* ctx, const char* id) {
  if (!id) return nullptr;
  Tables& tables = Tables::tables(Tables::of(ctx));
  if (std::strcmp(id, "ft.http/1") == 0) return &tables.http;
  if (std::strcmp(id, "ft.secret/1") == 0) return &tables.secret;
  if (std::strcmp(id, "ft.process/1") == 0) return &tables.process;
  if (std::strcmp(id, "ft.path/1") == 0) return &tables.path;
  return nullptr;
}

ft_status secret_require(void* ctx, ft_call call, ft_str name) {
  Services& services = Tables::of(ctx);
  const auto context = services.calls().find(call);
  auto value = services.secret(std::string(view(name)));
  return value ? FT_OK : refuse(context.get(), value.error());
}

// For writing: storages and providers create files there. The absolute path lives until the same thread resolves
// another.
ft_status path_resolve(void* ctx, ft_call call, ft_str path, ft_str* absolute) {
  thread_local std::string resolved;
  Services& services = Tables::of(ctx);
  const auto context = services.calls().find(call);
  auto allowed = services.options().gate.path(view(path), Access::write);
  if (!allowed) return refuse(context.get(), allowed.error());
  resolved = allowed->string();
  *absolute = str(resolved);
  return FT_OK;
}

}  // namespace

ft_status refuse(CallContext* context, Error error) {
  const ft_status status = status_of(error.code);
  if (context && error.code != Code::cancelled) context->set_error(std::move(error));
  return status;
}

ft_status break_off(void* ctx, ft_call call) noexcept {
  try {
    Error error = caught_error();
    const ft_status status = status_of(error.code);
    if (const auto context = Tables::of(ctx).calls().find(call)) context->break_off(std::move(error));
    return status;
  } catch (...) {  // no memory even for the sentence
    return FT_E_INTERNAL;
  }
}

Services::Tables::Tables(Services& services) {
  host = {sizeof(ft_host),
          FT_ABI_MINOR,
          &services,
          guarded<&host_log>,
          guarded<&host_emit>,
          guarded<&host_emit_file>,
          guarded<&host_fail>,
          guarded<&host_progress>,
          guarded<&host_cancelled>,
          guarded<&host_service>};
  secret = {sizeof(ft_secret), &services, guarded<&secret_require>};
  const Paths& paths = services.options_.paths;
  path = {sizeof(ft_path),    &services,       str(paths.project),    str(paths.state),
          str(paths.helpers), str(paths.data), guarded<&path_resolve>};
  make_http(services);
  make_process(services);
}

Services::Services(io::HttpClient& http, Options options) : http_(http), options_(std::move(options)) {
  tables_ = std::make_unique<Tables>(*this);
}

Services::~Services() = default;

const ft_host* Services::host() const { return &tables_->host; }

Result<std::string> Services::secret(const std::string& name) const {
  if (const char* value = std::getenv(name.c_str()); value && *value) return std::string(value);
  if (const auto found = options_.secrets.find(name); found != options_.secrets.end()) return found->second;
  return make_error(Code::auth, "the key " + name + " is not set", {},
                    "export " + name + "=… in the shell that starts fthost, or add the line " + name +
                        "=… to keys.env in the folder of your own configuration (~/.config/fthost)");
}

}  // namespace fthost::plugin
