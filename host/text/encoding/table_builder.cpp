// From ranks to a table file: how each token is merged, the trie over all of them, the merges' hash table. A second or
// two for 200,000 tokens.
#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <unordered_map>

#include "text/encoding/table.hpp"

namespace fthost::text {
namespace {

using Ranks = std::unordered_map<std::string_view, std::uint32_t>;

// The two tokens that the merges with ranks below `id` leave of its bytes; false where they leave more.
bool last_merge(const Ranks& ranks, std::string_view bytes, std::uint32_t id, TokenEntry& out) {
  std::vector<std::size_t> begins(bytes.size() + 1);
  std::iota(begins.begin(), begins.end(), std::size_t{0});
  const auto rank_at = [&](std::size_t i, std::size_t parts) {
    if (i + 2 >= begins.size()) return kNoToken;
    const auto found = ranks.find(bytes.substr(begins[i], begins[i + parts] - begins[i]));
    return found == ranks.end() ? kNoToken : found->second;
  };
  std::vector<std::uint32_t> pairs(bytes.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = rank_at(i, 2);
  while (begins.size() > 3) {
    const auto best = std::min_element(pairs.begin(), pairs.end());
    if (*best >= id) return false;
    const auto i = static_cast<std::size_t>(best - pairs.begin());
    begins.erase(begins.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    pairs.erase(best);
    pairs[i] = rank_at(i, 2);
    if (i > 0) pairs[i - 1] = rank_at(i - 1, 2);
  }
  if (begins.size() != 3) return false;
  out.left = ranks.find(bytes.substr(0, begins[1]))->second;
  out.right = ranks.find(bytes.substr(begins[1]))->second;
  return true;
}

// A double array filled over sorted tokens. No two nodes share a base, and none is 0, so a label says whose child it
// is.
class TrieBuilder {
 public:
  explicit TrieBuilder(const std::vector<std::string>& tokens) : tokens_(tokens), order_(tokens.size()) {
    std::iota(order_.begin(), order_.end(), std::uint32_t{0});
    std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) { return tokens[a] < tokens[b]; });
    grow();
    used_base_[0] = true;
    take(0);
    place(0, 0, order_.size(), 0);
  }
  std::vector<TrieNode> nodes;

 private:
  void grow() {
    const std::size_t size = nodes.size() + 256;
    nodes.resize(size, {0, kNoToken});
    used_base_.resize(size);
    for (std::size_t slot = size - 256; slot < size; ++slot) free_.push_back(static_cast<std::uint32_t>(slot));
    taken_.resize(size);
  }
  void take(std::uint32_t slot) { taken_[slot] = true; }

  std::uint32_t find_base(const std::vector<std::uint8_t>& labels) {
    for (std::size_t i = head_; i < free_.size(); ++i) {
      if (taken_[free_[i]]) {
        if (i == head_) ++head_;
        continue;
      }
      const std::uint32_t base = free_[i] ^ labels[0];
      const bool fits =
          !used_base_[base] && std::ranges::none_of(labels, [&](std::uint8_t l) { return taken_[base ^ l]; });
      if (fits) return base;
      if (i - head_ > 1024) ++head_;  // crowded: leave its last gaps
    }
    const auto base = static_cast<std::uint32_t>(nodes.size());
    grow();
    return base;
  }

  // The node in `slot` stands for the first `depth` bytes of the tokens [first, last) in order.
  void place(std::uint32_t slot, std::size_t first, std::size_t last, std::size_t depth) {
    if (first < last && tokens_[order_[first]].size() == depth) {
      nodes[slot].token = order_[first++];
    }
    if (first == last) return;
    std::vector<std::uint8_t> labels;
    std::vector<std::size_t> begins;
    for (std::size_t i = first; i < last; ++i) {
      const auto label = static_cast<std::uint8_t>(tokens_[order_[i]][depth]);
      if (!labels.empty() && labels.back() == label) continue;
      labels.push_back(label);
      begins.push_back(i);
    }
    begins.push_back(last);
    const std::uint32_t base = find_base(labels);
    used_base_[base] = true;
    nodes[slot].base_label |= base << 9;
    for (const std::uint8_t label : labels) {
      take(base ^ label);
      nodes[base ^ label].base_label = label + 1u;
    }
    for (std::size_t i = 0; i < labels.size(); ++i) place(base ^ labels[i], begins[i], begins[i + 1], depth + 1);
  }

  const std::vector<std::string>& tokens_;
  std::vector<std::uint32_t> order_, free_;
  std::vector<bool> used_base_, taken_;
  std::size_t head_ = 0;
};

// The border that a merge reaches across, where it is one between characters; npos where it is not.
std::size_t border_of(std::string_view left, std::string_view right) {
  if (is_continuation(right[0])) return std::string_view::npos;
  std::size_t begin = left.size() - 1;
  while (begin > 0 && is_continuation(left[begin])) --begin;
  const std::string_view before = left.substr(begin);
  const std::uint32_t size = utf8_size(static_cast<std::uint8_t>(right[0]));
  const bool whole = !is_continuation(before[0]) && before.size() == utf8_size(static_cast<std::uint8_t>(before[0])) &&
                     right.size() >= size;
  if (whole) return border_bit(packed(before), packed(right.substr(0, size)));
  return border_bit(static_cast<std::uint8_t>(left.back()), static_cast<std::uint8_t>(right[0]));
}

template <class T>
void append(std::string& out, const std::vector<T>& values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

}  // namespace

Result<std::vector<std::uint64_t>> build_rank_table(const RankSource& source, const std::string& where) {
  const auto& tokens = source.tokens;
  if (tokens.size() >= kMaxTokens) return make_error(Code::input, "has more tokens than a table holds", where);
  Ranks ranks;
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    if (tokens[id].empty()) return make_error(Code::input, "has no token of rank " + std::to_string(id), where);
    if (tokens[id].size() > 4096) return make_error(Code::input, "has a token of more than 4096 bytes", where);
    if (!ranks.emplace(tokens[id], static_cast<std::uint32_t>(id)).second)
      return make_error(Code::input, "has the token of rank " + std::to_string(id) + " twice", where);
  }
  for (int byte = 0; byte < 256; ++byte) {
    const char one = static_cast<char>(byte);
    if (!ranks.contains({&one, 1}))
      return make_error(Code::input, "has no token for the byte " + std::to_string(byte), where);
  }
  std::string bytes;
  std::vector<TokenEntry> entries(tokens.size() + 1, {kNoToken, kNoToken, kNoToken, 0});
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    entries[id].begin = static_cast<std::uint32_t>(bytes.size());
    bytes += tokens[id];
    if (tokens[id].size() > 1 && !last_merge(ranks, tokens[id], static_cast<std::uint32_t>(id), entries[id]))
      return make_error(Code::input, "has a token that no merges lead to, of rank " + std::to_string(id), where);
  }
  entries.back().begin = static_cast<std::uint32_t>(bytes.size());
  std::size_t merge_count = 0;
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    merge_count += entries[id].left != kNoToken;
    for (std::size_t size = tokens[id].size() - 1; size > 0; --size) {
      const auto found = ranks.find(std::string_view(tokens[id]).substr(0, size));
      if (found == ranks.end()) continue;
      entries[id].shorter = found->second;
      break;
    }
  }
  const auto bits = static_cast<std::uint32_t>(std::bit_width(merge_count * 2 + 1));
  std::vector<std::uint64_t> merges(std::size_t{1} << bits, ~std::uint64_t{0});
  std::vector<std::uint64_t> borders(kBorderWords);
  for (std::uint64_t id = 0; id < tokens.size(); ++id) {
    if (entries[id].left == kNoToken) continue;
    const std::uint64_t key = std::uint64_t{entries[id].left} << 21 | entries[id].right;
    std::uint64_t at = key * 0x9E3779B97F4A7C15u >> (64 - bits);
    while (merges[at] != ~std::uint64_t{0}) at = (at + 1) & (merges.size() - 1);
    merges[at] = key << 21 | id;
    const std::size_t border = border_of(tokens[entries[id].left], tokens[entries[id].right]);
    if (border != std::string_view::npos) borders[border / 64] |= std::uint64_t{1} << (border % 64);
  }
  const TrieBuilder trie(tokens);

  TableHeader header{{},
                     kTableVersion,
                     static_cast<std::uint32_t>(source.rule),
                     static_cast<std::uint32_t>(tokens.size()),
                     static_cast<std::uint32_t>(trie.nodes.size()),
                     bits,
                     static_cast<std::uint32_t>(source.names.size()),
                     bytes.size(),
                     0,
                     0};
  std::memcpy(header.magic, kTableMagic, sizeof header.magic);
  std::string file(sizeof header, '\0');
  append(file, entries);
  append(file, trie.nodes);
  append(file, merges);
  append(file, borders);
  file += bytes;
  file += source.names;
  header.file_size = file.size();
  std::memcpy(file.data(), &header, sizeof header);
  std::vector<std::uint64_t> words((file.size() + 7) / 8);
  std::memcpy(words.data(), file.data(), file.size());
  header.checksum = table_checksum(words);
  std::memcpy(words.data(), &header, sizeof header);
  return words;
}

}  // namespace fthost::text
