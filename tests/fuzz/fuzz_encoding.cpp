// Encodings over any bytes: ids that decode to the text, as many as are counted. Over characters that each byte
// chooses, so that every kind of them comes up: the ids of the oracle, which cuts with PCRE2 and merges by rank as it
// is defined. Any bytes as a token table are taken or refused, no more.
#include <cstring>

#include "../unit/encoding_oracle.hpp"
#include "fuzz.hpp"
#include "text/encoding.hpp"
#include "text/tokenizer.hpp"

namespace {

using fthost::test::Oracle;
using namespace fthost::text;

// The ranks of the tokenizer that the recipes bring: its bytes, then its merges in order.
std::vector<std::string> ranks() {
  const auto tokenizer = Tokenizer::load(FTHOST_SOURCE_DIR "/scripts/recipes/tiny-base/model/tokenizer.json").value();
  std::vector<std::string> tokens;
  for (std::int32_t id = 0; static_cast<std::size_t>(id) < tokenizer.vocab_size() && !tokenizer.is_special(id); ++id)
    tokens.push_back(tokenizer.token_bytes(id));
  return tokens;
}

struct Subject {
  explicit Subject(SplitRule rule)
      : oracle(rule, ranks()),
        encoding(Encoding::make(RankTable::from_words(
                                    build_rank_table({rule, ranks(), "toy\t<|x|>\t9999\n"}, "fuzz").value(), "fuzz")
                                    .value(),
                                "toy", "fuzz")
                     .value()) {}
  Oracle oracle;
  Encoding encoding;
  Encoding::Scratch scratch;

  std::vector<std::int32_t> encode(std::string_view text) {
    std::vector<std::int32_t> ids;
    encoding.encode_to(text, scratch, ids);
    require(encoding.count(text, scratch) == ids.size(), "as many are counted as there are");
    require(encoding.decode(ids).value() == repair_utf8(text), "decoding gives the text back");
    return ids;
  }
};

std::string chosen(std::string_view bytes) {
  static const std::vector<std::string> palette = [] {
    std::mt19937 random(1);
    std::vector<std::string> made(256);
    for (std::size_t i = 0; i < made.size(); ++i) {
      if (i < 128)
        made[i] = std::string(1, static_cast<char>(i));
      else
        made[i] = fthost::test::random_text(random, 1);
    }
    return made;
  }();
  std::string text;
  for (const char c : bytes) text += palette[static_cast<std::uint8_t>(c)];
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Subject subjects[] = {Subject(SplitRule::words), Subject(SplitRule::cased_words)};
  const std::string_view raw = as_text(data, size);
  const std::string text = chosen(raw);
  for (Subject& subject : subjects) {
    subject.encode(raw);
    require(subject.encode(text) == subject.oracle.encode(text), "the oracle's ids");
  }
  std::vector<std::uint64_t> words(size / 8);
  if (!words.empty()) std::memcpy(words.data(), data, words.size() * 8);
  if (!words.empty() && size % 2 == 0) std::memcpy(words.data(), kTableMagic, sizeof kTableMagic);
  (void)RankTable::from_words(std::move(words), "fuzz");
  return 0;
}
