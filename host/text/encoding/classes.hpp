// ClassTable: what the splitters of encodings need to know of a code point. Unicode 16.0 whatever utf8proc has: with
// other tables the ids of newer scripts would differ from the reference's. Built at first use (50 us), then read only;
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fthost::text {

enum class CharClass : std::uint8_t {
  other,     // neither letter, mark, number nor white space; not assigned
  upper,     // Lu, Lt
  lower,     // Ll
  caseless,  // Lm, Lo
  mark,      // M
  number,    // N
  space,     // White_Space
};

class ClassTable {
 public:
  static const ClassTable& get();
  CharClass operator[](char32_t code_point) const {  // below 0x110000
    return classes_[std::size_t{page_[code_point >> 7]} << 7 | (code_point & 127)];
  }

 private:
  ClassTable();
  std::vector<std::uint16_t> page_;
  std::vector<CharClass> classes_;
};

}  // namespace fthost::text
