// Bpe: the merges of a byte-pair encoding over a vocabulary. Read only once built, but for a cache of pieces whose
// entries are taken by an atomic flag; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "text/tokenizer/vocabulary.hpp"

namespace fthost::text {

struct BpeSettings {
  std::string unknown;      // token for characters outside the vocabulary; empty: they are dropped
  std::string word_prefix;  // continuing_subword_prefix
  std::string word_suffix;  // end_of_word_suffix
  bool fuse_unknown = false;
  bool byte_fallback = false;  // characters outside the vocabulary become their bytes, <0xE2>
  bool ignore_merges = false;  // a piece that is a token as it stands is that token
};

class Bpe {
 public:
  // A merge as the file has it: two token texts, the earlier the stronger.
  struct Merge {
    std::string_view left, right;
  };
  static Result<Bpe> build(Vocabulary vocabulary, const std::vector<Merge>& merges, BpeSettings settings,
                           const std::string& where);

  // Appends the ids of one pre-tokenized piece, which must be valid UTF-8.
  void encode(std::string_view piece, std::vector<std::int32_t>& out) const;
  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  // A piece and its ids, 64 bytes. A thread that finds the flag taken goes without the cache rather than wait.
  struct Cached {
    std::atomic_flag busy;
    std::uint8_t size = 0;  // of the piece; 0: empty
    std::uint8_t count = 0;
    char piece[29];
    std::int32_t ids[8];
  };
  struct Pair {
    std::uint64_t key = kNoPair;  // left id << 32 | right id
    std::uint32_t rank = 0;
    std::int32_t merged = 0;
  };
  static constexpr std::uint64_t kNoPair = ~std::uint64_t{0};
  static constexpr std::uint32_t kNoRank = ~std::uint32_t{0};

  Bpe(Vocabulary vocabulary, BpeSettings settings);
  void add_pair(std::int32_t left, std::int32_t right, std::uint32_t rank, std::int32_t merged);
  const Pair* find_pair(std::int32_t left, std::int32_t right) const;
  void index_characters();
  // The ids of single characters, before any merge.
  void split(std::string_view piece, std::vector<std::int32_t>& symbols) const;
  std::int32_t character_id(std::string_view piece, std::size_t at, std::size_t size) const;
  void merge_short(std::vector<std::int32_t>& symbols) const;
  void merge_long(std::vector<std::int32_t>& symbols) const;

  Vocabulary vocabulary_;
  BpeSettings settings_;
  std::int32_t unknown_id_ = -1;
  std::int32_t byte_ids_[256];
  std::vector<Pair> pairs_;               // open addressing, a power of two, at most half full
  std::vector<std::int32_t> characters_;  // ids of the code points below its size
  std::unique_ptr<Cached[]> cache_;
};

}  // namespace fthost::text
