#include <boost/test/unit_test.hpp>

#include "rules_fixture.hpp"

BOOST_AUTO_TEST_SUITE(fireworks)

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

const std::string kUser = R"({"role":"user","content":"Hi"})";
const std::string kAnswer = R"({"role":"assistant","content":"Hello"})";
const std::string kChat = R"({"messages":[)" + kUser + "," + kAnswer + "]}\n";
const std::string kPreference = R"({"input":{"messages":[)" + kUser + R"(]},"preferred_output":[)" + kAnswer +
                                R"(],"non_preferred_output":[{"role":"assistant","content":"No"}]})" + "\n";

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "fireworks"), bytes);
}

Output encode(const std::vector<Json>& records) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "fireworks"), records);
}

BOOST_AUTO_TEST_CASE(both_shapes_come_back_byte_for_byte) {
  const std::string chats =
      kChat + R"({"messages":[{"role":"system","content":"S"},)" + kUser +
      R"(,{"role":"assistant","content":"","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}],"weight":0},)"
      R"({"role":"tool","content":"1","tool_call_id":"a"},{"role":"assistant","content":"1","reasoning_content":"r"}],)"
      R"("tools":[{"type":"function","function":{"name":"f"}}],"weight":2.0})"
      "\n";
  for (const std::string& rows :
       {chats, kPreference + R"({"input":{"messages":[)" + kUser + R"(],"tools":[],"seed":7},"preferred_output":[)" +
                   kAnswer + R"(],"non_preferred_output":[)" + kAnswer + "]}\n"}) {
    const auto read = decode(rows);
    BOOST_TEST(read.findings().empty());
    BOOST_TEST(read.losses().empty());
    const auto written = encode(read.records());
    BOOST_TEST(written.text() == rows);
    BOOST_TEST(written.losses().empty());
  }
}

BOOST_AUTO_TEST_CASE(what_it_has_no_place_for_is_named) {
  Json record = decode(kChat).records().at(0);
  record["parallel_tool_calls"] = true;
  record["messages"][1]["content"] = nullptr;
  record["messages"][1]["train"] = false;
  const auto output = encode({record});
  BOOST_TEST(output.text() == R"({"messages":[)" + kUser + R"(,{"role":"assistant","content":""}]})" + "\n");
  BOOST_TEST(output.losses() == (Lines{"1:/messages/1/content:reshaped", "1:/parallel_tool_calls:dropped",
                                       "1:/messages/1/train:dropped"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_file_is_of_the_shape_of_its_first_row) {
  const Json chat = decode(kChat).records().at(0), preference = decode(kPreference).records().at(0);
  const auto chats = encode({chat, preference});
  BOOST_TEST(chats.text() == kChat);
  BOOST_TEST(chats.findings() == Lines{"2:not_carried:/chosen"}, boost::test_tools::per_element());
  const auto preferences = encode({preference, chat});
  BOOST_TEST(preferences.text() == kPreference);
  BOOST_TEST(preferences.findings() == Lines{"2:not_carried:/rejected"}, boost::test_tools::per_element());
  BOOST_TEST(decode(R"({"a":1})").findings().front() == "1:no_messages:/input/messages");
}

BOOST_AUTO_TEST_CASE(rules_accept_good_rows_and_name_each_mistake) {
  const auto rules = [](const std::string& row) { return fthost::test::rule_findings("fireworks", {row}); };
  BOOST_TEST(rules(kChat).empty());
  BOOST_TEST(rules(kPreference).empty());
  BOOST_TEST(rules(R"({"messages":[)" + kUser + R"(,{"role":"assistant","content":"a","weight":0},)" + kUser + "," +
                   kAnswer + R"(],"weight":-1.5})")
                 .empty());
  const std::pair<std::string, std::string> mistakes[] = {
      {R"({"a":1})", "unknown_format:"},
      {R"({"messages":[)" + kUser + "]}", "no_assistant:/messages"},
      {R"({"messages":[)" + kUser + R"(,{"role":"system","content":"S"},)" + kAnswer + "]}",
       "system_not_first:/messages/1/role"},
      {R"({"messages":[{"role":"developer","content":"S"},)" + kAnswer + "]}", "unknown_role:/messages/0/role"},
      {R"({"messages":[)" + kUser + R"(,{"role":"assistant","content":"a","weight":0.5}]})",
       "bad_weight:/messages/1/weight"},
      {R"({"messages":[)" + kUser + R"(,{"role":"assistant","content":"a","weight":0}]})",
       "nothing_learnt:/messages/1/weight"},
      {R"({"messages":[{"role":"system","content":"S"},)" + kUser +
           R"(,{"role":"assistant","content":"a","weight":0}]})",
       "nothing_learnt:/messages/2/weight"},
      {R"({"messages":[)" + kUser + R"(,{"role":"assistant","content":null}]})", "null_content:/messages/1/content"},
      {R"({"messages":[)" + kUser + "," + kAnswer + R"(],"weight":"1"})", "bad_row_weight:/weight"},
      {R"({"input":{"messages":[)" + kAnswer + R"(]},"preferred_output":[)" + kAnswer +
           R"(],"non_preferred_output":[)" + kAnswer + "]}",
       "last_is_assistant:/input/messages/0/role"},
      {R"({"input":{"messages":[)" + kUser + R"(]},"preferred_output":[]})", "not_one_answer:/preferred_output"},
  };
  for (const auto& [row, finding] : mistakes) {
    const auto all = rules(row);

    BOOST_TEST((std::find(all.begin(), all.end(), finding) != all.end()),
               row << " gives " << (all.empty() ? "nothing" : all.front()));
  }
  BOOST_TEST(fthost::test::rule_findings("fireworks", {kChat, R"({"messages":[)" + kUser + "," + kAnswer +
                                                                  R"(],"weight":1})"}) == Lines{"mixed_row_weights:"});
  BOOST_TEST(fthost::test::file_findings("fireworks", {kChat, kChat}).size() == 1u);
  BOOST_TEST(fthost::test::file_findings("fireworks", {kChat, kChat, kChat}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
