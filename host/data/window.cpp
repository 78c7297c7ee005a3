#include "data/window.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace fthost::data {

Result<std::string_view> WindowReader::at(std::uint64_t offset, std::size_t length) {
  if (offset < begin_ || offset + length > begin_ + buffer_.size()) {
    constexpr std::size_t kWindow = std::size_t{256} << 10;
    buffer_.resize(std::max(length, kWindow));
    begin_ = offset;
    std::size_t done = 0;
    while (done < buffer_.size()) {
      const ssize_t count =
          ::pread(fd_, buffer_.data() + done, buffer_.size() - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) {
        const int number = errno;
        buffer_.clear();
        return errno_error(number, "cannot read", path_.string());
      }
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    buffer_.resize(done);
  }
  return std::string_view(buffer_).substr(static_cast<std::size_t>(offset - begin_), length);
}

}  // namespace fthost::data
