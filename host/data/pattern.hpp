// Pattern: a JSON pointer in which `*` stands for every element of a list or every member of an object:
// "/messages/*/content". Immutable; any thread.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/json.hpp"

namespace fthost::data {

class Pattern {
 public:
  Pattern() = default;
  // Throws std::invalid_argument unless `text` is empty or begins with '/'.
  explicit Pattern(std::string_view text);

  bool operator==(const Pattern& other) const { return text_ == other.text_; }
  const std::string& text() const { return text_; }

  // Calls fn(Value) for every value that the pattern names; what is absent is passed over.
  template <class Fn>
  void visit(const Value& value, Fn&& fn) const {
    step(value, 0, fn);
  }
  // The first of them, or none.
  Value first(const Value& value) const;

  struct Token {
    std::string key;
    std::size_t index = 0;
    bool is_index = false, any = false;
  };
  const std::vector<Token>& tokens() const { return tokens_; }
  // The key that an object must have for the pattern to name something in it; none where it names the value itself or
  // any member.
  std::optional<std::string_view> first_key() const {
    if (tokens_.empty() || tokens_.front().any) return {};
    return tokens_.front().key;
  }
  // The key of the member that it names; none where that may be an element of a list or any member.
  std::optional<std::string_view> last_key() const {
    if (tokens_.empty() || tokens_.back().any || tokens_.back().is_index) return {};
    return tokens_.back().key;
  }

 private:
  template <class Fn>
  void step(const Value& value, std::size_t at, Fn& fn) const {
    if (!value) return;
    if (at == tokens_.size()) {
      fn(value);
      return;
    }
    const Token& token = tokens_[at];
    if (token.any) {
      for (Value child = value.first(); child; child = child.next()) step(child, at + 1, fn);
    } else if (value.kind() == Kind::object) {
      step(value.find(token.key), at + 1, fn);
    } else if (value.kind() == Kind::array && token.is_index) {
      step(value.at(token.index), at + 1, fn);
    }
  }

  std::string text_;
  std::vector<Token> tokens_;
};

}  // namespace fthost::data
