// RankTable: an encoding's tokens as a file that is mapped and used as it lies: no parsing, ready in microseconds,
// shared by all processes. Position independent; in the byte order of the machine that built it. Immutable; any thread.
//
// Ids are ranks, from 0 without a gap: of two merges the one with the smaller id goes first. Layout: header, tokens,
// trie, merges, borders, bytes, names.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "text/encoding/splitter.hpp"

namespace fthost::text {

inline constexpr std::uint32_t kNoToken = ~std::uint32_t{0};
inline constexpr std::uint32_t kMaxTokens = (1u << 21) - 1;  // three ids fit a merge's word

struct TableHeader {
  char magic[8];
  std::uint32_t version, rule;
  std::uint32_t token_count, node_count;
  std::uint32_t merge_bits, names_size;
  std::uint64_t bytes_size, file_size;
  std::uint64_t checksum;  // table_checksum() of the file: what is used as it lies must be what was built
};
inline constexpr char kTableMagic[8] = {'f', 't', 'r', 'a', 'n', 'k', 's', '\n'};
inline constexpr std::uint32_t kTableVersion = 2;

// XXH3 of all words but this sum.
std::uint64_t table_checksum(std::span<const std::uint64_t> words);

// One a token, and a last one whose `begin` is the end of the bytes.
struct TokenEntry {
  std::uint32_t left, right;  // what it is merged from; kNoToken: a byte
  std::uint32_t shorter;      // the longest other token that it begins with; kNoToken: a byte
  std::uint32_t begin;        // of its bytes
};

// A double array: the child of a node by a byte is the one at `base ^ byte`, if it says so.
struct TrieNode {
  std::uint32_t base_label;  // base << 9 | (byte + 1); 0: not used
  std::uint32_t token;       // that ends here, or kNoToken
};

// Where characters meet, which merges may reach across: a bit for each pair of bytes around such a place that a merge
// of incomplete characters has, then a bit for each pair of characters (hashed) of a merge of whole ones. No bit, no
// merge.
inline constexpr std::size_t kByteBorders = std::size_t{1} << 16, kCharacterBorders = std::size_t{1} << 18;
inline constexpr std::size_t kBorderWords = (kByteBorders + kCharacterBorders) / 64;
constexpr std::size_t border_bit(std::uint8_t before, std::uint8_t after) { return std::size_t{before} << 8 | after; }
constexpr std::size_t border_bit(std::uint32_t before, std::uint32_t after) {  // the characters' bytes
  const std::uint64_t mixed = (std::uint64_t{before} << 32 | after) * 0x9E3779B97F4A7C15u;
  return kByteBorders + static_cast<std::size_t>((mixed ^ mixed >> 32) % kCharacterBorders);
}
constexpr std::uint32_t utf8_size(std::uint8_t lead) { return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4; }
constexpr bool is_continuation(char c) { return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80; }
// The bytes of a character, in one word.
constexpr std::uint32_t packed(std::string_view character) {
  std::uint32_t word = 0;
  for (const char c : character) word = word << 8 | static_cast<std::uint8_t>(c);
  return word;
}

class RankTable {
 public:
  static Result<RankTable> open(const std::string& path);
  // The same of a file's bytes in memory; `where` names them in errors.
  static Result<RankTable> from_words(std::vector<std::uint64_t> words, const std::string& where);

  SplitRule rule() const { return static_cast<SplitRule>(header_->rule); }
  std::uint32_t token_count() const { return header_->token_count; }
  const TokenEntry& token(std::uint32_t id) const { return tokens_[id]; }
  std::uint32_t size(std::uint32_t id) const { return tokens_[id + 1].begin - tokens_[id].begin; }
  std::string_view bytes(std::uint32_t id) const { return {bytes_ + tokens_[id].begin, size(id)}; }
  const TrieNode* trie() const { return trie_; }
  // The token that two others merge into, or kNoToken.
  std::uint32_t merged(std::uint32_t left, std::uint32_t right) const {
    const std::uint64_t key = std::uint64_t{left} << 21 | right, mask = (std::uint64_t{1} << header_->merge_bits) - 1;
    for (std::uint64_t at = key * 0x9E3779B97F4A7C15u >> (64 - header_->merge_bits);; ++at) {
      const std::uint64_t merge = merges_[at & mask];
      if (merge >> 21 == key) return static_cast<std::uint32_t>(merge & kMaxTokens);
      if (merge == ~std::uint64_t{0}) return kNoToken;
    }
  }
  // Whether a merge may reach across the place between two characters: `at`, within valid text from `begin`.
  bool may_cross(const char* begin, const char* at) const {
    const auto bit = [&](std::size_t i) { return (borders_[i / 64] >> (i % 64) & 1) != 0; };
    if (bit(border_bit(static_cast<std::uint8_t>(at[-1]), static_cast<std::uint8_t>(*at)))) return true;
    const char* before = at - 1;
    while (before > begin && is_continuation(*before)) --before;
    return bit(border_bit(packed({before, static_cast<std::size_t>(at - before)}),
                          packed({at, utf8_size(static_cast<std::uint8_t>(*at))})));
  }
  // Lines of "<encoding>\t<special token>\t<id>", for each name that the table serves.
  std::string_view names() const { return names_; }

 private:
  RankTable() = default;
  Result<void> look_at(std::span<const std::uint64_t> words, const std::string& where);

  std::shared_ptr<const void> memory_;
  const TableHeader* header_ = nullptr;
  const TokenEntry* tokens_ = nullptr;
  const TrieNode* trie_ = nullptr;
  const std::uint64_t* merges_ = nullptr;
  const std::uint64_t* borders_ = nullptr;
  const char* bytes_ = nullptr;
  std::string_view names_;
};

// What a table is built from.
struct RankSource {
  SplitRule rule = SplitRule::words;
  std::vector<std::string> tokens;  // by rank: all 256 bytes, and what merges of tokens with lower ranks lead to
  std::string names;                // as RankTable::names
};
Result<std::vector<std::uint64_t>> build_rank_table(const RankSource& source, const std::string& where);

}  // namespace fthost::text
