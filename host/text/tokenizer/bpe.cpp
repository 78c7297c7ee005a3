#include "text/tokenizer/bpe.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <queue>

#include "text/unicode.hpp"

namespace fthost::text {
namespace {

constexpr std::size_t kCacheLines = 1 << 13;
constexpr std::size_t kShort = 40;  // symbols up to which a scan beats a heap

std::uint64_t pair_key(std::int32_t left, std::int32_t right) {
  return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
}
std::size_t pair_hash(std::uint64_t key) { return static_cast<std::size_t>(key * 0x9E3779B97F4A7C15u >> 20); }

}  // namespace

Bpe::Bpe(Vocabulary vocabulary, BpeSettings settings)
    : vocabulary_(std::move(vocabulary)), settings_(std::move(settings)), cache_(new Cached[kCacheLines]) {
  std::fill(std::begin(byte_ids_), std::end(byte_ids_), -1);
}

Result<Bpe> Bpe::build(Vocabulary vocabulary, const std::vector<Merge>& merges, BpeSettings settings,
                       const std::string& where) {
  Bpe bpe(std::move(vocabulary), std::move(settings));
  const Vocabulary& tokens = bpe.vocabulary_;
  if (!bpe.settings_.unknown.empty()) {
    bpe.unknown_id_ = tokens.find(bpe.settings_.unknown);
    if (bpe.unknown_id_ < 0) {
      return make_error(Code::input, "model.unk_token \"" + bpe.settings_.unknown + "\" is not in the vocabulary",
                        where);
    }
  }
  if (bpe.settings_.byte_fallback) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      char name[8];
      std::snprintf(name, sizeof name, "<0x%02X>", byte);
      bpe.byte_ids_[byte] = tokens.find(name);
    }
  }
  std::size_t capacity = 16;
  while (capacity < merges.size() * 2) capacity *= 2;
  bpe.pairs_.assign(capacity, {});
  std::string joined;
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const Merge& merge = merges[rank];
    const std::string_view prefix = bpe.settings_.word_prefix;
    joined.assign(merge.left);
    joined += merge.right.starts_with(prefix) ? merge.right.substr(prefix.size()) : merge.right;
    const std::int32_t left = tokens.find(merge.left), right = tokens.find(merge.right), merged = tokens.find(joined);
    if (left < 0 || right < 0 || merged < 0) {
      return make_error(Code::input,
                        "merge " + std::to_string(rank + 1) + " (" + std::string(merge.left) + " " +
                            std::string(merge.right) + ") has a token outside the vocabulary",
                        where, "the file is damaged; fetch it again");
    }
    bpe.add_pair(left, right, static_cast<std::uint32_t>(rank), merged);
  }
  bpe.index_characters();
  return bpe;
}

// A pair given twice keeps its later rank, as in the reference.
void Bpe::add_pair(std::int32_t left, std::int32_t right, std::uint32_t rank, std::int32_t merged) {
  const std::uint64_t key = pair_key(left, right);
  const std::size_t mask = pairs_.size() - 1;
  std::size_t at = pair_hash(key) & mask;
  while (pairs_[at].key != kNoPair && pairs_[at].key != key) at = (at + 1) & mask;
  pairs_[at] = {key, rank, merged};
}

const Bpe::Pair* Bpe::find_pair(std::int32_t left, std::int32_t right) const {
  const std::uint64_t key = pair_key(left, right);
  const std::size_t mask = pairs_.size() - 1;
  for (std::size_t at = pair_hash(key) & mask; pairs_[at].key != kNoPair; at = (at + 1) & mask) {
    if (pairs_[at].key == key) return &pairs_[at];
  }
  return nullptr;
}

void Bpe::index_characters() {
  if (!settings_.word_prefix.empty() || !settings_.word_suffix.empty()) return;
  characters_.resize(0x800);
  for (std::size_t c = 0; c < characters_.size(); ++c) {
    std::string text;
    append_utf8(text, static_cast<char32_t>(c));
    characters_[c] = vocabulary_.find(text);
  }
}

std::int32_t Bpe::character_id(std::string_view piece, std::size_t at, std::size_t size) const {
  const std::string_view character = piece.substr(at, size);
  if (settings_.word_prefix.empty() && settings_.word_suffix.empty()) return vocabulary_.find(character);
  std::string spelled = at > 0 ? settings_.word_prefix : std::string();
  spelled += character;
  if (at + size == piece.size()) spelled += settings_.word_suffix;
  return vocabulary_.find(spelled);
}

void Bpe::split(std::string_view piece, std::vector<std::int32_t>& symbols) const {
  bool after_unknown = false;
  for (std::size_t at = 0; at < piece.size();) {
    const CodePoint c = code_point_at(piece, at);
    const std::int32_t id = c.value < characters_.size() ? characters_[c.value] : character_id(piece, at, c.size);
    if (id >= 0) {
      symbols.push_back(id);
      after_unknown = false;
    } else {
      const std::string_view bytes = piece.substr(at, c.size);
      const auto byte_id = [&](char byte) { return byte_ids_[static_cast<std::uint8_t>(byte)]; };
      if (settings_.byte_fallback && std::ranges::all_of(bytes, [&](char byte) { return byte_id(byte) >= 0; })) {
        for (const char byte : bytes) symbols.push_back(byte_id(byte));
        after_unknown = false;
      } else if (unknown_id_ >= 0) {
        if (!(settings_.fuse_unknown && after_unknown)) symbols.push_back(unknown_id_);
        after_unknown = true;
      }
    }
    at += c.size;
  }
}

// Merges the leftmost of the strongest pairs until there is none: a scan over ranks kept beside the symbols.
void Bpe::merge_short(std::vector<std::int32_t>& symbols) const {
  std::size_t count = symbols.size();
  std::uint32_t ranks[kShort];
  std::int32_t merged[kShort];
  const auto look = [&](std::size_t i) {
    const Pair* pair = i + 1 < count ? find_pair(symbols[i], symbols[i + 1]) : nullptr;
    ranks[i] = pair ? pair->rank : kNoRank;
    merged[i] = pair ? pair->merged : 0;
  };
  for (std::size_t i = 0; i < count; ++i) look(i);
  while (count > 1) {
    const std::size_t best = static_cast<std::size_t>(std::min_element(ranks, ranks + count - 1) - ranks);
    if (ranks[best] == kNoRank) break;
    symbols[best] = merged[best];
    --count;
    for (std::size_t i = best + 1; i < count; ++i) {
      symbols[i] = symbols[i + 1];
      ranks[i] = ranks[i + 1];
      merged[i] = merged[i + 1];
    }
    look(best);
    if (best > 0) look(best - 1);
  }
  symbols.resize(count);
}

// The same with a heap of (rank, place) and a linked list: n log n for long pieces.
void Bpe::merge_long(std::vector<std::int32_t>& symbols) const {
  struct Node {
    std::int32_t previous, next, id;  // id -1: merged away
    std::uint32_t rank;               // of the pair with the next one, as last looked up
    std::int32_t merged;
  };
  const auto count = static_cast<std::int32_t>(symbols.size());
  std::vector<Node> nodes(symbols.size());
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> queue;
  const auto look = [&](std::int32_t i) {
    Node& node = nodes[static_cast<std::size_t>(i)];
    node.rank = kNoRank;
    if (node.next < 0) return;
    if (const Pair* pair = find_pair(node.id, nodes[static_cast<std::size_t>(node.next)].id)) {
      node.rank = pair->rank;
      node.merged = pair->merged;
      queue.push(std::uint64_t{node.rank} << 32 | static_cast<std::uint32_t>(i));
    }
  };
  for (std::int32_t i = 0; i < count; ++i) {
    nodes[static_cast<std::size_t>(i)] = {i - 1, i + 1 < count ? i + 1 : -1, symbols[static_cast<std::size_t>(i)],
                                          kNoRank, 0};
  }
  for (std::int32_t i = 0; i < count; ++i) look(i);
  while (!queue.empty()) {
    const std::uint64_t top = queue.top();
    queue.pop();
    const auto at = static_cast<std::int32_t>(top & 0xFFFFFFFFu);
    Node& node = nodes[static_cast<std::size_t>(at)];
    if (node.id < 0 || node.rank != top >> 32) continue;  // merged since it was queued
    Node& gone = nodes[static_cast<std::size_t>(node.next)];
    node.id = node.merged;
    node.next = gone.next;
    gone.id = -1;
    if (node.next >= 0) nodes[static_cast<std::size_t>(node.next)].previous = at;
    look(at);
    if (node.previous >= 0) look(node.previous);
  }
  symbols.clear();
  for (std::int32_t i = 0; i >= 0; i = nodes[static_cast<std::size_t>(i)].next) {
    symbols.push_back(nodes[static_cast<std::size_t>(i)].id);
  }
}

void Bpe::encode(std::string_view piece, std::vector<std::int32_t>& out) const {
  if (piece.empty()) return;
  if (settings_.ignore_merges) {
    const std::int32_t whole = vocabulary_.find(piece);
    if (whole >= 0) {
      out.push_back(whole);
      return;
    }
  }
  Cached* line = nullptr;
  if (piece.size() <= sizeof line->piece) {
    line = &cache_[std::hash<std::string_view>{}(piece) & (kCacheLines - 1)];
    if (!line->busy.test_and_set(std::memory_order_acquire)) {
      const bool hit = line->size == piece.size() && std::memcmp(line->piece, piece.data(), piece.size()) == 0;
      if (hit) out.insert(out.end(), line->ids, line->ids + line->count);
      line->busy.clear(std::memory_order_release);
      if (hit) return;
    }
  }
  std::vector<std::int32_t> symbols;
  symbols.reserve(piece.size());
  split(piece, symbols);
  if (symbols.size() > 1) symbols.size() <= kShort ? merge_short(symbols) : merge_long(symbols);
  out.insert(out.end(), symbols.begin(), symbols.end());
  if (line && symbols.size() <= std::size(line->ids) && !line->busy.test_and_set(std::memory_order_acquire)) {
    line->size = static_cast<std::uint8_t>(piece.size());
    line->count = static_cast<std::uint8_t>(symbols.size());
    std::memcpy(line->piece, piece.data(), piece.size());
    std::copy(symbols.begin(), symbols.end(), line->ids);
    line->busy.clear(std::memory_order_release);
  }
}

}  // namespace fthost::text
