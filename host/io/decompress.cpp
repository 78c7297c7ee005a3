#include "io/decompress.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <new>

namespace fthost::io {
namespace {

Error damaged(const char* kind, const char* why) {
  return make_error(Code::input, std::string("its ") + kind + " data is damaged" + (why ? std::string(": ") + why : ""),
                    {}, "get the file again");
}

class Gzip final : public Decompressor {
 public:
  Gzip() {
    if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() override { inflateEnd(&stream_); }

  Result<std::size_t> next(std::string_view& in, char* out, std::size_t capacity) override {
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    if (complete_) {
      if (in.empty()) return std::size_t{0};
      inflateReset(&stream_);  // another member
      complete_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(std::min(in.size(), kMost));
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min(capacity, kMost));
    const uInt given = stream_.avail_in, room = stream_.avail_out;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    in.remove_prefix(given - stream_.avail_in);
    const std::size_t written = room - stream_.avail_out;
    if (status == Z_STREAM_END) {
      complete_ = true;
      // A member may be empty, and another follow.
      return written == 0 && !in.empty() ? next(in, out, capacity) : Result<std::size_t>(written);
    }
    if (status != Z_OK && status != Z_BUF_ERROR) return damaged("gzip", stream_.msg);
    return written;
  }
  bool complete() const override { return complete_; }

 private:
  z_stream stream_{};
  bool complete_ = false;
};

class Zstd final : public Decompressor {
 public:
  Zstd() : stream_(ZSTD_createDStream()) {
    if (!stream_) throw std::bad_alloc();
  }
  ~Zstd() override { ZSTD_freeDStream(stream_); }

  Result<std::size_t> next(std::string_view& in, char* out, std::size_t capacity) override {
    if (complete_ && in.empty()) return std::size_t{0};
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{out, capacity, 0};
    while (output.pos == 0) {
      const std::size_t before = input.pos;
      const std::size_t left = ZSTD_decompressStream(stream_, &output, &input);
      if (ZSTD_isError(left)) return damaged("zstd", ZSTD_getErrorName(left));
      complete_ = left == 0;
      if (input.pos == input.size || (input.pos == before && output.pos == 0)) break;
    }
    in.remove_prefix(input.pos);
    return output.pos;
  }
  bool complete() const override { return complete_; }

 private:
  ZSTD_DStream* stream_;
  bool complete_ = false;
};

}  // namespace

std::unique_ptr<Decompressor> Decompressor::for_stream(std::string_view first) {
  if (first.starts_with("\x1F\x8B")) return std::make_unique<Gzip>();
  if (first.starts_with("\x28\xB5\x2F\xFD")) return std::make_unique<Zstd>();
  return nullptr;
}

}  // namespace fthost::io
