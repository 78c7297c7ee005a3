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

#include "io/progress.hpp"
#include "text/unicode.hpp"

namespace fthost::flow {

namespace fs = std::filesystem;

namespace {

// A pattern that the shell has not expanded.
Result<std::vector<std::string>> matching_files(const std::string& pattern, const Gate& gate) {
  // What is in any folder, not the folders.
  auto found = io::glob(fs::path(pattern).filename() == "**" ? pattern + "/*" : pattern);
  if (!found) return found.error();
  std::vector<std::string> files;
  std::error_code ec;
  for (const fs::path& path : *found) {
    if (!fs::is_regular_file(path, ec)) continue;
    if (auto allowed = gate.path(path.string(), Access::read); !allowed) return allowed.error();
    files.push_back(path.string());
  }
  if (files.empty()) return make_error(Code::config, "no file has such a name", pattern, "check the pattern");
  return files;
}

// By its byte order mark, or by what text of ASCII begins with there.
bool is_utf16(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return true;
  if (text.size() < 4) return false;
  const auto zero = [&](std::size_t i) { return text[i] == '\0'; };
  return zero(0) == zero(2) && zero(1) == zero(3) && zero(0) != zero(1);
}

}  // namespace

Result<std::vector<std::string>> input_files(const std::string& path, const Gate& gate) {
  std::vector<std::string> files;
  std::error_code ec;
  if (path.find_first_of("*?[") != std::string::npos && !fs::exists(path, ec)) return matching_files(path, gate);
  if (path == "-" || !fs::is_directory(path, ec)) {
    if (path != "-" && !fs::exists(path, ec))
      return make_error(Code::config, "there is no such file", path, "check the path");
    files.push_back(path);
    return files;
  }
  for (fs::recursive_directory_iterator it(path, ec), end; !ec && it != end; it.increment(ec)) {
    const bool hidden = it->path().filename().string().starts_with('.');
    if (hidden) it.disable_recursion_pending();
    if (hidden || !it->is_regular_file(ec)) continue;
    auto allowed = gate.path(it->path().string(), Access::read);  // it may be a link
    if (!allowed) return allowed.error();
    files.push_back(it->path().string());
  }
  if (ec) return make_error(Code::io, "cannot be listed: " + ec.message(), path, "check its permissions");
  std::sort(files.begin(), files.end());
  if (files.empty())
    return make_error(Code::config, "the folder has no files", path, "name the folder that holds them");
  return files;
}

std::string shown_name(std::string_view name) { return text::sanitize_terminal(name, false); }

bool like_rows(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  bool empty = true;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) continue;
    if (line[first] == '{') return true;
    if (empty && line[first] == '[') return false;
    empty = false;
  }
  return empty;
}

bool same_place(const std::string& a, const std::string& b) {
  if (a == "-" || b == "-" || a.empty() || b.empty()) return a == b;
  std::error_code ec;
  if (fs::equivalent(a, b, ec)) return true;
  return fs::weakly_canonical(fs::absolute(a, ec), ec) == fs::weakly_canonical(fs::absolute(b, ec), ec);
}

Result<Input> Input::open(const std::string& name, const io::CancelToken& cancel) {
  io::Descriptor fd(name == "-" ? ::dup(STDIN_FILENO) : ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd && errno == ENOENT)
    return make_error(Code::config, "there is no such file", shown_name(name), "check the path");
  if (!fd) return errno_error(errno, "cannot be read", shown_name(name));
  struct stat info{};
  const bool regular = ::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode);
  if (regular) io::progress().total += static_cast<std::uint64_t>(info.st_size);
  return Input(std::move(fd), shown_name(name), cancel, regular && name != "-", !regular);
}

std::int64_t Input::pull_raw(void* buffer, std::size_t capacity) {
  for (;;) {
    if (cancel_.cancelled()) return FT_E_CANCELLED;
    if (waits_) {  // a pipe or a terminal: it may have nothing for a long time
      pollfd wanted{fd_.get(), POLLIN, 0};
      if (::poll(&wanted, 1, 50) == 0) continue;
    }
    const ssize_t got = ::read(fd_.get(), buffer, capacity);
    if (got >= 0) {
      if (!waits_) io::progress().done += static_cast<std::uint64_t>(got);
      return got;
    }
    if (errno == EINTR || errno == EAGAIN) continue;
    error_ = errno_error(errno, "cannot be read", name_);
    return FT_E_IO;
  }
}

std::int64_t Input::pull(void* buffer, std::size_t capacity) {
  constexpr std::size_t kRaw = 64u << 10;
  if (!begun_) {  // its first bytes tell whether it is compressed
    begun_ = true;
    raw_.resize(kRaw);
    while (raw_size_ < io::Decompressor::kMagic) {
      const std::int64_t got = pull_raw(raw_.data() + raw_size_, kRaw - raw_size_);
      if (got < 0) return got;
      if (got == 0) break;
      raw_size_ += static_cast<std::size_t>(got);
    }
    decompressor_ = io::Decompressor::for_stream({raw_.data(), raw_size_});
  }
  for (;;) {
    std::string_view raw(raw_.data() + raw_taken_, raw_size_ - raw_taken_);
    if (!decompressor_) {
      if (raw.empty()) return pull_raw(buffer, capacity);
      const std::size_t size = raw.copy(static_cast<char*>(buffer), capacity);
      raw_taken_ += size;
      return static_cast<std::int64_t>(size);
    }
    const std::size_t before = raw.size();
    auto written = decompressor_->next(raw, static_cast<char*>(buffer), capacity);
    raw_taken_ += before - raw.size();
    if (!written) {
      error_ = written.error();
      error_->where = name_;
      return FT_E_IO;
    }
    if (*written > 0) return static_cast<std::int64_t>(*written);
    const std::int64_t got = pull_raw(raw_.data(), kRaw);
    if (got < 0) return got;
    if (got == 0) {
      if (decompressor_->complete()) return 0;
      error_ =
          make_error(Code::input, "the file is cut short: its compressed data goes on", name_, "get the file again");
      return FT_E_IO;
    }
    raw_taken_ = 0;
    raw_size_ = static_cast<std::size_t>(got);
  }
}

Result<std::string_view> Input::sample() {
  if (error_) return *error_;
  if (sampled_) return std::string_view(sample_);
  sampled_ = true;
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
  if (is_utf16(sample_)) {
    error_ = make_error(Code::input, "the file is UTF-16", name_, "save it as UTF-8");
    return *error_;
  }
  return std::string_view(sample_);
}

std::int64_t Input::read(void* ctx, void* buffer, std::size_t capacity) {
  Input& input = *static_cast<Input*>(ctx);
  return input.list_ ? input.list_->read(buffer, capacity) : input.read_bytes(buffer, capacity);
}

std::int64_t Input::read_bytes(void* buffer, std::size_t capacity) {
  if (!sampled_) {
    if (auto sample = this->sample(); !sample) return sample.error().code == Code::cancelled ? FT_E_CANCELLED : FT_E_IO;
  }
  if (error_) return FT_E_IO;
  if (handed_ == sample_.size()) return pull(buffer, capacity);
  const std::size_t size = std::min(capacity, sample_.size() - handed_);
  std::memcpy(buffer, sample_.data() + handed_, size);
  handed_ += size;
  return static_cast<std::int64_t>(size);
}

const data::ListLines& Input::cut_list() {
  list_ = std::make_unique<data::ListLines>(
      [this](void* buffer, std::size_t capacity) { return read_bytes(buffer, capacity); });
  return *list_;
}

}  // namespace fthost::flow
