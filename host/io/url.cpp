// Taking http and https addresses apart.
#include "io/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace fthost::io {

namespace {

constexpr std::size_t kShownLength = 200;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      plain.push_back(static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2])));
      i += 2;
    } else {
      plain.push_back(text[i]);
    }
  }
  return plain;
}

bool is_ipv4(const std::string& host) {
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.front() != '.' && host.find("..") == std::string_view::npos &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
         });
}

Error bad_url(std::string_view text, const char* problem, const char* hint) {
  return make_error(Code::input, std::string("this address cannot be used: ") + problem, shown_url(text), hint);
}

// Splits "host:port" or "[v6]:port"; false where it is neither.
bool split_authority(std::string_view text, std::string& host, std::string_view& port, bool& brackets) {
  brackets = text.starts_with('[');
  const std::size_t end = brackets ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return false;
  host = text.substr(brackets ? 1 : 0, end - (brackets ? 1 : 0));
  std::transform(host.begin(), host.end(), host.begin(), lower);
  text.remove_prefix(end + (brackets ? 1 : 0));
  if (text.empty()) return true;
  if (text.front() != ':') return false;
  port = text.substr(1);
  return true;
}

}  // namespace

std::string Url::host_port() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return name + ":" + std::to_string(port);
}

std::string Url::authority() const {
  std::string text = host_port();
  if (port == (tls ? 443 : 80)) text.resize(text.rfind(':'));
  return text;
}

std::string Url::origin() const { return (tls ? "https://" : "http://") + authority(); }

std::string shown_url(std::string_view text) {
  text = text.substr(0, text.find_first_of("?#"));
  const std::size_t scheme = text.find("://");
  const std::size_t start = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::string_view authority = text.substr(start, text.find('/', start) - start);
  const std::size_t at = authority.rfind('@');
  std::string shown(text.substr(0, start));
  shown += text.substr(at == std::string_view::npos ? start : start + at + 1);
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  if (shown.size() > kShownLength) {
    shown.resize(kShownLength);
    shown += "...";
  }
  return shown;
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  std::string scheme(text.substr(0, text.find(':')));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(), lower);
  if ((scheme != "http" && scheme != "https") || !text.substr(scheme.size()).starts_with("://")) {
    return bad_url(text, "it does not begin with http:// or https://", "write it out, as in https://host/path");
  }
  url.tls = scheme == "https";
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!clean) {
    return bad_url(text, "it has a space, a control character or a byte above 127 in it",
                   "percent-encode what is special");
  }

  std::string_view rest = text.substr(scheme.size() + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, path);
  url.target = rest.substr(path);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");

  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = authority.substr(0, at);
    const std::size_t colon = std::min(user.find(':'), user.size());
    url.user = percent_decoded(user.substr(0, colon));
    url.password = percent_decoded(user.substr(std::min(colon + 1, user.size())));
    authority.remove_prefix(at + 1);
  }

  std::string_view port;
  bool brackets = false;
  const char* const host_hint = "write it as https://host:port/path; an IPv6 address stands in brackets";
  if (!split_authority(authority, url.host, port, brackets)) return bad_url(text, "its host is not one", host_hint);
  url.is_address = brackets ? is_ipv6(url.host) : is_ipv4(url.host);
  if (brackets ? !url.is_address : !is_host_name(url.host)) {
    return bad_url(text, "its host is not one", host_hint);
  }
  url.port = url.tls ? 443 : 80;
  if (!port.empty()) {
    const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (problem != std::errc() || end != port.data() + port.size() || url.port == 0) {
      return bad_url(text, "its port is not a number from 1 to 65535", "correct the number behind the colon");
    }
  }
  return url;
}

}  // namespace fthost::io
