#include "data/list_lines.hpp"

#include <limits>

namespace fthost::data {

namespace {

constexpr std::size_t kRead = std::size_t{64} << 10;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

void ListLines::wrong(std::string message, std::string hint) {
  if (findings_.size() == kMost) return;
  const std::string path = lines_.empty() ? "" : "/" + std::to_string(lines_.size() - 1);
  findings_.push_back(
      {"broken_json", Severity::error, "", line_, path, "", std::move(message), std::move(hint), false});
}

void ListLines::begin_element() {
  constexpr std::uint64_t kLast = std::numeric_limits<std::uint32_t>::max();
  lines_.push_back(static_cast<std::uint32_t>(line_ < kLast ? line_ : kLast));
  depth_ = 0;
  quoted_ = escaped_ = false;
}

// A byte outside of elements; true where it is the first of one.
bool ListLines::between(char c) {
  if (is_space(c)) return false;
  switch (state_) {
    case State::begin:
      if (c == '[') state_ = State::wanted;  // else a byte order mark
      return false;
    case State::wanted:
      if (c == ']') {
        if (after_comma_) wrong("a comma stands before the ] of the list", "remove the comma");
        state_ = State::after;
        return false;
      }
      if (c == ',') {
        wrong("a comma with no element before it", "remove the comma, or write what is missing");
        after_comma_ = true;
        return false;
      }
      begin_element();
      return true;
    case State::ended:
      if (c == ']') {
        state_ = State::after;
        return false;
      }
      if (c == ',') {
        state_ = State::wanted;
        after_comma_ = true;
        return false;
      }
      wrong("no comma stands behind the element", "write one between each two elements");
      begin_element();
      return true;
    case State::after:
      wrong("something follows the list, and was not read", "remove what stands behind the last ]");
      state_ = State::over;
      return false;
    default:
      return false;
  }
}

// A byte of an element; false where it is the first behind one that is no object or list.
bool ListLines::within(char c) {
  if (quoted_) {
    quoted_ = escaped_ || c != '"';
    escaped_ = !escaped_ && c == '\\';
    return true;
  }
  if (depth_ == 0 && (c == ',' || c == ']') && state_ == State::scalar) return false;
  if (c == '"') quoted_ = true;
  if (c == '{' || c == '[') {
    ++depth_;
    state_ = State::element;
  } else if ((c == '}' || c == ']') && depth_ > 0 && --depth_ == 0) {
    state_ = State::ended;
  }
  return true;
}

std::int64_t ListLines::read(void* buffer, std::size_t capacity) {
  char* const out = static_cast<char*>(buffer);
  std::size_t written = 0;
  while (written < capacity) {
    if (end_due_) {
      out[written++] = '\n';
      end_due_ = false;
      continue;
    }
    if (state_ == State::over) break;
    if (taken_ == in_.size()) {
      if (written > 0) break;
      in_.resize(kRead);
      const std::int64_t got = pull_(in_.data(), in_.size());
      in_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
      taken_ = 0;
      if (got < 0) return got;
      if (got > 0) continue;
      const bool open = state_ == State::element || state_ == State::scalar;
      if (state_ != State::after)
        wrong("the file ends before its list of rows does", "it was cut short: get it again, or close the list with ]");
      state_ = State::over;
      end_due_ = open;
      continue;
    }
    const char c = in_[taken_];
    const bool inside = state_ == State::element || state_ == State::scalar;
    if (inside && !within(c)) {
      end_due_ = true;
      state_ = State::ended;
      continue;  // the comma or the bracket is looked at again
    }
    ++taken_;
    if (inside || between(c)) {
      if (!inside) {
        state_ = State::scalar;
        (void)within(c);
      }
      // A line break between tokens is a space; within a string it is a mistake, and stays one.
      out[written++] = c != '\n' && c != '\r' ? c : quoted_ ? '\x01' : ' ';
      end_due_ = state_ == State::ended;
    }
    line_ += c == '\n';
  }
  return static_cast<std::int64_t>(written);
}

void ListLines::place(Finding& finding) const {
  if (finding.line == 0) return;
  finding.path.insert(0, "/" + std::to_string(finding.line - 1));
  finding.line = line_of(finding.line);
  if (finding.code == "broken_json" || finding.code == "not_an_object")
    finding.hint = "mend the element; each must be one complete JSON object";
}

}  // namespace fthost::data
