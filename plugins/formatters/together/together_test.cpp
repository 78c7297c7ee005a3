#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(together)

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
  return Plugins::decode(*plugins.create(FT_FORMATTER, "together"), bytes);
}

Output encode(const std::vector<Json>& records, const Json& options = Json::object()) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "together", options), records);
}

void comes_back(const std::string& rows) {
  const auto read = decode(rows);
  BOOST_TEST(read.findings().empty());
  BOOST_TEST(read.losses().empty());
  const auto written = encode(read.records());
  BOOST_TEST(written.text() == rows);
  BOOST_TEST(written.losses().empty());
  BOOST_TEST(written.findings().empty());
}

BOOST_AUTO_TEST_CASE(every_shape_comes_back_byte_for_byte) {
  comes_back(
      kChat + R"({"messages":[{"role":"system","content":"S"},)" + kUser +
      R"(,{"role":"assistant","content":"Hm","weight":0,"reasoning":"2+2"}],"tools":[{"type":"function"}],"weight":0.5})" +
      "\n");
  comes_back(R"({"messages":[)" + kUser + R"(,{"role":"assistant","content":"Hm","reasoning_content":"2+2"}]})" + "\n");
  comes_back(
      R"({"messages":[{"role":"user","content":[{"type":"text","text":"Who?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]},)"
      R"({"role":"assistant","content":[{"type":"text","text":"Ann"}]}]})"
      "\n");
  comes_back(R"({"prompt":"2+2=","completion":"4","weight":2})"
             "\n");
  comes_back(R"({"text":"Once upon a time"})"
             "\n"
             R"({"text":"The end","weight":1.5})"
             "\n");
  comes_back(
      kPreference + R"({"input":{"messages":[)" + kUser +
      R"(],"tools":[{"type":"function"}],"seed":7},"preferred_output":[{"role":"assistant","content":"a","reasoning_content":"r"}],)"
      R"("non_preferred_output":[)" +
      kAnswer + R"(],"weight":3})" + "\n");
}

BOOST_AUTO_TEST_CASE(rows_become_records) {
  const Json chat = decode(R"({"messages":[)" + kUser +
                           R"(,{"role":"assistant","content":"a","reasoning_content":"r","weight":1}],"weight":0.5})")
                        .records()
                        .at(0);
  BOOST_TEST(chat["messages"][1]["reasoning"] == "r");
  BOOST_TEST(chat["messages"][1]["weight"] == 1);
  BOOST_TEST(chat["weight"] == 0.5);
  const Json pair = decode(R"({"prompt":"2+2=","completion":"4"})").records().at(0);
  BOOST_TEST(pair["messages"].dump() == R"([{"role":"user","content":"2+2="},{"role":"assistant","content":"4"}])");
  const Json text = decode(R"({"text":"Once"})").records().at(0);
  BOOST_TEST(text["messages"].dump() == R"([{"role":"assistant","content":"Once"}])");
  const Json preference = decode(kPreference).records().at(0);
  BOOST_TEST(preference["chosen"].dump() == "[" + kAnswer + "]");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_right_is_refused_and_the_rows_after_it_go_on) {
  const auto output = decode(R"({"a":1})"
                             "\n"
                             R"({"messages":"Hi"})"
                             "\n"
                             R"({"messages":[]})"
                             "\n"
                             R"({"prompt":"a"})"
                             "\n"
                             R"({"prompt":"a","completion":" "})"
                             "\n"
                             R"({"text":7})"
                             "\n"
                             R"({"input":{"messages":[]},"preferred_output":[],"non_preferred_output":[]})"
                             "\n" +
                             kChat);
  BOOST_TEST(output.findings() ==
                 (Lines{"1:no_messages:", "2:bad_messages:/messages", "3:no_messages:", "4:no_content:/completion",
                        "5:empty_content:/completion", "6:bad_content:/text", "7:no_messages:/input/messages"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.records().size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_it_has_no_place_for_is_named) {
  Json record = decode(kChat).records().at(0);
  record["id"] = "a";
  record["parallel_tool_calls"] = true;
  record["messages"][0]["train"] = false;
  record["messages"][0]["role"] = "developer";
  const auto output = encode({record});
  BOOST_TEST(output.text() == R"({"messages":[{"role":"system","content":"Hi"},)" + kAnswer + "]}\n");
  BOOST_TEST(output.losses() == (Lines{"1:/messages/0/role:reshaped", "1:/id:dropped", "1:/parallel_tool_calls:dropped",
                                       "1:/messages/0/train:dropped"}),
             boost::test_tools::per_element());
  const auto both = decode(R"({"messages":[)" + kUser + R"(,{"role":"assistant","content":"a","reasoning":"r"},)" +
                           kUser + R"(,{"role":"assistant","content":"a","reasoning_content":"s"}],"chosen":1})");
  BOOST_TEST(both.losses() == (Lines{"1:/chosen:dropped", "1:/messages/3/reasoning_content:reshaped"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_file_is_of_the_shape_of_its_first_row) {
  const Json chat = decode(kChat).records().at(0), preference = decode(kPreference).records().at(0);
  const Json pair = decode(R"({"prompt":"2+2=","completion":"4"})").records().at(0);
  const auto chats = encode({chat, preference, pair});
  BOOST_TEST(chats.text() ==
             kChat + R"({"messages":[{"role":"user","content":"2+2="},{"role":"assistant","content":"4"}]})" + "\n");
  BOOST_TEST(chats.findings() == Lines{"2:not_carried:/chosen"}, boost::test_tools::per_element());
  const auto preferences = encode({preference, chat});
  BOOST_TEST(preferences.text() == kPreference);
  BOOST_TEST(preferences.findings() == Lines{"2:not_carried:/rejected"}, boost::test_tools::per_element());
  const auto pairs = encode({chat, preference}, {{"shape", "instruction"}});
  BOOST_TEST(pairs.text() == R"({"prompt":"Hi","completion":"Hello"})"
                             "\n");
  BOOST_TEST(encode({chat}, {{"shape", "text"}}).findings() == Lines{"1:not_carried:/messages"});
}

BOOST_AUTO_TEST_SUITE_END()
