// Looking up, connecting, the proxy's tunnel, TLS; then plain reads and writes that do not care which it is.

// GCC 12 takes the coroutine frames' own operator new and delete for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

#include "io/http_connection.hpp"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <charconv>

namespace fthost::io {

namespace {

constexpr std::size_t kMaxTunnelAnswer = 16u << 10;

Error aborted(const PreparedRequest& request) {
  return http_error(Code::cancelled, request.label, "given up while connecting", {}, false);
}

// The status of "HTTP/1.1 200 Connection established", or 0.
int tunnel_status(std::string_view answer) {
  int status = 0;
  if (!answer.starts_with("HTTP/1.") || answer.size() < 12 || answer[8] != ' ') return 0;
  const auto parsed = std::from_chars(answer.data() + 9, answer.data() + 12, status);
  return parsed.ptr == answer.data() + 12 ? status : 0;
}

}  // namespace

asio::awaitable<LookupResult> HttpResolver::resolve(std::string host, std::uint16_t port) {
  error_code not_a_number;
  const auto address = asio::ip::make_address(host, not_a_number);
  if (!not_a_number) {
    LookupResult literal;
    literal.endpoints.emplace_back(address, port);
    co_return literal;
  }
  const std::string key = host + ":" + std::to_string(port);
  if (const auto found = lookups_.find(key); found != lookups_.end()) {
    const std::shared_ptr<Lookup> lookup = found->second;
    co_await lookup->done.async_wait(kAwait);
    co_return lookup->result;
  }
  const auto lookup = std::make_shared<Lookup>(loop_.context());
  lookups_.emplace(key, lookup);
  tcp::resolver resolver(loop_.context());
  loop_.count_lookup(true);
  auto [ec, results] =
      co_await resolver.async_resolve(host, std::to_string(port), tcp::resolver::numeric_service, kAwait);
  loop_.count_lookup(false);
  lookup->result.ec = ec;
  if (!ec) {
    for (const auto& entry : results) lookup->result.endpoints.push_back(entry.endpoint());
  }
  lookups_.erase(key);
  lookup->done.cancel();
  co_return lookup->result;
}

asio::awaitable<IoResult> HttpConnection::read_some(asio::mutable_buffer into) {
  if (tls_) {
    auto [ec, size] = co_await tls_->async_read_some(into, kAwait);
    co_return IoResult{ec, size};
  }
  auto [ec, size] = co_await socket_.async_read_some(into, kAwait);
  co_return IoResult{ec, size};
}

asio::awaitable<IoResult> HttpConnection::write_some(asio::const_buffer from) {
  if (tls_) {
    auto [ec, size] = co_await tls_->async_write_some(from, kAwait);
    co_return IoResult{ec, size};
  }
  auto [ec, size] = co_await socket_.async_write_some(from, kAwait);
  co_return IoResult{ec, size};
}

void HttpConnection::close() {
  closed_ = true;
  error_code ignored;
  socket_.close(ignored);
}

bool HttpConnection::quiet() {
  char byte;
  const ssize_t count = recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

asio::awaitable<Result<void>> HttpConnection::establish(std::shared_ptr<const PreparedRequest> request,
                                                        std::shared_ptr<HttpResolver> resolver, TimePoint due) {
  const Url& target = request->route.proxy ? *request->route.proxy : request->route.server;
  stage = HttpTimeout::lookup;
  const LookupResult found = co_await resolver->resolve(target.host, target.port);
  if (closed_) co_return aborted(*request);
  if (found.ec) co_return lookup_error(request->label, target.host, found.ec);

  stage = HttpTimeout::connect;
  const error_code ec = co_await connect(found.endpoints, due);
  if (closed_) co_return aborted(*request);
  if (ec) co_return connect_error(request->label, target.host_port(), ec);

  if (request->route.proxy && request->route.server.tls) {
    stage = HttpTimeout::proxy;
    Result<void> opened = co_await tunnel(*request);
    if (!opened) co_return opened;
  }
  if (request->route.server.tls) {
    stage = HttpTimeout::tls;
    Result<void> secured = co_await handshake(*request);
    if (!secured) co_return secured;
  }
  co_return Result<void>();
}

asio::awaitable<error_code> HttpConnection::connect(const std::vector<tcp::endpoint>& endpoints, TimePoint due) {
  error_code last = asio::error::host_not_found;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    last = error_code();
    socket_.close(last);
    socket_.open(endpoints[i].protocol(), last);
    if (last) continue;
    fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.set_option(asio::socket_base::keep_alive(true), ignored);

    EventLoop::TimerId share = 0;
    if (const std::size_t left = endpoints.size() - i; left > 1) {
      const Duration time = (due - loop_.clock().now()) / static_cast<std::int64_t>(left);
      share = loop_.after(time, [weak = weak_from_this()] {
        error_code none;
        if (const auto self = weak.lock()) self->socket_.close(none);
      });
    }
    auto [ec] = co_await socket_.async_connect(endpoints[i], kAwait);
    loop_.cancel(share);
    if (closed_) co_return ec;
    last = ec == asio::error::operation_aborted ? error_code(asio::error::timed_out) : ec;
    if (!last && !socket_.is_open()) last = asio::error::timed_out;
    if (!last) break;
  }
  co_return last;
}

asio::awaitable<Result<void>> HttpConnection::tunnel(const PreparedRequest& request) {
  const std::string proxy = request.route.proxy->host_port();
  const std::string server = request.route.server.host_port();
  std::string ask = "CONNECT " + server + " HTTP/1.1\r\nHost: " + server + "\r\n";
  if (!request.route.proxy_authorization.empty()) {
    ask += "Proxy-Authorization: " + request.route.proxy_authorization + "\r\n";
  }
  ask += "\r\n";
  for (std::size_t sent = 0; sent < ask.size();) {
    auto [ec, size] = co_await write_some(asio::buffer(ask) + sent);
    if (closed_) co_return aborted(request);
    if (ec) co_return proxy_error(request.label, proxy, 0);
    sent += size;
  }
  std::string answer;
  std::size_t end = std::string::npos;
  while (end == std::string::npos) {
    char bytes[1024];
    auto [ec, size] = co_await read_some(asio::buffer(bytes));
    if (closed_) co_return aborted(request);
    if (ec || answer.size() > kMaxTunnelAnswer) co_return proxy_error(request.label, proxy, 0);
    answer.append(bytes, size);
    end = answer.find("\r\n\r\n");
  }
  const int status = tunnel_status(answer);
  if (status / 100 != 2) co_return proxy_error(request.label, proxy, status);
  // The server does not speak first in TLS, so what follows here would not come from it.
  if (answer.size() != end + 4) co_return proxy_error(request.label, proxy, 0);
  co_return Result<void>();
}

asio::awaitable<Result<void>> HttpConnection::handshake(const PreparedRequest& request) {
  const Url& server = request.route.server;
  context_ = request.tls;
  tls_.emplace(socket_, context_->context());
  SSL* const ssl = tls_->native_handle();
  if (!expect_server(ssl, server.host, server.is_address)) {
    co_return http_error(Code::internal, request.label, "OpenSSL refused the name of the server", {}, false);
  }
  auto [ec] = co_await tls_->async_handshake(asio::ssl::stream_base::client, kAwait);
  if (closed_) co_return aborted(request);
  if (ec) co_return tls_error(request.label, server.host, SSL_get_verify_result(ssl), ec);
  co_return Result<void>();
}

}  // namespace fthost::io
