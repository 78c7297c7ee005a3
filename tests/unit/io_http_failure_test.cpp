// What goes wrong on the way: cut connections, broken answers, timeouts by the clock, cancels.
#include <atomic>

#include "http_fixture.hpp"

using namespace fthost;
using namespace fthost::test;
using namespace std::chrono_literals;

namespace {

std::string sentence(const Result<io::HttpResponse>& response) {
  return response ? "an answer" : response.error().sentence();
}

// A port that nothing listens on.
std::uint16_t closed_port() {
  return LoopbackServer([](Peer&) {}).port();
}

}  // namespace

BOOST_AUTO_TEST_CASE(http_refused_connection_names_the_place_and_what_to_do) {
  Host host;
  const std::string address = "127.0.0.1:" + std::to_string(closed_port());
  const auto response = host.get("http://" + address + "/x?key=s3cret");
  BOOST_REQUIRE(!response.has_value());
  BOOST_TEST(response.error().sentence() == "GET http://" + address + ": nothing accepts connections at " + address +
                                                "; start the server, or correct host and port");
  BOOST_TEST(response.error().details == "{\"sent\":false}");
}

BOOST_AUTO_TEST_CASE(http_unknown_name_is_said_as_such) {
  Host host;
  // A label of 64 letters cannot be a name: the resolver refuses it without asking anybody.
  const auto response = host.get("http://" + std::string(64, 'a') + ".invalid/");
  BOOST_REQUIRE(!response.has_value());
  BOOST_TEST(has(response.error().sentence(), "no address for the name aaa"));
  BOOST_TEST(response.error().details == "{\"sent\":false}");
}

BOOST_AUTO_TEST_CASE(http_connection_cut_before_the_answer_is_an_error_that_may_be_retried) {
  LoopbackServer server([](Peer& peer) { peer.request(); });
  Host host;
  const auto response = host.get(server.url());
  BOOST_REQUIRE(!response.has_value());
  BOOST_TEST((response.error().code == Code::retry));
  BOOST_TEST(has(response.error().sentence(), "closed the connection without answering"));
  BOOST_TEST(response.error().details == "{\"sent\":true}");
  BOOST_TEST(server.accepted() == 1);  // a new connection is not tried twice
}

BOOST_AUTO_TEST_CASE(http_connection_reset_in_the_headers_is_an_error) {
  LoopbackServer server([](Peer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-");
    peer.reset_on_close();
  });
  Host host;
  BOOST_TEST(has(sentence(host.get(server.url())), "without answering"));
}

BOOST_AUTO_TEST_CASE(http_cut_body_gives_what_came_and_then_an_error) {
  LoopbackServer server([](Peer& peer) {
    const auto request = peer.request();
    if (request->line.starts_with("GET /length")) peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart");
    if (request->line.starts_with("GET /chunk")) {
      peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n");
    }
  });
  Host host;
  for (const char* path : {"/length", "/chunk"}) {
    const auto response = host.get(server.url(path));
    BOOST_REQUIRE(response.has_value());
    std::string bytes, got;
    Result<bool> more = true;
    while ((more = host.client->read(response->handle, bytes, host.never)) && *more) got += bytes;
    BOOST_TEST(got == "part");
    BOOST_REQUIRE(!more.has_value());
    BOOST_TEST((more.error().code == Code::retry));
    BOOST_TEST(has(more.error().sentence(), "in the middle of the answer"));
    host.client->close(response->handle);
  }
}

BOOST_AUTO_TEST_CASE(http_kept_connection_found_closed_is_replaced_once_if_the_request_may_be_repeated) {
  // Every connection answers one request, takes the next and closes without a word.
  const auto one_answer = [](Peer& peer) {
    peer.request();
    peer.answer("first");
    peer.request();
  };
  const auto second_answer = [&](io::HttpRequest request, int expected_connections, int expected_repeated) {
    LoopbackServer server(one_answer);
    Host host;
    host.rest(host.get(server.url()));
    request.url = server.url();
    const auto response = host.open(std::move(request));
    BOOST_TEST(server.accepted() == expected_connections);
    BOOST_TEST(host.client->stats().repeated == static_cast<std::uint64_t>(expected_repeated));
    return response ? host.rest(response) : response.error().sentence();
  };
  BOOST_TEST(second_answer(Host::get_request(""), 2, 1) == "first");
  io::HttpRequest repeatable = Host::post_request("", "body");
  repeatable.repeatable = true;
  BOOST_TEST(second_answer(repeatable, 2, 1) == "first");
  BOOST_TEST(has(second_answer(Host::post_request("", "body"), 1, 0), "without answering"));
}

BOOST_AUTO_TEST_CASE(http_kept_connection_that_the_server_has_closed_is_not_used) {
  Event closed;
  LoopbackServer server([&](Peer& peer) {
    peer.request();
    peer.answer(std::to_string(peer.number));
    peer.finish();
    closed.set();
    peer.wait_until_client_has_gone();
  });
  Host host;
  BOOST_TEST(host.rest(host.open(Host::post_request(server.url(), "x"))) == "1");
  closed.wait();
  // Not repeatable: it would fail if it went over the closed connection.
  BOOST_TEST(host.rest(host.open(Host::post_request(server.url(), "x"))) == "2");
  BOOST_TEST(host.client->stats().repeated == 0u);
}

BOOST_AUTO_TEST_CASE(http_answers_that_are_none_are_explained) {
  Shared<std::string> answer;
  LoopbackServer server([&](Peer& peer) {
    if (peer.request() && peer.send(answer.get())) peer.wait_until_client_has_gone();
  });
  Host host;
  const auto told = [&](std::string bytes) {
    answer.set(std::move(bytes));
    const auto response = host.get(server.url());
    return response ? host.rest(response) : response.error().sentence();
  };
  BOOST_TEST(has(told("220 smtp.example ESMTP\r\n"), "not HTTP/1.1"));
  BOOST_TEST(has(told("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), "breaks the rules"));
  BOOST_TEST(has(told("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x')), "longer than 65536 bytes"));
  BOOST_TEST(has(told("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" + std::string(200'000, 'x')),
                 "longer than 65536 bytes"));
  BOOST_TEST(has(told("HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), "another protocol"));
}

BOOST_AUTO_TEST_CASE(http_timeouts_follow_the_clock_and_say_which_they_are) {
  Event asked, trickled;
  LoopbackServer silent([&](Peer& peer) {
    peer.request();
    asked.set();
    peer.wait_until_client_has_gone();
  });
  Host host;
  std::thread worker([&] {
    io::HttpRequest request = Host::get_request(silent.url());
    request.idle_timeout = 7s;
    const auto response = host.open(request);
    BOOST_REQUIRE(!response.has_value());
    BOOST_TEST((response.error().code == Code::timeout));
    BOOST_TEST(has(response.error().sentence(), "idle timeout: nothing came or went within 7 s"));
  });
  asked.wait();
  host.clock.advance(7s);
  worker.join();

  LoopbackServer trickling([&](Peer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
    trickled.wait();
    peer.send("1\r\nb\r\n");
    peer.wait_until_client_has_gone();
  });
  io::HttpRequest request = Host::get_request(trickling.url());
  request.idle_timeout = 7s;
  request.total_timeout = 10s;
  const auto response = host.open(request);
  BOOST_REQUIRE(response.has_value());
  std::string bytes;
  BOOST_TEST(host.client->read(response->handle, bytes, host.never).value());
  host.clock.advance(6s);
  host.on_loop([] {});
  trickled.set();  // a byte in time: the idle time begins anew
  BOOST_TEST(host.client->read(response->handle, bytes, host.never).value());
  BOOST_TEST(bytes == "b");
  host.clock.advance(4s);
  const auto late = host.client->read(response->handle, bytes, host.never);
  BOOST_REQUIRE(!late.has_value());
  BOOST_TEST((late.error().code == Code::timeout));
  BOOST_TEST(has(late.error().sentence(), "total timeout: the request was not done within 10 s"));
  host.client->close(response->handle);
}

BOOST_AUTO_TEST_CASE(http_idle_time_in_the_middle_of_a_body_counts) {
  LoopbackServer server([&](Peer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab");
    peer.wait_until_client_has_gone();
  });
  Host host;
  const auto response = host.get(server.url());
  BOOST_REQUIRE(response.has_value());
  std::string bytes;
  BOOST_TEST(host.client->read(response->handle, bytes, host.never).value());
  host.on_loop([] {});
  host.clock.advance(300s);
  const auto more = host.client->read(response->handle, bytes, host.never);
  BOOST_REQUIRE(!more.has_value());
  BOOST_TEST(has(more.error().sentence(), "idle timeout"));
  host.client->close(response->handle);
}

BOOST_AUTO_TEST_CASE(http_connect_timeout_covers_the_handshake) {
  Event hello;
  LoopbackServer server([&](Peer& peer) {
    peer.bytes();  // the client's hello, never answered
    hello.set();
    peer.wait_until_client_has_gone();
  });
  Host host;
  std::thread worker([&] {
    const auto response = host.get("https://" + server.address() + "/");
    BOOST_REQUIRE(!response.has_value());
    BOOST_TEST(has(response.error().sentence(), "connect timeout: the TLS handshake was not done within 20 s"));
    BOOST_TEST(response.error().details == "{\"sent\":false}");
  });
  hello.wait();
  host.clock.advance(20s);
  worker.join();
}

BOOST_AUTO_TEST_CASE(http_cancel_ends_every_wait) {
  Event hello, asked, began;
  LoopbackServer server([&](Peer& peer) {
    const std::string first = peer.bytes();
    if (first.starts_with("GET /head")) asked.set();
    if (first.starts_with("GET /body")) peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    if (first.starts_with("\x16")) hello.set();
    peer.wait_until_client_has_gone();
  });
  Host host;
  const auto cancelled_open = [&](const std::string& url, Event& reached) {
    io::CancelToken cancel;
    std::thread worker([&] {
      const auto response = host.client->open(Host::get_request(url), cancel);
      BOOST_REQUIRE(!response.has_value());
      BOOST_TEST((response.error().code == Code::cancelled));
    });
    reached.wait();
    cancel.cancel();
    worker.join();
  };
  cancelled_open("https://" + server.address() + "/", hello);
  cancelled_open(server.url("/head"), asked);

  const auto response = host.get(server.url("/body"));
  BOOST_REQUIRE(response.has_value());
  io::CancelToken cancel;
  std::thread worker([&] {
    std::string bytes;
    began.set();
    const auto read = host.client->read(response->handle, bytes, cancel);
    BOOST_REQUIRE(!read.has_value());
    BOOST_TEST((read.error().code == Code::cancelled));
  });
  began.wait();
  cancel.cancel();
  worker.join();
  host.client->close(response->handle);
  BOOST_TEST(host.client->stats().open == 0u);
}

BOOST_AUTO_TEST_CASE(http_cancel_answers_while_the_loop_is_busy) {
  LoopbackServer server([](Peer& peer) { peer.wait_until_client_has_gone(); });
  Host host;
  Event blocked, release;
  host.loop.post([&] {
    blocked.set();
    release.wait();
  });
  blocked.wait();
  io::CancelToken cancel;
  std::thread worker([&] {
    BOOST_TEST((host.client->open(Host::get_request(server.url()), cancel).error().code == Code::cancelled));
  });
  cancel.cancel();
  worker.join();  // the loop has not done anything yet
  release.set();
}

BOOST_AUTO_TEST_CASE(http_cancelled_token_refuses_at_once) {
  LoopbackServer server([](Peer& peer) { peer.wait_until_client_has_gone(); });
  Host host;
  io::CancelToken cancel;
  cancel.cancel();
  BOOST_TEST((host.client->open(Host::get_request(server.url()), cancel).error().code == Code::cancelled));
}

BOOST_AUTO_TEST_CASE(http_close_from_another_thread_ends_a_read) {
  LoopbackServer server([](Peer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    peer.wait_until_client_has_gone();
  });
  Host host;
  const auto response = host.get(server.url());
  BOOST_REQUIRE(response.has_value());
  std::thread closer([&] { host.client->close(response->handle); });
  std::string bytes;
  BOOST_TEST(!host.client->read(response->handle, bytes, host.never).has_value());
  closer.join();
}

BOOST_AUTO_TEST_CASE(http_shutdown_ends_what_is_under_way_and_refuses_the_next) {
  Event asked;
  LoopbackServer server([&](Peer& peer) {
    if (peer.request()) asked.set();
    peer.wait_until_client_has_gone();
  });
  Host host;
  std::thread worker([&] {
    BOOST_TEST((host.get(server.url()).error().code == Code::cancelled));
    BOOST_TEST((host.get(server.url()).error().code == Code::cancelled));
  });
  asked.wait();
  host.on_loop([&] { host.client->shutdown(); });
  worker.join();
}

BOOST_AUTO_TEST_CASE(http_loop_may_go_while_requests_are_under_way) {
  Event asked;
  LoopbackServer server([&](Peer& peer) {
    if (peer.request()) asked.set();
    peer.wait_until_client_has_gone();
  });
  std::thread worker;
  {
    Host host;
    worker = std::thread([client = &*host.client, url = server.url()] {
      BOOST_TEST((client->open(Host::get_request(url), io::CancelToken()).error().code == Code::cancelled));
    });
    asked.wait();
    host.on_loop([&] { host.client->shutdown(); });
    worker.join();
  }  // the session's coroutines are destroyed with the loop
}

BOOST_AUTO_TEST_CASE(http_no_error_shows_a_secret) {
  LoopbackServer server([](Peer& peer) {
    const auto request = peer.request();
    if (!request || request->line.starts_with("GET /cut")) return;
    peer.send(request->line.starts_with("GET /bad") ? "nonsense\r\n\r\n"
                                                    : "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
  });
  Host host;
  for (const char* path : {"/cut", "/bad", "/body"}) {
    io::HttpRequest request = Host::get_request(server.url(std::string(path) + "?key=s3cret"));
    request.headers = {{"Authorization", "Bearer s3cret"}};
    request.body = "s3cret";
    const auto response = host.open(request);
    const std::string text = response ? host.rest(response) : response.error().sentence() + response.error().details;
    BOOST_TEST(has(text, server.address()));
    BOOST_TEST(!has(text, "s3cret"));
  }
}
