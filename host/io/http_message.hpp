// A request made ready on the worker's thread: checked, routed, its head written, its file opened.
// Immutable from then on, so the loop may send it from here, as often as need be.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "io/http_client.hpp"
#include "io/url.hpp"

namespace fthost::io {

class TlsContext;

// A file whose bytes go into a body. Reads block: worker threads only.
class BodyFile {
 public:
  static Result<std::shared_ptr<const BodyFile>> open(const std::string& path);
  ~BodyFile();
  BodyFile(const BodyFile&) = delete;
  BodyFile& operator=(const BodyFile&) = delete;

  std::uint64_t size() const { return size_; }
  // Up to `capacity` bytes from `offset` replace `bytes`. An error where the file has become shorter than size().
  Result<void> read(std::uint64_t offset, std::size_t capacity, std::string& bytes) const;

 private:
  BodyFile(int fd, std::uint64_t size, std::string path) : fd_(fd), size_(size), path_(std::move(path)) {}
  int fd_;
  std::uint64_t size_;
  std::string path_;
};

// Where the bytes go. Connections are shared by requests of equal `key`.
struct HttpRoute {
  std::string key;
  Url server;                       // whom the request is for
  std::optional<Url> proxy;         // whom the socket goes to, if not to the server
  std::string proxy_authorization;  // for CONNECT; a plain request has it in its head
};

struct PreparedRequest {
  HttpRequest request;  // its body is sent from here
  std::string label;    // "POST https://host": the `where` of every Error
  HttpRoute route;
  std::string head;  // request line and headers, with the empty line
  std::shared_ptr<const BodyFile> file;
  std::shared_ptr<TlsContext> tls;  // null: plain http
  bool may_repeat = false;
  bool without_body = false;                                       // the answer to HEAD
  Duration connect_timeout{0}, idle_timeout{0}, total_timeout{0};  // total 0: none
};

Result<std::shared_ptr<PreparedRequest>> prepare_request(HttpRequest request, const HttpOptions& options);

// The Error of a 3xx, or of nothing where the answer is to be handed over.
std::optional<Error> refused_redirect(const PreparedRequest& request, int status, const std::string* location);

}  // namespace fthost::io
