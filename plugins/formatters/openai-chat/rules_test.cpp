// The rule table, run as `validate` runs it.
#include <boost/test/unit_test.hpp>

#include "rules_fixture.hpp"

BOOST_AUTO_TEST_SUITE(openai_chat_rules)

namespace {

using Lines = std::vector<std::string>;

Lines findings(const std::string& row) { return fthost::test::rule_findings("openai-chat", {row}); }

std::string chat(const std::string& messages, const std::string& rest = "") {
  return R"({"messages":[)" + messages + "]" + rest + "}";
}

const std::string kUser = R"({"role":"user","content":"Hi"})";
const std::string kAnswer = R"({"role":"assistant","content":"Hello"})";
const std::string kCall =
    R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]})";
const std::string kResult = R"({"role":"tool","tool_call_id":"a","content":"1"})";

}  // namespace

BOOST_AUTO_TEST_CASE(openai_chat_rules_accept_good_rows) {
  BOOST_TEST(findings(chat(kUser + "," + kAnswer)).empty());
  BOOST_TEST(
      findings(chat(kUser + R"(,{"role":"assistant","content":"a","weight":0},)" + kUser + "," + kAnswer)).empty());
  BOOST_TEST(findings(chat(kUser + R"(,{"role":"assistant","content":"a","weight":1,"name":"Bot_1-a"})")).empty());
  BOOST_TEST(
      findings(
          chat(kUser + "," + kCall + "," + kResult + "," + kAnswer,
               R"(,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"parallel_tool_calls":true)"))
          .empty());
  BOOST_TEST(
      findings(
          chat(
              R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://a.org/b.png"}}]},)" +
              kAnswer))
          .empty());
}

BOOST_AUTO_TEST_CASE(openai_chat_rules_name_each_mistake) {
  const auto first = [](const std::string& row) {
    const auto all = findings(row);
    return all.empty() ? std::string("(none)") : all.front();
  };
  BOOST_TEST(first(chat(kUser)) == "no_assistant:/messages");
  BOOST_TEST(first(chat(kAnswer + "," + kUser)).starts_with("last_not_assistant:"));
  BOOST_TEST(first(chat(kUser + R"(,{"role":"assistant","content":"a","weight":0.5})")) ==
             "bad_weight:/messages/1/weight");
  BOOST_TEST(
      findings(chat(kUser + R"(,{"role":"assistant","content":"a","weight":0})")) == Lines{"nothing_learnt:/messages"},
      boost::test_tools::per_element());
  BOOST_TEST(first(chat(R"({"role":"user","name":"Ann B.","content":"a"},)" + kAnswer)) == "bad_name:/messages/0/name");
  BOOST_TEST(first(chat(R"({"role":"user","name":"","content":"a"},)" + kAnswer)) == "bad_name:/messages/0/name");
  BOOST_TEST(first(chat(R"({"role":"user","content":"a","weight":1},)" + kAnswer))
                 .starts_with("weight_not_on_assistant:/messages/0"));
  BOOST_TEST(first(chat(R"({"role":"user","content":[{"type":"video_url"}]},)" + kAnswer)) ==
             "bad_part:/messages/0/content/0/type");
  BOOST_TEST(first(chat(kUser + R"(,{"role":"assistant","content":[{"type":"image_url","image_url":{}}]})"))
                 .starts_with("image_not_on_user:/messages/1/content/0"));
  BOOST_TEST(
      first(
          chat(kUser +
               R"(,{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":"{}"}}]})"))
          .starts_with("bad_tool_call:/messages/1/tool_calls/0"));
  BOOST_TEST(
      first(chat(
          kUser +
          R"(,{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"[1"}}]})")) ==
      "bad_arguments:/messages/1/tool_calls/0/function/arguments");
  BOOST_TEST(findings(chat(R"({"role":"tool","content":"1"},)" + kAnswer)) ==
                 (Lines{"misplaced_tool:/messages/0/role", "no_tool_call_id:/messages/0", "no_user:/messages"}),
             boost::test_tools::per_element());
  BOOST_TEST(findings(chat(kUser + R"(,{"role":"tool","tool_call_id":"zz","content":"1"},)" + kAnswer)) ==
                 (Lines{"unmatched_tool:/messages/1/tool_call_id", "misplaced_tool:/messages/1/role"}),
             boost::test_tools::per_element());
  BOOST_TEST(findings(chat(kUser + "," + kCall + "," + kAnswer)) ==
                 (Lines{"same_role_twice:/messages/2/role", "unanswered_tool_call:/messages/1/tool_calls/0/id"}),
             boost::test_tools::per_element());
  // Nothing can follow a call that ends the row.
  for (const std::string& finding : findings(chat(kUser + "," + kCall)))
    BOOST_TEST(!finding.starts_with("unanswered_tool_call"), finding);
  BOOST_TEST(first(chat(kUser + "," + kAnswer, R"(,"tools":[])")) == "bad_tools:/tools");
  BOOST_TEST(first(chat(kUser + "," + kAnswer, R"(,"tools":[{"type":"function","function":{"name":""}}])")) ==
             "bad_tools:/tools/0/function/name");
  BOOST_TEST(first(chat(kUser + "," + kAnswer, R"(,"parallel_tool_calls":"yes")")) ==
             "bad_parallel_tool_calls:/parallel_tool_calls");
}

BOOST_AUTO_TEST_CASE(openai_chat_rules_have_the_checks_of_the_cookbook) {
  const auto has = [](const std::string& row, const std::string& finding) {
    const auto all = findings(row);
    return std::find(all.begin(), all.end(), finding) != all.end();
  };
  BOOST_TEST(has(chat(R"({"role":"user","content":"a","mood":"x"},)" + kAnswer), "unknown_key:/messages/0/mood"));
  BOOST_TEST(has(chat(R"({"role":"user","content":"a","train":true},)" + kAnswer), "unknown_key:/messages/0/train"));
  BOOST_TEST(has(chat(kUser + "," + kAnswer, R"(,"tool":[])"), "unknown_key:/tool"));
  BOOST_TEST(has(chat(kUser + "," + kAnswer, R"(,"tools":[{"type":"function","function":{"name":"get weather"}}])"),
                 "bad_tools:/tools/0/function/name"));
  BOOST_TEST(has(chat(kUser + "," + kAnswer, R"(,"tools":[{"type":"function","function":{"name":"f"}},)"
                                             R"({"type":"function","function":{"name":"f"}}])"),
                 "duplicate_tool:/tools/1/function/name"));
  // A record of a project may have fields of its own.
  BOOST_TEST(findings(chat(kUser + "," + kAnswer, R"(,"created_at":"2026-01-01T00:00:00Z","id":"a")")).empty());
  BOOST_TEST(has(chat(R"({"role":"system","content":"a"},)" + kAnswer), "no_user:/messages"));
  BOOST_TEST(has(chat(kUser + R"(,{"role":"system","content":"a"},)" + kAnswer), "system_not_first:/messages/1/role"));
  BOOST_TEST(has(chat(kUser + "," + kUser + "," + kAnswer), "same_role_twice:/messages/1/role"));
  BOOST_TEST(has(chat(kUser + "," + kAnswer + "," + kAnswer), "same_role_twice:/messages/2/role"));
  BOOST_TEST(has(chat(kUser + "," + kCall + "," + kResult + "," + kCall + "," + kResult),
                 "repeated_tool_call_id:/messages/3/tool_calls/0/id"));
  BOOST_TEST(has(chat(kUser + R"(,{"role":"assistant","content":null,"tool_calls":[]})"),
                 "bad_tool_call:/messages/1/tool_calls"));
  BOOST_TEST(has(chat(R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"a.png"}}]},)" + kAnswer),
                 "bad_image:/messages/0/content/0/image_url/url"));
  BOOST_TEST(
      has(chat(R"({"role":"user","content":[{"type":"image_url"}]},)" + kAnswer), "bad_image:/messages/0/content/0"));
}

BOOST_AUTO_TEST_CASE(openai_chat_rules_know_the_older_spelling) {
  const std::string call = R"({"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}})";
  const std::string result = R"({"role":"function","name":"f","content":"1"})";
  BOOST_TEST(findings(chat(kUser + "," + call + "," + result + "," + kAnswer, R"(,"functions":[{"name":"f"}])")) ==
                 (Lines{"older_spelling:/functions", "older_spelling:/messages/1/function_call"}),
             boost::test_tools::per_element());
  BOOST_TEST(
      findings(chat(kUser + R"(,{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"x"}})")) ==
          (Lines{"bad_arguments:/messages/1/function_call/arguments", "older_spelling:/messages/1/function_call"}),
      boost::test_tools::per_element());
  BOOST_TEST(findings(chat(kUser + "," + call + R"(,{"role":"function","content":"1"},)" + kAnswer)).size() == 2u);
}

BOOST_AUTO_TEST_CASE(openai_chat_rules_tell_once_how_many_rows_have_no_system_message) {
  const std::string row = chat(kUser + "," + kAnswer);
  const auto about_file = fthost::test::file_findings("openai-chat", std::vector<std::string>(12, row));
  BOOST_TEST(about_file == Lines{"no_system: rows without a system message: 12"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(openai_chat_rules_want_ten_rows) {
  const std::string system = R"({"role":"system","content":"S"},)";
  const std::string row = chat(system + kUser + "," + kAnswer);
  BOOST_TEST(fthost::test::file_findings("openai-chat", std::vector<std::string>(9, row)) ==
                 Lines{"too_few_rows: the number of rows is 9; OpenAI takes files of 10 rows and more"},
             boost::test_tools::per_element());
  BOOST_TEST(fthost::test::file_findings("openai-chat", std::vector<std::string>(10, row)).empty());
}

BOOST_AUTO_TEST_SUITE_END()
