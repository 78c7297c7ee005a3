// PairFilter: where in a text the next pair of bytes stands that something can begin with. A table of all pairs says
// which; 32 places at a time are passed over where the processor can. Immutable once made: any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fthost::text {

class PairFilter {
 public:
  // A pair stands for its first byte and its second times 256. Marks are bits that add up; 0 is none.
  void mark(unsigned char first, unsigned char second, std::uint8_t bits);
  std::uint8_t at(std::uint16_t pair) const { return marks_[pair]; }
  static std::uint16_t pair(const char* at) {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(at[0]) | static_cast<unsigned char>(at[1]) << 8);
  }

  // The first marked pair that begins at `from` or later, or text.size().
  std::size_t next(std::string_view text, std::size_t from) const;

 private:
  std::size_t next_plain(std::string_view text, std::size_t from) const;
  std::size_t next_wide(std::string_view text, std::size_t from) const;

  std::vector<std::uint8_t> marks_ = std::vector<std::uint8_t>(65536);
  // Buckets (a bit each) in which the low and the high half of the first and the second byte stand: a pair in none of
  // them all four times is not marked.
  std::array<std::array<std::uint8_t, 16>, 4> halves_{};
};

}  // namespace fthost::text
