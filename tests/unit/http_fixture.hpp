// What the tests of the HTTP client share: a loop on a thread of its own with a clock that the test moves, and the
// client on it.
#pragma once

#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "http_server.hpp"
#include "io/http_client.hpp"
#include "io/loop.hpp"

namespace fthost::test {

inline io::HttpOptions direct_options() {
  io::HttpOptions options;
  options.proxies = {};
  return options;
}

struct Host {
  ManualClock clock;
  io::EventLoop loop{clock};
  std::optional<io::HttpClient> client;
  io::CancelToken never;
  std::thread thread;

  explicit Host(io::HttpOptions options = direct_options()) {
    client.emplace(loop, std::move(options));
    thread = std::thread([this] { loop.run(); });
  }
  ~Host() {
    loop.post([this] {
      client.reset();
      loop.stop();
    });
    thread.join();
  }

  // Runs `fn` on the loop and waits for it.
  void on_loop(std::function<void()> fn) {
    Event done;
    loop.post([&] {
      fn();
      done.set();
    });
    done.wait();
  }

  Result<io::HttpResponse> open(io::HttpRequest request) { return client->open(std::move(request), never); }
  Result<io::HttpResponse> get(const std::string& url) { return open(get_request(url)); }
  static io::HttpRequest get_request(const std::string& url) {
    io::HttpRequest request;
    request.url = url;
    return request;
  }
  static io::HttpRequest post_request(const std::string& url, std::string body) {
    io::HttpRequest request = get_request(url);
    request.method = "POST";
    request.body = std::move(body);
    return request;
  }

  // The rest of the body, or the Error's sentence; the handle is closed.
  std::string rest(const Result<io::HttpResponse>& response) {
    if (!response) return response.error().sentence();
    auto all = client->read_all(response->handle, 1u << 30, never);
    client->close(response->handle);
    return all ? *all : all.error().sentence();
  }
};

inline bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace fthost::test
