#include "data/minhash.hpp"

#include <algorithm>

#include "data/hash.hpp"
#include "data/random.hpp"
#include "text/unicode.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fthost::data {

namespace {

constexpr std::uint64_t kSeed = 0x66742D6D696E6861;  // signatures are not kept on disk, but runs must agree

#if defined(__x86_64__)
[[gnu::target("avx2")]] void lower_minima_avx2(std::uint32_t x, const std::uint32_t* xors, const std::uint32_t* factors,
                                               std::uint32_t* minima, std::size_t count) {
  const __m256i value = _mm256_set1_epi32(static_cast<int>(x));
  for (std::size_t i = 0; i < count; i += 8) {
    const auto load = [i](const std::uint32_t* from) __attribute__((target("avx2"))) {
      return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i));
    };
    __m256i hash = _mm256_mullo_epi32(_mm256_xor_si256(value, load(xors)), load(factors));
    hash = _mm256_xor_si256(hash, _mm256_srli_epi32(hash, 15));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(minima + i), _mm256_min_epu32(load(minima), hash));
  }
}
#endif

void lower_minima(std::uint32_t x, const std::uint32_t* xors, const std::uint32_t* factors, std::uint32_t* minima,
                  std::size_t count) {
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2");
  if (has_avx2) return lower_minima_avx2(x, xors, factors, minima, count);
#endif
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t hash = (x ^ xors[i]) * factors[i];
    hash ^= hash >> 15;
    minima[i] = std::min(minima[i], hash);
  }
}

// Nothing in it changes in lower case but ASCII letters: ASCII, and what begins with the bytes of scripts without case.
bool only_ascii_has_case(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0xC0) continue;  // ASCII, or what follows a leading byte
    // U+3000 to U+9FFF and Hangul, and emoji by their first byte.
    if ((byte >= 0xE3 && byte <= 0xE9) || (byte >= 0xEB && byte <= 0xED)) continue;
    return false;
  }
  return true;
}

// Bytes that a word of such a text ends at; of the others U+3000 and the like are looked for.
bool is_ascii_space(unsigned char c) { return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F); }

// Characters of scripts that put no white space between words: each counts as a word of its own. Han, kana, Bopomofo
// and Yi with their punctuation; Thai, Lao, Tibetan, Myanmar, Khmer, Tai.
bool stands_alone(char32_t c) {
  if (c < 0x0E00) return false;
  if (c < 0x3000) {
    return c < 0x10A0 || (c >= 0x1780 && c < 0x1800) || (c >= 0x1950 && c < 0x1A00) || (c >= 0x1A20 && c < 0x1AB0) ||
           c >= 0x2E80;
  }
  if (c < 0xA4D0) return true;
  return (c >= 0xAA60 && c < 0xAA80) || (c >= 0xF900 && c < 0xFB00) || (c >= 0xFF65 && c < 0xFFA0) ||
         (c >= 0x1AFF0 && c < 0x1B170) || (c >= 0x20000 && c < 0x40000);
}

}  // namespace

MinHasher::MinHasher(const MinHashOptions& options) : options_(options), window_(options.shingle) {
  Random random(kSeed);
  for (unsigned i = 0; i < options.permutations; ++i) {
    xors_.push_back(static_cast<std::uint32_t>(random.next() >> 32));
    factors_.push_back(static_cast<std::uint32_t>(random.next() >> 32) | 1);
  }
  minima_.resize(options.permutations);
}

void MinHasher::begin() {
  words_ = 0;
  kind_ = 0;
  std::fill(minima_.begin(), minima_.end(), 0xFFFFFFFFu);
}

void MinHasher::add(std::string_view text) {
  if (only_ascii_has_case(text)) {
    lower_.assign(text);
    for (char& c : lower_) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
  } else {
    lower_ = text::lower(text);
  }
  add_words(lower_);
}

void MinHasher::add_words(std::string_view text) {
  std::size_t begin = 0;
  const auto end_word = [&](std::size_t end) {
    if (end > begin) add_word(text.substr(begin, end - begin));
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      if (is_ascii_space(byte)) {
        end_word(at);
        begin = at + 1;
      }
      ++at;
      continue;
    }
    // White space beyond ASCII begins with C2 and E1 to E3, and what stands alone with E0 to F0.
    if (byte != 0xC2 && byte < 0xE0) {
      ++at;
      continue;
    }
    const text::CodePoint here = text::code_point_at(text, at);
    const std::size_t next = at + here.size;
    if (text::is_space(here.value, text::Space::python)) {
      end_word(at);
      begin = next;
    } else if (stands_alone(here.value)) {
      end_word(at);
      add_word(text.substr(at, here.size));
      begin = next;
    }
    at = next;
  }
  end_word(text.size());
}

void MinHasher::add_word(std::string_view word) {
  window_[words_++ % options_.shingle] = hash64(word);
  if (words_ < options_.shingle) return;
  std::uint64_t shingle = 0;
  for (unsigned i = 0; i < options_.shingle; ++i)
    shingle = fold64(shingle ^ window_[(words_ + i) % options_.shingle], 0x9E3779B97F4A7C15u);
  take(shingle);
}

void MinHasher::take(std::uint64_t shingle) {
  if (kind_ != 0) shingle = fold64(shingle ^ kind_, 0xA0761D6478BD642Fu);
  const auto x = static_cast<std::uint32_t>(shingle ^ shingle >> 32);
  lower_minima(x, xors_.data(), factors_.data(), minima_.data(), minima_.size());
}

bool MinHasher::end(std::uint16_t* signature) {
  if (words_ > 0 && words_ < options_.shingle) {
    std::uint64_t shingle = words_;
    for (std::size_t i = 0; i < words_; ++i) shingle = fold64(shingle ^ window_[i], 0xD6E8FEB86659FD93u);
    take(shingle);
  }
  for (std::size_t i = 0; i < minima_.size(); ++i) signature[i] = static_cast<std::uint16_t>(minima_[i]);
  return words_ > 0;
}

double similarity(std::span<const std::uint16_t> a, std::span<const std::uint16_t> b) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a[i] == b[i];
  return a.empty() ? 0 : static_cast<double>(equal) / static_cast<double>(a.size());
}

}  // namespace fthost::data
