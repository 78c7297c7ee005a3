// Spool: bytes that are needed again, in a temporary file without a name. It is gone with the object, or the process.
// Blocking, one thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "io/descriptor.hpp"

namespace fthost::flow {

class Spool {
 public:
  // In $TMPDIR, or /tmp.
  static Result<Spool> create();

  Result<void> write(std::string_view bytes);
  // Everything written so far can be read by its offset.
  Result<void> flush();
  int descriptor() const { return fd_.get(); }
  // All of it, in pieces.
  Result<void> for_each(const std::function<Result<void>(std::string_view)>& piece);

 private:
  Spool(io::Descriptor fd, std::string folder) : fd_(std::move(fd)), folder_(std::move(folder)) {}

  io::Descriptor fd_;
  std::string folder_;  // for messages
  std::string buffer_;
};

}  // namespace fthost::flow
