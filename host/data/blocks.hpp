// Blocks: the lines of a file some hundred kilobytes at a time, worked on by several threads and finished in the file's
// order on the caller's. Memory is constant: a few blocks, and the longest line. It judges nothing.
//
// Who works on a block knows its lines by their place in it; the file's line numbers are known when it is finished.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "io/cancel.hpp"

namespace fthost::data {

struct Block {
  std::string_view text;     // whole lines; the file's last may lack its newline. Without a byte order mark
  std::uint64_t offset = 0;  // of the first byte of `text` within the source
  std::uint64_t size = 0;    // bytes of the source that it stands for, with a byte order mark or what was passed over
  bool marked = false;       // a byte order mark stood before it
  bool too_long = false;     // `text` is the first limit + 1 bytes of one line that is longer; the rest was passed over
};

// Calls fn(line, text, end) for each line of a block, from 0, until it says false; the text without its end, \n or \r\n
// or, at the end of the file, none. Gives the number of lines.
template <class Fn>
std::uint64_t for_each_line_and_end(const Block& block, Fn&& fn) {
  std::uint64_t line = 0;
  for (const char *at = block.text.data(), *const end = at + block.text.size(); at < end; ++line) {
    const void* found = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
    const char* const stop = found ? static_cast<const char*>(found) : end;
    const std::size_t whole = static_cast<std::size_t>(stop - at);
    const std::size_t size = whole > 0 && found && stop[-1] == '\r' ? whole - 1 : whole;
    if (!fn(line, std::string_view(at, size), std::string_view(at + size, whole - size + (found ? 1 : 0))))
      return line + 1;
    at = stop + 1;
  }
  return line;
}
template <class Fn>
std::uint64_t for_each_line(const Block& block, Fn&& fn) {
  return for_each_line_and_end(block, [&](std::uint64_t line, std::string_view text, std::string_view) {
    fn(line, text);
    return true;
  });
}

// Cuts a source into blocks. One thread.
class BlockReader {
 public:
  static constexpr std::size_t kBlock = std::size_t{256} << 10;
  static constexpr std::size_t kLineLimit = std::size_t{64} << 20;
  // Bytes read into the buffer; 0 at the end; < 0: an ft_status, which becomes the error's code.
  using Pull = std::function<std::int64_t(void* buffer, std::size_t capacity)>;

  // `block`: about so many bytes a block.
  BlockReader(std::string name, Pull pull, std::size_t line_limit = kLineLimit, std::size_t block = kBlock)
      : name_(std::move(name)), pull_(std::move(pull)), limit_(line_limit), block_(block) {}

  // What a block lies in. Used again for the next, it costs nothing.
  class Buffer {
    friend class BlockReader;
    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    void reserve(std::size_t capacity, std::size_t used);
  };
  // True and a block, which is good until the buffer is used again; false at the end.
  Result<bool> next(Buffer& buffer, Block& block);
  const std::string& name() const { return name_; }

 private:
  Result<std::size_t> read(char* buffer, std::size_t capacity);
  Result<bool> pass_over_line(Buffer& buffer, Block& block);

  std::string name_;
  Pull pull_;
  std::size_t limit_, block_;
  std::string carried_;  // the beginning of a line whose end the last block did not have
  std::uint64_t offset_ = 0;
  bool started_ = false, at_end_ = false;
};

namespace detail {
// `work` runs on any of `threads` threads (0 is the caller's), `finish` on the caller's in order; both name the slot
// that the block lies in, below slots_of(threads).
Result<void> run_blocks(BlockReader& reader, unsigned threads, const io::CancelToken& cancel,
                        const std::function<void(unsigned thread, std::size_t slot, const Block&)>& work,
                        const std::function<Result<void>(std::size_t slot, const Block&)>& finish);
std::size_t slots_of(unsigned threads);
}  // namespace detail

// As many threads as the machine runs at once, where 0 are asked for.
unsigned thread_count(unsigned asked);

// `make(thread)` gives what a thread works with: a callable void(const Block&, Output&), Output being reused and so to
// be emptied first. `finish(Output&, const Block&)` is a Result<void>; an error ends the pass and is returned, as is
// one of reading, after what was read before it has been finished.
template <class Output, class Make, class Finish>
Result<void> for_each_block(BlockReader& reader, unsigned threads, const io::CancelToken& cancel, Make make,
                            Finish finish) {
  using Worker = std::invoke_result_t<Make, unsigned>;
  std::vector<Worker> workers;
  for (unsigned thread = 0; thread < threads; ++thread) workers.push_back(make(thread));
  std::vector<Output> outputs(detail::slots_of(threads));
  return detail::run_blocks(
      reader, threads, cancel,
      [&](unsigned thread, std::size_t slot, const Block& block) { workers[thread](block, outputs[slot]); },
      [&](std::size_t slot, const Block& block) { return finish(outputs[slot], block); });
}

}  // namespace fthost::data
