// HttpClient: the one HTTP/1.1 client of the host. Sockets, TLS and timers live on the event loop's thread; the
// functions here block a worker thread and are refused on the loop's. Secrets (headers, bodies, queries) never enter an
// Error.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "io/cancel.hpp"
#include "io/http_proxy.hpp"
#include "io/loop.hpp"
#include "io/sse.hpp"

namespace fthost::io {

using std::chrono::milliseconds;

struct HttpHeader {
  std::string name, value;
};

struct HttpOptions {
  std::string user_agent = "fthost";
  std::string ca_file;  // PEM, trusted besides the system's store (SSL_CERT_FILE, SSL_CERT_DIR)
  HttpProxies proxies = HttpProxies::from_environment();
  milliseconds connect_timeout{20'000};  // looking up the name, connecting, proxy and TLS
  milliseconds idle_timeout{300'000};    // no byte in either direction while one is waited for
  milliseconds total_timeout{0};         // from open() to the last byte; 0: none
  milliseconds keep_alive{30'000};       // how long a connection waits for its next request
  std::size_t max_idle = 512;            // connections waiting, all servers together
  std::size_t max_header = 64u << 10;    // bytes of status line and headers; also of one chunk's header
  std::size_t max_unread = 256u << 10;   // bytes of a body that wait for their reader; then the socket is left alone
  std::size_t max_event = 8u << 20;      // bytes of one server-sent event
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<HttpHeader> headers;  // without Host, Content-Length, Transfer-Encoding and Connection
  std::string body;
  std::string body_file;            // if not empty: this file follows `body`, streamed
  std::string body_after;           // and this follows the file: the end of a multipart body
  bool repeatable = false;          // doing it twice does no harm; GET, HEAD, OPTIONS, PUT, DELETE are so anyway
  bool redirect_is_answer = false;  // hand a 3xx back; otherwise it is an Error. None is ever followed
  milliseconds connect_timeout{0}, idle_timeout{0}, total_timeout{0};  // 0: the client's
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;
  std::uint64_t handle = 0;  // slot and generation: a stale one is refused

  // The first header of this name, in any case of letters; nullptr without.
  const std::string* header(std::string_view name) const;
};

struct HttpStats {
  std::uint64_t connections = 0;  // made
  std::uint64_t reused = 0;       // requests that went over a kept connection
  std::uint64_t repeated = 0;     // requests sent again because a kept connection turned out closed
  std::size_t idle = 0;           // connections waiting now
  std::size_t open = 0;           // handles open now
  std::size_t waiting = 0;        // answers whose reader is behind, so that their sockets are left alone
};

class HttpEngine;

// Made and destroyed on the loop's thread, or while the loop does not run; before the loop goes, and not while a worker
// is in a call: shutdown() sends them home first. A handle is used by one thread at a time; close() may come from any.
// Error codes: input (request), config (CA file, proxy), cancelled, timeout, retry (cut off, overloaded: may work
// later), io (anything else of the network). Error::details is {"sent":false} where the request certainly has not
// reached the server, else {"sent":true}.
class HttpClient {
 public:
  explicit HttpClient(EventLoop& loop, HttpOptions options = {});
  ~HttpClient();  // as shutdown()
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Sends the request and blocks until the headers of the answer are here, whatever its status. A body file is read on
  // the calling thread. A request that a kept connection dropped without one byte of answer is sent once more on a new
  // connection, if it may be repeated. Further attempts are the caller's: the Error says whether and when.
  Result<HttpResponse> open(HttpRequest request, const CancelToken& cancel);

  // The next bytes of the body replace `bytes`, whose memory is used again. false: the end.
  Result<bool> read(std::uint64_t handle, std::string& bytes, const CancelToken& cancel);

  // The next server-sent event; false: the end. Not to be mixed with read() on one handle.
  Result<bool> read_event(std::uint64_t handle, SseEvent& event, const CancelToken& cancel);

  // The rest of the body. An error where it is longer than `limit` bytes.
  Result<std::string> read_all(std::uint64_t handle, std::size_t limit, const CancelToken& cancel);

  // Always, also after the end. An unread rest drops the connection.
  void close(std::uint64_t handle);

  // Ends every request with Code::cancelled and closes every connection; open() is refused from then on. On the loop's
  // thread, or while the loop does not run.
  void shutdown();

  HttpStats stats() const;  // any thread

 private:
  struct Handles;
  template <class Take>
  Result<bool> take(std::uint64_t handle, const CancelToken& cancel, Take take);
  bool on_loop() const;

  EventLoop& loop_;
  std::shared_ptr<HttpEngine> engine_;
  std::unique_ptr<Handles> handles_;
};

}  // namespace fthost::io
