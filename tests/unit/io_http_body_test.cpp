// Bodies in both directions: server-sent events, uploads from disk, readers that are slower than the server.
#include <fcntl.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <random>
#include <vector>

#include "http_fixture.hpp"
#include "io/sse.hpp"

using namespace fthost;
using namespace fthost::test;
using namespace std::string_literals;

namespace {

// Events as "name:data:id|", parsed from pieces of `text` that end at the given places.
std::string parsed(std::string_view text, const std::vector<std::size_t>& cuts) {
  io::SseParser parser;
  io::SseEvent event;
  std::string shown;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const std::size_t end = i < cuts.size() ? cuts[i] : text.size();
    std::string_view bytes = text.substr(start, end - start);
    while (parser.next(bytes, event).value()) shown += event.name + ":" + event.data + ":" + event.id + "|";
    BOOST_TEST(bytes.empty());
    start = end;
  }
  return shown;
}

struct TemporaryFile {
  std::filesystem::path path;
  explicit TemporaryFile(const std::string& content = "") {
    std::string name = (std::filesystem::temp_directory_path() / "fthost-http-XXXXXX").string();
    close(mkstemp(name.data()));
    path = name;
    std::ofstream(path) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path); }
};

// A line of /proc/self/status in KB.
long memory_kb(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::stol(line.substr(name.size() + 1));
  }
  return -1;
}

}  // namespace

BOOST_AUTO_TEST_CASE(sse_follows_the_rules_wherever_it_is_cut) {
  const std::string text =
      "\xEF\xBB\xBF"
      "data: first\n\n"
      ": a comment\nevent: delta\nid: 7\ndata: one\ndata:two\ndata:  three\n\n"
      "event: nothing\n\n"                           // no data: no event, and the name is forgotten
      "data: cr\rdata\rretry: 250\r\r"               // "data" alone: an empty line
      "data:crlf\r\nunknown: x\r\nid: a\0b\r\n\r\n"  // an id with a zero byte is passed over
      "data: \xC3\xA9\nnocolon\n\nid\ndata\n\n"      // the id is emptied, the data is empty
      "data: never ended\n"s;
  const std::string expected =
      "message:first:|delta:one\ntwo\n three:7|message:cr\n:7|message:crlf:7|message:\xC3\xA9:7|message::|";
  BOOST_TEST(parsed(text, {}) == expected);
  for (std::size_t i = 0; i <= text.size(); ++i) {
    BOOST_TEST(parsed(text, {i}) == expected);
    for (std::size_t j = i; j <= text.size(); j += 7) BOOST_TEST(parsed(text, {i, j}) == expected);
  }
  std::vector<std::size_t> every;
  for (std::size_t i = 1; i < text.size(); ++i) every.push_back(i);
  BOOST_TEST(parsed(text, every) == expected);
}

BOOST_AUTO_TEST_CASE(sse_retry_is_digits_only) {
  for (const auto& [text, expected] : {std::pair{"retry: 250\n", 250}, {"retry: 2x\n", -1}, {"retry: -1\n", -1}}) {
    io::SseParser parser;
    io::SseEvent event;
    std::string_view bytes = text;
    BOOST_TEST(!parser.next(bytes, event).value());
    BOOST_TEST((parser.retry_ms() ? static_cast<int>(*parser.retry_ms()) : -1) == expected);
  }
}

BOOST_AUTO_TEST_CASE(sse_event_above_the_limit_is_an_error) {
  for (const bool one_line : {true, false}) {
    io::SseParser parser(1000);
    io::SseEvent event;
    bool failed = false;
    for (int i = 0; i < 200 && !failed; ++i) {
      std::string_view bytes = one_line ? "data: xxxx" : "data: xxxx\n";
      failed = !parser.next(bytes, event);
    }
    BOOST_TEST(failed);
  }
}

BOOST_AUTO_TEST_CASE(http_events_arrive_one_by_one_as_they_are_sent) {
  std::mutex mutex;
  std::condition_variable changed;
  int seen = 0;
  LoopbackServer server([&](Peer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 3; ++i) {
      peer.send("9\r\ndata: " + std::to_string(i) +
                "\n\n\r\n5\r\n: hi\n\r\n3\r\nda");  // an event, and half a chunk more
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return seen > i; });  // the next only when this one has arrived
      peer.send("t\r\n3\r\na:\n\r\n1\r\n\n\r\n");
    }
    peer.send("0\r\n\r\n");
  });
  Host host;
  const auto response = host.get(server.url());
  BOOST_REQUIRE(response.has_value());
  io::SseEvent event;
  std::string shown;
  while (host.client->read_event(response->handle, event, host.never).value()) {
    shown += event.data + "|";
    const std::lock_guard lock(mutex);
    if (!event.data.empty()) ++seen;
    changed.notify_all();
  }
  BOOST_TEST(shown == "0||1||2||");
  BOOST_TEST(!host.client->read_event(response->handle, event, host.never).value());
  host.client->close(response->handle);
  BOOST_TEST(host.client->stats().idle == 1u);
}

BOOST_AUTO_TEST_CASE(http_file_is_uploaded_between_what_stands_around_it) {
  std::string content;
  for (int i = 0; i < 100'000; ++i) content += std::to_string(i) + "\n";
  const TemporaryFile file(content);
  Shared<SeenRequest> last;
  LoopbackServer server([&](Peer& peer) {
    for (auto request = peer.request(); request; request = peer.request()) {
      last.set(*request);
      peer.answer("got it");
    }
  });
  Host host;
  io::HttpRequest request = Host::post_request(server.url(), "--b\r\n\r\n");
  request.body_file = file.path;
  request.body_after = "\r\n--b--\r\n";
  for (int round = 0; round < 2; ++round) {
    BOOST_TEST(host.rest(host.open(request)) == "got it");
    BOOST_TEST((last.get().body == "--b\r\n\r\n" + content + "\r\n--b--\r\n"));
  }
  BOOST_TEST(server.accepted() == 1);
}

BOOST_AUTO_TEST_CASE(http_large_upload_takes_little_memory) {
  constexpr std::uint64_t kSize = 256u << 20;
  const TemporaryFile file;
  std::filesystem::resize_file(file.path, kSize);  // a hole: no disk is needed
  Shared<std::uint64_t> received;
  Shared<std::string> length;
  LoopbackServer server([&](Peer& peer) {
    if (const auto head = peer.head()) length.set(head->header("Content-Length").value_or(""));
    received.set(peer.swallow(kSize));
    peer.answer("done");
  });
  Host host;
  io::HttpRequest request = Host::post_request(server.url(), "");
  request.body_file = file.path;
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  const long before = memory_kb("VmRSS:");
  BOOST_TEST(host.rest(host.open(request)) == "done");
  BOOST_TEST(received.get() == kSize);
  BOOST_TEST(length.get() == std::to_string(kSize));
  BOOST_TEST(memory_kb("VmHWM:") - before < 32 * 1024);
}

BOOST_AUTO_TEST_CASE(http_file_that_shrinks_during_the_upload_is_an_error) {
  const TemporaryFile file;
  std::filesystem::resize_file(file.path, 64u << 20);
  Event began, shrunk;
  LoopbackServer server([&](Peer& peer) {
    peer.bytes();
    began.set();
    shrunk.wait();
    peer.wait_until_client_has_gone();
  });
  Host host;
  io::HttpRequest request = Host::post_request(server.url(), "");
  request.body_file = file.path;
  std::thread worker([&] {
    const auto response = host.open(request);
    BOOST_REQUIRE(!response.has_value());
    BOOST_TEST((response.error().code == Code::conflict));
    BOOST_TEST(has(response.error().sentence(), "became shorter"));
  });
  began.wait();
  std::filesystem::resize_file(file.path, 1000);
  shrunk.set();
  worker.join();
}

BOOST_AUTO_TEST_CASE(http_answer_before_the_end_of_an_upload_ends_it) {
  const TemporaryFile file;
  std::filesystem::resize_file(file.path, 64u << 20);
  const std::string large(64u << 20, 'x');
  LoopbackServer server([&](Peer& peer) {
    peer.bytes();
    peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 7\r\n\r\ntoo big");
    peer.wait_until_client_has_gone();  // reads on, but the client has understood
  });
  Host host;
  io::HttpRequest from_file = Host::post_request(server.url(), "");
  from_file.body_file = file.path;
  for (const io::HttpRequest& request : {from_file, Host::post_request(server.url(), large)}) {
    const auto response = host.open(request);
    BOOST_REQUIRE(response.has_value());
    BOOST_TEST(response->status == 413);
    BOOST_TEST(host.rest(response) == "too big");
  }
}

BOOST_AUTO_TEST_CASE(http_cancel_ends_an_upload_that_nobody_takes) {
  const TemporaryFile file;
  std::filesystem::resize_file(file.path, 64u << 20);
  Event began, over;
  LoopbackServer server([&](Peer& peer) {
    peer.bytes();
    began.set();
    over.wait();
  });
  Host host;
  io::HttpRequest request = Host::post_request(server.url(), "");
  request.body_file = file.path;
  const io::CancelToken cancel;
  std::thread worker([&] { BOOST_TEST((host.client->open(request, cancel).error().code == Code::cancelled)); });
  began.wait();
  cancel.cancel();
  worker.join();
  over.set();
}

BOOST_AUTO_TEST_CASE(http_slow_reader_holds_the_server_back) {
  constexpr std::size_t kSize = 64u << 20;
  std::atomic<std::size_t> sent{0};
  LoopbackServer server([&](Peer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n");
    std::string piece(64u << 10, ' ');
    for (std::size_t i = 0; sent < kSize; ++i, sent += piece.size()) {
      piece.front() = static_cast<char>(i);
      if (!peer.send(piece)) return;
    }
  });
  Host host;
  const auto response = host.get(server.url());
  BOOST_REQUIRE(response.has_value());
  while (host.client->stats().waiting == 0) std::this_thread::yield();
  BOOST_TEST(sent < kSize);  // the rest waits for us, in the server
  host.clock.advance(std::chrono::hours(1));
  host.on_loop([] {});  // time in which we do not read is not the server's fault

  std::string bytes;
  std::size_t received = 0, largest = 0, wrong = 0;
  Result<bool> more = true;
  for (;;) {
    more = host.client->read(response->handle, bytes, host.never);
    if (!more || !*more) break;
    largest = std::max(largest, bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::size_t at = received + i;
      const char expected = at % (64u << 10) == 0 ? static_cast<char>(at >> 16) : ' ';
      wrong += bytes[i] != expected;
    }
    received += bytes.size();
  }
  BOOST_TEST(more.has_value());
  BOOST_TEST(received == kSize);
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(largest <= (256u << 10) + (64u << 10));
  host.client->close(response->handle);
  BOOST_TEST(host.client->stats().waiting == 0u);
}
