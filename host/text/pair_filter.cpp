// The wide path is chosen when the program runs: what is installed must start on every x86-64, and elsewhere.
#include "text/pair_filter.hpp"

#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fthost::text {

void PairFilter::mark(unsigned char first, unsigned char second, std::uint8_t bits) {
  marks_[first | second << 8] |= bits;
  // One bucket a kind of second byte keeps their products apart: '@', ':' and '=', '-' and '.', digits, '_' and
  // capitals, small letters, all else.
  static constexpr std::uint8_t kBuckets[16] = {1, 1, 2, 4, 8, 16, 32, 64, 128, 128, 128, 128, 128, 128, 128, 128};
  std::uint8_t bucket = kBuckets[second >> 4];
  if (second == '@' || second == ':' || second == '=') bucket = 1;
  halves_[0][first & 15] |= bucket;
  halves_[1][first >> 4] |= bucket;
  halves_[2][second & 15] |= bucket;
  halves_[3][second >> 4] |= bucket;
}

std::size_t PairFilter::next_plain(std::string_view text, std::size_t from) const {
  const char* const bytes = text.data();
  for (std::size_t i = from; i + 1 < text.size(); ++i) {
    if (marks_[pair(bytes + i)] != 0) return i;
  }
  return text.size();
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) std::size_t PairFilter::next_wide(std::string_view text, std::size_t from) const {
  const char* const bytes = text.data();
  const auto table = [&](std::size_t half) __attribute__((target("avx2"))) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(halves_[half].data())));
  };
  const __m256i low0 = table(0), high0 = table(1), low1 = table(2), high1 = table(3);
  const __m256i nibble = _mm256_set1_epi8(15);
  std::size_t i = from;
  for (; i + 33 <= text.size(); i += 32) {
    const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + i));
    const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + i + 1));
    const __m256i a = _mm256_shuffle_epi8(low0, _mm256_and_si256(first, nibble));
    const __m256i b = _mm256_shuffle_epi8(high0, _mm256_and_si256(_mm256_srli_epi16(first, 4), nibble));
    const __m256i c = _mm256_shuffle_epi8(low1, _mm256_and_si256(second, nibble));
    const __m256i d = _mm256_shuffle_epi8(high1, _mm256_and_si256(_mm256_srli_epi16(second, 4), nibble));
    const __m256i all = _mm256_and_si256(_mm256_and_si256(a, b), _mm256_and_si256(c, d));
    const int none = _mm256_movemask_epi8(_mm256_cmpeq_epi8(all, _mm256_setzero_si256()));
    for (auto hits = ~static_cast<std::uint32_t>(none); hits != 0; hits &= hits - 1) {
      const auto at = i + static_cast<std::size_t>(std::countr_zero(hits));
      if (marks_[pair(bytes + at)] != 0) return at;
    }
  }
  return next_plain(text, i);
}

std::size_t PairFilter::next(std::string_view text, std::size_t from) const {
  static const bool wide = __builtin_cpu_supports("avx2") != 0;
  return wide ? next_wide(text, from) : next_plain(text, from);
}

#else

std::size_t PairFilter::next_wide(std::string_view text, std::size_t from) const { return next_plain(text, from); }
std::size_t PairFilter::next(std::string_view text, std::size_t from) const { return next_plain(text, from); }

#endif

}  // namespace fthost::text
