#include "text/distance.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <type_traits>
#include <vector>

#include "text/distance_stripe.hpp"
#include "text/unicode.hpp"

namespace fthost::text {
namespace {

// Symbols numbered from 1 by first appearance, so that tables are as long as the alphabet in use. 0: not in the
// pattern.
class Alphabet {
 public:
  std::uint32_t number(std::uint32_t symbol) {
    if (symbol < direct_.size()) return direct_[symbol] != 0 ? direct_[symbol] : direct_[symbol] = ++count_;
    if ((stored_ + 1) * 2 > slots_.size()) grow();
    Slot& slot = slots_[place(symbol)];
    if (slot.number == 0) {
      slot = {symbol, ++count_};
      ++stored_;
    }
    return slot.number;
  }
  std::uint32_t known(std::uint32_t symbol) const {
    if (symbol < direct_.size()) return direct_[symbol];
    return slots_.empty() ? 0 : slots_[place(symbol)].number;
  }
  std::uint32_t size() const { return count_ + 1; }

 private:
  struct Slot {
    std::uint32_t symbol = 0, number = 0;
  };
  std::size_t place(std::uint32_t symbol) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = (symbol * 0x9E3779B1u >> 7) & mask;
    while (slots_[at].number != 0 && slots_[at].symbol != symbol) at = (at + 1) & mask;
    return at;
  }
  void grow() {
    std::vector<Slot> old(std::max<std::size_t>(64, slots_.size() * 2));
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.number != 0) slots_[place(slot.symbol)] = slot;
    }
  }
  std::array<std::uint32_t, 128> direct_{};
  std::vector<Slot> slots_;  // open addressing, a power of two, at most half full
  std::uint32_t count_ = 0;
  std::size_t stored_ = 0;
};

// Edits between two sequences without a common start or end; `pattern` is the shorter, not empty. The table is walked
// in stripes of pattern rows, between which only the horizontal differences are kept: a stripe's masks stay in the
// cache.
template <class Symbol>
std::size_t edits(std::basic_string_view<Symbol> pattern, std::basic_string_view<Symbol> text) {
  const auto value = [](Symbol symbol) {
    return static_cast<std::uint32_t>(static_cast<std::make_unsigned_t<Symbol>>(symbol));
  };
  Alphabet alphabet;
  std::vector<std::uint32_t> pattern_numbers(pattern.size()), text_numbers(text.size());
  for (std::size_t i = 0; i < pattern.size(); ++i) pattern_numbers[i] = alphabet.number(value(pattern[i]));
  for (std::size_t i = 0; i < text.size(); ++i) text_numbers[i] = alphabet.known(value(text[i]));

  const std::size_t padded = text.size() + 2 * kStripePadding;
  std::vector<std::uint32_t> columns(padded, 0);
  std::vector<std::uint8_t> edge(padded, 0);
  std::fill_n(edge.begin() + kStripePadding, text.size(), 1);  // row 0 grows by one a column
  std::vector<std::uint32_t> row_of(alphabet.size());          // of a symbol in this stripe's masks; 0: the empty row
  std::vector<std::uint64_t> masks;
  const StripeFunction run = stripe_function();
  auto total = static_cast<std::int64_t>(text.size());
  for (std::size_t start = 0; start < pattern.size(); start += kStripeBlocks * 64) {
    const std::size_t size = std::min(pattern.size() - start, kStripeBlocks * 64);
    Stripe stripe;
    stripe.blocks = (size + 63) / 64;
    stripe.last_rows = ~std::uint64_t{0} >> (stripe.blocks * 64 - size);
    const std::size_t width = stripe.width();
    masks.reserve(width * std::min<std::size_t>(alphabet.size(), size + 1));
    masks.assign(width, 0);
    for (std::size_t i = 0; i < size; ++i) {
      std::uint32_t& row = row_of[pattern_numbers[start + i]];
      if (row == 0) {
        row = static_cast<std::uint32_t>(masks.size() / width);
        masks.resize(masks.size() + width, 0);
      }
      masks[row * width + i / 64] |= std::uint64_t{1} << i % 64;
    }
    for (std::size_t i = 0; i < text.size(); ++i) columns[kStripePadding + i] = row_of[text_numbers[i]];
    stripe.masks = masks.data();
    stripe.columns = columns.data() + kStripePadding;
    stripe.column_count = text.size();
    stripe.edge = edge.data() + kStripePadding;
    total += run(stripe);
    for (std::size_t i = 0; i < size; ++i) row_of[pattern_numbers[start + i]] = 0;
  }
  return static_cast<std::size_t>(total);
}

template <class Symbol>
Distance compare(std::basic_string_view<Symbol> a, std::basic_string_view<Symbol> b) {
  Distance result{0, a.size(), b.size()};
  const auto differs = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto same = static_cast<std::size_t>(differs.first - a.begin());
  a.remove_prefix(same);
  b.remove_prefix(same);
  const auto end = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  const auto same_end = static_cast<std::size_t>(end.first - a.rbegin());
  a.remove_suffix(same_end);
  b.remove_suffix(same_end);
  if (a.size() > b.size()) std::swap(a, b);
  result.edits = a.empty() ? b.size() : edits(a, b);
  return result;
}

// Optimal string alignment: Levenshtein plus swaps of neighbours. Names are short, so the table is three rows.
std::size_t swapped_edits(const std::u32string& a, const std::u32string& b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t k = 1; k <= b.size(); ++k) {
      row[k] = std::min({above[k] + 1, row[k - 1] + 1, above[k - 1] + (a[i - 1] != b[k - 1])});
      if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) row[k] = std::min(row[k], before[k - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

}  // namespace

double Distance::similarity() const {
  const std::size_t longer = std::max(length_a, length_b);
  return longer == 0 ? 1.0 : 1.0 - static_cast<double>(edits) / static_cast<double>(longer);
}

Distance levenshtein(std::string_view a, std::string_view b, Unit unit) {
  if (unit == Unit::bytes || (is_ascii(a) && is_ascii(b))) return compare<char>(a, b);
  if (unit == Unit::utf16) return compare<char16_t>(to_utf16(a), to_utf16(b));
  return compare<char32_t>(to_code_points(a), to_code_points(b));
}

std::optional<std::size_t> nearest(std::string_view name, std::span<const std::string> candidates) {
  constexpr std::size_t kLongest = 200;
  const std::u32string wanted = to_code_points(casefold(name));
  if (wanted.size() > kLongest) return std::nullopt;
  std::size_t best = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const std::u32string candidate = to_code_points(casefold(candidates[i]));
    const std::size_t gap =
        candidate.size() > wanted.size() ? candidate.size() - wanted.size() : wanted.size() - candidate.size();
    if (gap >= best) continue;
    const std::size_t edits = swapped_edits(wanted, candidate);
    if (edits >= best) continue;
    best = edits;
    found = i;
  }
  return found;
}

}  // namespace fthost::text
