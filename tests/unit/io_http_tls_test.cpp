// TLS with an authority of our own, and proxies. Every server is on 127.0.0.1; other names are reached through a proxy.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "http_fixture.hpp"
#include "test_certificates.hpp"

using namespace fthost;
using namespace fthost::test;

namespace {

struct Trust {
  CertificateAuthority authority;
  std::filesystem::path file;
  Trust() {
    std::string name = (std::filesystem::temp_directory_path() / "fthost-ca-XXXXXX").string();
    close(mkstemp(name.data()));
    file = name;
    authority.save(file);
  }
  ~Trust() { std::filesystem::remove(file); }
  io::HttpOptions options() const {
    io::HttpOptions options = direct_options();
    options.ca_file = file;
    return options;
  }
};

const Trust& trust() {
  static const Trust made;
  return made;
}

void hello(Peer& peer) {
  while (auto request = peer.request()) peer.answer("hello " + request->header("Host").value_or("?"));
}

std::string asked(const ServerTls& tls, const io::HttpOptions& options) {
  LoopbackServer server(hello, tls.get());
  Host host(options);
  return host.rest(host.get("https://" + server.address() + "/?key=s3cret"));
}

}  // namespace

BOOST_AUTO_TEST_CASE(tls_connection_to_a_trusted_server_works_and_is_kept) {
  const ServerTls tls = trust().authority.server("DNS:localhost,IP:127.0.0.1");
  LoopbackServer server(hello, tls.get());
  Host host(trust().options());
  const std::string by_address = server.address(), by_name = "localhost:" + std::to_string(server.port());
  for (int i = 0; i < 3; ++i) BOOST_TEST(host.rest(host.get("https://" + by_address)) == "hello " + by_address);
  BOOST_TEST(server.accepted() == 1);
  BOOST_TEST(host.rest(host.get("https://" + by_name)) == "hello " + by_name);
  BOOST_TEST(server.accepted() == 2);
}

BOOST_AUTO_TEST_CASE(tls_carries_large_bodies_both_ways) {
  const ServerTls tls = trust().authority.server("IP:127.0.0.1");
  LoopbackServer server(
      [](Peer& peer) {
        while (auto request = peer.request()) peer.answer(request->body);
      },
      tls.get());
  Host host(trust().options());
  std::string body(3'000'000, ' ');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 >> 3);
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST((host.rest(host.open(Host::post_request("https://" + server.address(), body))) == body));
  }
  BOOST_TEST(server.accepted() == 1);
}

BOOST_AUTO_TEST_CASE(tls_certificate_that_does_not_fit_is_refused_with_the_reason) {
  const CertificateAuthority& authority = trust().authority;
  const io::HttpOptions options = trust().options();
  BOOST_TEST(
      has(asked(authority.server("DNS:other.example,IP:10.0.0.1"), options), "certificate is not for 127.0.0.1"));
  BOOST_TEST(has(asked(authority.server("IP:127.0.0.1", -7200, -3600), options), "certificate has expired"));
  BOOST_TEST(has(asked(authority.server("IP:127.0.0.1", 3600, 7200), options), "not valid yet"));
  const std::string untrusted = asked(authority.server("IP:127.0.0.1"), direct_options());
  BOOST_TEST(has(untrusted, "not signed by an authority that this machine trusts"));
  BOOST_TEST(has(untrusted, "SSL_CERT_FILE"));
  BOOST_TEST(!has(untrusted, "s3cret"));
}

BOOST_AUTO_TEST_CASE(tls_names_are_checked_as_names) {
  const auto by_name = [](const ServerTls& tls) {
    LoopbackServer server(hello, tls.get());
    Host host(trust().options());
    return host.rest(host.get("https://localhost:" + std::to_string(server.port())));
  };
  BOOST_TEST(has(by_name(trust().authority.server("DNS:localhost")), "hello localhost"));
  BOOST_TEST(
      has(by_name(trust().authority.server("DNS:*.localhost,IP:127.0.0.1")), "certificate is not for localhost"));
}

BOOST_AUTO_TEST_CASE(tls_trusts_what_ssl_cert_file_names) {
  setenv("SSL_CERT_FILE", trust().file.c_str(), 1);
  BOOST_TEST(has(asked(trust().authority.server("IP:127.0.0.1"), direct_options()), "hello"));
  setenv("SSL_CERT_FILE", "/does/not/exist.pem", 1);
  BOOST_TEST(
      has(asked(trust().authority.server("IP:127.0.0.1"), direct_options()), "/does/not/exist.pem: SSL_CERT_FILE"));
  unsetenv("SSL_CERT_FILE");
  io::HttpOptions options = direct_options();
  options.ca_file = "/etc/hostname";
  BOOST_TEST(
      has(asked(trust().authority.server("IP:127.0.0.1"), options), "/etc/hostname: the CA file cannot be used"));
}

BOOST_AUTO_TEST_CASE(tls_to_a_server_without_it_is_explained) {
  LoopbackServer plain([](Peer& peer) {
    peer.bytes();
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  LoopbackServer cut([](Peer& peer) { peer.bytes(); });
  Host host;
  BOOST_TEST(has(host.rest(host.get("https://" + plain.address())), "does not speak TLS on this port"));
  BOOST_TEST(has(host.rest(host.get("https://" + cut.address())), "cut during the TLS handshake"));
}

BOOST_AUTO_TEST_CASE(tls_body_until_close_must_end_with_a_goodbye) {
  const ServerTls tls = trust().authority.server("IP:127.0.0.1");
  LoopbackServer server(
      [](Peer& peer) {
        const auto request = peer.request();
        peer.send("HTTP/1.1 200 OK\r\n\r\nall of it");
        if (request && request->line.starts_with("GET /proper")) peer.say_goodbye();
      },
      tls.get());
  Host host(trust().options());
  BOOST_TEST(host.rest(host.get("https://" + server.address() + "/proper")) == "all of it");
  BOOST_TEST(has(host.rest(host.get("https://" + server.address() + "/cut")), "in the middle of the answer"));
}

BOOST_AUTO_TEST_CASE(proxy_tunnels_tls_to_the_named_server) {
  const ServerTls tls = trust().authority.server("DNS:api.example.test");
  LoopbackServer server(hello, tls.get());
  Shared<SeenRequest> connected;
  LoopbackServer proxy([&](Peer& peer) {
    connected.set(peer.request().value_or(SeenRequest()));
    peer.send("HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n");
    peer.tunnel_to(server.port());
  });
  io::HttpOptions options = trust().options();
  options.proxies.https = "http://user:s3cret@" + proxy.address();
  Host host(options);
  for (int i = 0; i < 2; ++i) BOOST_TEST(host.rest(host.get("https://api.example.test/")) == "hello api.example.test");
  BOOST_TEST(proxy.accepted() == 1);
  const SeenRequest connect = connected.get();
  BOOST_TEST(connect.line == "CONNECT api.example.test:443 HTTP/1.1");
  BOOST_TEST(*connect.header("Host") == "api.example.test:443");
  BOOST_TEST(*connect.header("Proxy-Authorization") == "Basic dXNlcjpzM2NyZXQ=");
  // The certificate is the server's, not the proxy's.
  BOOST_TEST(has(host.rest(host.get("https://wrong.example.test/")), "certificate is not for wrong.example.test"));
}

BOOST_AUTO_TEST_CASE(proxy_refusals_are_explained) {
  Shared<std::string> answer;
  LoopbackServer proxy([&](Peer& peer) {
    peer.request();
    peer.send(answer.get());
  });
  io::HttpOptions options = trust().options();
  options.proxies.https = "http://user:s3cret@" + proxy.address();
  Host host(options);
  const auto told = [&](const char* bytes) {
    answer.set(bytes);
    const auto response = host.get("https://api.example.test/?key=s3cret");
    BOOST_REQUIRE(!response.has_value());
    BOOST_TEST(!has(response.error().sentence(), "s3cret"));
    BOOST_TEST(has(response.error().sentence(), "the proxy " + proxy.address()));
    return response.error();
  };
  BOOST_TEST((told("HTTP/1.1 407 Auth\r\n\r\n").code == Code::auth));
  BOOST_TEST(has(told("HTTP/1.1 403 Forbidden\r\n\r\n").message, "answered 403 to CONNECT"));
  BOOST_TEST((told("HTTP/1.1 502 Bad\r\n\r\n").code == Code::retry));
  BOOST_TEST(has(told("nonsense\r\n\r\n").message, "did not answer in HTTP"));
  BOOST_TEST(has(told("").message, "did not answer in HTTP"));
}

BOOST_AUTO_TEST_CASE(proxy_is_asked_for_plain_addresses_in_full) {
  Shared<SeenRequest> last;
  LoopbackServer proxy([&](Peer& peer) {
    while (auto request = peer.request()) {
      last.set(*request);
      peer.answer("through the proxy");
    }
  });
  io::HttpOptions options = direct_options();
  options.proxies.http = "http://user:s3cret@" + proxy.address();
  Host host(options);
  BOOST_TEST(host.rest(host.get("http://api.example.test:8080/v1?x=1")) == "through the proxy");
  const SeenRequest seen = last.get();
  BOOST_TEST(seen.line == "GET http://api.example.test:8080/v1?x=1 HTTP/1.1");
  BOOST_TEST(*seen.header("Host") == "api.example.test:8080");
  BOOST_TEST(*seen.header("Proxy-Authorization") == "Basic dXNlcjpzM2NyZXQ=");
  BOOST_TEST(host.rest(host.get("http://other.example.test/")) == "through the proxy");
  BOOST_TEST(proxy.accepted() == 1);
}

BOOST_AUTO_TEST_CASE(proxy_that_does_not_answer_ends_in_the_connect_timeout) {
  Event asked_for;
  LoopbackServer proxy([&](Peer& peer) {
    peer.request();
    asked_for.set();
    peer.wait_until_client_has_gone();
  });
  io::HttpOptions options = trust().options();
  options.proxies.https = "http://" + proxy.address();
  Host host(options);
  std::thread worker([&] {
    BOOST_TEST(has(host.rest(host.get("https://api.example.test/")), "the proxy did not open the way within 20 s"));
  });
  asked_for.wait();
  host.clock.advance(std::chrono::seconds(20));
  worker.join();
}
