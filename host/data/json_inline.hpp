// What of Value is asked for at every member of every row; included by json.hpp.
#pragma once

#include <cstring>

namespace fthost::data {

inline Kind Value::kind() const { return document_->nodes_[index_].kind; }
inline std::size_t Value::begin() const { return document_->nodes_[index_].begin; }
inline std::uint32_t Value::end_of_subtree() const { return document_->nodes_[index_].next; }

inline std::string_view Value::raw() const {
  const Document::Node& node = document_->nodes_[index_];
  return document_->text_.substr(node.begin, node.end - node.begin);
}

inline bool Value::escaped() const {
  const Document::Node& node = document_->nodes_[index_];
  return document_->escapes_.any(node.begin, node.end);
}

inline std::string_view Value::inner() const {
  const std::string_view slice = raw();
  return slice.substr(1, slice.size() - 2);
}

inline std::string_view Value::text(std::string& scratch) const { return escaped() ? decoded(scratch) : inner(); }

inline Value Value::first() const {
  if (!document_) return {};
  const Document::Node& node = document_->nodes_[index_];
  if (node.kind != Kind::object && node.kind != Kind::array) return {};
  const std::uint32_t child = index_ + (node.kind == Kind::object ? 2 : 1);
  return child < node.next ? Value(document_, child, node.next) : Value();
}

inline Value Value::next() const {
  const std::uint32_t sibling = document_->nodes_[index_].next;
  if (sibling >= end_) return {};
  return Value(document_, document_->nodes_[sibling].is_key ? sibling + 1 : sibling, end_);
}

inline Value Value::key() const {
  if (index_ == 0 || !document_->nodes_[index_ - 1].is_key) return {};
  return Value(document_, index_ - 1, index_);
}

inline Value Value::find(std::string_view key) const {
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

}  // namespace fthost::data
