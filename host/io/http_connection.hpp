// HttpConnection: one socket to a server or its proxy, with TLS where the address says so; kept between requests.
// HttpResolver: names to addresses, one lookup at a time for each name. Loop only.
// Internal to io: it includes Asio, so only the few files that speak it include this.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "io/http_errors.hpp"
#include "io/http_message.hpp"
#include "io/http_tls.hpp"
#include "io/loop.hpp"

namespace fthost::io {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;
inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);  // co_await yields the error instead of throwing it

struct LookupResult {
  error_code ec;
  std::vector<tcp::endpoint> endpoints;
};

class HttpResolver {
 public:
  explicit HttpResolver(EventLoop& loop) : loop_(loop) {}
  asio::awaitable<LookupResult> resolve(std::string host, std::uint16_t port);

 private:
  struct Lookup {
    explicit Lookup(asio::io_context& context) : done(context, asio::steady_timer::time_point::max()) {}
    asio::steady_timer done;  // cancelled when `result` is there
    LookupResult result;
  };
  EventLoop& loop_;
  std::map<std::string, std::shared_ptr<Lookup>> lookups_;
};

struct IoResult {
  error_code ec;
  std::size_t size = 0;
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(EventLoop& loop, std::string key) : key(std::move(key)), loop_(loop), socket_(loop.context()) {}

  // Everything that has to happen before the request may be sent. `due` is when the connect timeout ends; where the
  // server has several addresses each gets its share of the time. `stage` follows what is being done.
  asio::awaitable<Result<void>> establish(std::shared_ptr<const PreparedRequest> request,
                                          std::shared_ptr<HttpResolver> resolver, TimePoint due);

  asio::awaitable<IoResult> read_some(asio::mutable_buffer buffer);
  asio::awaitable<IoResult> write_some(asio::const_buffer buffer);

  // Whatever is under way ends with operation_aborted.
  void close();
  bool closed() const { return closed_; }

  // Whether a kept connection may be used: the server has neither closed it nor sent anything unasked.
  bool quiet();

  const std::string key;
  HttpTimeout stage = HttpTimeout::lookup;
  boost::beast::flat_buffer buffer;  // read, not parsed yet
  EventLoop::TimerId idle_timer = 0;
  std::uint64_t idle_order = 0;

 private:
  asio::awaitable<error_code> connect(const std::vector<tcp::endpoint>& endpoints, TimePoint due);
  asio::awaitable<Result<void>> tunnel(const PreparedRequest& request);
  asio::awaitable<Result<void>> handshake(const PreparedRequest& request);

  EventLoop& loop_;
  tcp::socket socket_;
  std::shared_ptr<TlsContext> context_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  bool closed_ = false;
};

}  // namespace fthost::io
