// Server-sent events, a line at a time. A line that lies whole in the given bytes is looked at where it is.
#include "io/sse.hpp"

#include <algorithm>
#include <charconv>

namespace fthost::io {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Error too_long(std::size_t limit) {
  return make_error(Code::input, "a server-sent event is longer than " + std::to_string(limit) + " bytes", {},
                    "check that the address is one that streams events");
}

}  // namespace

Result<bool> SseParser::next(std::string_view& bytes, SseEvent& event) {
  while (!bytes.empty()) {
    if (skip_lf_) {
      skip_lf_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    // Two searches by memchr; the second looks at no more than one line.
    const std::size_t lf = bytes.find('\n');
    const std::size_t end = std::min(bytes.substr(0, lf).find('\r'), lf);
    const std::string_view taken = bytes.substr(0, end);
    if (line_.size() + data_.size() + taken.size() > limit_) return too_long(limit_);
    bytes.remove_prefix(taken.size());
    if (end == std::string_view::npos) {
      line_.append(taken);
      break;
    }
    skip_lf_ = bytes.front() == '\r';
    bytes.remove_prefix(1);
    bool complete;
    if (line_.empty()) {
      complete = end_of_line(taken, event);
    } else {
      line_.append(taken);
      complete = end_of_line(line_, event);
      line_.clear();
    }
    if (complete) return true;
  }
  return false;
}

bool SseParser::end_of_line(std::string_view line, SseEvent& event) {
  if (first_line_) {
    first_line_ = false;
    if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  }
  if (!line.empty()) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      field(line, {});
    } else if (colon > 0) {
      std::string_view value = line.substr(colon + 1);
      if (value.starts_with(' ')) value.remove_prefix(1);
      field(line.substr(0, colon), value);
    }
    return false;
  }
  const bool complete = !data_.empty();
  if (complete) {
    data_.pop_back();  // the newline behind the last line
    event.name = name_.empty() ? "message" : std::move(name_);
    event.data = std::move(data_);
    event.id = id_;
  }
  name_.clear();
  data_.clear();
  return complete;
}

void SseParser::field(std::string_view name, std::string_view value) {
  if (name == "data") {
    data_.append(value);
    data_.push_back('\n');
  } else if (name == "event") {
    name_ = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) id_ = value;
  } else if (name == "retry") {
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (problem == std::errc() && end == value.data() + value.size()) retry_ms_ = number;
  }
}

}  // namespace fthost::io
