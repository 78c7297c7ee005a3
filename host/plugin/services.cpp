#include "plugin/services.hpp"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "plugin/services_tables.hpp"

namespace fthost::plugin {
namespace {

using Tables = Services::Tables;
using Json = nlohmann::ordered_json;

void host_log(void* ctx, int32_t level, ft_str text) {
  const Services& services = Tables::of(ctx);
  if (level >= services.options().log_level) log_line(static_cast<LogLevel>(level), std::string(view(text)));
}

// What a receiver throws stops here: it must not pass through the plugin's frames.
template <class Receive>
ft_status received(CallContext& context, Receive&& receive) {
  try {
    return receive();
  } catch (const std::exception& error) {
    return refuse(&context, make_error(Code::internal, error.what(), {}, "this is a defect of fthost"));
  }
}

ft_status host_emit(void* ctx, ft_call call, uint32_t channel, uint64_t row, ft_str bytes) {
  const auto context = Tables::of(ctx).calls().find(call);
  if (!context || context->cancel.cancelled()) return FT_E_CANCELLED;
  if (!context->emit) return FT_OK;
  return received(*context, [&] { return context->emit(channel, row, view(bytes)); });
}

ft_status host_emit_file(void* ctx, ft_call call, ft_str name, ft_str bytes) {
  const auto context = Tables::of(ctx).calls().find(call);
  if (!context || context->cancel.cancelled()) return FT_E_CANCELLED;
  if (!context->emit_file) return FT_E_UNSUPPORTED;
  const std::filesystem::path path(view(name));
  if (path.empty() || path.is_absolute() || path.lexically_normal().string().starts_with("..")) {
    return refuse(context.get(),
                  make_error(Code::input, "a side file must lie inside the export's folder", std::string(view(name))));
  }
  return received(*context, [&] { return context->emit_file(view(name), view(bytes)); });
}

void host_fail(void* ctx, ft_call call, ft_status status, ft_str error_json) {
  const auto context = Tables::of(ctx).calls().find(call);
  if (!context) return;
  const Json json = Json::parse(view(error_json), nullptr, false);
  Error error;
  if (json.is_object()) {
    error.message = json.value("message", "");
    error.where = json.value("where", "");
    error.hint = json.value("hint", "");
    Json details = json;
    for (const char* key : {"message", "where", "hint"}) details.erase(key);
    if (!details.empty()) error.details = details.dump();
  } else {
    error.message = std::string(view(error_json));
  }
  (void)status;  // the status that the function returns counts
  context->set_error(std::move(error));
}

void host_progress(void* ctx, ft_call call, uint64_t done, uint64_t total) {
  const auto context = Tables::of(ctx).calls().find(call);
  if (context && context->progress) context->progress(done, total);
}

int32_t host_cancelled(void* ctx, ft_call call) {
  const auto context = Tables::of(ctx).calls().find(call);
  return !context || context->cancel.cancelled() ? 1 : 0;
}

const void* host_service(void* ctx, const char* id) {
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

// The absolute path lives until the same thread resolves another.
ft_status path_resolve(void* ctx, ft_call call, ft_str path, ft_str* absolute) {
  thread_local std::string resolved;
  Services& services = Tables::of(ctx);
  const auto context = services.calls().find(call);
  auto allowed = services.options().gate.path(view(path), Access::read);
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

Services::Tables::Tables(Services& services) {
  host = {sizeof(ft_host), FT_ABI_MINOR, &services,      &host_log,       &host_emit,
          &host_emit_file, &host_fail,   &host_progress, &host_cancelled, &host_service};
  secret = {sizeof(ft_secret), &services, &secret_require};
  const Paths& paths = services.options_.paths;
  path = {sizeof(ft_path),    &services,       str(paths.project), str(paths.state),
          str(paths.helpers), str(paths.data), &path_resolve};
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
                    "export " + name + "=… in the shell that starts fthost");
}

}  // namespace fthost::plugin
