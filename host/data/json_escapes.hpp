// EscapeScan: where the backslashes of a JSON text are, and whether each begins an escape. One pass of 64 bytes at a
// time, without a branch for each escape; the second opinion to simdjson's index, which does not look at escapes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace fthost::data {

class EscapeScan {
 public:
  static constexpr std::size_t npos = std::string_view::npos;

  void scan(std::string_view text);
  // The first backslash that begins no escape, a half of a surrogate pair included, or npos.
  std::size_t bad() const { return bad_; }
  // No \u and no \/ : what is escaped is so in the only way it can be.
  bool plain() const { return plain_; }
  // Is there a backslash in [begin, end)?
  bool any(std::uint32_t begin, std::uint32_t end) const;

 private:
  void check_unit(std::string_view text, std::size_t u);
  void note_bad(std::size_t at) { bad_ = at < bad_ ? at : bad_; }

  std::unique_ptr<std::uint64_t[]> masks_;   // a bit for each byte
  std::unique_ptr<std::uint32_t[]> marked_;  // blocks to look into
  std::size_t room_ = 0;
  std::size_t bad_ = npos;
  bool plain_ = true;
  std::size_t second_half_ = npos;  // the u of the second half of a surrogate pair that has been looked at
};

// Four hexadecimal digits as a number, or -1.
int hex_unit(const char* at);

inline bool EscapeScan::any(std::uint32_t begin, std::uint32_t end) const {
  std::uint32_t block = begin / 64;
  const std::uint32_t last = end / 64;
  std::uint64_t mask = masks_[block] & ~std::uint64_t{0} << (begin & 63);
  while (block < last) {
    if (mask != 0) return true;
    mask = masks_[++block];
  }
  return (mask & ((std::uint64_t{1} << (end & 63)) - 1)) != 0;
}

}  // namespace fthost::data
