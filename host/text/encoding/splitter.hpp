// Splitter: cuts a text into the pieces that an encoding's merges stay within, by hand-written forms of the published
// patterns. One pass, no allocation; belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "text/encoding/classes.hpp"

namespace fthost::text {

// What a table file says of its pieces. White space that is left alone is, in both, cut after its last line break, and
// gives its last character to a word behind it.
enum class SplitRule : std::uint32_t {
  // '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+|
  // ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s
  words = 1,
  // words that also end before a capital, with their contraction; tails of slashes behind punctuation
  cased_words = 2,
};

class Splitter {
 public:
  Splitter(SplitRule rule, std::string_view text)
      : rule_(rule), classes_(ClassTable::get()), at_(text.data()), end_(text.data() + text.size()) {}

  // Ends of the next pieces, at most `room` of them; 0 at the end of the text, or where it is not UTF-8.
  std::size_t next(const char** ends, std::size_t room) {
    return rule_ == SplitRule::words ? cut<SplitRule::words>(ends, room) : cut<SplitRule::cased_words>(ends, room);
  }
  bool is_bad() const { return bad_; }  // the text is not UTF-8

 private:
  // A code point's class, and how many bytes it has: 0 at the end and before what is not UTF-8.
  struct Look {
    CharClass kind;
    std::uint32_t size;
  };
  template <SplitRule rule>
  std::size_t cut(const char** ends, std::size_t room);
  template <SplitRule rule>
  const char* piece(const char* p);
  template <SplitRule rule>
  const char* letters(const char* p);
  template <SplitRule rule>
  const char* spaces(const char* p);
  const char* contraction(const char* p) const;
  Look look(const char* p);
  Look look_wide(const char* p);

  SplitRule rule_;
  const ClassTable& classes_;
  const char* at_;
  const char* end_;
  bool bad_ = false;
};

}  // namespace fthost::text
