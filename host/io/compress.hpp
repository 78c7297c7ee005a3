// Compression of a stream as it comes, by the name of the file it goes to: gzip for .gz, Zstandard for .zst. And the
// file itself: an AtomicFile whose bytes are compressed where its name says so. One thread (zstd has one more of its
// own).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "io/files.hpp"

namespace fthost::io {

class Compressor {
 public:
  using Sink = std::function<Result<void>(std::string_view)>;

  // Null where the name asks for none.
  static std::unique_ptr<Compressor> for_name(const std::filesystem::path& name);
  virtual ~Compressor() = default;

  virtual Result<void> write(std::string_view bytes, const Sink& sink) = 0;
  virtual Result<void> finish(const Sink& sink) = 0;  // once; nothing is written after it
};

// As AtomicFile, for a person's files of rows.
class OutputFile {
 public:
  static Result<OutputFile> create(const std::filesystem::path& target, const std::filesystem::path& like = {});

  Result<void> write(std::string_view bytes);
  // All of it is on the disk: what is left to commit() is an instant. Nothing is written after it.
  Result<void> sync();
  Result<void> commit();
  const std::filesystem::path& temporary() const { return file_.temporary(); }

 private:
  OutputFile(AtomicFile file, std::unique_ptr<Compressor> compressor)
      : file_(std::move(file)), compressor_(std::move(compressor)) {}
  Result<void> finish();

  AtomicFile file_;
  std::unique_ptr<Compressor> compressor_;  // none: as it comes, or it has finished
};

}  // namespace fthost::io
