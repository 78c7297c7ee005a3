// Starting, waking and dropping sessions; the pool of kept connections.
#include "io/http_engine.hpp"

#include <utility>

#include "io/http_connection.hpp"
#include "io/http_session.hpp"

namespace fthost::io {

HttpEngine::HttpEngine(EventLoop& loop, HttpOptions options)
    : options_(std::move(options)), loop_(&loop), resolver_(std::make_shared<HttpResolver>(loop)) {}

HttpEngine::~HttpEngine() = default;

void HttpEngine::post(std::function<void()> fn) {
  std::lock_guard lock(posting_);
  if (loop_ != nullptr) loop_->post(std::move(fn));
}

void HttpEngine::start(std::shared_ptr<HttpExchange> exchange) {
  post([self = shared_from_this(), exchange = std::move(exchange)] {
    if (self->loop_ == nullptr || exchange->over()) return;
    HttpSession::launch(std::make_shared<HttpSession>(self, exchange));
  });
}

void HttpEngine::wake(std::weak_ptr<HttpExchange> exchange) {
  post([exchange = std::move(exchange)] {
    const auto alive = exchange.lock();
    const auto session = alive ? alive->session.lock() : nullptr;
    if (session) session->wake();
  });
}

void HttpEngine::drop(std::shared_ptr<HttpExchange> exchange) {
  post([exchange = std::move(exchange)] {
    if (const auto session = exchange->session.lock()) session->leave();
  });
}

Result<std::shared_ptr<TlsContext>> HttpEngine::tls() {
  std::lock_guard lock(tls_mutex_);
  if (tls_) return tls_;
  auto loaded = TlsContext::load(options_.ca_file);
  if (loaded) tls_ = *loaded;
  return loaded;
}

void HttpEngine::fill(HttpStats& stats) const {
  stats.connections = connections_;
  stats.reused = reused_;
  stats.repeated = repeated_;
  stats.idle = idle_count_;
  stats.waiting = waiting_;
}

void HttpEngine::close() {
  if (loop_ == nullptr) return;
  for (HttpSession* session : std::set(sessions_)) session->leave();
  while (!idle_by_age_.empty()) {
    const auto connection = idle_by_age_.begin()->second;
    forget(connection);
    connection->close();
  }
  resolver_.reset();
  std::lock_guard lock(posting_);
  loop_ = nullptr;
}

std::shared_ptr<HttpConnection> HttpEngine::take(const std::string& key) {
  for (auto found = idle_.find(key); found != idle_.end(); found = idle_.find(key)) {
    const std::shared_ptr<HttpConnection> connection = found->second.back();
    forget(connection);
    if (connection->quiet()) {
      ++reused_;
      return connection;
    }
    connection->close();
  }
  return nullptr;
}

std::shared_ptr<HttpConnection> HttpEngine::make(const std::string& key) {
  ++connections_;
  return std::make_shared<HttpConnection>(*loop_, key);
}

void HttpEngine::keep(std::shared_ptr<HttpConnection> connection) {
  if (loop_ == nullptr || options_.max_idle == 0) return connection->close();
  connection->buffer.shrink_to_fit();
  connection->idle_order = next_idle_++;
  connection->idle_timer = loop_->after(options_.keep_alive, [this, weak = std::weak_ptr(connection)] {
    if (const auto expired = weak.lock()) {
      forget(expired);
      expired->close();
    }
  });
  idle_[connection->key].push_back(connection);
  idle_by_age_.emplace(connection->idle_order, connection);
  idle_count_ = idle_by_age_.size();
  if (idle_by_age_.size() > options_.max_idle) {
    const auto oldest = idle_by_age_.begin()->second;
    forget(oldest);
    oldest->close();
  }
}

void HttpEngine::forget(const std::shared_ptr<HttpConnection>& connection) {
  loop_->cancel(std::exchange(connection->idle_timer, 0));
  idle_by_age_.erase(connection->idle_order);
  const auto found = idle_.find(connection->key);
  std::erase(found->second, connection);
  if (found->second.empty()) idle_.erase(found);
  idle_count_ = idle_by_age_.size();
}

}  // namespace fthost::io
