// ft::Http: the host's HTTP client for straight-line plugin code. Every method blocks; a cancelled call throws.
#pragma once

#include <ft_services.h>

#include <ft/plugin.hpp>
#include <string>
#include <utility>
#include <vector>

namespace ft {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::string body_file = {};      // if set: streamed from this path
  bool repeatable = false;         // doing it twice does no harm
  std::string secret = {};         // name of the key to send; its value never reaches the plugin
  std::string secret_header = {};  // empty: Authorization: Bearer
  std::uint32_t connect_timeout_ms = 0, idle_timeout_ms = 0, total_timeout_ms = 0;
};

// An open response; closes itself.
class HttpResponse {
 public:
  HttpResponse(const Call& call, const ft_http& service, const ft_http_response& raw)
      : call_(call), service_(service), status_(raw.status), handle_(raw.handle) {
    for (std::size_t i = 0; i < raw.header_count; ++i) {
      headers_.emplace_back(view(raw.headers[i].name), view(raw.headers[i].value));
    }
  }
  HttpResponse(const HttpResponse&) = delete;
  HttpResponse& operator=(const HttpResponse&) = delete;
  ~HttpResponse() { service_.close(service_.ctx, handle_); }

  int status() const { return status_; }
  const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }

  // The next bytes, until the next method of this response; false at the end.
  bool read(std::string_view& bytes) {
    ft_str got{};
    const ft_status status = service_.read(service_.ctx, call_.id(), handle_, &got);
    call_.checked(status);
    bytes = view(got);
    return status == FT_OK;
  }
  std::string read_all(std::size_t limit = 64u << 20) {
    std::string all;
    std::string_view bytes;
    while (read(bytes)) {
      all.append(bytes);
      if (all.size() > limit) throw Error(FT_E_IO, "the answer is larger than " + std::to_string(limit) + " bytes");
    }
    return all;
  }
  bool next_event(std::string_view& name, std::string_view& data) {
    ft_str got_name{}, got_data{};
    const ft_status status = service_.read_event(service_.ctx, call_.id(), handle_, &got_name, &got_data);
    call_.checked(status);
    name = view(got_name);
    data = view(got_data);
    return status == FT_OK;
  }

 private:
  const Call& call_;
  const ft_http& service_;
  int status_;
  std::uint64_t handle_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

inline HttpResponse http_open(const Call& call, const HttpRequest& request) {
  const auto& service = call.service<ft_http>("ft.http/1");
  std::vector<ft_header> headers;
  headers.reserve(request.headers.size());
  for (const auto& [name, value] : request.headers) headers.push_back({str(name), str(value)});
  const auto optional = [](const std::string& text) { return text.empty() ? ft_str{nullptr, 0} : str(text); };
  ft_http_request raw{};
  raw.struct_size = sizeof raw;
  raw.repeatable = request.repeatable;
  raw.method = str(request.method);
  raw.url = str(request.url);
  raw.headers = headers.data();
  raw.header_count = headers.size();
  raw.body = str(request.body);
  raw.body_file = optional(request.body_file);
  raw.connect_timeout_ms = request.connect_timeout_ms;
  raw.idle_timeout_ms = request.idle_timeout_ms;
  raw.total_timeout_ms = request.total_timeout_ms;
  raw.secret = optional(request.secret);
  raw.secret_header = optional(request.secret_header);
  ft_http_response response{};
  response.struct_size = sizeof response;
  call.checked(service.open(service.ctx, call.id(), &raw, &response));
  return HttpResponse(call, service, response);
}

}  // namespace ft
