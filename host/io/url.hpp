// Url: an absolute http or https address, taken apart and checked once. A value; any thread.
// Text that comes out of here for errors and logs never has the user, the password or the query in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace fthost::io {

struct Url {
  bool tls = false;         // https
  bool is_address = false;  // the host is a number, not a name
  std::string host;         // lower case; an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string target;  // path and query as they go into the request line; "/" at least, never a fragment
  std::string user;    // percent-decoded, like the password; for proxies only
  std::string password;

  std::string authority() const;  // "host", "host:8080", "[::1]:8080": the port where it is not the scheme's own
  std::string host_port() const;  // the same with the port always there
  std::string origin() const;     // "https://host:8443": what errors name
};

// Spaces, control characters and bytes above 127 are refused: whoever makes the address percent-encodes them.
Result<Url> parse_url(std::string_view text);

// `text` as an error may show it: without user, password, query and fragment, and not too long.
std::string shown_url(std::string_view text);

}  // namespace fthost::io
