#include "text/bpe_trainer.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "text/tokenizer.hpp"

using fthost::text::BpeOptions;
using fthost::text::Tokenizer;
using fthost::text::train_bpe;
using Strings = std::vector<std::string>;

namespace {

// One piece a text: letters only, so that the split leaves it whole.
Strings random_words(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  Strings words;
  for (std::size_t i = 0; i < count; ++i) {
    std::string word;
    for (std::size_t k = 0, size = 1 + random() % 9; k < size; ++k) word += "aabcd"[random() % 5];
    words.push_back(word);
  }
  return words;
}

// The definition: count every pair anew, merge the most frequent, ties to the lower ids.
Strings merges_by_definition(const Strings& words, std::size_t merges, std::size_t min_frequency) {
  std::vector<Strings> split;
  std::map<std::string, std::size_t> ids;
  for (char c = 33; c < 127; ++c) ids[std::string(1, c)] = static_cast<std::size_t>(c - 33);
  std::size_t next = 256;
  for (const std::string& word : words) {
    split.emplace_back();
    for (const char c : word) split.back().emplace_back(1, c);
  }
  Strings out;
  while (next < 256 + merges) {
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> counts;
    std::map<std::size_t, std::string> text;
    for (const auto& [token, id] : ids) text[id] = token;
    for (const Strings& word : split) {
      for (std::size_t i = 0; i + 1 < word.size(); ++i) ++counts[{ids[word[i]], ids[word[i + 1]]}];
    }
    const auto best = std::max_element(counts.begin(), counts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (best == counts.end() || best->second < min_frequency) break;
    const std::string left = text[best->first.first], right = text[best->first.second];
    out.push_back(left + " " + right);
    if (ids.try_emplace(left + right, next).second) ++next;
    for (Strings& word : split) {
      for (std::size_t i = 0; i + 1 < word.size(); ++i) {
        if (word[i] != left || word[i + 1] != right) continue;
        word[i] += right;
        word.erase(word.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      }
    }
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(trainer_merges_what_the_definition_says) {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    const Strings words = random_words(300, seed);
    const auto file = train_bpe(words, {.vocab_size = 256 + 60, .special_tokens = {}, .bos = {}, .min_frequency = 2});
    BOOST_REQUIRE(file);
    BOOST_TEST(nlohmann::json::parse(*file)["model"]["merges"].get<Strings>() == merges_by_definition(words, 60, 2),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(trained_file_does_not_depend_on_the_order_of_texts) {
  Strings words = random_words(200, 9);
  const BpeOptions options{.vocab_size = 330, .special_tokens = {"<eot>"}, .bos = "<s>", .min_frequency = 2};
  const auto first = train_bpe(words, options);
  std::ranges::reverse(words);
  BOOST_TEST(*train_bpe(words, options) == *first);
}

BOOST_AUTO_TEST_CASE(trained_tokenizer_round_trips_and_puts_bos) {
  const Strings texts = {"The cat's hat, the cat's mat.\n\nThe end  of 12345 tales: naïve 日本語 🙂<eot>",
                         "the hat of the cat"};
  const auto file =
      train_bpe(texts, {.vocab_size = 300, .special_tokens = {"<s>", "<eot>"}, .bos = "<s>", .min_frequency = 2});
  BOOST_REQUIRE(file);
  const auto tokenizer = Tokenizer::parse(*file, "trained");
  BOOST_REQUIRE(tokenizer);
  BOOST_TEST(tokenizer->vocab_size() <= 300u);
  const auto bos = tokenizer->token_to_id("<s>").value();
  BOOST_TEST(static_cast<std::size_t>(bos) == tokenizer->vocab_size() - 2);
  for (const std::string& text : texts) {
    const auto ids = tokenizer->encode(text, true);
    BOOST_TEST(ids.front() == bos);
    BOOST_TEST(tokenizer->decode(std::span(ids).subspan(1), false) == text);
  }
  BOOST_TEST(tokenizer->encode("the", false).size() == 1u);
  BOOST_TEST(tokenizer->encode("<eot>", false).size() == 1u);
  BOOST_TEST(!tokenizer->token_to_id("eot"));  // special tokens are not learned from
}

BOOST_AUTO_TEST_CASE(little_text_gives_a_smaller_vocabulary) {
  const auto file =
      train_bpe(Strings{"ab ab"}, {.vocab_size = 1000, .special_tokens = {}, .bos = {}, .min_frequency = 2});
  BOOST_REQUIRE(file);
  BOOST_TEST(Tokenizer::parse(*file, "trained")->vocab_size() == 257u);
}

BOOST_AUTO_TEST_CASE(impossible_training_options_are_refused) {
  const auto sentence = [](const BpeOptions& options) { return train_bpe(Strings{"a"}, options).error().sentence(); };
  BOOST_TEST(
      sentence({.vocab_size = 256, .special_tokens = {"<s>"}, .bos = {}}).find("vocab_size 256 is not between 257") !=
      std::string::npos);
  BOOST_TEST(sentence({.vocab_size = 500, .special_tokens = {"a", "a"}, .bos = {}}) ==
             "tokenizer training: special token \"a\" is given twice");
  BOOST_TEST(sentence({.vocab_size = 500, .special_tokens = {""}, .bos = {}}) ==
             "tokenizer training: special token 1 is empty or not UTF-8");
}
