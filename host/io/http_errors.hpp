// What a failed request says: one sentence that names the server, what happened and what to do, never a secret.
// Pure functions; any thread.
#pragma once

#include <boost/system/error_code.hpp>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace fthost::io {

// `sent`: whether the request may have reached the server; goes into details.
Error http_error(Code code, const std::string& label, std::string message, std::string hint, bool sent);

// The name `host` (of the server or of its proxy) could not be turned into an address.
Error lookup_error(const std::string& label, const std::string& host, const boost::system::error_code& ec);

// No connection to `host_port`. `timed_out`: the attempt was given up because another address waited for its turn.
Error connect_error(const std::string& label, const std::string& host_port, const boost::system::error_code& ec);

// The proxy's answer to CONNECT; 0: it was not HTTP.
Error proxy_error(const std::string& label, const std::string& proxy, int status);

// The TLS handshake failed. `verify_result` is OpenSSL's X509_V_ code, 0 where the certificate was not the cause.
Error tls_error(const std::string& label, const std::string& host, long verify_result,
                const boost::system::error_code& ec);

enum class HttpPart { request, head, body };
// The connection ended or broke while `part` was under way.
Error cut_error(const std::string& label, HttpPart part, const boost::system::error_code& ec);

// The answer breaks the rules of HTTP, or the limits of the client.
Error answer_error(const std::string& label, const boost::system::error_code& ec, std::size_t max_header);

enum class HttpTimeout { lookup, connect, proxy, tls, idle, total };
Error timeout_error(const std::string& label, HttpTimeout which, Duration limit, bool sent);

}  // namespace fthost::io
