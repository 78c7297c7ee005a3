// How it is fast: pieces of up to 15 bytes are looked up, as two words, in a cache of the thread's own (97 of 100 hit);
// the rest are covered with the longest tokens, stepping back where two neighbours would have merged otherwise. That
// gives what merging by rank gives, in time that grows with the length only.
#include "text/encoding.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "text/unicode.hpp"

namespace fthost::text {
namespace {

constexpr std::size_t kSetBits = 15;  // 2 MB: what misses costs more than what is far away
constexpr std::size_t kPairBits = 14;
constexpr std::size_t kBatch = 256;
constexpr std::size_t kShort = 15;

// A piece with its length in the last byte, and its tokens; count 0: empty.
struct Line {
  std::uint64_t key[2];
  std::uint32_t count;
  std::uint32_t ids[3];  // where there are no more
};

// Two pieces that are looked for in the same place, the one met last in front; a line of the processor's cache.
struct alignas(64) Set {
  Line ways[2];
};

constexpr auto kMasks = [] {
  std::array<std::array<std::uint64_t, 2>, kShort + 1> masks{};
  for (std::size_t size = 0; size <= kShort; ++size) {
    masks[size][0] = size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * size)) - 1;
    masks[size][1] = size <= 8 ? 0 : (std::uint64_t{1} << (8 * (size - 8))) - 1;
  }
  return masks;
}();

struct Counter {
  std::uint64_t total = 0;
  void add(const Line& line) { total += line.count; }
  void add(std::span<const std::uint32_t> ids) { total += ids.size(); }
  void restart() { total = 0; }
};

struct Collector {
  std::vector<std::int32_t>& ids;
  std::size_t start;
  void add(std::span<const std::uint32_t> more) { ids.insert(ids.end(), more.begin(), more.end()); }
  void restart() { ids.resize(start); }
};

}  // namespace

struct Encoding::Scratch::Impl {
  std::vector<Set> sets = std::vector<Set>(std::size_t{1} << kSetBits);
  std::vector<std::uint64_t> pairs = std::vector<std::uint64_t>(std::size_t{1} << kPairBits);
  const void* owner = nullptr;  // the trie of the encoding that sets and pairs are of
  std::vector<std::uint32_t> tokens;
  std::vector<std::uint64_t> dead;  // a bit for each place of a piece that nothing leads on from
  const char* ends[kBatch];

  void belong_to(const void* encoding) {
    if (owner == encoding) return;
    std::fill(sets.begin(), sets.end(), Set{});
    std::fill(pairs.begin(), pairs.end(), 0);
    owner = encoding;
  }
};

Encoding::Scratch::Scratch() : impl_(std::make_unique<Impl>()) {}
Encoding::Scratch::Scratch(Scratch&&) noexcept = default;
Encoding::Scratch& Encoding::Scratch::operator=(Scratch&&) noexcept = default;
Encoding::Scratch::~Scratch() = default;

Result<Encoding> Encoding::open(const std::string& path, std::string_view name) {
  auto table = RankTable::open(path);
  if (!table) return table.error();
  return make(std::move(*table), name, path);
}

Result<Encoding> Encoding::make(RankTable table, std::string_view name, const std::string& where) {
  Encoding made(std::move(table));
  made.name_ = name;
  made.vocab_size_ = made.table_.token_count();
  std::string_view rest = made.table_.names();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t tab = line.find('\t'), last = line.rfind('\t');
    if (tab == std::string_view::npos) continue;
    if (made.name_.empty()) made.name_ = line.substr(0, tab);
    if (line.substr(0, tab) != made.name_ || last == tab) continue;
    std::int32_t id = 0;
    std::from_chars(line.data() + last + 1, line.data() + line.size(), id);
    made.specials_.emplace_back(line.substr(tab + 1, last - tab - 1), id);
    made.vocab_size_ = std::max(made.vocab_size_, static_cast<std::uint32_t>(id) + 1);
  }
  if (made.specials_.empty() && !name.empty())
    return make_error(Code::input, "does not serve the encoding \"" + std::string(name) + "\"", where);
  return made;
}

// The longest token from `begin`, which is before `end`.
std::uint32_t Encoding::longest(const char* begin, const char* end) const {
  const TrieNode* trie = table_.trie();
  std::uint32_t best = kNoToken;
  std::uint32_t node = trie[0].base_label >> 9;
  for (const char* p = begin; p < end; ++p) {
    const auto byte = static_cast<std::uint8_t>(*p);
    const TrieNode next = trie[node ^ byte];
    if ((next.base_label & 0x1FF) != byte + 1u) break;
    if (next.token != kNoToken) best = next.token;
    node = next.base_label >> 9;
  }
  return best;
}

// Whether merging by rank leaves the two tokens side by side, as they are. Takes back their merges, the last one first;
// in each state that shows, the pair across the border must not be stronger than the merge that was made. Of equals the
// one to the left is made first.
bool Encoding::stay_apart(std::uint32_t left, std::uint32_t right) const {
  std::uint32_t limit = kNoToken;
  for (;;) {
    if (const std::uint32_t across = table_.merged(left, right); across < limit) return false;
    const TokenEntry &a = table_.token(left), &b = table_.token(right);
    if (a.left != kNoToken && (b.left == kNoToken || left > right)) {
      limit = left;
      left = a.right;
    } else if (b.left != kNoToken) {
      limit = right + 1;
      right = b.left;
    } else {
      return true;
    }
  }
}

// Leaves the piece's tokens in scratch.tokens.
void Encoding::merge(std::string_view piece, Scratch::Impl& scratch) const {
  auto& tokens = scratch.tokens;
  tokens.clear();
  const char *begin = piece.data(), *end = begin + piece.size(), *at = begin;
  std::uint32_t candidate = longest(at, end);
  if (table_.size(candidate) == piece.size()) return tokens.push_back(candidate);
  auto& dead = scratch.dead;
  dead.assign(piece.size() / 64 + 1, 0);
  const auto apart = [&](std::uint32_t left, std::uint32_t right) {
    const std::uint64_t key = std::uint64_t{left} << 22 | std::uint64_t{right} << 1;
    std::uint64_t& known = scratch.pairs[key * 0x9E3779B97F4A7C15u >> (64 - kPairBits)];
    const std::uint64_t tagged = key | std::uint64_t{1} << 63;
    if ((known & ~std::uint64_t{1}) != tagged) known = tagged | (stay_apart(left, right) ? 1 : 0);
    return (known & 1) != 0;
  };
  const auto joins = [&](std::uint32_t next) {  // after the last token, and nothing merges across
    if (tokens.empty()) return true;
    const bool characters_meet = static_cast<std::uint8_t>(*at) >= 0xC0 || static_cast<std::uint8_t>(at[-1]) >= 0x80;
    return (characters_meet && !is_continuation(*at) && !table_.may_cross(begin, at)) || apart(tokens.back(), next);
  };
  while (at < end) {
    const std::uint32_t size = table_.size(candidate);
    const auto after = static_cast<std::size_t>(at + size - begin);
    if ((dead[after / 64] >> (after % 64) & 1) == 0 && joins(candidate)) {
      tokens.push_back(candidate);
      at += size;
      if (at < end) candidate = longest(at, end);
      continue;
    }
    candidate = table_.token(candidate).shorter;
    if (candidate != kNoToken) continue;
    const auto here = static_cast<std::size_t>(at - begin);
    dead[here / 64] |= std::uint64_t{1} << (here % 64);
    candidate = tokens.back();
    tokens.pop_back();
    at -= table_.size(candidate);
  }
}

template <class Sink>
bool Encoding::run(std::string_view text, Scratch::Impl& scratch, Sink& sink) const {
  Splitter splitter(table_.rule(), text);
  const char *begin = text.data(), *end = begin + text.size();
  while (const std::size_t count = splitter.next(scratch.ends, kBatch)) {
    for (std::size_t i = 0; i < count; ++i) {
      const char* stop = scratch.ends[i];
      const auto size = static_cast<std::size_t>(stop - begin);
      if (size > kShort) {
        merge({begin, size}, scratch);
        sink.add(std::span<const std::uint32_t>(scratch.tokens));
        begin = stop;
        continue;
      }
      std::uint64_t key[2];
      if (end - begin >= 16) {
        std::memcpy(key, begin, 16);
      } else {
        key[0] = key[1] = 0;
        std::memcpy(key, begin, size);
      }
      key[0] &= kMasks[size][0];
      key[1] = (key[1] & kMasks[size][1]) | std::uint64_t{size} << 56;
      const std::uint64_t hash = key[0] * 0x9E3779B97F4A7C15u + key[1] * 0xC2B2AE3D27D4EB4Fu;
      Set& set = scratch.sets[(hash ^ hash >> 29) * 0x9E3779B97F4A7C15u >> (64 - kSetBits)];
      Line& line = set.ways[0];
      if (line.key[0] != key[0] || line.key[1] != key[1]) {
        std::swap(set.ways[0], set.ways[1]);
        if (line.key[0] != key[0] || line.key[1] != key[1]) {
          merge({begin, size}, scratch);
          line.key[0] = key[0];
          line.key[1] = key[1];
          line.count = static_cast<std::uint32_t>(scratch.tokens.size());
          std::copy_n(scratch.tokens.begin(), std::min(scratch.tokens.size(), std::size(line.ids)), line.ids);
        }
      }
      if constexpr (requires { sink.add(line); }) {
        sink.add(line);
      } else if (line.count <= std::size(line.ids)) {
        sink.add(std::span<const std::uint32_t>(line.ids, line.count));
      } else {
        merge({begin, size}, scratch);
        sink.add(std::span<const std::uint32_t>(scratch.tokens));
      }
      begin = stop;
    }
  }
  return !splitter.is_bad();
}

template <class Sink>
void Encoding::encode_any(std::string_view text, Scratch& scratch, Sink& sink) const {
  Scratch::Impl& own = *scratch.impl_;
  own.belong_to(table_.trie());
  if (run(text, own, sink)) return;
  sink.restart();
  run(std::string_view(repair_utf8(text)), own, sink);
}

std::uint64_t Encoding::count(std::string_view text, Scratch& scratch) const {
  Counter counter;
  encode_any(text, scratch, counter);
  return counter.total;
}

void Encoding::encode_to(std::string_view text, Scratch& scratch, std::vector<std::int32_t>& ids) const {
  Collector collector{ids, ids.size()};
  encode_any(text, scratch, collector);
}

void Encoding::encode_to(std::string_view text, std::span<const std::string> specials, Scratch& scratch,
                         std::vector<std::int32_t>& ids) const {
  std::vector<const std::pair<std::string, std::int32_t>*> allowed;
  for (const auto& one : specials_) {
    if (std::find(specials.begin(), specials.end(), one.first) != specials.end()) allowed.push_back(&one);
  }
  if (allowed.empty()) return encode_to(text, scratch, ids);
  std::string_view head = allowed[0]->first;  // what all of them begin with
  for (const auto* one : allowed) {
    while (!one->first.starts_with(head)) head.remove_suffix(1);
  }
  std::size_t done = 0;
  for (std::size_t at = text.find(head); at < text.size(); at = text.find(head, at)) {
    const std::pair<std::string, std::int32_t>* found = nullptr;
    for (const auto* one : allowed) {
      if (text.substr(at).starts_with(one->first) && (!found || one->first.size() > found->first.size())) found = one;
    }
    if (!found) {
      ++at;
      continue;
    }
    encode_to(text.substr(done, at - done), scratch, ids);
    ids.push_back(found->second);
    done = at += found->first.size();
  }
  encode_to(text.substr(done), scratch, ids);
}

std::string_view Encoding::find_special(std::string_view text) const {
  std::size_t first = std::string_view::npos;
  std::string_view found;
  for (const auto& [token, id] : specials_) {
    const std::size_t at = text.find(token);
    if (at < first) first = at, found = token;
  }
  return found;
}

Result<std::string> Encoding::decode_bytes(std::span<const std::int32_t> ids) const {
  std::string bytes;
  for (const std::int32_t id : ids) {
    if (id >= 0 && static_cast<std::uint32_t>(id) < table_.token_count()) {
      bytes += table_.bytes(static_cast<std::uint32_t>(id));
      continue;
    }
    const auto special = std::ranges::find(specials_, id, &std::pair<std::string, std::int32_t>::second);
    if (special == specials_.end())
      return make_error(Code::input, "there is no token " + std::to_string(id) + " in " + name_);
    bytes += special->first;
  }
  return bytes;
}

Result<std::string> Encoding::decode(std::span<const std::int32_t> ids) const {
  auto bytes = decode_bytes(ids);
  if (!bytes) return bytes.error();
  return repair_utf8(*bytes);
}

}  // namespace fthost::text
