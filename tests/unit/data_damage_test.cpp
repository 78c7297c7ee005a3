// Dirty files: six kinds of damage at random places in 10,000 lines, some of them of 4 MB. None is missed and none
// invented, whatever the pieces in which the file is read and the number of threads.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>

#include "data/check.hpp"
#include "data_fixture.hpp"

using namespace fthost::data;
using fthost::test::must;

BOOST_AUTO_TEST_SUITE(data_damage)

namespace {

using Found = std::vector<std::pair<std::uint64_t, std::string>>;  // line, code

std::string good_row(std::mt19937_64& random, std::size_t size) {
  static const std::string kPieces[] = {"order ",  "caf\u00e9 ", "\\u00e9\\n", "\\\"quoted\\\" ",
                                        "{\\\\} ", "日本語 ",    "[1,2] ",     "😀 "};
  std::string text = "a";
  while (text.size() < size) text += kPieces[random() % std::size(kPieces)];
  return R"({"messages":[{"role":"user","content":")" + text + R"("},{"role":"assistant","content":"Yes, )" + text +
         R"("}]})";
}

// The row with damage of a kind, and the code that it must be found under.
std::pair<std::string, std::string> damaged(std::mt19937_64& random, std::string row, unsigned kind) {
  const std::size_t inside = row.find("content\":\"") + 10;  // within the first content, before what it holds
  switch (kind) {
    case 0: {
      std::size_t end = 1 + random() % (row.size() - 1);
      while ((static_cast<unsigned char>(row[end]) & 0xC0) == 0x80) --end;  // not within a character
      row.resize(end);
      return {std::move(row), "broken_json"};
    }
    case 1:
      return {row.insert(inside, 1, "\xFF\xC0\x80"[random() % 3]), "invalid_utf8"};
    case 2:
      return {row.insert(inside, 1, static_cast<char>(1 + random() % 9)), "broken_json"};  // a control character
    case 3:
      return {row + (random() % 2 == 0 ? "}" : row), "broken_json"};  // more than one value
    case 4:
      return {"[" + row + "]", "not_an_object"};
    default:
      return {row.replace(row.find("user"), 4, "usher"), "unknown_role"};
  }
}

struct Checked {
  Found found;
  std::uint64_t rows = 0, valid = 0, bytes = 0;
};

Checked check_text(const std::string& text, unsigned threads, std::uint64_t seed) {
  Checked checked;
  Checker checker("dirty.jsonl", {.duplicates = false}, {},
                  [&](const Finding& finding) { checked.found.emplace_back(finding.line, finding.code); });
  std::mt19937_64 random(seed);
  std::size_t at = 0;
  BlockReader reader("dirty.jsonl", [&](void* buffer, std::size_t capacity) -> std::int64_t {
    const std::size_t size =
        text.copy(static_cast<char*>(buffer), std::min<std::size_t>(capacity, 1 + random() % 700'000), at);
    at += size;
    return static_cast<std::int64_t>(size);
  });
  must(check_blocks(reader, threads, {}, checker));
  const CheckSummary& summary = checker.finish();
  checked.rows = summary.rows;
  checked.valid = summary.valid;
  checked.bytes = summary.bytes;
  return checked;
}

}  // namespace

BOOST_AUTO_TEST_CASE(none_is_missed_and_none_invented) {
  constexpr std::size_t kLines = 10'000, kLong = std::size_t{4} << 20;
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u}) {
    std::mt19937_64 random(seed);
    std::string text = seed % 2 == 0 ? "\xEF\xBB\xBF" : "";
    Found expected;
    if (seed % 2 == 0) expected.emplace_back(1, "byte_order_mark");
    // Three lines are long; one of them is damaged.
    std::vector<std::size_t> long_ones = {random() % kLines, random() % kLines, random() % kLines};
    for (std::size_t line = 0; line < kLines; ++line) {
      const bool is_long = std::find(long_ones.begin(), long_ones.end(), line) != long_ones.end();
      std::string row = good_row(random, is_long ? kLong / 2 : 20 + random() % 200);
      if (random() % 20 == 0 || line == long_ones[0]) {
        auto [broken, code] = damaged(random, std::move(row), static_cast<unsigned>(random() % 6));
        row = std::move(broken);
        expected.emplace_back(line + 1, code);
      }
      text += row;
      if (line + 1 < kLines || seed == 3) text += random() % 10 == 0 ? "\r\n" : "\n";
    }
    for (const unsigned threads : {1u, 3u}) {
      const Checked checked = check_text(text, threads, seed);
      BOOST_TEST_CONTEXT("seed " << seed << ", threads " << threads) {
        BOOST_TEST(checked.found.size() == expected.size());
        const auto differs =
            std::mismatch(checked.found.begin(), checked.found.end(), expected.begin(), expected.end());
        if (differs.first != checked.found.end())
          BOOST_ERROR("found " << differs.first->second << " in line " << differs.first->first);
        if (differs.second != expected.end())
          BOOST_ERROR("missed " << differs.second->second << " in line " << differs.second->first);
        BOOST_TEST(checked.rows == kLines);
        BOOST_TEST(checked.valid == kLines - (expected.size() - (seed % 2 == 0 ? 1 : 0)));
        BOOST_TEST(checked.bytes == text.size());
      }
    }
  }
}

// A block of nothing but short broken lines has more findings than are kept at once.
BOOST_AUTO_TEST_CASE(a_file_of_broken_lines_alone_is_told_line_by_line) {
  std::string text = "\xEF\xBB\xBF";
  constexpr std::size_t kLines = 100'000;
  for (std::size_t i = 0; i < kLines; ++i) text += i % 3 == 0 ? "{\n" : i % 3 == 1 ? "\n" : "x\r\n";
  for (const unsigned threads : {1u, 2u}) {
    const Checked checked = check_text(text, threads, 5);
    BOOST_TEST(checked.found.size() == kLines + 1);
    BOOST_TEST(checked.bytes == text.size());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i + 1 < checked.found.size(); ++i) {
      const auto& [line, code] = checked.found[i + 1];
      wrong += line != i + 1 || code != (i % 3 == 1 ? "blank_line" : "broken_json");
    }
    BOOST_TEST(wrong == 0u);
  }
}

BOOST_AUTO_TEST_CASE(what_is_mended_differs_in_what_is_named_alone) {
  const std::string rules =
      R"([{"code":"odd","severity":"error","at":"/messages/*","refused":["odd"],"fix":"remove","message":"odd"}])";
  const std::string good = R"({"messages":[{"role":"user","content":"x"}]})",
                    odd = R"({"messages":[{"role":"user","odd":1,"content":"x"}]})";
  std::string text = "\xEF\xBB\xBF", expected;
  for (int i = 0; i < 30'000; ++i) {
    const std::string end = i % 4 == 0 ? "\r\n" : "\n";
    text += (i % 7 == 0 ? odd : i % 5 == 0 ? " \t" : i % 11 == 0 ? "{broken" : good) + end;
    if (i % 7 == 0 || i % 5 != 0) expected += (i % 7 == 0 || i % 11 != 0 ? good : "{broken") + end;
  }
  text += odd;  // without a newline, and so it stays
  expected += good;
  for (const unsigned threads : {1u, 3u}) {
    std::string mended;
    std::vector<RuleTable> tables;
    tables.push_back(*must(RuleTable::load(rules, "acme", "acme")));
    Checker checker("a", {.duplicates = false, .fix = true}, std::move(tables), [](const Finding&) {});
    std::size_t at = 0;
    BlockReader reader("a", [&](void* buffer, std::size_t capacity) -> std::int64_t {
      const std::size_t size = text.copy(static_cast<char*>(buffer), capacity, at);
      at += size;
      return static_cast<std::int64_t>(size);
    });
    must(check_blocks(reader, threads, {}, checker, [&](std::string_view lines) -> fthost::Result<void> {
      mended += lines;
      return {};
    }));
    BOOST_TEST((mended == expected));
    const CheckSummary& summary = checker.finish();
    BOOST_TEST(summary.fixes.at("byte_order_mark") == 1u);
    BOOST_TEST(summary.fixes.at("odd") == summary.by_code.at("odd"));
    BOOST_TEST(summary.fixes.at("blank_line") == summary.by_code.at("blank_line"));
    BOOST_TEST(summary.fixes.size() == 3u);
  }
}

BOOST_AUTO_TEST_CASE(near_prompts_with_other_answers_are_told) {
  const auto row = [](const std::string& system, const std::string& prompt, const std::string& answer) {
    return R"({"messages":[{"role":"system","content":")" + system + R"("},{"role":"user","content":")" + prompt +
           R"("},{"role":"assistant","content":")" + answer + "\"}]}\n";
  };
  const std::string prompt =
      "where is the order that I made with you on Monday of last week and paid for with my card at once";
  const std::string text =
      row("s", prompt, "It left us on Tuesday.") +              // 1
      row("s", prompt + " please", "We have no such order.") +  // 2: near 1, other answer
      row("s", prompt, "it left us on tuesday evening.") +      // 3: equal to 1, and answered alike; but not as 2 is
      row("t", prompt, "Ask somebody else.") +                  // 4: under another system message
      row("s", "can I pay later", "Ask somebody else.") +       // 5: another prompt
      row("s", "can I pay later", "Yes, by invoice.") +         // 6: equal to 5
      R"({"messages":[{"role":"user","content":"can I pay later"}]})"
      "\n" +  // 7
      R"({"messages":[{"role":"user","content":"can I go"}],"chosen":[{"role":"assistant","content":"Go."}]})"
      "\n" +  // 8
      R"({"messages":[{"role":"user","content":"can I go"}],"chosen":[{"role":"assistant","content":"No."}]})"
      "\n";  // 9
  for (const unsigned threads : {1u, 2u}) {
    std::vector<std::pair<std::uint64_t, std::string>> found;
    CheckOptions options{.duplicates = false};
    options.probe = []() -> RowProbe {
      return [signer = std::make_shared<PromptSigner>()](std::uint32_t line, const Document& one, CheckedRows& rows,
                                                         const FindingSink&) {
        signer->sign(line, one.root(), rows.prompts);
      };
    };
    Checker checker("a", options, {},
                    [&](const Finding& finding) { found.emplace_back(finding.line, finding.message); });
    std::size_t at = 0;
    BlockReader reader(
        "a",
        [&](void* buffer, std::size_t capacity) -> std::int64_t {
          const std::size_t size = text.copy(static_cast<char*>(buffer), std::min<std::size_t>(capacity, 300), at);
          at += size;
          return static_cast<std::int64_t>(size);
        },
        BlockReader::kLineLimit, 256);
    must(check_blocks(reader, threads, {}, checker));
    BOOST_TEST(checker.finish().valid == 9u);
    BOOST_TEST_REQUIRE(found.size() == 4u);
    BOOST_TEST(found[0].first == 2u);
    BOOST_TEST(found[0].second.find("the prompt is nearly (0.") == 0u);
    BOOST_TEST(found[0].second.find("that of line 1, and the answer is quite another (0.") != std::string::npos);
    BOOST_TEST(found[1].first == 3u);
    BOOST_TEST(found[1].second.find("that of line 2,") != std::string::npos);
    BOOST_TEST(found[2].first == 6u);
    BOOST_TEST(found[2].second.find("the prompt is that of line 5,") == 0u);
    BOOST_TEST(found[3].first == 9u);
  }
}

BOOST_AUTO_TEST_CASE(one_defect_is_one_finding) {
  const auto found = [](const std::vector<std::pair<std::string, std::string>>& tables, const std::string& row) {
    std::vector<RuleTable> loaded;
    for (const auto& [owner, rules] : tables) loaded.push_back(*must(RuleTable::load(rules, owner, owner)));
    std::vector<std::string> all;
    Checker checker("a", {.duplicates = false, .sent = true}, std::move(loaded), [&](const Finding& finding) {
      all.push_back(finding.code + " " + finding.provider + " " + severity_name(finding.severity));
    });
    checker.row(1, row);
    checker.finish();
    return all;
  };
  const std::string row = R"({"messages":[{"role":"user","content":"x"}]})";
  const std::string last =
      R"([{"code":"last","severity":"warning","at":"/messages","last":["assistant"],"message":"m"},
          {"code":"few","severity":"warning","rows":{"min":5},"message":"m"}])";
  const std::string worse =
      R"([{"code":"last","severity":"error","at":"/messages","last":["assistant"],"message":"worse"},
          {"code":"few","severity":"error","rows":{"min":9},"message":"m"},
          {"code":"fewer","severity":"warning","rows":{"min":99},"unless":["few"],"message":"m"},
          {"code":"short","severity":"error","at":"/messages","min_count":2,"message":"m","unless":["last"]}])";
  using List = std::vector<std::string>;
  BOOST_TEST(found({{"a", last}, {"b", worse}}, row) == (List{"last b error", "few b error"}),
             boost::test_tools::per_element());
  BOOST_TEST(found({{"b", worse}}, R"({"messages":[{"role":"assistant","content":"x"}]})") ==
                 (List{"short b error", "few b error"}),
             boost::test_tools::per_element());
  // Where the host has found an error, tables say nothing; what breaks one rule in two ways is told once.
  const std::string role =
      R"([{"code":"role","severity":"error","at":"/messages/*","field":"/role","in":["user"],"message":"m"},
          {"code":"extra","severity":"error","at":"/messages/*/extra","type":"string","non_empty":true,"message":"m"}])";
  BOOST_TEST(found({{"a", role}}, R"({"messages":[{"role":"robot","content":"x","extra":[]}]})") ==
                 (List{"unknown_role  error", "extra a error"}),
             boost::test_tools::per_element());
  BOOST_TEST(!RuleTable::load(
      R"([{"code":"x","severity":"error","at":"/a","type":"string","fix":"remove","unless":["y"],"message":"m"}])", "x",
      "x"));
}

BOOST_AUTO_TEST_SUITE_END()
