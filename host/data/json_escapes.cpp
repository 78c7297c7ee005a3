// The bytes are compared 16 at a time where SSE2 is there, else one by one: same result.
#include "data/json_escapes.hpp"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace fthost::data {

namespace {

#if defined(__SSE2__)

__m128i load(const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }
__m128i is(__m128i bytes, char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); }
__m128i either(__m128i a, __m128i b) { return _mm_or_si128(a, b); }

std::uint64_t bits(__m128i a, __m128i b, __m128i c, __m128i d) {
  const auto mask = [](__m128i lanes) { return std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(lanes))}; };
  return mask(a) | mask(b) << 16 | mask(c) << 32 | mask(d) << 48;
}

std::uint64_t backslashes_of(const char* at) {
  return bits(is(load(at), '\\'), is(load(at + 16), '\\'), is(load(at + 32), '\\'), is(load(at + 48), '\\'));
}

__m128i letters(__m128i bytes) {
  const __m128i marks = either(either(is(bytes, '"'), is(bytes, '\\')), is(bytes, '/'));
  const __m128i controls = either(either(is(bytes, 'b'), is(bytes, 'f')), either(is(bytes, 'n'), is(bytes, 'r')));
  return either(either(marks, controls), either(is(bytes, 't'), is(bytes, 'u')));
}

// What may stand after a backslash.
std::uint64_t letters_of(const char* at) {
  return bits(letters(load(at)), letters(load(at + 16)), letters(load(at + 32)), letters(load(at + 48)));
}

std::uint64_t units_of(const char* at) {
  return bits(is(load(at), 'u'), is(load(at + 16), 'u'), is(load(at + 32), 'u'), is(load(at + 48), 'u'));
}

std::uint64_t slashes_of(const char* at) {
  return bits(is(load(at), '/'), is(load(at + 16), '/'), is(load(at + 32), '/'), is(load(at + 48), '/'));
}

#else

template <class Is>
std::uint64_t bits(const char* at, Is is) {
  std::uint64_t mask = 0;
  for (int i = 0; i < 64; ++i) mask |= std::uint64_t{is(at[i])} << i;
  return mask;
}

std::uint64_t backslashes_of(const char* at) {
  return bits(at, [](char c) { return c == '\\'; });
}

std::uint64_t letters_of(const char* at) {
  return bits(at, [](char c) {
    return c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't' || c == 'u';
  });
}

std::uint64_t units_of(const char* at) {
  return bits(at, [](char c) { return c == 'u'; });
}

std::uint64_t slashes_of(const char* at) {
  return bits(at, [](char c) { return c == '/'; });
}

#endif

// Of a run of backslashes the first, third, ... escape. `carried`: the first byte of the block is escaped.
std::uint64_t escaping_of(std::uint64_t backslashes, std::uint64_t carried) {
  std::uint64_t escaping = backslashes, escaped = carried;
  for (std::uint64_t rest = backslashes; rest != 0; rest &= rest - 1) {
    const std::uint64_t bit = rest & (~rest + 1);
    if ((escaped & bit) != 0) {
      escaping &= ~bit;
    } else {
      escaped = bit << 1;
    }
  }
  return escaping;
}

}  // namespace

int hex_unit(const char* at) {
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

void EscapeScan::scan(std::string_view text) {
  bad_ = npos;
  plain_ = true;
  const std::size_t size = text.size(), blocks = size / 64 + 1;
  if (blocks > room_) {
    room_ = blocks + blocks / 2;
    masks_ = std::make_unique_for_overwrite<std::uint64_t[]>(room_);
    marked_ = std::make_unique_for_overwrite<std::uint32_t[]>(room_);
  }
  char last[64];
  std::memset(last, ' ', sizeof last);
  if (size % 64 != 0) std::memcpy(last, text.data() + (blocks - 1) * 64, size % 64);
  // First where the backslashes are, without a branch; then only the blocks that have one, or follow one.
  std::size_t marked = 0;
  std::uint64_t before = 0;
  for (std::size_t b = 0; b < blocks; ++b) {
    const std::uint64_t mask = backslashes_of(b + 1 < blocks ? text.data() + b * 64 : last);
    masks_[b] = mask;
    marked_[marked] = static_cast<std::uint32_t>(b);
    marked += (mask | before >> 63) != 0;
    before = mask;
  }
  std::uint64_t carried = 0;  // 1: the block's first byte is escaped by the last of the block before
  second_half_ = npos;
  for (std::size_t m = 0; m < marked; ++m) {
    const std::size_t b = marked_[m];
    const char* const at = b + 1 < blocks ? text.data() + b * 64 : last;
    std::uint64_t escaping = masks_[b];
    if ((escaping & (escaping << 1 | carried)) != 0) escaping = escaping_of(escaping, carried);
    const std::uint64_t escaped = escaping << 1 | carried;
    carried = escaping >> 63;
    const std::uint64_t wrong = escaped & ~letters_of(at);
    if (wrong != 0) note_bad(b * 64 + static_cast<std::size_t>(std::countr_zero(wrong)) - 1);
    const std::uint64_t escaped_units = escaped & units_of(at);
    plain_ = plain_ && escaped_units == 0 && (escaped & slashes_of(at)) == 0;
    for (std::uint64_t units = escaped_units; units != 0; units &= units - 1) {
      check_unit(text, b * 64 + static_cast<std::size_t>(std::countr_zero(units)));
    }
  }
}

// `u` is the u of \uXXXX. Halves of a surrogate pair must come together.
void EscapeScan::check_unit(std::string_view text, std::size_t u) {
  if (u == second_half_) return;
  const int unit = u + 5 <= text.size() ? hex_unit(text.data() + u + 1) : -1;
  bool good = unit >= 0;
  if (unit >= 0xD800 && unit <= 0xDFFF) {
    const char* const after = text.data() + u + 5;
    const bool pair = unit < 0xDC00 && u + 11 <= text.size() && after[0] == '\\' && after[1] == 'u';
    const int low = pair ? hex_unit(after + 2) : -1;
    good = low >= 0xDC00 && low <= 0xDFFF;
    if (good) second_half_ = u + 6;
  }
  if (!good) note_bad(u - 1);
}

}  // namespace fthost::data
