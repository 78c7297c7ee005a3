// MinHash: how alike two texts are, from a few hundred bytes of each. A text is the set of its word n-grams (shingles):
// words as white space divides them, in lower case, and of scripts that have none between words (Chinese, Japanese,
// Thai
// ...) each character; a text of fewer words than n is one shingle. The Jaccard similarity
// J of two sets is estimated by the share of permutations whose minimum they have in common (Broder, 1997); its
// standard error is sqrt(J (1 - J) / permutations). Of each minimum 16 bits are kept, which adds 2^-16.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fthost::data {

struct MinHashOptions {
  unsigned shingle = 5;         // words, 1 to 32
  unsigned permutations = 128;  // a multiple of 8, 8 to 1024
};

// One thread.
class MinHasher {
 public:
  explicit MinHasher(const MinHashOptions& options);

  // begin(), the text in pieces (a word ends where its piece does), end().
  void begin();
  void add(std::string_view text);
  // Shingles that end from here on differ from all of another kind, whatever their words. 0: as after begin().
  void set_kind(std::uint64_t kind) { kind_ = kind; }
  // `permutations` numbers. False: there was no word.
  bool end(std::uint16_t* signature);

  unsigned permutations() const { return options_.permutations; }

 private:
  void add_words(std::string_view text);
  void add_word(std::string_view word);
  void take(std::uint64_t shingle);

  MinHashOptions options_;
  std::vector<std::uint32_t> xors_, factors_, minima_;
  std::vector<std::uint64_t> window_;  // hashes of the last words
  std::size_t words_ = 0;
  std::uint64_t kind_ = 0;
  std::string lower_;
};

// The share of equal numbers, which estimates J.
double similarity(std::span<const std::uint16_t> a, std::span<const std::uint16_t> b);

}  // namespace fthost::data
