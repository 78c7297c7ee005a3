// Encodings against an oracle: the published patterns in PCRE2, and merging by rank as it is defined.
#include "text/encoding.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <random>
#include <thread>
#include <unordered_map>

#include "encoding_oracle.hpp"
#include "text/unicode.hpp"

BOOST_AUTO_TEST_SUITE(encodings)

using fthost::Code;
using fthost::test::Oracle;
using fthost::test::random_text;
using fthost::text::build_rank_table;
using fthost::text::Encoding;
using fthost::text::RankSource;
using fthost::text::RankTable;
using fthost::text::SplitRule;
using fthost::text::Splitter;
using Ids = std::vector<std::int32_t>;
namespace tt = boost::test_tools;

// Tokens by the definition of byte-pair encoding. A shorter list is the beginning of a longer one of the same seed.
std::vector<std::string> train(SplitRule rule, std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
  std::shuffle(tokens.begin(), tokens.end(), random);
  std::array<std::uint32_t, 256> id_of{};
  for (std::uint32_t id = 0; id < 256; ++id) id_of[static_cast<unsigned char>(tokens[id][0])] = id;
  std::vector<std::vector<std::uint32_t>> pieces;
  for (int i = 0; i < 60; ++i) {
    const std::string text = random_text(random, 60);
    const char *ends[256], *from = text.data();
    Splitter splitter(rule, text);
    for (std::size_t count = splitter.next(ends, 256), k = 0; k < count; from = ends[k++]) {
      auto& piece = pieces.emplace_back();
      for (const char* p = from; p < ends[k]; ++p) piece.push_back(id_of[static_cast<unsigned char>(*p)]);
    }
  }
  while (tokens.size() < size) {
    std::unordered_map<std::uint64_t, int> pairs;
    std::pair<int, std::uint64_t> best{};
    for (const auto& piece : pieces) {
      for (std::size_t i = 0; i + 1 < piece.size(); ++i) {
        const std::uint64_t pair = std::uint64_t{piece[i]} << 32 | piece[i + 1];
        best = std::max(best, {++pairs[pair], pair});
      }
    }
    if (best.first == 0) break;
    const auto left = static_cast<std::uint32_t>(best.second >> 32), right = static_cast<std::uint32_t>(best.second);
    const auto made = static_cast<std::uint32_t>(tokens.size());
    tokens.push_back(tokens[left] + tokens[right]);
    for (auto& piece : pieces) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < piece.size(); ++i) {
        const bool both = piece[i] == left && i + 1 < piece.size() && piece[i + 1] == right;
        piece[kept++] = both ? made : piece[i];
        i += both;
      }
      piece.resize(kept);
    }
  }
  return tokens;
}

Encoding encoding_of(const RankSource& source, std::string_view name = {}) {
  auto table = RankTable::from_words(build_rank_table(source, "test").value(), "test");
  return Encoding::make(std::move(*table), name, "test").value();
}

std::vector<std::string> pieces_of(SplitRule rule, std::string_view text) {
  std::vector<std::string> out;
  Splitter splitter(rule, text);
  const char *ends[3], *from = text.data();
  while (const std::size_t count = splitter.next(ends, 3)) {
    for (std::size_t i = 0; i < count; from = ends[i++]) out.emplace_back(from, ends[i]);
  }
  return out;
}

BOOST_AUTO_TEST_CASE(pieces_are_those_of_the_published_patterns) {
  for (const auto rule : {SplitRule::words, SplitRule::cased_words}) {
    const Oracle oracle(rule, {});
    for (const char* text : {"",
                             " ",
                             "a",
                             "Hello, world!",
                             "it's IT'S we'LL they\u2019re he'\u017F x'",
                             "'s'll",
                             "camelCaseXMLParser2",
                             "  two  spaces \n\n  lines\r\n\t\tx \n",
                             "a\n \n\n b",
                             "end  ",
                             "1234567 12 \u0661\u0662\u0663\u0664",
                             "path/to/file.txt\n\n//x",
                             "--\n\n/\n",
                             "\u65E5\u672C\u8A9EABcd",
                             "AB\u65E5CD",
                             "e\u0301\u0301X",
                             "\u0301ABC",
                             "!\u0301a",
                             "\u00A0x\u3000\u3000y",
                             "\U0001F600\U0001F600 ok",
                             "DŽungla ǅ ǆ",
                             "\u02B0A\u02B0b",
                             "\v\f\u2028 x",
                             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa AAAAAAAAAAAAAAAAAAAAAAAAAAAAb",
                             "word's\u0301 x"}) {
      BOOST_TEST_CONTEXT(text) BOOST_TEST(pieces_of(rule, text) == oracle.pieces(text), tt::per_element());
    }
    std::mt19937 random(7);
    for (int i = 0; i < 4000; ++i) {
      const std::string text = random_text(random, 1 + random() % 24);
      BOOST_TEST_CONTEXT(text) BOOST_REQUIRE(pieces_of(rule, text) == oracle.pieces(text));
    }
  }
}

BOOST_AUTO_TEST_CASE(ids_are_those_of_merging_by_rank) {
  for (const auto rule : {SplitRule::words, SplitRule::cased_words}) {
    const RankSource source{rule, train(rule, 700, 5), "toy\t<|x|>\t700\n"};
    const Encoding encoding = encoding_of(source);
    const Oracle oracle(rule, source.tokens);
    Encoding::Scratch scratch;
    std::mt19937 random(11);
    for (int i = 0; i < 1500; ++i) {
      const std::string text = random_text(random, 1 + random() % 60);
      Ids ids;
      encoding.encode_to(text, scratch, ids);
      BOOST_TEST_CONTEXT(text) BOOST_REQUIRE(ids == oracle.encode(text));
      BOOST_REQUIRE(encoding.count(text, scratch) == ids.size());
      BOOST_REQUIRE(encoding.decode(ids).value() == text);
    }
  }
}

// Runs of one letter merge from the left: the case where equal ranks meet.
BOOST_AUTO_TEST_CASE(equal_ranks_merge_from_the_left) {
  RankSource source{SplitRule::words, train(SplitRule::words, 256, 1), "toy\t<|x|>\t300\n"};
  for (const char* token : {"aa", "aaaa", "ba", "aab", "aaaaaaaa", "baab"}) source.tokens.emplace_back(token);
  const Encoding encoding = encoding_of(source);
  const Oracle oracle(SplitRule::words, source.tokens);
  Encoding::Scratch scratch;
  for (std::size_t size = 1; size < 70; ++size) {
    for (unsigned pattern = 0; pattern < 64; ++pattern) {
      std::string text;
      for (std::size_t i = 0; i < size; ++i) text += pattern >> (i % 6) & 1 ? 'b' : 'a';
      Ids ids;
      encoding.encode_to(text, scratch, ids);
      BOOST_TEST_CONTEXT(text) BOOST_REQUIRE(ids == oracle.encode(text));
    }
  }
}

BOOST_AUTO_TEST_CASE(long_pieces_take_linear_time) {
  const RankSource source{SplitRule::words, train(SplitRule::words, 600, 3), "toy\t<|x|>\t600\n"};
  const Encoding encoding = encoding_of(source);
  Encoding::Scratch scratch;
  const std::string text(std::size_t{1} << 21, 'x');  // merging pair by pair would look at it a million times
  Ids ids;
  encoding.encode_to(text, scratch, ids);
  BOOST_TEST(encoding.decode(ids).value() == text);
}

BOOST_AUTO_TEST_CASE(what_is_not_utf8_counts_as_replacement_characters) {
  const RankSource source{SplitRule::cased_words, train(SplitRule::cased_words, 500, 2), "toy\t<|x|>\t500\n"};
  const Encoding encoding = encoding_of(source);
  Encoding::Scratch scratch;
  for (const std::string bad : {"\xFF", "ab\xC3", "\xE6\x97 x", "good words first \xED\xA0\x80", "a\xF0\x9F\x98"}) {
    const std::string repaired = fthost::text::repair_utf8(bad);
    Ids ids{-5}, wanted{-5};
    encoding.encode_to(bad, scratch, ids);
    encoding.encode_to(repaired, scratch, wanted);
    BOOST_TEST(ids == wanted, tt::per_element());
    BOOST_TEST(encoding.count(bad, scratch) == wanted.size() - 1);
  }
}

BOOST_AUTO_TEST_CASE(special_tokens_are_text_unless_they_are_allowed) {
  const RankSource source{SplitRule::words, train(SplitRule::words, 400, 2),
                          "toy\t<|end|>\t400\ntoy\t<|endless|>\t401\ntoy\t##\t402\nother\t<|end|>\t410\n"};
  const Encoding encoding = encoding_of(source), other = encoding_of(source, "other");
  BOOST_TEST(encoding.name() == "toy");
  BOOST_TEST(encoding.vocab_size() == 403u);
  BOOST_TEST(other.vocab_size() == 411u);
  Encoding::Scratch scratch;
  const std::string text = "a<|endless|><|end|>##b<|en";
  Ids plain, all, some;
  encoding.encode_to(text, scratch, plain);
  BOOST_TEST(std::ranges::none_of(plain, [](auto id) { return id >= 400; }));
  encoding.encode_to(text, std::vector<std::string>{"<|end|>", "<|endless|>", "##", "<|no|>"}, scratch, all);
  BOOST_TEST(Ids(all.begin() + 1, all.begin() + 4) == (Ids{401, 400, 402}), tt::per_element());
  encoding.encode_to(text, std::vector<std::string>{"<|end|>"}, scratch, some);
  BOOST_TEST(std::ranges::count(some, 400) == 1);
  for (const Ids& ids : {plain, all, some}) BOOST_TEST(encoding.decode(ids).value() == text);
  BOOST_TEST(encoding.find_special(text) == "<|endless|>");
  BOOST_TEST(encoding.find_special("<|en").empty());
  BOOST_TEST(encoding.decode(Ids{403}).has_error());
  BOOST_TEST(encoding.decode(Ids{-1}).has_error());
}

BOOST_AUTO_TEST_CASE(threads_share_an_encoding) {
  const RankSource source{SplitRule::cased_words, train(SplitRule::cased_words, 500, 2), "toy\t<|x|>\t500\n"};
  const Encoding encoding = encoding_of(source);
  std::mt19937 random(1);
  const std::string text = random_text(random, 3000);
  Encoding::Scratch scratch;
  const std::uint64_t wanted = encoding.count(text, scratch);
  std::vector<std::uint64_t> counts(4);
  std::vector<std::thread> threads;
  for (auto& count : counts) {
    threads.emplace_back([&] {
      Encoding::Scratch own;
      count = encoding.count(text, own);
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto count : counts) BOOST_TEST(count == wanted);
}

BOOST_AUTO_TEST_CASE(a_scratch_forgets_what_it_knew_of_another_encoding) {
  const RankSource first{SplitRule::words, train(SplitRule::words, 700, 2), "a\t<|x|>\t700\n"},
      second{SplitRule::words, train(SplitRule::words, 300, 2), "b\t<|x|>\t700\n"};
  const Encoding one = encoding_of(first), two = encoding_of(second);
  std::mt19937 random(4);
  const std::string text = random_text(random, 500);
  Encoding::Scratch shared, fresh;
  (void)one.count(text, shared);
  BOOST_TEST(two.count(text, shared) == two.count(text, fresh));
}

BOOST_AUTO_TEST_CASE(a_table_file_that_is_none_is_refused) {
  const auto refusal = [](std::vector<std::uint64_t> words) {
    const auto table = RankTable::from_words(std::move(words), "x.ranks");
    return table ? std::string("accepted") : table.error().message;
  };
  const auto good = build_rank_table({SplitRule::words, train(SplitRule::words, 300, 2), "t\t<|x|>\t300\n"}, "test");
  BOOST_TEST(refusal({}) == "is no token table");
  BOOST_TEST(refusal({1, 2, 3, 4, 5, 6, 7, 8, 9}) == "is no token table");
  auto cut = *good;
  cut.pop_back();
  BOOST_TEST(refusal(cut) == "is a damaged token table");
  auto newer = *good;
  newer[1] += 1;
  BOOST_TEST(refusal(newer) == "is a token table of version 3, not 2");
  std::mt19937_64 random(11);
  for (int i = 0; i < 300; ++i) {
    auto flipped = *good;
    flipped[2 + random() % (flipped.size() - 2)] ^= std::uint64_t{1} << random() % 64;
    BOOST_TEST(refusal(flipped) == "is a damaged token table");
  }
  BOOST_TEST(refusal(*good) == "accepted");
}

BOOST_AUTO_TEST_CASE(ranks_that_make_no_table_are_refused) {
  const auto refusal = [](std::vector<std::string> tokens) {
    const auto made = build_rank_table({SplitRule::words, std::move(tokens), ""}, "x");
    return made ? std::string("accepted") : made.error().message;
  };
  const auto bytes = train(SplitRule::words, 256, 1);
  auto missing = bytes;
  missing.pop_back();
  BOOST_TEST(refusal(missing).starts_with("has no token for the byte "));
  auto twice = bytes;
  twice.push_back("a");
  BOOST_TEST(refusal(twice) == "has the token of rank 256 twice");
  auto hole = bytes;
  hole.emplace_back();
  BOOST_TEST(refusal(hole) == "has no token of rank 256");
  auto unreachable = bytes;
  unreachable.emplace_back("abc");
  BOOST_TEST(refusal(unreachable) == "has a token that no merges lead to, of rank 256");
}

BOOST_AUTO_TEST_SUITE_END()
