// One request: acquire a connection, send and receive at the same time, hand over what comes, give the connection back.

// GCC 12 takes the coroutine frames' own operator new and delete for a mismatch. It also makes
// wrong code of `if (!co_await f())` and the like: here each co_await is a statement or initialises a variable.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

#include "io/http_session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <exception>
#include <utility>

namespace fthost::io {

namespace {

namespace http = boost::beast::http;
constexpr std::size_t kSmallRead = 8u << 10;
constexpr std::size_t kLargeRead = 64u << 10;
constexpr std::size_t kSmallBody = 16u << 10;  // sent together with the head

// A body that is appended to a string while it is parsed; the string is emptied between two calls of put().
struct SinkBody {
  using value_type = std::string*;
  class reader {
   public:
    template <bool IsRequest, class Fields>
    reader(http::header<IsRequest, Fields>&, value_type& sink) : sink_(sink) {}
    void init(const boost::optional<std::uint64_t>&, error_code& ec) { ec = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& ec) {
      ec = {};
      std::size_t size = 0;
      for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers); ++it) {
        const asio::const_buffer part = *it;
        sink_->append(static_cast<const char*>(part.data()), part.size());
        size += part.size();
      }
      return size;
    }
    void finish(error_code& ec) { ec = {}; }

   private:
    value_type& sink_;
  };
};

}  // namespace

// The answer's parser, driven by hand: what it has been given, and what it makes of the end of the stream.
class HttpSession::Answer {
 public:
  Answer(std::string& sink, std::size_t max_header, bool without_body) {
    parser_.header_limit(static_cast<std::uint32_t>(max_header));
    parser_.body_limit(boost::none);
    parser_.skip(without_body);
    parser_.get().body() = &sink;
  }

  bool has_head() const { return parser_.is_header_done(); }
  bool complete() const { return parser_.is_done(); }
  bool may_keep_alive() const { return parser_.keep_alive(); }
  int status() const { return static_cast<int>(parser_.get().result_int()); }

  HttpHead head() const {
    HttpHead head;
    head.status = status();
    for (const auto& field : parser_.get()) {
      head.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    return head;
  }

  // Parses the front of `buffer`. false: more bytes are needed.
  bool parse(boost::beast::flat_buffer& buffer, error_code& ec) {
    if (buffer.size() == 0) return false;
    parser_.eager(has_head());
    buffer.consume(parser_.put(buffer.data(), ec));
    if (ec != http::error::need_more) return true;
    ec = {};
    return false;
  }

  // The server has ended the stream: whether that is a proper end of this answer.
  bool ends_here() {
    if (!parser_.got_some()) return false;
    error_code ec;
    parser_.put_eof(ec);
    return !ec && parser_.is_done();
  }

 private:
  http::response_parser<SinkBody> parser_;
};

HttpSession::HttpSession(std::shared_ptr<HttpEngine> engine, std::shared_ptr<HttpExchange> exchange)
    : engine_(std::move(engine)),
      exchange_(std::move(exchange)),
      request_(exchange_->request),
      room_(engine_->loop()->context(), asio::steady_timer::time_point::max()),
      chunk_(engine_->loop()->context(), asio::steady_timer::time_point::max()) {
  engine_->add(this);
}

HttpSession::~HttpSession() { engine_->remove(this); }

void HttpSession::launch(const std::shared_ptr<HttpSession>& session) {
  session->exchange_->session = session;
  session->connect_due_ = session->engine_->loop()->clock().now() + session->request_->connect_timeout;
  session->watch();
  session->spawn(session->run());
}

// A coroutine that throws (no memory) ends the request, not the host.
void HttpSession::spawn(asio::awaitable<void> coroutine) {
  asio::co_spawn(engine_->loop()->context(), std::move(coroutine),
                 [self = shared_from_this()](std::exception_ptr problem) {
                   if (!problem) return;
                   try {
                     std::rethrow_exception(problem);
                   } catch (const std::exception& e) {
                     self->finish(http_error(Code::internal, self->request_->label, e.what(), {}, true), true);
                   }
                 });
}

void HttpSession::wake() {
  room_.cancel();
  chunk_.cancel();
}

void HttpSession::leave() {
  if (done_) return;
  done_ = true;
  if (connection_) connection_->close();
  wake();
  watch();
}

void HttpSession::finish(Error error, bool at_once) {
  if (done_) return;
  if (at_once) {
    exchange_->fail(std::move(error));
  } else {
    exchange_->give_error(std::move(error), reused_ && !answered_);
  }
  leave();
}

void HttpSession::cut(const error_code& ec) {
  const HttpPart part = head_given_ ? HttpPart::body : sent_ || answered_ ? HttpPart::head : HttpPart::request;
  finish(cut_error(request_->label, part, ec), false);
}

// ---- timeouts ---------------------------------------------------------------------------------------------------

void HttpSession::active() {
  if (done_) return;
  idle_due_ = engine_->loop()->clock().now() + request_->idle_timeout;
}

// One timer for three deadlines. A deadline that moves away leaves it alone: it fires early and looks again.
void HttpSession::watch() {
  EventLoop* const loop = engine_->loop();
  if (loop == nullptr) return;
  TimePoint due = TimePoint::max();
  if (!done_) {
    if (!connected_) due = std::min(due, connect_due_);
    if (connected_ && idle_counts_) due = std::min(due, idle_due_);
    if (request_->total_timeout.count() > 0) due = std::min(due, exchange_->total_due);
  }
  if (timer_ != 0 && due != TimePoint::max() && timer_due_ <= due) return;
  loop->cancel(std::exchange(timer_, 0));
  if (due == TimePoint::max()) return;
  timer_due_ = due;
  timer_ = loop->after(due - loop->clock().now(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->on_timer();
  });
}

void HttpSession::on_timer() {
  timer_ = 0;
  if (done_) return;
  const TimePoint now = engine_->loop()->clock().now();
  const std::string& label = request_->label;
  if (request_->total_timeout.count() > 0 && exchange_->total_due <= now) {
    return finish(timeout_error(label, HttpTimeout::total, request_->total_timeout, connected_), true);
  }
  if (!connected_ && connect_due_ <= now) {
    const HttpTimeout stage = connection_ ? connection_->stage : HttpTimeout::lookup;
    return finish(timeout_error(label, stage, request_->connect_timeout, false), true);
  }
  if (connected_ && idle_counts_ && idle_due_ <= now) {
    return finish(timeout_error(label, HttpTimeout::idle, request_->idle_timeout, true), true);
  }
  watch();
}

// ---- the way of a request ---------------------------------------------------------------------------------------

asio::awaitable<void> HttpSession::run() {
  if (done_) co_return;
  const bool connected = co_await connect();
  if (!connected) co_return;
  connected_ = true;
  idle_counts_ = true;
  active();
  watch();
  spawn(send());
  co_await receive();
}

asio::awaitable<bool> HttpSession::connect() {
  if (!exchange_->new_connection) connection_ = engine_->take(request_->route.key);
  reused_ = connection_ != nullptr;
  if (reused_) co_return true;
  connection_ = engine_->make(request_->route.key);
  const Result<void> established = co_await connection_->establish(request_, engine_->resolver(), connect_due_);
  if (!established) finish(established.error(), false);
  co_return !done_;
}

asio::awaitable<void> HttpSession::send() {
  const HttpRequest& request = request_->request;
  std::string bytes = request_->head;
  const bool together = request.body.size() <= kSmallBody;
  if (together) bytes += request.body;
  bool going = co_await write(bytes);
  if (!going) co_return;
  if (!together) {
    going = co_await write(request.body);
    if (!going) co_return;
  }
  const std::uint64_t file_size = request_->file ? request_->file->size() : 0;
  for (std::uint64_t done = 0; done < file_size; done += bytes.size()) {
    while (!exchange_->take_chunk(bytes)) {
      co_await chunk_.async_wait(kAwait);
      if (done_) co_return;
    }
    going = co_await write(bytes);
    if (!going) co_return;
  }
  sent_ = co_await write(request.body_after);
}

// false: the session is over, or the server reads no more; then receive() finds out what it had to say.
asio::awaitable<bool> HttpSession::write(std::string_view bytes) {
  while (!bytes.empty()) {
    auto [ec, size] = co_await connection_->write_some(asio::buffer(bytes));
    if (ec || done_) co_return false;
    bytes.remove_prefix(size);
    active();
  }
  co_return true;
}

asio::awaitable<void> HttpSession::receive() {
  std::optional<Answer> answer;
  do {  // 1xx answers announce the one that counts
    answer.emplace(body_, engine_->options().max_header, request_->without_body);
    while (!answer->has_head()) {
      const bool going = co_await read_more(*answer);
      if (!going) co_return;
    }
  } while (answer->status() / 100 == 1 && answer->status() != 101);
  if (!hand_over_head(*answer)) co_return;

  while (!answer->complete()) {
    exchange_->give_body(body_);
    bool going = co_await wait_for_room();
    if (!going) co_return;
    going = co_await read_more(*answer);
    if (!going) co_return;
  }
  exchange_->give_body(body_);
  if (answer->may_keep_alive() && sent_ && connection_->buffer.size() == 0) {
    engine_->keep(std::exchange(connection_, nullptr));
  }
  exchange_->give_end();
  leave();
}

// Parses what is there, or reads and then parses. false: the session is over.
asio::awaitable<bool> HttpSession::read_more(Answer& answer) {
  boost::beast::flat_buffer& buffer = connection_->buffer;
  error_code ec;
  if (!answer.parse(buffer, ec)) {
    exchange_->give_body(body_);
    const std::size_t max_header = engine_->options().max_header;
    if (buffer.size() > max_header) {  // a line that never ends
      finish(answer_error(request_->label, http::error::header_limit, max_header), false);
      co_return false;
    }
    const std::size_t room = much_comes_ ? kLargeRead : kSmallRead;
    auto [read_ec, size] = co_await connection_->read_some(buffer.prepare(room));
    if (done_) co_return false;
    buffer.commit(size);
    much_comes_ = size >= kSmallRead;
    if (size > 0) answered_ = true;
    active();
    if (read_ec) {
      if (read_ec == asio::error::eof && answer.ends_here()) co_return true;
      cut(read_ec);
      co_return false;
    }
    answer.parse(buffer, ec);
  }
  if (!ec) co_return true;
  finish(answer_error(request_->label, ec, engine_->options().max_header), false);
  co_return false;
}

bool HttpSession::hand_over_head(Answer& answer) {
  if (answer.status() == 101) {
    finish(http_error(Code::io, request_->label, "the server answered 101 and wants to speak another protocol",
                      "check that the address is one for plain HTTP", true),
           false);
    return false;
  }
  head_given_ = true;
  exchange_->give_head(answer.head());
  return true;
}

// While the worker is behind, nothing is read and no idle time counts.
asio::awaitable<bool> HttpSession::wait_for_room() {
  if (done_ || !exchange_->full()) co_return !done_;
  idle_counts_ = false;
  engine_->count_waiting(true);
  do {
    co_await room_.async_wait(kAwait);
  } while (!done_ && exchange_->full());
  engine_->count_waiting(false);
  idle_counts_ = true;
  active();
  watch();
  co_return !done_;
}

}  // namespace fthost::io
