// Addresses, and which of them go through a proxy.
#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "io/http_proxy.hpp"
#include "io/url.hpp"

using namespace fthost;

BOOST_AUTO_TEST_CASE(url_is_taken_apart) {
  const auto url = io::parse_url("HTTPS://Api.Example.COM:8443/v1/a%20b?x=1&y=/#fragment");
  BOOST_REQUIRE(url.has_value());
  BOOST_TEST(url->tls);
  BOOST_TEST(url->host == "api.example.com");
  BOOST_TEST(url->port == 8443);
  BOOST_TEST(url->target == "/v1/a%20b?x=1&y=/");
  BOOST_TEST(url->origin() == "https://api.example.com:8443");
  BOOST_TEST(io::parse_url("http://h")->target == "/");
  BOOST_TEST(io::parse_url("http://h?q")->target == "/?q");
  BOOST_TEST(io::parse_url("http://h:80/")->authority() == "h");
  BOOST_TEST(io::parse_url("https://h:80/")->authority() == "h:80");
  BOOST_TEST(io::parse_url("https://h")->host_port() == "h:443");
}

BOOST_AUTO_TEST_CASE(url_may_name_an_address) {
  const auto six = io::parse_url("http://[2001:DB8::1]:8000/a");
  BOOST_REQUIRE(six.has_value());
  BOOST_TEST(six->is_address);
  BOOST_TEST(six->host == "2001:db8::1");
  BOOST_TEST(six->authority() == "[2001:db8::1]:8000");
  BOOST_TEST(io::parse_url("http://[::1]")->origin() == "http://[::1]");
  BOOST_TEST(io::parse_url("http://10.0.0.1/")->is_address);
  BOOST_TEST(!io::parse_url("http://10.0.0.example/")->is_address);
}

BOOST_AUTO_TEST_CASE(url_user_is_decoded_and_never_shown) {
  const auto url = io::parse_url("http://me%40home:p%3Aw@proxy:3128");
  BOOST_REQUIRE(url.has_value());
  BOOST_TEST(url->user == "me@home");
  BOOST_TEST(url->password == "p:w");
  BOOST_TEST(url->origin() == "http://proxy:3128");
  BOOST_TEST(io::shown_url("https://u:s3cret@h/p?key=s3cret#s3cret") == "https://h/p");
  BOOST_TEST(io::shown_url("u:s3cret@h") == "h");
  BOOST_TEST(io::shown_url("http://h/a@b") == "http://h/a@b");
  BOOST_TEST(io::shown_url(std::string(1000, 'x')).size() == 203u);
}

BOOST_AUTO_TEST_CASE(url_that_cannot_be_used_is_refused_with_a_reason) {
  const auto reason = [](const char* text) {
    const auto url = io::parse_url(text);
    return url ? std::string("accepted") : url.error().sentence();
  };
  for (const char* text : {"", "h/x", "ftp://h/", "http:/h", "http:h", "mailto:a@b"}) {
    BOOST_TEST(reason(text).find("does not begin with http:// or https://") != std::string::npos);
  }
  for (const char* text : {"http://", "http:///x", "http://a..b/", "http://.a/", "http://a_$/", "http://[::1/",
                           "http://[x]/", "http://a]b/", "http://[::1]x/"}) {
    BOOST_TEST(reason(text).find("its host is not one") != std::string::npos);
  }
  for (const char* text : {"http://h:0/", "http://h:65536/", "http://h:8o/", "http://h:-1/", "http://h:80:80/"}) {
    BOOST_TEST(reason(text).find("its port is not a number") != std::string::npos);
  }
  for (const char* text : {"http://h/a b", "http://h/\r\nX: y", "http://h/\xC3\xA9"}) {
    BOOST_TEST(reason(text).find("percent-encode") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(proxy_is_chosen_by_scheme_and_exceptions) {
  io::HttpProxies proxies;
  proxies.http = "http://plain:3128";
  proxies.https = "tunnel:8080";
  proxies.no_proxy =
      "direct.example, .Inner.example other:8443 10.0.0.0/8 192.168.1.5,[fd00::1] fd12::/16,*.star.example";
  const auto through = [&](const char* text) {
    const auto proxy = proxies.choose(*io::parse_url(text));
    BOOST_REQUIRE(proxy.has_value());
    return *proxy ? (*proxy)->host_port() : std::string("direct");
  };
  BOOST_TEST(through("http://a.example/") == "plain:3128");
  BOOST_TEST(through("https://a.example/") == "tunnel:8080");
  for (const char* text :
       {"https://direct.example/", "https://sub.direct.example/", "http://x.inner.example/", "http://inner.example/",
        "https://other:8443/", "http://10.200.3.4/", "http://192.168.1.5/", "http://[fd00::1]/", "http://[fd12:3::4]/",
        "https://a.star.example/", "http://localhost:8000/", "http://127.3.2.1/", "http://[::1]/"}) {
    BOOST_TEST(through(text) == "direct");
  }
  for (const char* text : {"https://indirect.example/", "https://other/", "https://11.0.0.1/", "https://192.168.1.50/",
                           "https://[fd13::1]/", "https://xinner.example/"}) {
    BOOST_TEST(through(text) == "tunnel:8080");
  }
  proxies.no_proxy = "*";
  BOOST_TEST(through("https://a.example/") == "direct");
}

BOOST_AUTO_TEST_CASE(proxy_of_another_kind_is_refused_without_its_password) {
  io::HttpProxies proxies;
  proxies.https = "socks5://user:s3cret@proxy:1080";
  const auto proxy = proxies.choose(*io::parse_url("https://a.example/"));
  BOOST_REQUIRE(!proxy.has_value());
  BOOST_TEST(proxy.error().sentence().find("https_proxy") == 0u);
  BOOST_TEST(proxy.error().sentence().find("s3cret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(proxy_user_becomes_basic_authorization) {
  BOOST_TEST(io::proxy_authorization(*io::parse_url("http://user:pass@p:1")) == "Basic dXNlcjpwYXNz");
  BOOST_TEST(io::proxy_authorization(*io::parse_url("http://p:1")) == "");
}

BOOST_AUTO_TEST_CASE(proxy_variables_are_read_from_the_environment) {
  const auto set = [](const char* name, const char* value) { value ? setenv(name, value, 1) : unsetenv(name); };
  for (const char* name :
       {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"}) {
    set(name, nullptr);
  }
  set("HTTP_PROXY", "http://from-a-request-header:1");
  set("HTTPS_PROXY", "http://upper:1");
  set("NO_PROXY", "x");
  io::HttpProxies proxies = io::HttpProxies::from_environment();
  BOOST_TEST(proxies.http == "");
  BOOST_TEST(proxies.https == "http://upper:1");
  BOOST_TEST(proxies.no_proxy == "x");
  set("https_proxy", "http://lower:1");
  set("all_proxy", "http://all:1");
  proxies = io::HttpProxies::from_environment();
  BOOST_TEST(proxies.http == "http://all:1");
  BOOST_TEST(proxies.https == "http://lower:1");
  for (const char* name : {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "https_proxy", "all_proxy"}) set(name, nullptr);
}
