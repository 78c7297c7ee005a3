// Input: a file, a pipe or standard input as plugins pull it, decompressed where it is gzip or zstd. It is opened once,
// so that what has been looked at to recognise a format is still there to be read. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/gate.hpp"
#include "base/result.hpp"
#include "data/list_lines.hpp"
#include "io/cancel.hpp"
#include "io/decompress.hpp"
#include "io/files.hpp"

namespace fthost::flow {

// Files that an import reads: the path itself, the files of a folder and of those in it (not hidden ones) by name,
// those that fit a pattern ("part-*.jsonl"), or standard input as "-". A file of a folder or pattern that the gate does
// not let through is an error.
Result<std::vector<std::string>> input_files(const std::string& path, const Gate& gate);

// A file's name as messages and reports have it: controls and what is not UTF-8 are spelled out.
std::string shown_name(std::string_view name);

// Whether of what a file begins with a line begins like an object, or there is no line at all. A list of objects is no
// rows.
bool like_rows(std::string_view text);

// Whether two names lead to one file, there or not yet; "-" is only itself.
bool same_place(const std::string& a, const std::string& b);

class Input {
 public:
  static constexpr std::size_t kSample = 64u << 10;

  // "-" is standard input.
  static Result<Input> open(const std::string& name, const io::CancelToken& cancel);

  const std::string& name() const { return name_; }  // as shown
  // A file that can be opened and read again; else what is read is gone.
  bool repeatable() const { return repeatable_; }
  // Whether what is read are the bytes of the file itself, which lie there by their offset. Known after sample().
  bool plain() const { return repeatable_ && begun_ && !decompressor_; }
  bool compressed() const { return decompressor_ != nullptr; }  // known after sample()
  int descriptor() const { return fd_.get(); }
  // Its first bytes, kSample or all; reading gives them again.
  Result<std::string_view> sample();
  // From here on it is read as lines, one for each element of the list that it is. It is not to be moved any more.
  const data::ListLines& cut_list();
  // ft_source.read over an Input as `ctx`.
  static std::int64_t read(void* ctx, void* buffer, std::size_t capacity);
  // Why read() said FT_E_IO.
  const std::optional<Error>& error() const { return error_; }

 private:
  Input(io::Descriptor fd, std::string name, io::CancelToken cancel, bool repeatable, bool waits)
      : fd_(std::move(fd)),
        name_(std::move(name)),
        cancel_(std::move(cancel)),
        repeatable_(repeatable),
        waits_(waits) {}
  // The next bytes of the file, and of what they hold.
  std::int64_t pull_raw(void* buffer, std::size_t capacity);
  std::int64_t pull(void* buffer, std::size_t capacity);
  std::int64_t read_bytes(void* buffer, std::size_t capacity);

  io::Descriptor fd_;
  std::string name_;
  io::CancelToken cancel_;
  bool repeatable_;
  bool waits_;  // reading may block
  bool begun_ = false, sampled_ = false;
  std::unique_ptr<io::Decompressor> decompressor_;  // none: the bytes stand for themselves
  std::vector<char> raw_;
  std::size_t raw_taken_ = 0, raw_size_ = 0;
  std::string sample_;
  std::size_t handed_ = 0;  // bytes of the sample that have been read
  std::unique_ptr<data::ListLines> list_;
  std::optional<Error> error_;
};

}  // namespace fthost::flow
