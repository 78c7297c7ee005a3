// SseParser: server-sent events out of a byte stream, by the rules of the WHATWG HTML standard, section 9.2.6.
// One thread. Bytes may be cut anywhere; an event that the stream ends in the middle of is dropped, as the rules say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace fthost::io {

struct SseEvent {
  std::string name;  // "message" where the stream gives none
  std::string data;  // lines joined by \n
  std::string id;    // the last one the stream has given
};

class SseParser {
 public:
  // An event whose data or whose single line grows above `limit` bytes is an error.
  explicit SseParser(std::size_t limit = 8u << 20) : limit_(limit) {}

  // Takes bytes off the front of `bytes`. true: `event` is the next event and `bytes` is what follows it;
  // false: all bytes are taken and more are needed.
  Result<bool> next(std::string_view& bytes, SseEvent& event);

  // The reconnection time that the stream has asked for, in milliseconds.
  std::optional<std::uint64_t> retry_ms() const { return retry_ms_; }

 private:
  bool end_of_line(std::string_view line, SseEvent& event);  // true: it completed an event
  void field(std::string_view name, std::string_view value);

  std::size_t limit_;
  std::string line_;  // the part of a line that came before the last cut
  std::string name_, data_, id_;
  std::optional<std::uint64_t> retry_ms_;
  bool first_line_ = true;  // a byte order mark may stand here
  bool skip_lf_ = false;    // the last line ended in CR: a LF now belongs to it
};

}  // namespace fthost::io
