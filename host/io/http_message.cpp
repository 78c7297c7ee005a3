// Checks a request, chooses its route, writes its head.
#include "io/http_message.hpp"

#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "io/http_errors.hpp"

namespace fthost::io {

namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7F) || byte == '\t';
  });
}

bool same_name(const std::string& a, const char* b) { return strcasecmp(a.c_str(), b) == 0; }

bool has_header(const HttpRequest& request, const char* name) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [&](const HttpHeader& header) { return same_name(header.name, name); });
}

bool is_one_of(const std::string& method, std::initializer_list<const char*> names) {
  return std::find(names.begin(), names.end(), method) != names.end();
}

// Values are secrets: no message shows one.
std::optional<Error> check_headers(const HttpRequest& request, const std::string& label) {
  for (const HttpHeader& header : request.headers) {
    if (!is_token(header.name)) {
      return make_error(Code::input, "a header has a name that HTTP does not allow", label,
                        "use letters, digits and hyphens");
    }
    for (const char* own : {"Host", "Content-Length", "Transfer-Encoding", "Connection"}) {
      if (same_name(header.name, own)) {
        return make_error(Code::input, "the header " + header.name + " is written by the host", label, "leave it out");
      }
    }
    if (!is_header_value(header.value)) {
      return make_error(Code::input,
                        "the value of the header " + header.name + " has a line break or control character", label,
                        "look for a newline at the end of the key or of the file that it came from");
    }
  }
  return std::nullopt;
}

Duration or_default(milliseconds given, milliseconds standard) { return given.count() > 0 ? given : standard; }

std::string written_head(const PreparedRequest& prepared, const HttpOptions& options, std::uint64_t body_size) {
  const HttpRequest& request = prepared.request;
  const HttpRoute& route = prepared.route;
  const bool through_proxy = route.proxy && !route.server.tls;
  std::string head = request.method + " ";
  if (through_proxy) head += route.server.origin();
  head += route.server.target + " HTTP/1.1\r\nHost: " + route.server.authority() + "\r\n";
  if (!has_header(request, "User-Agent")) head += "User-Agent: " + options.user_agent + "\r\n";
  if (!has_header(request, "Accept")) head += "Accept: */*\r\n";
  for (const HttpHeader& header : request.headers) head += header.name + ": " + header.value + "\r\n";
  if (through_proxy && !route.proxy_authorization.empty()) {
    head += "Proxy-Authorization: " + route.proxy_authorization + "\r\n";
  }
  if (body_size > 0 || is_one_of(request.method, {"POST", "PUT", "PATCH"})) {
    head += "Content-Length: " + std::to_string(body_size) + "\r\n";
  }
  return head + "\r\n";
}

}  // namespace

Result<std::shared_ptr<const BodyFile>> BodyFile::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return errno_error(errno, "cannot open the file to upload", path);
  struct stat about{};
  std::shared_ptr<const BodyFile> file;
  if (fstat(fd, &about) != 0) {
    const int problem = errno;
    ::close(fd);
    return errno_error(problem, "cannot look at the file to upload", path);
  }
  file.reset(new BodyFile(fd, static_cast<std::uint64_t>(about.st_size), path));
  if (!S_ISREG(about.st_mode)) {
    return make_error(Code::input, "only a regular file can be uploaded", path, "write the data to a file first");
  }
  return file;
}

BodyFile::~BodyFile() { ::close(fd_); }

Result<void> BodyFile::read(std::uint64_t offset, std::size_t capacity, std::string& bytes) const {
  bytes.resize(static_cast<std::size_t>(std::min<std::uint64_t>(capacity, size_ - offset)));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = pread(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error(errno, "cannot read the file to upload", path_);
    if (count == 0) {
      return make_error(Code::conflict, "the file became shorter while it was uploaded", path_,
                        "upload it again when nothing writes to it");
    }
    done += static_cast<std::size_t>(count);
  }
  return {};
}

Result<std::shared_ptr<PreparedRequest>> prepare_request(HttpRequest request, const HttpOptions& options) {
  auto url = parse_url(request.url);
  if (!url) return url.error();
  if (!is_token(request.method)) {
    return make_error(Code::input, "the method of the request is not one", url->origin(),
                      "use GET, POST, PUT or the like");
  }
  const std::string label = request.method + " " + url->origin();
  if (!url->user.empty() || !url->password.empty()) {
    return make_error(Code::input, "the address has a user or a password in it", label,
                      "take it out and send the key as a header, so that it never shows up in a log");
  }
  if (auto problem = check_headers(request, label)) return *problem;

  auto prepared = std::make_shared<PreparedRequest>();
  prepared->label = label;
  prepared->may_repeat =
      request.repeatable || is_one_of(request.method, {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"});
  prepared->without_body = request.method == "HEAD";
  prepared->connect_timeout = or_default(request.connect_timeout, options.connect_timeout);
  prepared->idle_timeout = or_default(request.idle_timeout, options.idle_timeout);
  prepared->total_timeout = or_default(request.total_timeout, options.total_timeout);

  auto proxy = options.proxies.choose(*url);
  if (!proxy) return proxy.error();
  HttpRoute& route = prepared->route;
  route.proxy = std::move(*proxy);
  route.server = std::move(*url);
  if (route.proxy) route.proxy_authorization = proxy_authorization(*route.proxy);
  route.key = route.proxy && !route.server.tls ? "proxy " + route.proxy->host_port()
                                               : (route.server.tls ? "https " : "http ") + route.server.host_port();

  std::uint64_t body_size = request.body.size() + request.body_after.size();
  if (!request.body_file.empty()) {
    auto file = BodyFile::open(request.body_file);
    if (!file) return file.error();
    prepared->file = std::move(*file);
    body_size += prepared->file->size();
  }
  prepared->request = std::move(request);
  prepared->head = written_head(*prepared, options, body_size);
  return prepared;
}

std::optional<Error> refused_redirect(const PreparedRequest& request, int status, const std::string* location) {
  constexpr std::array kRedirects = {301, 302, 303, 307, 308};
  if (request.request.redirect_is_answer || location == nullptr) return std::nullopt;
  if (std::find(kRedirects.begin(), kRedirects.end(), status) == kRedirects.end()) return std::nullopt;
  Error error = http_error(Code::io, request.label,
                           "the server answered " + std::to_string(status) + " and points to " + shown_url(*location),
                           "if you trust that address, configure it instead of this one; redirects are not followed, "
                           "so that a key never reaches another server",
                           true);
  error.details = "{\"sent\":true,\"http_status\":" + std::to_string(status) + "}";
  return error;
}

}  // namespace fthost::io
