// The built token tables against tiktoken's own ids and counts; skipped where one of the two is not there.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "encoding_oracle.hpp"
#include "shared.hpp"
#include "text/encoding.hpp"

BOOST_AUTO_TEST_SUITE(encoding_fixtures)

using fthost::test::Oracle;
using fthost::test::random_text;
using fthost::text::CharClass;
using fthost::text::ClassTable;
using fthost::text::Encoding;
using Ids = std::vector<std::int32_t>;
using Json = nlohmann::json;
namespace tt = boost::test_tools;

std::optional<Encoding> table(const std::string& encoding) {
  const std::string file = encoding.starts_with("o200k") ? "o200k_base" : "cl100k_base";
  const auto path = std::filesystem::path(FTHOST_TABLES) / (file + ".ranks");
  if (!std::filesystem::exists(path)) {
    BOOST_TEST_MESSAGE("skipped: no token table at " << path << " (./dev setup fetches what it is built from)");
    return std::nullopt;
  }
  return Encoding::open(path.string(), encoding).value();
}

std::vector<Json> lines_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<Json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(Json::parse(line));
  return lines;
}

BOOST_AUTO_TEST_CASE(classes_are_the_references) {
  const auto folder = fthost::test::shared_folder("fixtures/tiktoken");
  if (!folder) return;
  std::ifstream file(*folder / "unicode_classes.json");
  const Json classes = Json::parse(file);
  std::vector<CharClass> wanted(0x110000, CharClass::other);
  for (const auto& [name, kind] :
       std::initializer_list<std::pair<const char*, CharClass>>{{"\\p{Lu}", CharClass::upper},
                                                                {"\\p{Lt}", CharClass::upper},
                                                                {"\\p{Ll}", CharClass::lower},
                                                                {"\\p{Lm}", CharClass::caseless},
                                                                {"\\p{Lo}", CharClass::caseless},
                                                                {"\\p{M}", CharClass::mark},
                                                                {"\\p{N}", CharClass::number},
                                                                {"\\s", CharClass::space}}) {
    for (const auto& range : classes.at(name)) {
      for (std::size_t c = range.at(0).get<std::size_t>(); c <= range.at(1).get<std::size_t>(); ++c) wanted[c] = kind;
    }
  }
  std::size_t different = 0;
  for (char32_t c = 0; c < 0x110000; ++c) different += ClassTable::get()[c] != wanted[c];
  BOOST_TEST(different == 0u);
}

BOOST_AUTO_TEST_CASE(ids_are_tiktokens) {
  const auto folder = fthost::test::shared_folder("fixtures/tiktoken");
  if (!folder) return;
  for (const std::string name : {"o200k_base", "cl100k_base"}) {
    const auto encoding = table(name);
    if (!encoding) return;
    Encoding::Scratch scratch;
    const auto cases = lines_of(*folder / (name + ".jsonl"));
    BOOST_REQUIRE(cases.size() > 100);
    for (const auto& one : cases) {
      const auto text = one.at("text").get<std::string>();
      Ids ids;
      encoding->encode_to(text, scratch, ids);
      BOOST_TEST_CONTEXT(name << " " << one.at("group")) BOOST_TEST(ids == one.at("ids").get<Ids>(), tt::per_element());
      BOOST_TEST(encoding->count(text, scratch) == ids.size());
      BOOST_TEST(encoding->decode(ids).value() == text);
    }
  }
}

BOOST_AUTO_TEST_CASE(special_tokens_are_tiktokens) {
  const auto folder = fthost::test::shared_folder("fixtures/tiktoken");
  if (!folder) return;
  const auto cases = lines_of(*folder / "special.jsonl");
  BOOST_REQUIRE(cases.size() > 100);
  Encoding::Scratch scratch;
  for (const auto& one : cases) {
    const auto encoding = table(one.at("encoding").get<std::string>());
    if (!encoding) return;
    std::vector<std::string> allowed;
    if (one.at("allowed_special").is_array()) {
      allowed = one.at("allowed_special").get<std::vector<std::string>>();
    } else {
      for (const auto& [token, id] : encoding->special_tokens()) allowed.push_back(token);
    }
    const auto text = one.at("text").get<std::string>();
    Ids ids;
    encoding->encode_to(text, allowed, scratch, ids);
    BOOST_TEST_CONTEXT(one.dump()) {
      BOOST_TEST(ids == one.at("ids").get<Ids>(), tt::per_element());
      if (allowed.empty()) BOOST_TEST(!encoding->find_special(text).empty() == one.at("strict_error").get<bool>());
    }
  }
}

BOOST_AUTO_TEST_CASE(decoding_gives_tiktokens_bytes) {
  const auto folder = fthost::test::shared_folder("fixtures/tiktoken");
  if (!folder) return;
  for (const auto& one : lines_of(*folder / "decode.jsonl")) {
    const auto encoding = table(one.at("encoding").get<std::string>());
    if (!encoding) return;
    const auto ids = one.at("ids").get<Ids>();
    std::string hex;
    for (const char c : encoding->decode_bytes(ids).value()) {
      constexpr const char* kDigits = "0123456789abcdef";
      hex += kDigits[static_cast<unsigned char>(c) >> 4];
      hex += kDigits[c & 15];
    }
    BOOST_TEST(hex == one.at("bytes_hex").get<std::string>());
    BOOST_TEST(encoding->decode(ids).value() == one.at("text").get<std::string>());
  }
}

// The whole tables on random Unicode. The oracle's ranks are the tables' own tokens: what the first test has seen
// right.
BOOST_AUTO_TEST_CASE(random_text_gives_the_oracles_ids) {
  for (const std::string name : {"o200k_base", "cl100k_base"}) {
    const auto encoding = table(name);
    if (!encoding) return;
    std::vector<std::string> tokens;
    for (std::int32_t id = 0; encoding->decode_bytes(Ids{id}); ++id) tokens.push_back(*encoding->decode_bytes(Ids{id}));
    const Oracle oracle(name == "o200k_base" ? fthost::text::SplitRule::cased_words : fthost::text::SplitRule::words,
                        tokens);
    Encoding::Scratch scratch;
    std::mt19937 random(3);
    for (int i = 0; i < 3000; ++i) {
      std::string text;
      if (i % 3 == 0) {  // a chain of tokens: where merges reach across
        for (int k = 0; k < 12; ++k) text += tokens[random() % tokens.size()];
        text = fthost::text::repair_utf8(text);
      } else {
        text = random_text(random, 1 + random() % 80);
      }
      Ids ids;
      encoding->encode_to(text, scratch, ids);
      BOOST_TEST_CONTEXT(text) BOOST_REQUIRE(ids == oracle.encode(text));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
