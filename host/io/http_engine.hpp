// HttpEngine: the loop's half of HttpClient: sessions under way, and the connections that wait for their next request.
// Loop only, but for what says otherwise. It may outlive client and loop (suspended coroutines hold it): after close()
// it touches the loop no more.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "io/http_client.hpp"
#include "io/http_exchange.hpp"

namespace fthost::io {

class HttpConnection;
class HttpResolver;
class TlsContext;

class HttpEngine : public std::enable_shared_from_this<HttpEngine> {
 public:
  HttpEngine(EventLoop& loop, HttpOptions options);
  ~HttpEngine();

  const HttpOptions& options() const { return options_; }

  // ---- any thread ---------------------------------------------------------------------------------------------
  // Begins the request of a new exchange.
  void start(std::shared_ptr<HttpExchange> exchange);
  // The worker has taken bytes or brought some.
  void wake(std::weak_ptr<HttpExchange> exchange);
  // Nobody wants the rest: what is still open for it is closed.
  void drop(std::shared_ptr<HttpExchange> exchange);
  // Loaded at the first request that needs it. Reads files: worker threads.
  Result<std::shared_ptr<TlsContext>> tls();
  void fill(HttpStats& stats) const;
  void count_repeated() { ++repeated_; }

  // ---- loop ---------------------------------------------------------------------------------------------------
  // Closes everything. The loop may be gone afterwards.
  void close();
  EventLoop* loop() { return loop_; }  // nullptr after close()
  const std::shared_ptr<HttpResolver>& resolver() { return resolver_; }
  // A kept connection of this key, the one used last, or nullptr.
  std::shared_ptr<HttpConnection> take(const std::string& key);
  std::shared_ptr<HttpConnection> make(const std::string& key);
  // The answer has been read to its end and the server goes on: another request may follow.
  void keep(std::shared_ptr<HttpConnection> connection);
  void add(HttpSession* session) { sessions_.insert(session); }
  void remove(HttpSession* session) { sessions_.erase(session); }
  void count_waiting(bool begins) { begins ? ++waiting_ : --waiting_; }

 private:
  void post(std::function<void()> fn);
  void forget(const std::shared_ptr<HttpConnection>& connection);

  const HttpOptions options_;
  std::mutex posting_;  // close() waits for a post that is under way
  EventLoop* loop_;     // changed under posting_
  std::shared_ptr<HttpResolver> resolver_;
  std::map<std::string, std::vector<std::shared_ptr<HttpConnection>>> idle_;
  std::map<std::uint64_t, std::shared_ptr<HttpConnection>> idle_by_age_;
  std::uint64_t next_idle_ = 0;
  std::set<HttpSession*> sessions_;

  std::mutex tls_mutex_;
  std::shared_ptr<TlsContext> tls_;
  std::atomic<std::uint64_t> connections_{0}, reused_{0}, repeated_{0};
  std::atomic<std::size_t> idle_count_{0}, waiting_{0};
};

}  // namespace fthost::io
