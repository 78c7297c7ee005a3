// Trust: the CA store, and the name that a certificate must carry.
#include "io/http_tls.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace fthost::io {

Result<std::shared_ptr<TlsContext>> TlsContext::load(const std::string& ca_file) {
  if (const char* named = std::getenv("SSL_CERT_FILE"); named != nullptr && access(named, R_OK) != 0) {
    return make_error(Code::config, "SSL_CERT_FILE names a file that cannot be read", named,
                      "correct the variable, or unset it to trust the system's authorities");
  }
  std::shared_ptr<TlsContext> made(new TlsContext);
  SSL_CTX* const context = made->context_.native_handle();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context, kHttp11, sizeof kHttp11);
  SSL_CTX_set_default_verify_paths(context);
  if (!ca_file.empty() && SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1) {
    return make_error(Code::config, "the CA file cannot be used", ca_file,
                      "it must hold certificates in PEM (-----BEGIN CERTIFICATE-----)");
  }
  return made;
}

bool expect_server(SSL* ssl, const std::string& host, bool is_address) {
  if (is_address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace fthost::io
