// Reading the proxy variables and the no_proxy list.
#include "io/http_proxy.hpp"

#include <arpa/inet.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace fthost::io {

namespace {

struct Address {
  std::array<unsigned char, 16> bytes{};
  int bits = 0;  // 32 or 128; 0: not an address
};

Address parse_address(std::string_view text) {
  const std::string zero_ended(text);
  Address address;
  if (inet_pton(AF_INET, zero_ended.c_str(), address.bytes.data()) == 1) {
    address.bits = 32;
  } else if (inet_pton(AF_INET6, zero_ended.c_str(), address.bytes.data()) == 1) {
    address.bits = 128;
  }
  return address;
}

bool same_prefix(const Address& a, const Address& b, int bits) {
  if (a.bits != b.bits || bits > a.bits) return false;
  const int whole = bits / 8;
  if (std::memcmp(a.bytes.data(), b.bytes.data(), static_cast<std::size_t>(whole)) != 0) return false;
  const int mask = 0xFF << (8 - bits % 8) & 0xFF;
  return bits % 8 == 0 || ((a.bytes[whole] ^ b.bytes[whole]) & mask) == 0;
}

bool is_loopback(const Url& url) {
  if (url.host == "localhost" || url.host.ends_with(".localhost")) return true;
  if (!url.is_address) return false;
  const Address address = parse_address(url.host);
  return address.bits == 32 ? address.bytes[0] == 127 : url.host == "::1";
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// One entry of no_proxy against the address.
bool matches(std::string entry, const Url& url) {
  if (entry == "*") return true;
  if (const std::size_t slash = entry.find('/'); slash != std::string::npos) {
    int bits = -1;
    const char* const end = entry.data() + entry.size();
    const auto parsed = std::from_chars(entry.data() + slash + 1, end, bits);
    const Address net = parse_address(std::string_view(entry).substr(0, slash));
    return url.is_address && net.bits > 0 && parsed.ptr == end && bits >= 0 &&
           same_prefix(net, parse_address(url.host), bits);
  }
  if (entry.starts_with('[')) {
    const std::size_t close = std::min(entry.find(']'), entry.size());
    const std::string port = close + 2 < entry.size() ? entry.substr(close + 2) : "";
    return (port.empty() || port == std::to_string(url.port)) && entry.substr(1, close - 1) == url.host;
  }
  if (const std::size_t colon = entry.find(':'); colon != std::string::npos && colon == entry.rfind(':')) {
    if (entry.substr(colon + 1) != std::to_string(url.port)) return false;
    entry.resize(colon);
  }
  if (entry.starts_with("*.")) entry.erase(0, 1);
  if (entry.starts_with('.')) return url.host.ends_with(entry) || url.host == entry.substr(1);
  return url.host == entry || (!url.is_address && !entry.empty() && url.host.ends_with("." + entry));
}

std::string variable(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

}  // namespace

HttpProxies HttpProxies::from_environment() {
  HttpProxies proxies;
  proxies.http = variable({"http_proxy", "all_proxy", "ALL_PROXY"});
  proxies.https = variable({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  proxies.no_proxy = variable({"no_proxy", "NO_PROXY"});
  return proxies;
}

Result<std::optional<Url>> HttpProxies::choose(const Url& url) const {
  const std::string& proxy = url.tls ? https : http;
  if (proxy.empty() || is_loopback(url)) return std::optional<Url>();
  const std::string list = lower(no_proxy);
  for (std::size_t start = 0; start < list.size();) {
    const std::size_t end = std::min(list.find_first_of(", \t", start), list.size());
    if (end > start && matches(list.substr(start, end - start), url)) return std::optional<Url>();
    start = end + 1;
  }

  const std::string name = url.tls ? "https_proxy" : "http_proxy";
  auto parsed = parse_url(proxy.find("://") == std::string::npos ? "http://" + proxy : proxy);
  if (!parsed || parsed->tls) {
    return make_error(Code::config, "the proxy address is not an http:// one", name,
                      "set " + name + " to http://host:port, or put " + url.host + " into no_proxy");
  }
  return std::optional<Url>(std::move(*parsed));
}

std::string proxy_authorization(const Url& proxy) {
  if (proxy.user.empty() && proxy.password.empty()) return {};
  const std::string plain = proxy.user + ":" + proxy.password;
  std::string coded((plain.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                      reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
  coded.resize(static_cast<std::size_t>(size));
  return "Basic " + coded;
}

}  // namespace fthost::io
