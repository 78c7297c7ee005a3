// Values are two numbers: all of this reads the nodes that json.cpp has made.
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "data/json.hpp"
#include "data/json_text.hpp"

namespace fthost::data {

std::string Document::pointer_of(const Value& value) const {
  std::string path;
  Value at = root();
  for (std::size_t depth = 0; at && at.index() != value.index(); ++depth) {
    if (depth == steps_.size()) steps_.push_back({});
    // The way goes on from the child that it led through the last time.
    Step& last = steps_[depth];
    const bool goes_on = last.child != 0 && last.container == at.index() && last.child <= value.index();
    std::uint32_t position = goes_on ? last.position : 0;
    Value child = goes_on ? Value(this, last.child, at.end_of_subtree()) : at.first();
    while (child && child.end_of_subtree() <= value.index()) {
      child = child.next();
      ++position;
    }
    if (!child) break;
    last = {at.index(), position, child.index()};
    path += '/';
    path += at.kind() == Kind::object ? pointer_key(child.key().text()) : std::to_string(position);
    at = child;
  }
  return path;
}

std::string_view Value::decoded(std::string& scratch) const {
  scratch.clear();
  append_decoded(scratch, inner());
  return scratch;
}

std::string Value::text() const {
  std::string decoded;
  append_decoded(decoded, inner());
  return decoded;
}

bool Value::equals(std::string_view decoded) const {
  if (!is(Kind::string)) return false;
  if (!escaped()) return inner() == decoded;
  return text() == decoded;
}

std::size_t Value::characters() const { return count_characters(inner(), escaped()); }

bool Value::integer() const { return is(Kind::number) && raw().find_first_of(".eE") == std::string_view::npos; }

double Value::number() const {
  if (!is(Kind::number)) return std::numeric_limits<double>::quiet_NaN();
  const std::string_view token = raw();
  double value = 0;
  const auto parsed = std::from_chars(token.data(), token.data() + token.size(), value);
  if (parsed.ec == std::errc::result_out_of_range) {
    // Too large or too small for a double: from_chars leaves the value alone, strtod says which.
    value = std::strtod(std::string(token).c_str(), nullptr);
  }
  return value;
}

bool Value::empty() const { return !first(); }

std::size_t Value::size() const {
  std::size_t count = 0;
  for (Value child = first(); child; child = child.next()) ++count;
  return count;
}

Value Value::at(std::size_t index) const {
  if (!is(Kind::array)) return {};
  Value child = first();
  while (child && index-- > 0) child = child.next();
  return child;
}

Value Value::pointer(std::string_view path) const {
  Value at = *this;
  std::string unescaped;
  while (at && !path.empty()) {
    if (path.front() != '/') return {};
    path.remove_prefix(1);
    const std::size_t length = std::min(path.find('/'), path.size());
    std::string_view token = path.substr(0, length);
    path.remove_prefix(length);
    if (at.is(Kind::array)) {
      std::size_t index = 0;
      const auto parsed = std::from_chars(token.data(), token.data() + token.size(), index);
      const bool whole = parsed.ec == std::errc() && parsed.ptr == token.data() + token.size();
      if (!whole || (token.size() > 1 && token.front() == '0')) return {};
      at = at.at(index);
      continue;
    }
    if (token.find('~') != std::string_view::npos) {
      unescaped.clear();
      for (std::size_t i = 0; i < token.size(); ++i) {
        const bool pair = token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1');
        unescaped += pair ? (token[++i] == '1' ? '/' : '~') : token[i];
      }
      token = unescaped;
    }
    at = at.find(token);
  }
  return at;
}

}  // namespace fthost::data
