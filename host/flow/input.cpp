#include "flow/input.hpp"

#include <fcntl.h>
#include <ft_plugin.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "text/unicode.hpp"

namespace fthost::flow {

namespace fs = std::filesystem;

Result<std::vector<std::string>> input_files(const std::string& path, const Gate& gate) {
  std::vector<std::string> files;
  std::error_code ec;
  if (path == "-" || !fs::is_directory(path, ec)) {
    if (path != "-" && !fs::exists(path, ec))
      return make_error(Code::input, "there is no such file", path, "check the path");
    files.push_back(path);
    return files;
  }
  for (fs::directory_iterator it(path, ec), end; !ec && it != end; it.increment(ec)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with('.') || !it->is_regular_file(ec)) continue;
    auto allowed = gate.path(it->path().string(), Access::read);  // it may be a link
    if (!allowed) return allowed.error();
    files.push_back(it->path().string());
  }
  if (ec) return make_error(Code::io, "cannot be listed: " + ec.message(), path, "check its permissions");
  std::sort(files.begin(), files.end());
  if (files.empty()) return make_error(Code::input, "the folder has no files", path, "name the folder that holds them");
  return files;
}

std::string shown_name(std::string_view name) { return text::sanitize_terminal(name, false); }

Result<Input> Input::open(const std::string& name, const io::CancelToken& cancel) {
  io::Descriptor fd(name == "-" ? ::dup(STDIN_FILENO) : ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return errno_error(errno, "cannot be read", shown_name(name));
  struct stat info{};
  const bool regular = ::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode);
  return Input(std::move(fd), shown_name(name), cancel, regular && name != "-", !regular);
}

std::int64_t Input::pull(void* buffer, std::size_t capacity) {
  for (;;) {
    if (cancel_.cancelled()) return FT_E_CANCELLED;
    if (waits_) {  // a pipe or a terminal: it may have nothing for a long time
      pollfd wanted{fd_.get(), POLLIN, 0};
      if (::poll(&wanted, 1, 50) == 0) continue;
    }
    const ssize_t got = ::read(fd_.get(), buffer, capacity);
    if (got >= 0) return got;
    if (errno == EINTR || errno == EAGAIN) continue;
    error_ = errno_error(errno, "cannot be read", name_);
    return FT_E_IO;
  }
}

Result<std::string_view> Input::sample() {
  sample_.resize(kSample);
  std::size_t size = 0;
  while (size < kSample) {
    const std::int64_t got = pull(sample_.data() + size, kSample - size);
    if (got == FT_E_CANCELLED) return make_error(Code::cancelled, "cancelled");
    if (got < 0) return *error_;
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  sample_.resize(size);
  return std::string_view(sample_);
}

std::int64_t Input::read(void* ctx, void* buffer, std::size_t capacity) {
  Input& input = *static_cast<Input*>(ctx);
  if (input.handed_ == input.sample_.size()) return input.pull(buffer, capacity);
  const std::size_t size = std::min(capacity, input.sample_.size() - input.handed_);
  std::memcpy(buffer, input.sample_.data() + input.handed_, size);
  input.handed_ += size;
  return static_cast<std::int64_t>(size);
}

}  // namespace fthost::flow
