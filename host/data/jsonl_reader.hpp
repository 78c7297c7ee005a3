// JsonlReader: the lines of a file or of anything that can be pulled, one after the other, in constant memory. One
// thread. It judges nothing: bytes are handed on as they stand, without their line end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "io/files.hpp"

namespace fthost::data {

struct Line {
  std::uint64_t number = 0;  // from 1
  std::uint64_t offset = 0;  // of the first byte of `text` within the source
  std::string_view text;     // without \n or \r\n; good until the next line, or as long as chunk() is kept
  bool terminated = false;   // false only for a last line without a newline
  bool too_long = false;     // longer than the limit: `text` is its beginning, the rest was passed over
};

class JsonlReader {
 public:
  static constexpr std::size_t kLineLimit = std::size_t{64} << 20;
  static constexpr std::size_t kChunk = std::size_t{256} << 10;

  // Bytes read into the buffer; 0 at the end; < 0: an ft_status, which becomes the error's code.
  using Pull = std::function<std::int64_t(void* buffer, std::size_t capacity)>;

  static Result<JsonlReader> open(const std::filesystem::path& path, std::size_t line_limit = kLineLimit);
  JsonlReader(std::string name, Pull pull, std::size_t line_limit = kLineLimit);

  // True and a line, or false at the end. A byte order mark at the beginning is no part of the first line.
  Result<bool> next(Line& line);

  // The memory that the present line lies in. Who keeps it keeps the line; the reader then goes on in new memory.
  std::shared_ptr<const void> chunk() const { return chunk_; }
  const std::string& name() const { return name_; }
  bool had_byte_order_mark() const { return byte_order_mark_; }
  // Of what comes next within the source; after the last line the source's length.
  std::uint64_t offset() const { return offset_; }

 private:
  Result<bool> fill();
  Result<std::size_t> read(char* buffer, std::size_t capacity);

  std::string name_;
  Pull pull_;
  io::Descriptor file_;  // read instead of pull_, if open
  std::size_t limit_;
  std::shared_ptr<char[]> chunk_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;  // what has been read and not handed out
  std::size_t searched_ = 0;                        // up to here there is no newline
  std::uint64_t offset_ = 0;                        // of begin_ within the source
  std::uint64_t number_ = 0;
  bool at_end_ = false, byte_order_mark_ = false, started_ = false;
};

}  // namespace fthost::data
