// Shape: all of a row that rules can depend on but the text of its longer strings: its keys, the kinds and places of
// its values, short numbers, whether a string is blank, and which of the words that rules know it is. Rows of one file
// have few shapes, so what was found about one need not be looked for again. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/hash_index.hpp"
#include "data/json.hpp"
#include "data/key_index.hpp"

namespace fthost::data {

struct Rule;

class Shapes {
 public:
  // To be called first: strings that rules compare with, and the keys whose numbers they look at.
  void add_word(std::string_view word) {
    all_known_ = words_.add(word) && all_known_;
    longest_ = std::max(longest_, word.size());
  }
  void add_numeric_key(std::string_view key) { all_known_ = numeric_keys_.add(key) && all_known_; }
  void all_numbers_count() { all_numbers_ = true; }
  void finish();

  // Of the row that has been parsed; none: it cannot be told apart from others by its shape.
  std::optional<std::uint64_t> of(const Document& row);

  // What is known of a shape with which nothing is wrong: whether there is text in it that must be looked at all the
  // same, and what rules find in it that is only counted.
  struct Known {
    bool text = false;
    std::vector<const Rule*> once;
  };
  // Null: nothing is known. Good until the next remember().
  const Known* find(std::uint64_t shape) const;
  void remember(std::uint64_t shape, Known known);

 private:
  std::uint64_t word_of(std::string_view inner);
  bool counts_under(std::string_view text, const Document::Node& key) const;
  std::uint64_t word_number(std::string_view text) const {
    const auto at = words_.number(text);
    return at ? *at + 2 : 1;
  }
  static constexpr std::size_t kMost = 1u << 14;

  KeyIndex words_, numeric_keys_;
  std::size_t longest_ = 0;
  bool all_known_ = true, all_numbers_ = false;
  HashIndex index_;
  std::vector<Known> known_;
  std::string scratch_;
};

}  // namespace fthost::data
