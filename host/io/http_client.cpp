// The blocking face of the HTTP client: handles, and the calls that worker threads wait in.
#include "io/http_client.hpp"

#include <strings.h>
#include <boost/asio/io_context.hpp>
#include <mutex>
#include <utility>

#include "io/http_engine.hpp"
#include "io/http_exchange.hpp"
#include "io/http_message.hpp"

namespace fthost::io {

namespace {

Error cancelled(const std::string& label) { return make_error(Code::cancelled, "cancelled", label); }

Error bad_handle() {
  return make_error(Code::internal, "this HTTP handle is closed", {}, "whoever uses it must stop after close()");
}

Error busy_handle() {
  return make_error(Code::internal, "two threads read from one HTTP handle", {}, "let one thread read an answer");
}

Error wrong_thread() {
  return make_error(Code::internal, "a blocking HTTP call on the event loop's thread", {}, "call it on a worker");
}

}  // namespace

// Slots with generations, the generation in the upper half of a handle.
struct HttpClient::Handles {
  struct Slot {
    std::uint32_t generation = 1;
    std::shared_ptr<HttpExchange> exchange;
  };
  std::mutex mutex;
  std::vector<Slot> slots;
  std::vector<std::uint32_t> free;
  bool closed = false;

  // 0 after shutdown.
  std::uint64_t add(std::shared_ptr<HttpExchange> exchange) {
    std::lock_guard lock(mutex);
    if (closed) return 0;
    if (free.empty()) {
      free.push_back(static_cast<std::uint32_t>(slots.size()));
      slots.emplace_back();
    }
    const std::uint32_t index = free.back();
    free.pop_back();
    slots[index].exchange = std::move(exchange);
    return std::uint64_t{slots[index].generation} << 32 | index;
  }

  std::shared_ptr<HttpExchange> find(std::uint64_t handle) {
    std::lock_guard lock(mutex);
    Slot* const slot = valid(handle);
    return slot ? slot->exchange : nullptr;
  }

  std::shared_ptr<HttpExchange> remove(std::uint64_t handle) {
    std::lock_guard lock(mutex);
    Slot* const slot = valid(handle);
    if (slot == nullptr) return nullptr;
    ++slot->generation;
    free.push_back(static_cast<std::uint32_t>(handle));
    return std::exchange(slot->exchange, nullptr);
  }

  Slot* valid(std::uint64_t handle) {
    const std::size_t index = handle & 0xFFFFFFFFu;
    if (index >= slots.size() || slots[index].generation != handle >> 32) return nullptr;
    return slots[index].exchange ? &slots[index] : nullptr;
  }
};

const std::string* HttpResponse::header(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (header.name.size() == name.size() && strncasecmp(header.name.data(), name.data(), name.size()) == 0) {
      return &header.value;
    }
  }
  return nullptr;
}

HttpClient::HttpClient(EventLoop& loop, HttpOptions options)
    : loop_(loop),
      engine_(std::make_shared<HttpEngine>(loop, std::move(options))),
      handles_(std::make_unique<Handles>()) {}

HttpClient::~HttpClient() { shutdown(); }

bool HttpClient::on_loop() const { return loop_.context().get_executor().running_in_this_thread(); }

Result<HttpResponse> HttpClient::open(HttpRequest request, const CancelToken& cancel) {
  if (on_loop()) return wrong_thread();
  auto prepared = prepare_request(std::move(request), engine_->options());
  if (!prepared) return prepared.error();
  const std::shared_ptr<PreparedRequest> ready = *prepared;
  if (ready->route.server.tls) {
    auto tls = engine_->tls();
    if (!tls) return tls.error();
    ready->tls = *tls;
  }
  const TimePoint total_due = loop_.clock().now() + ready->total_timeout;

  // A first attempt over a kept connection may meet one that the server has just closed; the second never does.
  for (bool again = false;; again = true) {
    const auto exchange = std::make_shared<HttpExchange>(
        ready, engine_->options(),
        [engine = engine_](std::weak_ptr<HttpExchange> self) { engine->wake(std::move(self)); });
    exchange->new_connection = again;
    exchange->total_due = total_due;
    const std::uint64_t handle = handles_->add(exchange);
    if (handle == 0) return make_error(Code::cancelled, "the host is shutting down", ready->label);

    const CancelRegistration registration = cancel.on_cancel([&] { exchange->fail(cancelled(ready->label)); });
    engine_->start(exchange);
    auto head = exchange->wait_head();
    if (head) {
      HttpResponse response{head->status, std::move(head->headers), handle};
      auto refused = refused_redirect(*ready, response.status, response.header("Location"));
      if (!refused) return response;
      close(handle);
      return *refused;
    }
    close(handle);
    if (again || !ready->may_repeat || !exchange->dropped_unanswered()) return head.error();
    engine_->count_repeated();
  }
}

template <class Take>
Result<bool> HttpClient::take(std::uint64_t handle, const CancelToken& cancel, Take take) {
  if (on_loop()) return wrong_thread();
  const auto exchange = handles_->find(handle);
  if (!exchange) return bad_handle();
  const auto lock = exchange->enter();
  if (!lock) return busy_handle();
  const CancelRegistration registration = cancel.on_cancel([&] {
    exchange->fail(cancelled(exchange->request->label));
    engine_->drop(exchange);
  });
  return take(*exchange);
}

Result<bool> HttpClient::read(std::uint64_t handle, std::string& bytes, const CancelToken& cancel) {
  return take(handle, cancel, [&](HttpExchange& exchange) { return exchange.take_body(bytes); });
}

Result<bool> HttpClient::read_event(std::uint64_t handle, SseEvent& event, const CancelToken& cancel) {
  return take(handle, cancel, [&](HttpExchange& exchange) { return exchange.take_event(event); });
}

Result<std::string> HttpClient::read_all(std::uint64_t handle, std::size_t limit, const CancelToken& cancel) {
  const auto exchange = handles_->find(handle);
  if (!exchange) return bad_handle();
  std::string all, bytes;
  for (;;) {
    const auto more = read(handle, bytes, cancel);
    if (!more) return more.error();
    if (!*more) return all;
    if (all.size() + bytes.size() > limit) {
      return make_error(Code::limit, "the answer is longer than " + std::to_string(limit) + " bytes",
                        exchange->request->label, "check that the address is the right one");
    }
    all += bytes;
  }
}

void HttpClient::close(std::uint64_t handle) {
  const auto exchange = handles_->remove(handle);
  if (!exchange) return;
  exchange->fail(make_error(Code::cancelled, "the handle was closed", exchange->request->label));
  engine_->drop(exchange);
}

void HttpClient::shutdown() {
  {
    std::lock_guard lock(handles_->mutex);
    handles_->closed = true;
    for (const auto& slot : handles_->slots) {
      if (slot.exchange) {
        slot.exchange->fail(make_error(Code::cancelled, "the host is shutting down", slot.exchange->request->label));
      }
    }
  }
  engine_->close();
}

HttpStats HttpClient::stats() const {
  HttpStats stats;
  engine_->fill(stats);
  std::lock_guard lock(handles_->mutex);
  stats.open = handles_->slots.size() - handles_->free.size();
  return stats;
}

}  // namespace fthost::io
