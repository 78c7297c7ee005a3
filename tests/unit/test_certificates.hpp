// A certificate authority made at test time, and servers' certificates signed by it: valid, expired, for another name.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace fthost::test {

template <auto Free>
struct OpensslDeleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, OpensslDeleter<X509_free>>;
using ServerTls = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>>;

class CertificateAuthority {
 public:
  CertificateAuthority() : key_(EVP_EC_gen("P-256")) {
    certificate_ = make("fthost test authority", "", key_.get(), key_.get(), -3600, 3600, true);
  }

  // PEM, as HttpOptions::ca_file wants it.
  void save(const std::filesystem::path& path) const {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    if (file == nullptr) throw std::runtime_error("cannot write the test CA");
    PEM_write_X509(file, certificate_.get());
    std::fclose(file);
  }

  // A server that shows a certificate for `names` ("DNS:localhost,IP:127.0.0.1"), valid between two seconds from now.
  ServerTls server(const std::string& names, long from = -3600, long to = 3600) const {
    const Key key(EVP_EC_gen("P-256"));
    const Certificate shown = make("fthost test server", names, key.get(), key_.get(), from, to, false);
    ServerTls context(SSL_CTX_new(TLS_server_method()));
    if (SSL_CTX_use_certificate(context.get(), shown.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
      throw std::runtime_error("the test server has no certificate");
    }
    return context;
  }

 private:
  static void extend(X509* certificate, X509V3_CTX* context, int id, const char* value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, context, id, value);
    if (extension == nullptr) throw std::runtime_error("bad certificate extension");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  Certificate make(const char* subject, const std::string& names, EVP_PKEY* key, EVP_PKEY* signer, long from, long to,
                   bool authority) const {
    Certificate made(X509_new());
    X509* const certificate = made.get();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(certificate), from);
    X509_gmtime_adj(X509_getm_notAfter(certificate), to);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(subject), -1, -1, 0);
    X509* const issuer = authority ? certificate : certificate_.get();
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    extend(certificate, &context, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
    extend(certificate, &context, NID_subject_key_identifier, "hash");
    if (authority) extend(certificate, &context, NID_key_usage, "critical,keyCertSign");
    if (!names.empty()) extend(certificate, &context, NID_subject_alt_name, names.c_str());
    if (X509_sign(certificate, signer, EVP_sha256()) == 0) throw std::runtime_error("cannot sign");
    return made;
  }

  Key key_;
  Certificate certificate_;
  mutable long serial_ = 0;
};

}  // namespace fthost::test
