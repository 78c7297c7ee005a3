#include "text/encoding/splitter.hpp"

#include <array>
#include <bit>

#include "text/unicode.hpp"
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace fthost::text {
namespace {

constexpr auto kAscii = [] {
  std::array<CharClass, 128> classes{};
  for (char c = 'A'; c <= 'Z'; ++c) classes[static_cast<std::size_t>(c)] = CharClass::upper;
  for (char c = 'a'; c <= 'z'; ++c) classes[static_cast<std::size_t>(c)] = CharClass::lower;
  for (char c = '0'; c <= '9'; ++c) classes[static_cast<std::size_t>(c)] = CharClass::number;
  for (const char c : {'\t', '\n', '\v', '\f', '\r', ' '}) classes[static_cast<std::size_t>(c)] = CharClass::space;
  return classes;
}();

constexpr bool is_break(char c) { return c == '\n' || c == '\r'; }
constexpr std::uint8_t byte(const char* p) { return static_cast<std::uint8_t>(*p); }

constexpr bool is_letter(CharClass kind) {
  return kind == CharClass::lower || kind == CharClass::upper || kind == CharClass::caseless;
}

#ifdef __SSE2__
// A bit for each of 16 bytes that lies within first..first + count - 1; ASCII only.
std::uint32_t within(__m128i bytes, char first, char count) {
  const __m128i moved = _mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(-128 - first)));
  return static_cast<std::uint32_t>(
      _mm_movemask_epi8(_mm_cmplt_epi8(moved, _mm_set1_epi8(static_cast<char>(-128 + count)))));
}

// The ASCII word of at most 15 letters that begins at p, of which 17 bytes can be read: its length, or 0 where the slow
// way has to look (longer, followed by what is not ASCII, no letter).
template <SplitRule rule>
std::uint32_t short_word(const char* p) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const auto wide = static_cast<std::uint32_t>(_mm_movemask_epi8(bytes));
  std::uint32_t size;
  if constexpr (rule == SplitRule::words) {
    const __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    size = static_cast<std::uint32_t>(std::countr_one(within(folded, 'a', 26)));
  } else {
    const std::uint32_t upper = within(bytes, 'A', 26), lower = within(bytes, 'a', 26);
    size = static_cast<std::uint32_t>(std::countr_one(upper));
    size += static_cast<std::uint32_t>(std::countr_one(lower >> size));
  }
  return size < 16 && (wide >> size & 1) == 0 ? size : 0;
}
#endif

}  // namespace

Splitter::Look Splitter::look(const char* p) {
  if (p == end_) return {CharClass::other, 0};
  if (byte(p) < 0x80) return {kAscii[byte(p)], 1};
  return look_wide(p);
}

Splitter::Look Splitter::look_wide(const char* p) {
  const auto lead = byte(p);
  if (lead > 0xE0 && lead < 0xED && end_ - p >= 3 && (byte(p + 1) & 0xC0) == 0x80 && (byte(p + 2) & 0xC0) == 0x80) {
    return {classes_[static_cast<char32_t>((lead & 0x0F) << 12 | (byte(p + 1) & 0x3F) << 6 | (byte(p + 2) & 0x3F))], 3};
  }
  if (lead >= 0xC2 && lead < 0xE0 && end_ - p >= 2 && (byte(p + 1) & 0xC0) == 0x80) {
    return {classes_[static_cast<char32_t>((lead & 0x1F) << 6 | (byte(p + 1) & 0x3F))], 2};
  }
  const CodePoint c = code_point_at({p, static_cast<std::size_t>(end_ - p)}, 0);
  if (c.valid) return {classes_[c.value], c.size};
  bad_ = true;
  return {CharClass::other, 0};
}

// (?i:'s|'t|'re|'ve|'m|'ll|'d)? as its end. The long s is an s to a pattern that ignores case.
const char* Splitter::contraction(const char* p) const {
  if (end_ - p < 2 || *p != '\'') return p;
  const char first = static_cast<char>(p[1] | 0x20);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return p + 2;
  if (end_ - p < 3) return p;
  const char second = static_cast<char>(p[2] | 0x20);
  const bool pair = (second == 'e' && (first == 'r' || first == 'v')) || (second == 'l' && first == 'l');
  return pair || (byte(p + 1) == 0xC5 && byte(p + 2) == 0xBF) ? p + 3 : p;
}

// The letters from p, where there is one (or, in cased words, a mark). Of capitals and characters without case that no
// small letter follows, those up to the last without case are a word: what a greedy pattern gives back.
template <SplitRule rule>
const char* Splitter::letters(const char* p) {
  Look seen = look(p);
  if constexpr (rule == SplitRule::words) {
    for (; is_letter(seen.kind); seen = look(p)) p += seen.size;
    return p;
  }
  const char* caseless_end = nullptr;
  for (;; seen = look(p)) {
    if (seen.kind == CharClass::caseless || seen.kind == CharClass::mark)
      caseless_end = p + seen.size;
    else if (seen.kind != CharClass::upper)
      break;
    p += seen.size;
  }
  if (seen.kind == CharClass::lower) {
    do {
      p += seen.size;
      seen = look(p);
    } while (seen.kind == CharClass::lower || seen.kind == CharClass::caseless || seen.kind == CharClass::mark);
  } else if (caseless_end) {
    p = caseless_end;
  }
  return contraction(p);
}

template <SplitRule rule>
const char* Splitter::spaces(const char* p) {
  const char *begin = p, *last = p, *after_break = nullptr;
  for (Look seen = look(p); seen.kind == CharClass::space; seen = look(p)) {
    last = p;
    p += seen.size;
    if (is_break(*last)) after_break = p;
  }
  if (rule == SplitRule::words && p == end_) return p;
  if (after_break) return after_break;
  return p == end_ || last == begin ? p : last;
}

template <SplitRule rule>
const char* Splitter::piece(const char* p) {
  const auto begins_word = [](CharClass kind) {
    return is_letter(kind) || (rule == SplitRule::cased_words && kind == CharClass::mark);
  };
  if (rule == SplitRule::words && *p == '\'') {
    if (const char* end = contraction(p); end != p) return end;
  }
  const Look first = look(p);
  if (first.size == 0) return p;
  if (begins_word(first.kind)) return letters<rule>(p);
  const char* after = p + first.size;
  if (first.kind == CharClass::number) {
    for (int more = 2; more > 0; --more) {
      const Look next = look(after);
      if (next.kind != CharClass::number) break;
      after += next.size;
    }
    return after;
  }
  const Look second = look(after);
  if (!is_break(*p) && begins_word(second.kind)) return letters<rule>(after);
  const auto is_sign = [](const Look& seen) {
    return seen.size > 0 && (seen.kind == CharClass::other || seen.kind == CharClass::mark);
  };
  if (first.kind == CharClass::space && !(*p == ' ' && is_sign(second))) return spaces<rule>(p);
  for (Look next = second; is_sign(next); next = look(after)) after += next.size;
  while (after < end_ && (is_break(*after) || (rule == SplitRule::cased_words && *after == '/'))) ++after;
  return after;
}

template <SplitRule rule>
std::size_t Splitter::cut(const char** ends, std::size_t room) {
  std::size_t count = 0;
  for (; count < room && at_ < end_; ++count) {
#ifdef __SSE2__
    if (end_ - at_ > 17 && byte(at_) < 0x80) {
      const CharClass kind = kAscii[byte(at_)];
      const bool letter = kind == CharClass::lower || kind == CharClass::upper;
      const bool before = kind == CharClass::other ? rule == SplitRule::cased_words || *at_ != '\''
                                                   : kind == CharClass::space && !is_break(*at_);
      if (letter || before) {
        const char* start = at_ + (letter ? 0 : 1);
        if (const std::uint32_t size = short_word<rule>(start)) {
          at_ = start + size;
          if (rule == SplitRule::cased_words && *at_ == '\'') at_ = contraction(at_);
          ends[count] = at_;
          continue;
        }
      }
    }
#endif
    at_ = piece<rule>(at_);
    if (bad_) return 0;
    ends[count] = at_;
  }
  return count;
}

template std::size_t Splitter::cut<SplitRule::words>(const char**, std::size_t);
template std::size_t Splitter::cut<SplitRule::cased_words>(const char**, std::size_t);

}  // namespace fthost::text
