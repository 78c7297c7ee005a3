// The ordinary ways of a request: framing, keep-alive, what is sent, what is refused before anything is sent.
#include <algorithm>
#include <atomic>
#include <memory>

#include "http_fixture.hpp"

using namespace fthost;
using namespace fthost::test;

namespace {

// Answers every request of a connection with its path.
void echo_path(Peer& peer) {
  while (auto request = peer.request()) peer.answer(request->line.substr(4, request->line.rfind(' ') - 4));
}

}  // namespace

BOOST_AUTO_TEST_CASE(http_connection_is_reused_after_a_complete_read) {
  LoopbackServer server(echo_path);
  Host host;
  for (const char* path : {"/a", "/b", "/c"}) BOOST_TEST(host.rest(host.get(server.url(path))) == path);
  BOOST_TEST(server.accepted() == 1);
  const io::HttpStats stats = host.client->stats();
  BOOST_TEST(stats.connections == 1);
  BOOST_TEST(stats.reused == 2);
  BOOST_TEST(stats.idle == 1);
  BOOST_TEST(stats.open == 0);
}

BOOST_AUTO_TEST_CASE(http_connection_with_an_unread_rest_is_dropped) {
  Event gone;
  LoopbackServer server([&](Peer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin");
    if (peer.number == 1) {
      peer.wait_until_client_has_gone();
      gone.set();
    }
  });
  Host host;
  const auto response = host.get(server.url());
  BOOST_REQUIRE(response.has_value());
  host.client->close(response->handle);
  gone.wait();
  BOOST_TEST(host.client->stats().idle == 0);
}

BOOST_AUTO_TEST_CASE(http_connection_is_not_kept_where_the_server_says_so) {
  LoopbackServer server([](Peer& peer) {
    while (peer.request()) peer.answer("x", "Connection: close\r\n");
  });
  Host host;
  BOOST_TEST(host.rest(host.get(server.url())) == "x");
  BOOST_TEST(host.rest(host.get(server.url())) == "x");
  BOOST_TEST(server.accepted() == 2);
}

BOOST_AUTO_TEST_CASE(http_kept_connection_expires_by_the_clock) {
  Event gone;
  LoopbackServer server([&](Peer& peer) {
    echo_path(peer);
    gone.set();
  });
  Host host;
  host.rest(host.get(server.url()));
  BOOST_TEST(host.client->stats().idle == 1);
  host.clock.advance(std::chrono::seconds(31));
  gone.wait();
  BOOST_TEST(host.client->stats().idle == 0);
}

BOOST_AUTO_TEST_CASE(http_oldest_kept_connection_makes_room) {
  LoopbackServer one(echo_path), two(echo_path), three(echo_path);
  io::HttpOptions options = direct_options();
  options.max_idle = 2;
  Host host(std::move(options));
  for (LoopbackServer* server : {&one, &two, &three, &one}) host.rest(host.get(server->url()));
  BOOST_TEST(one.accepted() == 2);
  BOOST_TEST(host.client->stats().idle == 2);
}

BOOST_AUTO_TEST_CASE(http_bodies_of_every_framing_arrive_whole) {
  const std::string big(300'000, 'x');
  LoopbackServer server([&](Peer& peer) {
    while (auto request = peer.request()) {
      if (request->line.starts_with("GET /length")) peer.answer(big);
      if (request->line.starts_with("GET /chunked")) {
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;name=\"v\"\r\nhello\r\n1\r\n \r\n");
        peer.send("5\r\nwo");
        peer.send("rld\r\n0\r\nTrailer: here\r\n\r\n");
      }
      if (request->line.starts_with("GET /close")) {
        peer.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
        return;
      }
      if (request->line.starts_with("GET /empty")) peer.send("HTTP/1.1 204 No Content\r\n\r\n");
      if (request->line.starts_with("HEAD")) peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    }
  });
  Host host;
  BOOST_TEST((host.rest(host.get(server.url("/length"))) == big));
  BOOST_TEST(host.rest(host.get(server.url("/chunked"))) == "hello world");
  BOOST_TEST(host.rest(host.get(server.url("/empty"))) == "");
  io::HttpRequest head = Host::get_request(server.url("/x"));
  head.method = "HEAD";
  BOOST_TEST(host.rest(host.open(head)) == "");
  BOOST_TEST(host.rest(host.get(server.url("/close"))) == "until the end");
  BOOST_TEST(server.accepted() == 1);
}

BOOST_AUTO_TEST_CASE(http_answer_may_be_cut_into_single_bytes) {
  const std::string answer =
      "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 201 Created\r\nX-A: 1\r\nx-a: 2\r\n"
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
  LoopbackServer server([&](Peer& peer) {
    while (peer.request()) {
      for (const char byte : answer) peer.send(std::string_view(&byte, 1));
    }
  });
  Host host;
  for (int round = 0; round < 3; ++round) {
    const auto response = host.get(server.url());
    BOOST_REQUIRE(response.has_value());
    BOOST_TEST(response->status == 201);
    BOOST_TEST(*response->header("X-a") == "1");
    BOOST_TEST(response->headers.size() == 3);
    BOOST_TEST((response->header("Link") == nullptr));
    BOOST_TEST(host.rest(response) == "abc0123456789");
  }
  BOOST_TEST(server.accepted() == 1);
}

BOOST_AUTO_TEST_CASE(http_request_is_sent_as_it_was_asked_for) {
  Shared<SeenRequest> last;
  LoopbackServer server([&](Peer& peer) {
    if (auto request = peer.request()) last.set(*request);
    peer.answer("");
  });
  Host host;
  io::HttpRequest request = Host::post_request(server.url("/v1/chat?a=b%20c#part"), "{\"a\":1}");
  request.headers = {{"Authorization", "Bearer key"}, {"Content-Type", "application/json"}};
  BOOST_TEST(host.rest(host.open(request)) == "");
  const SeenRequest seen = last.get();
  BOOST_TEST(seen.line == "POST /v1/chat?a=b%20c HTTP/1.1");
  BOOST_TEST(*seen.header("Host") == server.address());
  BOOST_TEST(*seen.header("Authorization") == "Bearer key");
  BOOST_TEST(*seen.header("User-Agent") == "fthost");
  BOOST_TEST(*seen.header("Content-Length") == "7");
  BOOST_TEST(seen.body == "{\"a\":1}");
}

BOOST_AUTO_TEST_CASE(http_512_requests_are_in_flight_at_once) {
  constexpr int kRequests = 512;
  std::mutex mutex;
  std::condition_variable changed;
  int here = 0;
  LoopbackServer server([&](Peer& peer) {
    const auto request = peer.request();
    std::unique_lock lock(mutex);
    ++here;
    changed.notify_all();
    changed.wait(lock, [&] { return here >= kRequests; });  // nobody is answered before all are asking
    lock.unlock();
    if (request) peer.answer(request->line);
  });
  Host host;
  std::atomic<int> right{0};
  std::vector<std::thread> workers;
  for (int i = 0; i < kRequests; ++i) {
    workers.emplace_back([&, i] {
      const std::string path = "/" + std::to_string(i);
      if (host.rest(host.get(server.url(path))) == "GET " + path + " HTTP/1.1") ++right;
    });
  }
  for (std::thread& worker : workers) worker.join();
  BOOST_TEST(right == kRequests);
  BOOST_TEST(server.accepted() == kRequests);
}

BOOST_AUTO_TEST_CASE(http_stale_handles_are_refused) {
  LoopbackServer server(echo_path);
  Host host;
  const auto first = host.get(server.url());
  BOOST_REQUIRE(first.has_value());
  host.rest(first);
  const auto second = host.get(server.url("/second"));
  BOOST_REQUIRE(second.has_value());
  std::string bytes;
  for (const std::uint64_t handle : {first->handle, std::uint64_t{0}, ~std::uint64_t{0}}) {
    const auto read = host.client->read(handle, bytes, host.never);
    BOOST_REQUIRE(!read.has_value());
    BOOST_TEST((read.error().code == Code::internal));
    host.client->close(handle);  // passed over
  }
  BOOST_TEST((first->handle & 0xFFFFFFFFu) == (second->handle & 0xFFFFFFFFu));
  BOOST_TEST(host.rest(second) == "/second");
}

BOOST_AUTO_TEST_CASE(http_blocking_call_on_the_loop_is_refused) {
  LoopbackServer server(echo_path);
  Host host;
  host.on_loop([&] {
    const auto response = host.get(server.url());
    BOOST_REQUIRE(!response.has_value());
    BOOST_TEST(has(response.error().sentence(), "event loop's thread"));
  });
  BOOST_TEST(server.accepted() == 0);
}

BOOST_AUTO_TEST_CASE(http_broken_requests_are_refused_without_showing_secrets) {
  LoopbackServer server(echo_path);
  Host host;
  const auto sentence = [&](auto change) {
    io::HttpRequest request = Host::get_request(server.url("/?key=s3cret"));
    request.headers = {{"Authorization", "Bearer s3cret"}};
    change(request);
    const auto response = host.open(request);
    BOOST_REQUIRE(!response.has_value());
    BOOST_TEST(!has(response.error().sentence() + response.error().details, "s3cret"));
    return response.error().sentence();
  };
  BOOST_TEST(has(sentence([](auto& r) { r.headers[0].value += "\n"; }), "line break"));
  BOOST_TEST(has(sentence([](auto& r) { r.headers[0].name = "A b"; }), "name"));
  BOOST_TEST(has(sentence([](auto& r) { r.headers[0].name = "content-length"; }), "written by the host"));
  BOOST_TEST(has(sentence([](auto& r) { r.method = "GET /"; }), "method"));
  BOOST_TEST(has(sentence([](auto& r) { r.url = "http://user:s3cret@localhost/"; }), "password"));
  BOOST_TEST(has(sentence([](auto& r) { r.url = "ftp://user:s3cret@localhost/?s3cret"; }), "http://"));
  BOOST_TEST(has(sentence([](auto& r) { r.url += " s3cret"; }), "space"));
  BOOST_TEST(has(sentence([](auto& r) { r.body_file = "/does/not/exist"; }), "/does/not/exist"));
  BOOST_TEST(has(sentence([](auto& r) { r.body_file = "/dev/zero"; }), "regular file"));
  BOOST_TEST(server.accepted() == 0);
}

BOOST_AUTO_TEST_CASE(http_redirect_is_not_followed_and_says_where_it_points) {
  LoopbackServer server([](Peer& peer) {
    while (peer.request()) {
      peer.send("HTTP/1.1 307 x\r\nLocation: https://other.example/a?token=s3cret\r\nContent-Length: 0\r\n\r\n");
    }
  });
  Host host;
  const auto refused = host.get(server.url());
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(has(refused.error().sentence(), "answered 307 and points to https://other.example/a;"));
  BOOST_TEST(!has(refused.error().sentence(), "s3cret"));
  BOOST_TEST(has(refused.error().details, "\"http_status\":307"));
  io::HttpRequest request = Host::get_request(server.url());
  request.redirect_is_answer = true;
  const auto given = host.open(request);
  BOOST_REQUIRE(given.has_value());
  BOOST_TEST(given->status == 307);
  host.rest(given);
}

BOOST_AUTO_TEST_CASE(http_longer_answer_than_allowed_is_an_error) {
  LoopbackServer server([](Peer& peer) {
    while (peer.request()) peer.answer("0123456789");
  });
  Host host;
  const auto response = host.get(server.url());
  BOOST_REQUIRE(response.has_value());
  const auto all = host.client->read_all(response->handle, 9, host.never);
  BOOST_REQUIRE(!all.has_value());
  BOOST_TEST((all.error().code == Code::limit));
  host.client->close(response->handle);
}
