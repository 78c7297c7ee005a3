// The rule table, run as `validate` runs it.
#include <boost/test/unit_test.hpp>

#include "rules_fixture.hpp"

BOOST_AUTO_TEST_SUITE(together_rules)

using RuleLines = std::vector<std::string>;

RuleLines rules_of(const std::string& row) { return fthost::test::rule_findings("together", {row}); }

std::string conversation(const std::string& messages, const std::string& rest = "") {
  return R"({"messages":[)" + messages + "]" + rest + "}";
}

const std::string kAsked = R"({"role":"user","content":"Hi"})";
const std::string kSaid = R"({"role":"assistant","content":"Hello"})";
const std::string kPart = R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}})";
const std::string kSaidInParts = R"({"role":"assistant","content":[{"type":"text","text":"Ann"}]})";

BOOST_AUTO_TEST_CASE(rules_accept_good_rows) {
  for (const std::string& row :
       {conversation(kAsked + "," + kSaid, R"(,"weight":0.5,"tools":[{"type":"function","function":{"name":"f"}}])"),
        conversation(R"({"role":"system","content":"S"},)" + kAsked +
                     R"(,{"role":"assistant","content":"a","weight":0,"reasoning":"r"},)" + kAsked + "," + kSaid),
        conversation(R"({"role":"user","content":[)" + kPart + "]}," + kSaidInParts),
        std::string(R"({"prompt":"a","completion":"b","weight":1})"), std::string(R"({"text":"a"})"),
        R"({"input":{"messages":[)" + kAsked + R"(]},"preferred_output":[)" + kSaid +
            R"(],"non_preferred_output":[{"role":"assistant","content":"No"}]})",
        conversation(kAsked + "," + kSaid, R"(,"id":"a","rating":9,"created_at":"2026-01-01T00:00:00Z")")})
    BOOST_TEST(rules_of(row).empty(), row);
}

BOOST_AUTO_TEST_CASE(rules_name_each_mistake) {
  const std::string images = kPart + "," + kPart + "," + kPart + "," + kPart + "," + kPart + "," + kPart;
  const auto in_parts = [](const std::string& parts) { return R"({"role":"user","content":[)" + parts + "]}"; };
  const std::pair<std::string, std::string> mistakes[] = {
      {R"({"a":1})", "unknown_format:"},
      {conversation(kAsked + "," + kSaid, R"(,"text":"a")"), "several_formats:"},
      {conversation(kAsked + "," + kSaid, R"(,"id":"a")"), "extra_column:/id"},
      {R"({"prompt":"a","completion":"b","tools":[]})", "extra_column:/tools"},
      {R"({"text":"a","source":"b"})", "extra_column:/source"},
      {conversation(kAsked + "," + kSaid, R"(,"weight":-1)"), "bad_row_weight:/weight"},
      {conversation(kAsked + "," + kSaid, R"(,"weight":"1")"), "bad_row_weight:/weight"},
      {conversation(kAsked), "no_assistant:/messages"},
      {conversation(kSaid + "," + kAsked + "," + kSaid), "first_not_user:/messages/0/role"},
      {conversation(kAsked + "," + kAsked + "," + kSaid), "same_role_twice:/messages/1/role"},
      {conversation(kAsked + R"(,{"role":"system","content":"S"},)" + kSaid), "system_not_first:/messages/1/role"},
      {conversation(R"({"role":"developer","content":"S"},)" + kAsked + "," + kSaid), "unknown_role:/messages/0/role"},
      {conversation(kAsked + R"(,{"role":"assistant","content":null})"), "no_content:/messages/1/content"},
      {conversation(kAsked + R"(,{"role":"assistant"})"), "no_content:/messages/1"},
      {conversation(kAsked + R"(,{"role":"assistant","content":"a","weight":0.5})"), "bad_weight:/messages/1/weight"},
      {conversation(kAsked + R"(,{"role":"assistant","content":"a","weight":2})"), "bad_weight:/messages/1/weight"},
      {conversation(kAsked + R"(,{"role":"assistant","content":"a","weight":0})"), "nothing_learnt:/messages/1/weight"},
      {conversation(R"({"role":"user","content":"a","reasoning":"r"},)" + kSaid),
       "reasoning_not_on_assistant:/messages/0/reasoning"},
      {conversation(in_parts(kPart) + "," + kSaid), "mixed_content:/messages/1/content"},
      {conversation(R"({"role":"user","weight":1,"content":[{"type":"text","text":"a"},)" + kPart + "]}," +
                    kSaidInParts),
       "weight_on_image:/messages/0/weight"},
      {conversation(in_parts(R"({"type":"image_url","image_url":{"url":"https://a.org/b.png"}})") + "," + kSaidInParts),
       "bad_image:/messages/0/content/0/image_url/url"},
      {conversation(in_parts(images) + "," + kSaidInParts + "," + in_parts(images) + "," + kSaidInParts),
       "too_many_images:"},
      {R"({"prompt":"a"})", "no_completion:"},
      {R"({"prompt":["a"],"completion":"b"})", "not_text:/prompt"},
      {R"({"prompt":" ","completion":"b"})", "not_text:/prompt"},
      {R"({"input":5,"preferred_output":[)" + kSaid + R"(],"non_preferred_output":[)" + kSaid + "]}",
       "no_preference:/input"},
      {conversation(in_parts(R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AA!="}})") + "," +
                    kSaidInParts),
       "broken_image:/messages/0/content/0/image_url/url"},
      {R"({"messages":[{"role":"user","content":"a","mood":1},)" + kSaid + "]}", "unknown_key:/messages/0/mood"},
      {R"({"prompt":"a","completion":" "})", "not_text:/completion"},
      {R"({"text":""})", "not_text:/text"},
      {R"({"input":{"messages":[)" + kAsked + "," + kSaid + R"(]},"preferred_output":[)" + kSaid +
           R"(],"non_preferred_output":[)" + kSaid + "]}",
       "last_is_assistant:/input/messages/1/role"},
      {R"({"input":{"messages":[)" + kAsked + R"(]},"preferred_output":[)" + kSaid + R"(],"non_preferred_output":[]})",
       "not_one_answer:/non_preferred_output"},
      {R"({"input":{"messages":[)" + kAsked + R"(]},"preferred_output":[)" + kAsked + R"(],"non_preferred_output":[)" +
           kSaid + "]}",
       "not_one_answer:/preferred_output/0/role"},
      {R"({"input":{"messages":[)" + kAsked + R"(]},"preferred_output":[)" + kSaid + "]}", "no_preference:"},
  };
  for (const auto& [row, finding] : mistakes) {
    const auto all = rules_of(row);
    BOOST_TEST((std::find(all.begin(), all.end(), finding) != all.end()),
               row << " gives " << (all.empty() ? "nothing" : all.front()));
  }
}

BOOST_AUTO_TEST_CASE(the_weight_of_one_row_does_not_make_all_the_format_s) {
  fthost::test::Plugins plugins;
  const auto together = plugins.create(FT_FORMATTER, "together"), chat = plugins.create(FT_FORMATTER, "openai-chat");
  const std::string row = conversation(kAsked + "," + kSaid) + "\n";
  const std::string weighed = row.substr(0, row.size() - 2) + ",\"weight\":1}\n";
  const auto sure = [&](std::size_t weights, std::size_t rows) {
    std::string sample;
    for (std::size_t i = 0; i < rows; ++i) sample += i < weights ? weighed : row;
    return std::pair(fthost::test::Plugins::detect(*together, sample, "a.jsonl").first,
                     fthost::test::Plugins::detect(*chat, sample, "a.jsonl").first);
  };
  const auto one = sure(1, 30), third = sure(10, 30), half = sure(15, 30);
  BOOST_TEST(one.first < 0.5);
  BOOST_TEST(one.second > 0.9);
  BOOST_TEST(std::abs(third.first - third.second) < 0.1);
  BOOST_TEST(half.first > half.second + 0.1);
}

BOOST_AUTO_TEST_CASE(rules_want_one_shape_a_file) {
  BOOST_TEST(fthost::test::rule_findings(
                 "together", {R"({"text":"a"})", R"({"text":"b","weight":1})", R"({"prompt":"a","completion":"b"})"}) ==
             RuleLines{"mixed_formats:"});
  BOOST_TEST(fthost::test::file_findings("together", {}) == RuleLines{"no_rows: the file has no rows"});
}

BOOST_AUTO_TEST_SUITE_END()
