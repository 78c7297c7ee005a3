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

Kind Value::kind() const { return document_->nodes_[index_].kind; }
std::size_t Value::begin() const { return document_->nodes_[index_].begin; }
std::uint32_t Value::end_of_subtree() const { return document_->nodes_[index_].next; }

std::string_view Value::raw() const {
  const Document::Node& node = document_->nodes_[index_];
  return document_->text_.substr(node.begin, node.end - node.begin);
}

bool Value::escaped() const {
  const Document::Node& node = document_->nodes_[index_];
  return document_->escapes_.any(node.begin, node.end);
}

std::string_view Value::inner() const {
  const std::string_view slice = raw();
  return slice.substr(1, slice.size() - 2);
}

std::string_view Value::text(std::string& scratch) const {
  if (!escaped()) return inner();
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

Value Value::first() const {
  if (!document_) return {};
  const Document::Node& node = document_->nodes_[index_];
  if (node.kind != Kind::object && node.kind != Kind::array) return {};
  const std::uint32_t child = index_ + (node.kind == Kind::object ? 2 : 1);
  return child < node.next ? Value(document_, child, node.next) : Value();
}

Value Value::next() const {
  const std::uint32_t sibling = document_->nodes_[index_].next;
  if (sibling >= end_) return {};
  return Value(document_, document_->nodes_[sibling].is_key ? sibling + 1 : sibling, end_);
}

Value Value::key() const {
  if (index_ == 0 || !document_->nodes_[index_ - 1].is_key) return {};
  return Value(document_, index_ - 1, index_);
}

Value Value::find(std::string_view key) const {
  if (!is(Kind::object)) return {};
  const Document::Node* const nodes = document_->nodes_.get();
  const char* const text = document_->text_.data();
  const std::uint32_t end = nodes[index_].next;
  for (std::uint32_t at = index_ + 1; at < end; at = nodes[at + 1].next) {
    const Document::Node& node = nodes[at];
    const bool same = node.escaped_key ? Value(document_, at, end).equals(key)
                                       : node.end - node.begin - 2 == key.size() &&
                                             std::memcmp(text + node.begin + 1, key.data(), key.size()) == 0;
    if (same) return Value(document_, at + 1, end);
  }
  return {};
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
