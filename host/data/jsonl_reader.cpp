// A line that does not end in the buffer is moved to the front of the same or, if somebody keeps it, of a new one.
#include "data/jsonl_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/status.hpp"
#include "io/progress.hpp"

namespace fthost::data {

Result<JsonlReader> JsonlReader::open(const std::filesystem::path& path, std::size_t line_limit) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, "cannot open", path.string());
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  struct stat info{};
  if (::fstat(fd, &info) == 0) io::progress().total += static_cast<std::uint64_t>(info.st_size);
  JsonlReader reader(path.string(), nullptr, line_limit);
  reader.file_ = io::Descriptor(fd);
  return reader;
}

Result<std::size_t> JsonlReader::read(char* buffer, std::size_t capacity) {
  if (!file_) {
    const std::int64_t count = pull_(buffer, capacity);
    if (count < 0) return make_error(code_of(static_cast<ft_status>(count)), "cannot read", name_);
    return static_cast<std::size_t>(count);
  }
  for (;;) {
    const ssize_t count = ::read(file_.get(), buffer, capacity);
    if (count >= 0) {
      io::progress().done += static_cast<std::uint64_t>(count);
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR) return errno_error(errno, "cannot read", name_);
  }
}

JsonlReader::JsonlReader(std::string name, Pull pull, std::size_t line_limit)
    : name_(std::move(name)), pull_(std::move(pull)), limit_(line_limit) {}

// More bytes behind end_; false at the end of the source.
Result<bool> JsonlReader::fill() {
  if (at_end_) return false;
  if (capacity_ - end_ < kChunk / 4) {
    // A line longer than the buffer doubles it; once normal lines follow it shrinks again.
    const std::size_t pending = end_ - begin_;
    const std::size_t wanted = std::max(kChunk, pending + std::max(pending, kChunk / 4));
    const bool shrinks = capacity_ > kChunk && wanted * 4 <= capacity_;
    if (wanted > capacity_ || shrinks || chunk_.use_count() > 1) {
      std::shared_ptr<char[]> other(new char[wanted]);
      if (pending > 0) std::memcpy(other.get(), chunk_.get() + begin_, pending);
      chunk_ = std::move(other);
      capacity_ = wanted;
    } else if (pending > 0) {
      std::memmove(chunk_.get(), chunk_.get() + begin_, pending);
    }
    searched_ -= begin_;
    begin_ = 0;
    end_ = pending;
  }
  auto count = read(chunk_.get() + end_, capacity_ - end_);
  if (!count) {
    at_end_ = true;
    return count.error();
  }
  at_end_ = *count == 0;
  end_ += *count;
  return !at_end_;
}

Result<bool> JsonlReader::next(Line& line) {
  if (!started_) {
    started_ = true;
    while (end_ - begin_ < 3) {
      auto more = fill();
      if (!more) return more.error();
      if (!*more) break;
    }
    byte_order_mark_ = end_ - begin_ >= 3 && std::memcmp(chunk_.get() + begin_, "\xEF\xBB\xBF", 3) == 0;
    if (byte_order_mark_) {
      begin_ += 3;
      offset_ += 3;
    }
    searched_ = begin_;
  }
  line.too_long = false;
  std::uint64_t passed_over = 0;  // bytes of a line that is too long, beyond what is kept of it
  const char* newline = nullptr;
  for (;;) {
    if (searched_ < end_) {
      newline = static_cast<const char*>(std::memchr(chunk_.get() + searched_, '\n', end_ - searched_));
      if (newline) break;
      searched_ = end_;
    }
    if (end_ - begin_ > limit_ + 1) {
      // Keep the beginning, read over the rest.
      line.too_long = true;
      passed_over += end_ - begin_ - limit_;
      end_ = searched_ = begin_ + limit_;
    }
    auto more = fill();
    if (!more) return more.error();
    if (!*more) break;
  }
  if (!newline && begin_ == end_) return false;
  const std::size_t stop = newline ? static_cast<std::size_t>(newline - chunk_.get()) : end_;
  line.number = ++number_;
  line.offset = offset_;
  line.terminated = newline != nullptr;
  line.text = std::string_view(chunk_.get() + begin_, stop - begin_);
  if (line.terminated && !line.too_long && line.text.ends_with('\r')) line.text.remove_suffix(1);
  if (line.text.size() > limit_) line.too_long = true;
  if (line.too_long) line.text = line.text.substr(0, limit_);
  const std::size_t after = stop + (newline ? 1 : 0);
  offset_ += after - begin_ + passed_over;
  begin_ = searched_ = after;
  return true;
}

}  // namespace fthost::data
