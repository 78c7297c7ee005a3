// HttpSession: one request on its way over one connection: two coroutines (send, receive) and the timeouts. Loop only.
// It ends by the end of the answer, by finish() with an error, or because the worker gave up; each closes what is open.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io/http_connection.hpp"
#include "io/http_engine.hpp"
#include "io/http_exchange.hpp"

namespace fthost::io {

class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(std::shared_ptr<HttpEngine> engine, std::shared_ptr<HttpExchange> exchange);
  ~HttpSession();
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  // Starts the coroutines; they keep `session` alive.
  static void launch(const std::shared_ptr<HttpSession>& session);

  void wake();  // the worker has taken bytes or brought some
  // Ends it: the worker gets the error, unless it has one already, and the connection is closed.
  void finish(Error error, bool at_once);
  void leave();  // the same without a word: the worker is gone

 private:
  class Answer;

  void spawn(asio::awaitable<void> coroutine);
  asio::awaitable<void> run();
  asio::awaitable<bool> connect();
  asio::awaitable<void> send();
  asio::awaitable<bool> write(std::string_view bytes);
  asio::awaitable<void> receive();
  asio::awaitable<bool> read_more(Answer& answer);
  asio::awaitable<bool> wait_for_room();
  bool hand_over_head(Answer& answer);
  void cut(const error_code& ec);

  void active();  // a byte came or went
  void watch();
  void on_timer();

  const std::shared_ptr<HttpEngine> engine_;
  const std::shared_ptr<HttpExchange> exchange_;
  const std::shared_ptr<const PreparedRequest> request_;
  std::shared_ptr<HttpConnection> connection_;
  asio::steady_timer room_, chunk_;  // never expire; cancelled by wake()
  std::string body_;                 // parsed, not handed over yet

  bool done_ = false;
  bool connected_ = false;
  bool reused_ = false;
  bool sent_ = false;      // the whole request
  bool answered_ = false;  // a byte of the answer is here
  bool head_given_ = false;
  bool much_comes_ = false;  // the last read filled its buffer: take a larger one

  TimePoint connect_due_, idle_due_;
  bool idle_counts_ = false;  // not while the worker keeps us waiting
  EventLoop::TimerId timer_ = 0;
  TimePoint timer_due_;
};

}  // namespace fthost::io
