// LoopbackServer: a scripted server on 127.0.0.1 for tests, raw sockets, one thread a connection, TLS if asked for.
// The script decides every byte, so it can also break the rules. The server ends every connection when it goes.
#pragma once

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace fthost::test {

// Something that happens once; others wait for it.
class Event {
 public:
  void set() {
    std::lock_guard lock(mutex_);
    happened_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return happened_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool happened_ = false;
};

// What the test and a server's script tell each other.
template <class T>
class Shared {
 public:
  void set(T value) {
    std::lock_guard lock(mutex_);
    value_ = std::move(value);
  }
  T get() {
    std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  std::mutex mutex_;
  T value_{};
};

struct SeenRequest {
  std::string line;  // "GET /path HTTP/1.1"
  std::string head;  // all of it
  std::string body;
  // The value of a header, or nothing.
  std::optional<std::string> header(std::string_view name) const {
    for (std::size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
      const std::string_view rest = std::string_view(head).substr(at + 2);
      if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
      if (strncasecmp(rest.data(), name.data(), name.size()) != 0) continue;
      const std::string_view value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
      return std::string(value.substr(value.starts_with(' ') ? 1 : 0));
    }
    return std::nullopt;
  }
};

// One accepted connection, in its own thread. Everything blocks.
class Peer {
 public:
  Peer(int fd, int number) : number(number), fd_(fd) {}
  const int number;  // 1 is the first connection that the server accepted

  // false: the client has gone, or does not trust us.
  bool start_tls(SSL_CTX* context) {
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, fd_);
    return SSL_accept(ssl_) == 1;
  }
  // The head of the next request; nothing once the client has gone.
  std::optional<SeenRequest> head() {
    SeenRequest seen;
    std::size_t end;
    while ((end = rest_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return std::nullopt;
    }
    seen.head = rest_.substr(0, end + 2);
    rest_.erase(0, end + 4);
    seen.line = seen.head.substr(0, seen.head.find("\r\n"));
    return seen;
  }
  // The next request with its body; nothing once the client has gone.
  std::optional<SeenRequest> request() {
    auto seen = head();
    if (!seen) return std::nullopt;
    const std::size_t length = std::stoull(seen->header("Content-Length").value_or("0"));
    while (rest_.size() < length) {
      if (!receive()) return std::nullopt;
    }
    seen->body = rest_.substr(0, length);
    rest_.erase(0, length);
    return seen;
  }
  // Some bytes of what comes; empty once the client has gone.
  std::string bytes() {
    if (rest_.empty()) receive();
    return std::exchange(rest_, std::string());
  }
  // Reads `size` bytes and keeps none; how many there were before the client went.
  std::uint64_t swallow(std::uint64_t size) {
    std::uint64_t done = std::min<std::uint64_t>(size, rest_.size());
    rest_.erase(0, static_cast<std::size_t>(done));
    char buffer[65536];
    while (done < size) {
      const ssize_t count = ::recv(fd_, buffer, std::min<std::uint64_t>(sizeof buffer, size - done), 0);
      if (count <= 0) break;
      done += static_cast<std::uint64_t>(count);
    }
    return done;
  }
  // false: the client reads no more.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ssl_ ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                 : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  bool answer(std::string_view body, std::string_view headers = {}) {
    return send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(headers) +
                "\r\n" + std::string(body));
  }
  void wait_until_client_has_gone() {
    while (!bytes().empty()) {
    }
  }
  void reset_on_close() {  // RST instead of FIN
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  void finish() { shutdown(fd_, SHUT_WR); }   // nothing more is sent
  void say_goodbye() { SSL_shutdown(ssl_); }  // TLS close_notify
  // Passes bytes to and fro between this connection and a port of this machine until one side ends.
  void tunnel_to(std::uint16_t port);

 private:
  friend class LoopbackServer;
  bool receive() {
    char buffer[65536];
    const ssize_t count = ssl_ ? SSL_read(ssl_, buffer, sizeof buffer) : ::recv(fd_, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    rest_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }
  int fd_;
  SSL* ssl_ = nullptr;
  std::string rest_;
};

inline void Peer::tunnel_to(std::uint16_t port) {
  const int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected = connect(other, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  pollfd fds[2] = {{fd_, POLLIN, 0}, {other, POLLIN, 0}};
  char buffer[65536];
  for (bool open = connected; open && poll(fds, 2, -1) > 0;) {
    for (int from = 0; from < 2 && open; ++from) {
      if (fds[from].revents == 0) continue;
      const ssize_t count = ::recv(fds[from].fd, buffer, sizeof buffer, 0);
      open = count > 0 && ::send(fds[1 - from].fd, buffer, static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
    }
  }
  ::close(other);
}

class LoopbackServer {
 public:
  using Script = std::function<void(Peer&)>;

  // `script` runs once a connection; the connection is closed when it returns.
  explicit LoopbackServer(Script script, SSL_CTX* tls = nullptr) : script_(std::move(script)), tls_(tls) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 1024) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("the test server cannot listen");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~LoopbackServer() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      std::lock_guard lock(mutex_);
      for (const int fd : open_) shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
  }

  std::uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url(const std::string& target = "/") const { return "http://" + address() + target; }
  int accepted() {
    std::lock_guard lock(mutex_);
    return accepted_;
  }

 private:
  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      std::lock_guard lock(mutex_);
      open_.insert(fd);
      threads_.emplace_back([this, fd, number = ++accepted_] { serve(fd, number); });
    }
  }
  void serve(int fd, int number) {
    sigset_t pipe_signal;  // OpenSSL writes without MSG_NOSIGNAL
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, nullptr);
    Peer peer(fd, number);
    if (tls_ == nullptr || peer.start_tls(tls_)) script_(peer);
    SSL_free(peer.ssl_);
    std::lock_guard lock(mutex_);
    open_.erase(fd);
    ::close(fd);
  }

  const Script script_;
  SSL_CTX* const tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  int accepted_ = 0;
  std::set<int> open_;
  std::vector<std::thread> threads_;  // the acceptor's, until it has ended
  std::thread acceptor_;
};

}  // namespace fthost::test
