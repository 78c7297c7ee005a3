// One stripe of the bit-parallel Levenshtein table: up to 8 blocks of 64 pattern rows against the whole text.
// Two ways to compute the same: one block at a time, and four at once with AVX2. Pure, any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fthost::text {

inline constexpr std::size_t kStripeBlocks = 8;
// Entries that must be there before and after `columns` and `edge`, zero at the start; the AVX2 form runs into them.
inline constexpr std::size_t kStripePadding = 8;

struct Stripe {
  std::size_t blocks = 0;                  // 1 to kStripeBlocks
  std::uint64_t last_rows = 0;             // which rows of the last block there are; the other blocks are full
  const std::uint64_t* masks = nullptr;    // [symbol][width()]: the rows that hold the symbol; symbol 0 is in no row
  const std::uint32_t* columns = nullptr;  // the symbol of each column of the text
  std::size_t column_count = 0;
  // Horizontal differences, a byte a column: bit 0 plus one, bit 1 minus one. In: of the row above; out: of the last
  // row of a stripe that has all its blocks, undefined for a shorter one, which is the last.
  std::uint8_t* edge = nullptr;

  std::size_t width() const { return blocks <= 4 ? 4 : 8; }
};

// Sum of the vertical differences of the stripe's rows in the last column.
using StripeFunction = std::int64_t (*)(const Stripe&);
std::int64_t stripe_by_block(const Stripe& stripe);
// The fastest that this processor has.
StripeFunction stripe_function();

}  // namespace fthost::text
