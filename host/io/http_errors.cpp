// The sentences of the HTTP client, all in one place.
#include "io/http_errors.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>
#include <cerrno>
#include <cstdio>

namespace fthost::io {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

std::string seconds(Duration limit) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g s", std::chrono::duration<double>(limit).count());
  return text;
}

bool is(const error_code& ec, int number) {
  return ec.category() == boost::system::system_category() && ec.value() == number;
}

bool is_cut(const error_code& ec) {
  return ec == asio::error::eof || ec == asio::ssl::error::stream_truncated || is(ec, ECONNRESET) || is(ec, EPIPE);
}

const char* const kTooManyFiles = "ask for less at a time, or raise the limit (ulimit -n)";

}  // namespace

Error http_error(Code code, const std::string& label, std::string message, std::string hint, bool sent) {
  Error error = make_error(code, std::move(message), label, std::move(hint));
  error.details = sent ? "{\"sent\":true}" : "{\"sent\":false}";
  return error;
}

Error lookup_error(const std::string& label, const std::string& host, const error_code& ec) {
  if (ec == asio::error::host_not_found_try_again) {
    return http_error(Code::retry, label, "the name server did not answer for " + host,
                      "check the network connection and try again", false);
  }
  if (is(ec, EMFILE) || is(ec, ENFILE)) {
    return http_error(Code::retry, label, "cannot look up " + host + ": too many files are open", kTooManyFiles, false);
  }
  return http_error(Code::io, label, "there is no address for the name " + host,
                    "check the spelling of the address and the network connection", false);
}

Error connect_error(const std::string& label, const std::string& host_port, const error_code& ec) {
  if (is(ec, ECONNREFUSED)) {
    return http_error(Code::io, label, "nothing accepts connections at " + host_port,
                      "start the server, or correct host and port", false);
  }
  if (is(ec, EMFILE) || is(ec, ENFILE)) {
    return http_error(Code::retry, label, "cannot connect: too many files are open", kTooManyFiles, false);
  }
  if (is(ec, EHOSTUNREACH) || is(ec, ENETUNREACH) || is(ec, EADDRNOTAVAIL)) {
    return http_error(Code::io, label, "there is no way to " + host_port + ": " + ec.message(),
                      "check the network connection, and whether a proxy is needed (https_proxy)", false);
  }
  return http_error(Code::retry, label, "cannot connect to " + host_port + ": " + ec.message(),
                    "check the network connection and try again", false);
}

Error proxy_error(const std::string& label, const std::string& proxy, int status) {
  const std::string name = "the proxy " + proxy;
  if (status == 0) {
    return http_error(Code::io, label, name + " did not answer in HTTP", "check the address in https_proxy", false);
  }
  const std::string message = name + " answered " + std::to_string(status) + " to CONNECT";
  if (status == 407) {
    return http_error(Code::auth, label, message + ": it wants a user and a password",
                      "set https_proxy to http://user:password@host:port", false);
  }
  return http_error(status >= 500 ? Code::retry : Code::io, label, message,
                    "ask whoever runs the proxy, or put the host into no_proxy", false);
}

Error tls_error(const std::string& label, const std::string& host, long verify_result, const error_code& ec) {
  const auto refused = [&](const std::string& message, const std::string& hint) {
    return http_error(Code::io, label, message, hint, false);
  };
  switch (verify_result) {
    case X509_V_OK:
      break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return refused("the server's certificate is not for " + host,
                     "correct the address; if it is right, somebody else answers for it");
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return refused("the server's certificate has expired",
                     "whoever runs the server must renew it; check this machine's date too");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return refused("the server's certificate is not valid yet", "check this machine's date");
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return refused("the server's certificate is not signed by an authority that this machine trusts",
                     "if it is your own, name its CA file in SSL_CERT_FILE; else install ca-certificates");
    default:
      return refused(
          std::string("the server's certificate was refused: ") + X509_verify_cert_error_string(verify_result),
          "whoever runs the server must mend it");
  }
  if (ec.category() == asio::error::get_ssl_category()) {
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(ec.value()));
    if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
        reason == SSL_R_PACKET_LENGTH_TOO_LONG) {
      return refused("the server does not speak TLS on this port", "check the port, or whether it should be http://");
    }
    return refused("no secure connection: " + ec.message(), "the server must offer TLS 1.2 or 1.3");
  }
  return http_error(Code::retry, label, "the connection was cut during the TLS handshake",
                    "try again; if it stays so, check the port and any proxy or firewall in between", false);
}

Error cut_error(const std::string& label, HttpPart part, const error_code& ec) {
  const std::string how =
      is_cut(ec) ? "the server closed the connection" : "the connection broke (" + ec.message() + ")";
  switch (part) {
    case HttpPart::request:
      return http_error(Code::retry, label, how + " before the request was sent completely",
                        "it may have refused it or be overloaded: check its size, or try again", true);
    case HttpPart::head:
      return http_error(Code::retry, label, how + " without answering",
                        "whether it did what was asked is not known: look before asking again", true);
    case HttpPart::body:
      break;
  }
  return http_error(Code::retry, label, how + " in the middle of the answer", "try again", true);
}

Error answer_error(const std::string& label, const error_code& ec, std::size_t max_header) {
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    return http_error(Code::io, label,
                      "the headers of the answer are longer than " + std::to_string(max_header) + " bytes",
                      "check that the address is the right one", true);
  }
  if (ec == http::error::bad_version || ec == http::error::bad_line_ending) {
    return http_error(Code::io, label, "what came back is not HTTP/1.1",
                      "check the port, and whether the address should begin with https://", true);
  }
  return http_error(Code::io, label, "the answer breaks the rules of HTTP: " + ec.message(),
                    "check the address and any proxy in between", true);
}

Error timeout_error(const std::string& label, HttpTimeout which, Duration limit, bool sent) {
  std::string message;
  std::string hint = "check the address and the network, or raise the connect timeout";
  switch (which) {
    case HttpTimeout::lookup:
      message = "connect timeout: looking up the name was not done";
      break;
    case HttpTimeout::connect:
      message = "connect timeout: the server did not accept a connection";
      break;
    case HttpTimeout::proxy:
      message = "connect timeout: the proxy did not open the way";
      break;
    case HttpTimeout::tls:
      message = "connect timeout: the TLS handshake was not done";
      break;
    case HttpTimeout::idle:
      message = "idle timeout: nothing came or went";
      hint = "the server may be overloaded: try again, or raise the idle timeout";
      break;
    case HttpTimeout::total:
      message = "total timeout: the request was not done";
      hint = "try again, or raise the total timeout";
      break;
  }
  return http_error(Code::timeout, label, message + " within " + seconds(limit), hint, sent);
}

}  // namespace fthost::io
