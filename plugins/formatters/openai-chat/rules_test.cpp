// The rule table, run as `validate` runs it.
#include <boost/test/unit_test.hpp>

#include "data/rules.hpp"
#include "data/rules_run.hpp"
#include "plugin_fixture.hpp"

namespace {

using fthost::test::Plugins;
using Lines = std::vector<std::string>;

// "code:path" of each finding in a row.
Lines findings(const std::string& row) {
  Plugins plugins;
  const auto found = plugins.registry().find(FT_FORMATTER, "openai-chat").value();
  auto table = fthost::data::RuleTable::load(found.desc->rules, "openai-chat", "formatter \"openai-chat\"").value();
  fthost::data::Document document;
  BOOST_REQUIRE(document.parse_object(row));
  fthost::data::RuleRun run;
  std::vector<fthost::data::Finding> broken;
  table.check_row(document, run, broken, nullptr);
  Lines all;
  for (const auto& finding : broken) all.push_back(finding.code + ":" + finding.path);
  return all;
}

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
  BOOST_TEST(findings(chat(kUser + R"(,{"role":"assistant","content":"a","weight":0})")).empty());
  BOOST_TEST(
      findings(
          chat(kUser + "," + kCall + "," + kResult + "," + kAnswer,
               R"(,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"parallel_tool_calls":true)"))
          .empty());
  BOOST_TEST(
      findings(
          chat(
              R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"x"}}]},)" +
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
  BOOST_TEST(first(chat(R"({"role":"tool","content":"1"},)" + kAnswer)).starts_with("no_tool_call_id:/messages/0"));
  BOOST_TEST(first(chat(kUser + R"(,{"role":"tool","tool_call_id":"zz","content":"1"},)" + kAnswer))
                 .starts_with("unmatched_tool:/messages"));
  BOOST_TEST(first(chat(kUser + "," + kCall + "," + kAnswer)).starts_with("unanswered_tool_call:/messages"));
  // Nothing can follow a call that ends the row.
  for (const std::string& finding : findings(chat(kUser + "," + kCall)))
    BOOST_TEST(!finding.starts_with("unanswered_tool_call"), finding);
  BOOST_TEST(first(chat(kUser + "," + kAnswer, R"(,"tools":[])")) == "bad_tools:/tools");
  BOOST_TEST(first(chat(kUser + "," + kAnswer, R"(,"tools":[{"type":"function","function":{"name":""}}])")) ==
             "bad_tools:/tools/0/function/name");
  BOOST_TEST(first(chat(kUser + "," + kAnswer, R"(,"parallel_tool_calls":"yes")")) ==
             "bad_parallel_tool_calls:/parallel_tool_calls");
}
