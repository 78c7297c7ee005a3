#include "flow/spool.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "io/files.hpp"

namespace fthost::flow {

Result<Spool> Spool::create() {
  std::error_code ec;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(ec);
  if (ec) return make_error(Code::io, "there is no folder for temporary files", "", "set TMPDIR to one");
  std::string name = (folder / "fthost-XXXXXX").string();
  io::Descriptor fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd)
    return errno_error(errno, "cannot make a temporary file", folder.string(), "set TMPDIR to a folder for them");
  ::unlink(name.c_str());
  return Spool(std::move(fd), folder.string());
}

Result<void> Spool::write(std::string_view bytes) {
  constexpr std::size_t kBuffer = std::size_t{256} << 10;
  buffer_ += bytes;
  return buffer_.size() < kBuffer ? Result<void>() : flush();
}

Result<void> Spool::flush() {
  auto written = io::write_all(fd_.get(), buffer_, folder_);
  buffer_.clear();
  return written;
}

Result<void> Spool::for_each(const std::function<Result<void>(std::string_view)>& piece) {
  if (auto flushed = flush(); !flushed) return flushed;
  std::string buffer(std::size_t{256} << 10, '\0');
  off_t offset = 0;
  for (;;) {
    const ssize_t count = ::pread(fd_.get(), buffer.data(), buffer.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error(errno, "cannot read a temporary file", folder_);
    if (count == 0) return {};
    offset += count;
    if (auto done = piece({buffer.data(), static_cast<std::size_t>(count)}); !done) return done;
  }
}

}  // namespace fthost::flow
