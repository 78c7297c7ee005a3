#include "text/bpe_trainer.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <queue>
#include <unordered_map>

#include "text/tokenizer/added_tokens.hpp"
#include "text/tokenizer/byte_level.hpp"
#include "text/tokenizer/pre_tokenizer.hpp"
#include "text/tokenizer/regex.hpp"
#include "text/unicode.hpp"

namespace fthost::text {
namespace {

using Id = std::uint32_t;

// A distinct piece of the texts: its symbols as merged so far and how often it stands there.
struct Word {
  std::vector<Id> symbols;
  std::int64_t count;
};

struct Merge {
  Id left, right;
};

std::uint64_t pair_key(Id left, Id right) { return std::uint64_t{left} << 32 | right; }

Result<std::map<std::string, std::int64_t>> count_pieces(std::span<const std::string> texts,
                                                         const std::vector<std::string>& specials) {
  const auto cut = Regex::compile(kLlama3Pattern, "the training pattern");
  if (!cut) return cut.error();
  TokenMatcher matcher;
  for (const std::string& token : specials) matcher.add({.id = 0, .content = token}, token);
  std::unordered_map<std::string, std::int64_t> counts;
  std::vector<TokenMatcher::Part> parts;
  for (const std::string& given : texts) {
    const std::string repaired = invalid_utf8_offset(given) ? repair_utf8(given) : std::string();
    const std::string_view text = repaired.empty() ? std::string_view(given) : std::string_view(repaired);
    parts.clear();
    matcher.split(text, parts);
    for (const auto& part : parts) {
      if (part.id >= 0) continue;
      std::size_t begin = 0, end = 0;
      for (Regex::Scan scan(*cut, part.text); scan.next(begin, end);)
        ++counts[std::string(part.text.substr(begin, end - begin))];
    }
  }
  return std::map<std::string, std::int64_t>(counts.begin(), counts.end());
}

class Trainer {
 public:
  explicit Trainer(const std::map<std::string, std::int64_t>& pieces) {
    // Bytes get their ids in the order of their characters, as Hugging Face sorts its alphabet.
    std::vector<int> bytes(256);
    std::iota(bytes.begin(), bytes.end(), 0);
    const auto& characters = byte_alphabet().character;
    std::ranges::sort(bytes, {}, [&](int byte) { return characters[static_cast<std::size_t>(byte)]; });
    Id id_of[256];
    for (Id id = 0; id < 256; ++id) {
      const auto byte = static_cast<std::size_t>(bytes[id]);
      id_of[byte] = id;
      add_token(byte_alphabet().spelling[byte]);
    }
    for (const auto& [piece, count] : pieces) {
      Word word{{}, count};
      for (const char c : piece) word.symbols.push_back(id_of[static_cast<std::uint8_t>(c)]);
      words_.push_back(std::move(word));
    }
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::size_t k = 0; k + 1 < words_[i].symbols.size(); ++k) {
        change(words_[i].symbols[k], words_[i].symbols[k + 1], words_[i].count, i);
      }
    }
    queue_changed();
  }

  void run(std::size_t vocab_size, std::int64_t min_frequency) {
    while (tokens_.size() < vocab_size && !queue_.empty()) {
      const Candidate best = queue_.top();
      queue_.pop();
      Pair& pair = pairs_[best.key];
      if (pair.count != best.count) {  // changed since it was queued
        if (pair.count >= min_frequency) queue_.push({pair.count, best.key});
        continue;
      }
      if (best.count < min_frequency) break;
      const Merge merge{static_cast<Id>(best.key >> 32), static_cast<Id>(best.key)};
      const Id merged = add_token(tokens_[merge.left] + tokens_[merge.right]);
      merges_.push_back(merge);
      std::vector<std::size_t> where = std::move(pair.words);
      std::ranges::sort(where);
      where.erase(std::unique(where.begin(), where.end()), where.end());
      for (const std::size_t word : where) apply(merge, merged, word);
      pairs_.erase(best.key);
      queue_changed();
    }
  }

  const std::vector<std::string>& tokens() const { return tokens_; }
  const std::vector<Merge>& merges() const { return merges_; }

 private:
  struct Pair {
    std::int64_t count = 0;
    std::vector<std::size_t> words;  // that may hold it; may repeat
  };
  struct Candidate {
    std::int64_t count;
    std::uint64_t key;
    bool operator<(const Candidate& other) const {
      return count != other.count ? count < other.count : key > other.key;
    }
  };

  // Two ways to the same text share its id.
  Id add_token(const std::string& text) {
    const auto [entry, fresh] = ids_.try_emplace(text, static_cast<Id>(tokens_.size()));
    if (fresh) tokens_.push_back(text);
    return entry->second;
  }

  void change(Id left, Id right, std::int64_t by, std::size_t word) {
    const std::uint64_t key = pair_key(left, right);
    Pair& pair = pairs_[key];
    pair.count += by;
    if (by > 0) {
      if (pair.words.empty() || pair.words.back() != word) pair.words.push_back(word);
      changed_.push_back(key);
    }
  }

  // Only counts that grew need a new place: one that shrank is put right when it comes up.
  void queue_changed() {
    std::ranges::sort(changed_);
    changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
    for (const std::uint64_t key : changed_) {
      const auto pair = pairs_.find(key);
      if (pair != pairs_.end() && pair->second.count > 0) queue_.push({pair->second.count, key});
    }
    changed_.clear();
  }

  void apply(Merge merge, Id merged, std::size_t index) {
    Word& word = words_[index];
    std::vector<Id>& symbols = word.symbols;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      if (i + 1 == symbols.size() || symbols[i] != merge.left || symbols[i + 1] != merge.right) {
        symbols[kept++] = symbols[i];
        continue;
      }
      if (kept > 0) {
        change(symbols[kept - 1], merge.left, -word.count, index);
        change(symbols[kept - 1], merged, word.count, index);
      }
      if (i + 2 < symbols.size()) {
        change(merge.right, symbols[i + 2], -word.count, index);
        change(merged, symbols[i + 2], word.count, index);
      }
      symbols[kept++] = merged;
      ++i;
    }
    symbols.resize(kept);
  }

  std::vector<Word> words_;
  std::vector<std::string> tokens_;
  std::unordered_map<std::string, Id> ids_;
  std::vector<Merge> merges_;
  std::unordered_map<std::uint64_t, Pair> pairs_;
  std::priority_queue<Candidate> queue_;
  std::vector<std::uint64_t> changed_;
};

using Json = nlohmann::ordered_json;

Json byte_level(bool add_prefix_space, bool trim_offsets, bool use_regex) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", add_prefix_space},
          {"trim_offsets", trim_offsets},
          {"use_regex", use_regex}};
}

Json post_processor(const std::string& bos, std::size_t bos_id) {
  Json offsets = byte_level(true, false, true);
  if (bos.empty()) return offsets;
  const auto special = [&](int type) { return Json{{"SpecialToken", {{"id", bos}, {"type_id", type}}}}; };
  const auto text = [](const char* id, int type) { return Json{{"Sequence", {{"id", id}, {"type_id", type}}}}; };
  Json around;
  around["type"] = "TemplateProcessing";
  around["single"] = Json::array({special(0), text("A", 0)});
  around["pair"] = Json::array({special(0), text("A", 0), special(1), text("B", 1)});
  around["special_tokens"][bos] = {{"id", bos}, {"ids", Json::array({bos_id})}, {"tokens", Json::array({bos})}};
  return {{"type", "Sequence"}, {"processors", Json::array({offsets, around})}};
}

std::string write(const Trainer& trainer, const std::vector<std::string>& specials, const std::string& bos) {
  const std::size_t base = trainer.tokens().size();
  Json root;
  root["version"] = "1.0";
  root["truncation"] = nullptr;
  root["padding"] = nullptr;
  root["added_tokens"] = Json::array();
  for (std::size_t i = 0; i < specials.size(); ++i) {
    root["added_tokens"].push_back({{"id", base + i},
                                    {"content", specials[i]},
                                    {"single_word", false},
                                    {"lstrip", false},
                                    {"rstrip", false},
                                    {"normalized", false},
                                    {"special", true}});
  }
  root["normalizer"] = nullptr;
  const Json split = {
      {"type", "Split"}, {"pattern", {{"Regex", kLlama3Pattern}}}, {"behavior", "Isolated"}, {"invert", false}};
  root["pre_tokenizer"] = {{"type", "Sequence"},
                           {"pretokenizers", Json::array({split, byte_level(false, true, false)})}};
  const auto bos_at = static_cast<std::size_t>(std::ranges::find(specials, bos) - specials.begin());
  root["post_processor"] = post_processor(bos, base + bos_at);
  root["decoder"] = byte_level(true, true, true);
  Json& model = root["model"];
  model = {{"type", "BPE"},
           {"dropout", nullptr},
           {"unk_token", nullptr},
           {"continuing_subword_prefix", nullptr},
           {"end_of_word_suffix", nullptr},
           {"fuse_unk", false},
           {"byte_fallback", false},
           {"ignore_merges", true}};
  // ordered_json looks for a key among all before it; its items are appended here, so that a large vocabulary stays
  // linear.
  Json vocab = Json::object();
  auto& items = vocab.get_ref<Json::object_t&>();
  items.reserve(base);
  for (std::size_t id = 0; id < base; ++id) items.emplace_back(trainer.tokens()[id], id);
  model["vocab"] = std::move(vocab);
  Json& merges = model["merges"] = Json::array();
  for (const Merge& merge : trainer.merges())
    merges.push_back(trainer.tokens()[merge.left] + " " + trainer.tokens()[merge.right]);
  return root.dump(1);
}

}  // namespace

Result<std::string> train_bpe(std::span<const std::string> texts, const BpeOptions& options) {
  std::vector<std::string> specials = options.special_tokens;
  if (!options.bos.empty() && std::ranges::find(specials, options.bos) == specials.end()) {
    specials.insert(specials.begin(), options.bos);
  }
  for (std::size_t i = 0; i < specials.size(); ++i) {
    if (specials[i].empty() || invalid_utf8_offset(specials[i])) {
      return make_error(Code::config, "special token " + std::to_string(i + 1) + " is empty or not UTF-8",
                        "tokenizer training");
    }
    if (std::find(specials.begin(), specials.begin() + static_cast<std::ptrdiff_t>(i), specials[i]) !=
        specials.begin() + static_cast<std::ptrdiff_t>(i)) {
      return make_error(Code::config, "special token \"" + specials[i] + "\" is given twice", "tokenizer training");
    }
  }
  constexpr std::size_t kLargest = std::size_t{1} << 24;
  if (options.vocab_size < 256 + specials.size() || options.vocab_size > kLargest) {
    return make_error(Code::config,
                      "vocab_size " + std::to_string(options.vocab_size) + " is not between " +
                          std::to_string(256 + specials.size()) + " (256 bytes and the special tokens) and " +
                          std::to_string(kLargest),
                      "tokenizer training", "choose 512 or more");
  }
  auto pieces = count_pieces(texts, specials);
  if (!pieces) return pieces.error();
  Trainer trainer(*pieces);
  trainer.run(options.vocab_size - specials.size(),
              static_cast<std::int64_t>(std::max<std::size_t>(options.min_frequency, 1)));
  return write(trainer, specials, options.bos);
}

}  // namespace fthost::text
