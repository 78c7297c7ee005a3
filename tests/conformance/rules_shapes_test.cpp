// The rule tables of all formats: what has been learnt of a row's shape changes nothing that is found in the next, and
// nor does the number of threads. Rows are seeded changes of rows of every format, so that most tables see both their
// own and others'.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "data/check.hpp"
#include "plugin_fixture.hpp"

using namespace fthost;
using namespace fthost::data;

BOOST_AUTO_TEST_SUITE(rules_shapes)

namespace {

using Json = nlohmann::json;

const char* const kRows[] = {
    R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"},{"role":"assistant","content":"yo","weight":1}]})",
    R"({"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"r"},{"role":"assistant","content":"done"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]})",
    R"({"input":{"messages":[{"role":"user","content":"hi"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]})",
    R"({"prompt":"p","completion":"c"})",
    R"({"prompt":[{"role":"user","content":"hi"}],"completion":[{"role":"assistant","content":"a"}],"label":true})",
    R"({"prompt":"p","chosen":"a","rejected":"b"})",
    R"({"text":"some text"})",
    R"({"instruction":"i","input":"","output":"o"})",
    R"({"conversations":[{"from":"human","value":"hi"},{"from":"gpt","value":"a"}],"tools":"[]"})",
    R"({"conversations":[{"from":"human","value":"hi"}],"chosen":{"from":"gpt","value":"a"},"rejected":{"from":"gpt","value":"b"}})",
    R"({"schemaVersion":"bedrock-conversation-2024","system":[{"text":"s"}],"messages":[{"role":"user","content":[{"text":"hi"}]},{"role":"assistant","content":[{"text":"a"}]}]})",
    R"({"system":"s","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"a"}]})",
    R"({"systemInstruction":{"role":"system","parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"text":"a"}]}]})",
    R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"a"}]}},{"score":0,"completion":{"role":"model","parts":[{"text":"b"}]}}]})",
    R"({"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"hi"}]}})",
    R"({"id":"b","custom_id":"1","response":{"status_code":200,"body":{"choices":[{"message":{"role":"assistant","content":"a"}}]}},"error":null})"};

// Values that rules tell apart, or must not.
const char* const kValues[] = {R"("")",
                               R"(" ")",
                               R"("\u00a0")",
                               R"("user")",
                               R"("assistant")",
                               R"("tool")",
                               R"("system")",
                               R"("model")",
                               R"("gpt")",
                               R"("human")",
                               R"("hello there")",
                               R"("{\"a\":1}")",
                               R"("{\"a\"")",
                               "0",
                               "1",
                               "2",
                               "0.5",
                               "-1",
                               "100",
                               "true",
                               "false",
                               "null",
                               "[]",
                               "{}",
                               R"([{"role":"user","content":"x"}])"};

void change(Json& value, std::mt19937_64& random) {
  if (value.is_structured() && !value.empty() && random() % 5 != 0) {
    const std::size_t which = random() % value.size();
    auto it = value.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(which));
    const unsigned what = static_cast<unsigned>(random() % 8);
    if (what == 0) {
      value.erase(it);
    } else if (what == 1 && value.is_array()) {
      value.push_back(*it);
    } else if (what == 1) {
      const char* const keys[] = {"weight", "name", "extra", "tools", "train", "tool_call_id", "system"};
      value[keys[random() % std::size(keys)]] = Json::parse(kValues[random() % std::size(kValues)]);
    } else {
      change(*it, random);
    }
    return;
  }
  value = Json::parse(kValues[random() % std::size(kValues)]);
}

std::vector<std::string> rows_of(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::vector<std::string> rows;
  while (rows.size() < count) {
    Json row = Json::parse(kRows[random() % std::size(kRows)]);
    for (auto changes = random() % 4; changes > 0; --changes) change(row, random);
    if (row.is_object()) rows.push_back(row.dump());
  }
  return rows;
}

std::vector<std::string> texts_of(const std::vector<Finding>& findings, std::size_t from = 0) {
  std::vector<std::string> texts;
  for (std::size_t i = from; i < findings.size(); ++i)
    texts.push_back(findings[i].code + " " + findings[i].path + " " + findings[i].message);
  return texts;
}

const CheckOptions kOptions{.messages_needed = false, .duplicates = false};

std::vector<std::string> found_in_blocks(const std::string& text, const RuleTable& table, unsigned threads,
                                         std::size_t block) {
  std::vector<std::string> found;
  Checker checker("rows", kOptions, {table}, [&](const Finding& finding) {
    found.push_back(std::to_string(finding.line) + " " + finding.code + " " + finding.path + " " + finding.message);
  });
  std::size_t at = 0;
  BlockReader reader(
      "rows",
      [&](void* buffer, std::size_t capacity) -> std::int64_t {
        const std::size_t size = text.copy(static_cast<char*>(buffer), capacity, at);
        at += size;
        return static_cast<std::int64_t>(size);
      },
      BlockReader::kLineLimit, block);
  BOOST_REQUIRE(check_blocks(reader, threads, {}, checker));
  checker.finish();
  return found;
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_hangs_on_what_was_seen_before) {
  test::Plugins plugins;
  std::size_t tables = 0, found = 0, clean = 0;
  for (const std::string& format : plugins.registry().names(FT_FORMATTER)) {
    const ft_desc* const desc = plugins.registry().find(FT_FORMATTER, format).value().desc;
    if (!desc->rules || (desc->flags & FT_JSON_ROWS) == 0) continue;
    const RuleTable table = RuleTable::load(desc->rules, format, format).value();
    ++tables;
    for (const std::uint64_t seed : {11u, 12u}) {
      const std::vector<std::string> rows = rows_of(seed, 400);
      CheckedRows alone, together;
      RowChecker one(kOptions, {table});
      std::size_t wrong = 0;
      std::vector<std::vector<std::string>> expected;
      for (const std::string& row : rows) {
        const std::size_t before = alone.findings.size();
        RowChecker(kOptions, {table}).row(1, row, alone);
        expected.push_back(texts_of(alone.findings, before));
        found += expected.back().size();
        clean += expected.back().empty();
      }
      std::mt19937_64 random(seed);
      std::map<const Rule*, std::uint64_t> once;
      for (std::size_t i = 0; i < rows.size() * 3; ++i) {
        const std::size_t which = i < rows.size() ? i : random() % rows.size();
        together.clear();
        one.row(1, rows[which], together);
        if (i < rows.size()) {
          for (const auto& [rule, count] : together.once) once[rule] += count;
        }
        if (texts_of(together.findings) == expected[which]) continue;
        if (++wrong == 1) BOOST_ERROR(format << " differs in " << rows[which]);
      }
      BOOST_TEST((once == alone.once), format << " counts otherwise what is told once");
      std::string text;
      for (const std::string& row : rows) text += row + "\n";
      BOOST_TEST((found_in_blocks(text, table, 1, 64 << 10) == found_in_blocks(text, table, 3, 2048)), format);
    }
  }
  BOOST_TEST(tables >= 10u);
  BOOST_TEST(found > 1000u);
  BOOST_TEST(clean > 200u);
}

BOOST_AUTO_TEST_SUITE_END()
