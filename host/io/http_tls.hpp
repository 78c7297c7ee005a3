// TlsContext: what this process trusts, loaded once; and the checks that every TLS connection gets.
// Making one reads files: worker threads. Internal to io: it includes OpenSSL and Asio.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace fthost::io {

class TlsContext {
 public:
  // The system's store, or SSL_CERT_FILE and SSL_CERT_DIR in its place; `ca_file`, if not empty, besides.
  static Result<std::shared_ptr<TlsContext>> load(const std::string& ca_file);

  boost::asio::ssl::context& context() { return context_; }

 private:
  TlsContext() : context_(boost::asio::ssl::context::tls_client) {}
  boost::asio::ssl::context context_;
};

// Before the handshake: the certificate must be valid for `host`, which is a number if `is_address`, and the server is
// told the name. false: OpenSSL refused.
bool expect_server(SSL* ssl, const std::string& host, bool is_address);

}  // namespace fthost::io
