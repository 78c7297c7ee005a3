#include "io/compress.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <new>

namespace fthost::io {
namespace {

constexpr std::size_t kPiece = std::size_t{128} << 10;
constexpr int kZstdLevel = 3;

// The header has neither name nor time: equal bytes make equal files.
class GzipWriter final : public Compressor {
 public:
  GzipWriter() : piece_(kPiece, '\0') {
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  ~GzipWriter() override { deflateEnd(&stream_); }

  Result<void> write(std::string_view bytes, const Sink& sink) override {
    while (!bytes.empty()) {
      const std::size_t size = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
      if (auto done = run(bytes.substr(0, size), Z_NO_FLUSH, sink); !done) return done;
      bytes.remove_prefix(size);
    }
    return {};
  }
  Result<void> finish(const Sink& sink) override { return run({}, Z_FINISH, sink); }

 private:
  Result<void> run(std::string_view bytes, int flush, const Sink& sink) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(piece_.data());
      stream_.avail_out = static_cast<uInt>(piece_.size());
      deflate(&stream_, flush);
      const std::size_t size = piece_.size() - stream_.avail_out;
      if (size == 0) break;
      if (auto done = sink({piece_.data(), size}); !done) return done;
    } while (stream_.avail_out == 0);
    return {};
  }

  z_stream stream_{};
  std::string piece_;
};

class ZstdWriter final : public Compressor {
 public:
  ZstdWriter() : context_(ZSTD_createCCtx()), piece_(kPiece, '\0') {
    if (!context_) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, kZstdLevel);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_nbWorkers, 1);  // a library without threads refuses, and does without
  }
  ~ZstdWriter() override { ZSTD_freeCCtx(context_); }

  Result<void> write(std::string_view bytes, const Sink& sink) override { return run(bytes, ZSTD_e_continue, sink); }
  Result<void> finish(const Sink& sink) override { return run({}, ZSTD_e_end, sink); }

 private:
  Result<void> run(std::string_view bytes, ZSTD_EndDirective end, const Sink& sink) {
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer output{piece_.data(), piece_.size(), 0};
      const std::size_t left = ZSTD_compressStream2(context_, &output, &input, end);
      if (ZSTD_isError(left))
        return make_error(Code::io, std::string("zstd cannot compress it: ") + ZSTD_getErrorName(left), {},
                          "write to a name without .zst");
      if (output.pos > 0) {
        if (auto done = sink({piece_.data(), output.pos}); !done) return done;
      }
      if (end == ZSTD_e_end ? left == 0 : input.pos == input.size) return {};
    }
  }

  ZSTD_CCtx* context_;
  std::string piece_;
};

}  // namespace

std::unique_ptr<Compressor> Compressor::for_name(const std::filesystem::path& name) {
  const std::filesystem::path ending = name.extension();
  if (ending == ".gz") return std::make_unique<GzipWriter>();
  if (ending == ".zst") return std::make_unique<ZstdWriter>();
  return nullptr;
}

Result<OutputFile> OutputFile::create(const std::filesystem::path& target, const std::filesystem::path& like) {
  auto file = AtomicFile::create(target, like);
  if (!file) return file.error();
  return OutputFile(std::move(*file), Compressor::for_name(target));
}

Result<void> OutputFile::write(std::string_view bytes) {
  if (!compressor_) return file_.write(bytes);
  return compressor_->write(bytes, [this](std::string_view piece) { return file_.write(piece); });
}

Result<void> OutputFile::finish() {
  if (!compressor_) return {};
  auto done = compressor_->finish([this](std::string_view piece) { return file_.write(piece); });
  compressor_.reset();
  return done;
}

Result<void> OutputFile::sync() {
  auto done = finish();
  return done ? file_.sync() : done;
}

Result<void> OutputFile::commit() {
  auto done = finish();
  return done ? file_.commit() : done;
}

}  // namespace fthost::io
