// Decompression of a stream as it comes: gzip (RFC 1952) and Zstandard (RFC 8878), also several members or frames one
// behind the other. One thread.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.hpp"

namespace fthost::io {

class Decompressor {
 public:
  static constexpr std::size_t kMagic = 4;  // bytes that tell

  // By the first bytes of the stream; null where they are of neither.
  static std::unique_ptr<Decompressor> for_stream(std::string_view first);
  virtual ~Decompressor() = default;

  // Takes bytes off the front of `in` and writes at most `capacity` bytes: returns how many. 0: it needs more input.
  // Errors are Code::input: the data is damaged.
  virtual Result<std::size_t> next(std::string_view& in, char* out, std::size_t capacity) = 0;
  // Whether the stream may end here: false within a member or frame.
  virtual bool complete() const = 0;
};

}  // namespace fthost::io
