// HttpProxies: which proxy, if any, a request goes through. Values of the usual environment variables; any thread.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "io/url.hpp"

namespace fthost::io {

struct HttpProxies {
  std::string http;      // proxy for http addresses; empty: none
  std::string https;     // proxy for https addresses, asked for a tunnel (CONNECT)
  std::string no_proxy;  // list of what goes direct: host, .domain, host:port, address, 10.0.0.0/8, or * for everything

  // http_proxy, https_proxy, all_proxy and no_proxy; their upper-case spellings too, except HTTP_PROXY, which a
  // web server may have set from a request header.
  static HttpProxies from_environment();

  // The proxy for `url`, or nothing. "localhost" and loopback addresses always go direct.
  // An error where the variable holds what is not an http:// proxy.
  Result<std::optional<Url>> choose(const Url& url) const;
};

// "Basic dXNlcjpwYXNz": the value of Proxy-Authorization; empty where the proxy's address names no user.
std::string proxy_authorization(const Url& proxy);

}  // namespace fthost::io
