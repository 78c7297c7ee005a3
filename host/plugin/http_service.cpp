// ft.http/1 over io::HttpClient. A key goes into a request here, after its host has been checked; the plugin never
// sees it.
#include <algorithm>
#include <cstddef>
#include <map>
#include <mutex>
#include <sstream>

#include "io/url.hpp"
#include "plugin/services_tables.hpp"

namespace fthost::plugin {

// What a handle lends out: strings that live until its next function.
struct Services::Tables::HttpState {
  struct Open {
    io::HttpResponse response;
    std::vector<ft_header> headers;
    std::string bytes;
    io::SseEvent event;
  };
  std::mutex mutex;
  std::map<std::uint64_t, std::shared_ptr<Open>> open;

  // Shared: another thread may close the handle while this one reads.
  std::shared_ptr<Open> find(std::uint64_t handle) {
    const std::lock_guard lock(mutex);
    const auto found = open.find(handle);
    return found == open.end() ? nullptr : found->second;
  }
};

namespace {

using Tables = Services::Tables;

bool key_may_go_to(const Services& services, const ft_desc* desc, const std::string& host) {
  const auto& allowed = services.options().allowed_hosts;
  if (std::find(allowed.begin(), allowed.end(), host) != allowed.end()) return true;
  if (!desc || desc->struct_size <= offsetof(ft_desc, hosts) || !desc->hosts) return false;
  std::istringstream words(desc->hosts);
  for (std::string word; words >> word;) {
    if (word == host) return true;
  }
  return false;
}

bool is_this_machine(const io::Url& url) {
  return url.host == "localhost" || url.host == "::1" || (url.is_address && url.host.starts_with("127."));
}

Result<void> add_key(const Services& services, const CallContext& context, const ft_http_request& raw,
                     const io::Url& url, io::HttpRequest& request) {
  const std::string name(view(raw.secret)), owner = context.desc ? context.desc->name : "";
  if (!key_may_go_to(services, context.desc, url.host)) {
    return make_error(Code::auth, "the key " + name + " may not be sent to " + url.host, owner,
                      "if you trust that host, add it to \"allowed_hosts\" in your own configuration");
  }
  if (!url.tls && !is_this_machine(url)) {
    return make_error(Code::auth, "the key " + name + " may not be sent to " + url.origin() + " in clear", owner,
                      "use an address that begins with https");
  }
  auto value = services.secret(name);
  if (!value) return value.error();
  const std::string header(view(raw.secret_header));
  request.headers.push_back(header.empty() ? io::HttpHeader{"Authorization", "Bearer " + *value}
                                           : io::HttpHeader{header, *value});
  return {};
}

ft_status http_open(void* ctx, ft_call call, const ft_http_request* raw, ft_http_response* out) {
  Services& services = Tables::of(ctx);
  const auto context = services.calls().find(call);
  if (!context) return FT_E_CANCELLED;
  auto url = io::parse_url(view(raw->url));
  if (!url) return refuse(context.get(), url.error());
  if (auto allowed = services.options().gate.network(url->host); !allowed)
    return refuse(context.get(), allowed.error());
  io::HttpRequest request;
  request.method = std::string(view(raw->method));
  request.url = std::string(view(raw->url));
  for (std::size_t i = 0; i < raw->header_count; ++i) {
    request.headers.push_back({std::string(view(raw->headers[i].name)), std::string(view(raw->headers[i].value))});
  }
  request.body = std::string(view(raw->body));
  if (raw->body_file.data) {
    auto file = services.options().gate.path(view(raw->body_file), Access::read);
    if (!file) return refuse(context.get(), file.error());
    request.body_file = file->string();
  }
  request.repeatable = raw->repeatable != 0;
  request.connect_timeout = io::milliseconds(raw->connect_timeout_ms);
  request.idle_timeout = io::milliseconds(raw->idle_timeout_ms);
  request.total_timeout = io::milliseconds(raw->total_timeout_ms);
  if (raw->secret.data) {
    if (auto added = add_key(services, *context, *raw, *url, request); !added)
      return refuse(context.get(), added.error());
  }
  auto response = Tables::client(services).open(std::move(request), context->cancel);
  if (!response) return refuse(context.get(), response.error());

  auto open = std::make_shared<Tables::HttpState::Open>();
  open->response = std::move(*response);
  for (const auto& header : open->response.headers) open->headers.push_back({str(header.name), str(header.value)});
  out->status = open->response.status;
  out->headers = open->headers.data();
  out->header_count = open->headers.size();
  out->handle = open->response.handle;
  auto& state = *Tables::tables(services).http_state;
  const std::lock_guard lock(state.mutex);
  state.open[out->handle] = std::move(open);
  return FT_OK;
}

// Runs `next` on an open handle: true is FT_OK, false the end.
template <class Next>
ft_status with_handle(void* ctx, ft_call call, std::uint64_t handle, Next&& next) {
  Services& services = Tables::of(ctx);
  const auto context = services.calls().find(call);
  if (!context) return FT_E_CANCELLED;
  const auto open = Tables::tables(services).http_state->find(handle);
  if (!open) return refuse(context.get(), make_error(Code::internal, "the response is closed already"));
  const Result<bool> more = next(Tables::client(services), *open, context->cancel);
  if (!more) return refuse(context.get(), more.error());
  return *more ? FT_OK : FT_END;
}

ft_status http_read(void* ctx, ft_call call, uint64_t handle, ft_str* bytes) {
  return with_handle(ctx, call, handle, [&](io::HttpClient& client, auto& open, const io::CancelToken& cancel) {
    auto more = client.read(handle, open.bytes, cancel);
    if (more) *bytes = str(open.bytes);
    return more;
  });
}

ft_status http_read_event(void* ctx, ft_call call, uint64_t handle, ft_str* name, ft_str* data) {
  return with_handle(ctx, call, handle, [&](io::HttpClient& client, auto& open, const io::CancelToken& cancel) {
    auto more = client.read_event(handle, open.event, cancel);
    if (more) {
      *name = str(open.event.name);
      *data = str(open.event.data);
    }
    return more;
  });
}

void http_close(void* ctx, uint64_t handle) {
  Services& services = Tables::of(ctx);
  Tables::client(services).close(handle);
  auto& state = *Tables::tables(services).http_state;
  const std::lock_guard lock(state.mutex);
  state.open.erase(handle);
}

}  // namespace

void Services::Tables::make_http(Services& services) {
  http_state = std::make_shared<HttpState>();
  http = {sizeof(ft_http),           &services,           guarded<&http_open>, guarded<&http_read>,
          guarded<&http_read_event>, guarded<&http_close>};
}

}  // namespace fthost::plugin
