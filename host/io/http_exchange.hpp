// HttpExchange: where the worker that waits for an answer and the loop that talks to the server meet.
// One mutex, one condition. The worker brings chunks of the body file and takes the answer; the loop does the opposite.
// Whoever calls fail() first says how it ended. Knows nothing of sockets.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "io/http_client.hpp"
#include "io/http_message.hpp"

namespace fthost::io {

class HttpSession;

struct HttpHead {
  int status = 0;
  std::vector<HttpHeader> headers;
};

class HttpExchange : public std::enable_shared_from_this<HttpExchange> {
 public:
  using Wake = std::function<void(std::weak_ptr<HttpExchange>)>;
  static constexpr std::size_t kChunk = 128u << 10;  // of a body file; at most two are in memory

  // `wake` tells the loop that the worker has done something that it waits for; called without the lock.
  HttpExchange(std::shared_ptr<const PreparedRequest> request, const HttpOptions& options, Wake wake)
      : request(std::move(request)),
        max_unread_(options.max_unread),
        wake_(std::move(wake)),
        events_(options.max_event) {}

  const std::shared_ptr<const PreparedRequest> request;
  bool new_connection = false;         // do not take a kept one; set before the loop knows this exchange
  TimePoint total_due;                 // the end of the total timeout, if there is one; likewise
  std::weak_ptr<HttpSession> session;  // the loop's half; loop only

  // ---- worker -------------------------------------------------------------------------------------------------
  // Feeds the body file until the answer begins.
  Result<HttpHead> wait_head();
  // The next bytes replace `bytes`; false: the end.
  Result<bool> take_body(std::string& bytes);
  Result<bool> take_event(SseEvent& event);
  // A second thread on the same handle gets no lock and must give up.
  std::unique_lock<std::mutex> enter() { return std::unique_lock(worker_, std::try_to_lock); }
  // Whether a kept connection was found closed before anything of the answer came.
  bool dropped_unanswered();
  // Whether the loop has nothing more to do for it.
  bool over();

  // ---- any thread ---------------------------------------------------------------------------------------------
  // Ends it for both sides at once; bytes not yet taken are lost. The first call counts.
  void fail(Error error);

  // ---- loop ---------------------------------------------------------------------------------------------------
  void give_head(HttpHead head);
  void give_body(std::string& bytes);  // takes them, leaves an empty string
  void give_end();
  // The connection failed: what has come is still the worker's, then the error.
  void give_error(Error error, bool dropped_unanswered = false);
  // true: enough for now; wake() follows once the worker has taken some.
  bool full();
  // The next chunk of the body file replaces `chunk`; false: wake() follows when it is there.
  bool take_chunk(std::string& chunk);

 private:
  void notify(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<HttpHead> head_;
  std::string unread_;
  bool ended_ = false;
  std::optional<Error> error_;
  bool at_once_ = false;  // error_ comes before what is unread
  bool dropped_unanswered_ = false;
  bool loop_waits_for_room_ = false;
  bool loop_waits_for_chunk_ = false;
  bool chunk_ready_ = false;
  std::string chunk_;
  const std::size_t max_unread_;
  const Wake wake_;

  // The worker's own, under worker_.
  std::mutex worker_;
  SseParser events_;
  std::string event_bytes_;
  std::size_t event_offset_ = 0;
};

}  // namespace fthost::io
