#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"
#include "shared.hpp"

BOOST_AUTO_TEST_SUITE(sharegpt)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

const std::string kTools =
    R"({"conversations":[{"from":"human","value":"Weather?"},)"
    R"({"from":"function_call","value":"{\"name\": \"weather\", \"arguments\": {\"city\": \"Oslo\", \"n\": 1e3}}"},)"
    R"({"from":"observation","value":"{\"sky\": \"clear\"}"},{"from":"gpt","value":"Clear."}],)"
    R"("tools":"[{\"name\": \"weather\", \"parameters\": {\"type\": \"object\", \"required\": [\"city\"]}}]"})";

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "sharegpt"), bytes);
}

Output encode(const std::vector<Json>& records, const Json& config = Json::object()) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "sharegpt", config), records);
}

double confidence(const std::string& row) {
  Plugins plugins;
  return Plugins::detect(*plugins.create(FT_FORMATTER, "sharegpt"), row, "a.json").first;
}

}  // namespace

BOOST_AUTO_TEST_CASE(sharegpt_reads_calls_and_tools) {
  const auto output = decode(kTools);
  BOOST_TEST(output.findings().empty());
  BOOST_TEST(output.losses().empty());
  BOOST_REQUIRE(output.records().size() == 1);
  BOOST_TEST(
      output.emitted[0].bytes ==
      R"({"messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1",)"
      R"("type":"function","function":{"name":"weather","arguments":"{\"city\": \"Oslo\", \"n\": 1e3}"}}]},)"
      R"({"role":"tool","content":"{\"sky\": \"clear\"}","tool_call_id":"call_1"},{"role":"assistant","content":"Clear."}],)"
      R"("tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","required":["city"]}}}]})");
}

BOOST_AUTO_TEST_CASE(sharegpt_writes_again_byte_for_byte_what_it_read) {
  const std::string rows[] = {
      kTools,
      R"({"conversations":[{"from":"system","value":"S"},{"from":"user","value":"a"},{"from":"bing","value":"b"}]})",
      R"({"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}],"system":"S"})",
      R"({"conversations":[{"from":"system","value":"T"},{"from":"human","value":"a"},{"from":"gpt","value":"b"}],"system":"","tools":""})",
      R"({"conversations":[{"from":"human","value":"a","train":false},{"from":"gpt","value":"b","train":true,)"
      R"("train_detail":[{"begin_offset":0,"end_offset":1,"train":false}],"weight":0}]})",
      R"({"conversations":[{"role":"user","content":"a"},{"role":"bard","content":"b"}]})",
      R"({"messages":[{"from":"human","value":"a"},{"from":"chatgpt","value":"b"}]})",
      // Two calls in one turn, spaced in another way, text for arguments, answers in their order.
      R"({"conversations":[{"from":"human","value":"a"},{"from":"function_call","value":"[{\"name\":\"f\",\"arguments\":\"x\"},{\"arguments\":{},\"name\":\"g\"}]"},)"
      R"({"from":"tool","value":"1"},{"from":"observation","value":"2"},{"from":"gpt","value":"b"}]})",
      // Hermes: calls within the text, and a tool that answers no call of the row.
      R"({"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"<tool_call>f</tool_call>"},{"from":"tool","value":"1"}]})",
      R"({"conversations":[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[{"id":"x","type":"function",)"
      R"("function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"1","tool_call_id":"x","name":"f"}]})",
      R"({"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}],"tools":[{"type":"function","function":{"name":"f"}}]})",
  };
  for (const std::string& row : rows) {
    const auto read = decode(row);
    BOOST_TEST_CONTEXT(row) {
      BOOST_TEST(read.losses().empty());
      BOOST_TEST(read.findings().empty());
      BOOST_REQUIRE(read.records().size() == 1);
      const auto written = encode(read.records());
      BOOST_TEST(written.text() == row + "\n");
      BOOST_TEST(written.losses().empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(sharegpt_keeps_its_spelling_beside_other_metadata) {
  const std::string user = R"({"conversations":[{"from":"user","value":"a"},{"from":"gpt","value":"b"}])";
  const auto read = decode(user + R"(,"metadata":{"n":1},"x":[1]})");
  BOOST_REQUIRE(read.records().size() == 1);
  const Json record = read.records()[0];
  BOOST_TEST(record["metadata"] == Json::parse(R"({"n":1,"sharegpt":{"from":["user",""]}})"));
  BOOST_TEST(record["x"] == Json::parse("[1]"));
  const auto written = encode({record});
  BOOST_TEST(written.text() == user + "}\n");
  BOOST_TEST(written.losses() == (Lines{"1:/metadata:dropped", "1:/x:dropped"}), boost::test_tools::per_element());
  const auto odd = decode(user + R"(,"metadata":"text"})");
  BOOST_TEST(odd.losses() == Lines{"1:/conversations:reshaped"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(sharegpt_names_keys_that_a_record_has_for_something_else) {
  const auto read = decode(
      R"({"conversations":[{"from":"human","value":"a","role":"x","content":{}},{"from":"gpt","value":"b","note":1}],"messages":[],"chosen":null})");
  BOOST_TEST(read.losses() == (Lines{"1:/conversations/0/role:dropped", "1:/conversations/0/content:dropped",
                                     "1:/messages:dropped"}),
             boost::test_tools::per_element());
  BOOST_REQUIRE(read.records().size() == 1);
  BOOST_TEST(encode(read.records()).losses() == Lines{"1:/messages/1/note:dropped"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(sharegpt_forgets_a_spelling_that_no_longer_fits) {
  Json record = decode(kTools.substr(0, kTools.size() - 1) + R"(,"system":"S"})").records().at(0);
  record["messages"].erase(0);
  record["messages"][1]["tool_calls"][0]["function"]["arguments"] = "broken";
  const Json row = Json::parse(encode({record}).text());
  BOOST_TEST(!row.contains("system"));
  BOOST_TEST(row["conversations"][1]["value"] == R"({"name": "weather", "arguments": "broken"})");
}

BOOST_AUTO_TEST_CASE(sharegpt_refuses_rows_that_cannot_be_right) {
  const auto turns = [](const std::string& list) { return R"({"conversations":[)" + list + "]}\n"; };
  const std::string human = R"({"from":"human","value":"a"})";
  const auto output =
      decode("{}\n" + std::string(R"({"conversations":"a"})") + "\n" + turns("7") + turns(human + R"(,{"value":"b"})") +
             turns(human + R"(,{"from":"alien","value":"b"})") + turns(human + R"(,{"from":"gpt"})") +
             turns(human + R"(,{"from":"gpt","value":" \n"})") + turns(human + R"(,{"from":"gpt","value":[1]})") +
             turns(human + R"(,{"from":"function_call","value":"weather of Oslo"})") +
             turns(human + R"(,{"from":"function_call","value":"[]"})") +
             R"({"conversations":[{"from":"human","value":"a"}],"tools":"none"})"
             "\n" +
             R"({"conversations":[{"from":"human","value":"a"}],"system":7})"
             "\n" +
             turns("") + turns(human));
  BOOST_TEST(
      output.findings() == (Lines{"1:no_messages:/conversations", "2:bad_messages:/conversations",
                                  "3:bad_message:/conversations/0", "4:bad_message:/conversations/1",
                                  "5:unknown_role:/conversations/1", "6:no_content:/conversations/1/value",
                                  "7:empty_content:/conversations/1/value", "8:bad_content:/conversations/1/value",
                                  "9:bad_tool_call:/conversations/1/value", "10:bad_tool_call:/conversations/1/value",
                                  "11:bad_tools:/tools", "12:bad_content:/system", "13:no_messages:"}),
      boost::test_tools::per_element());
  BOOST_TEST(output.records().size() == 1u);
}

BOOST_AUTO_TEST_CASE(sharegpt_names_what_it_drops_and_reshapes) {
  const auto output = encode({Json::parse(
      R"({"id":"r","parallel_tool_calls":false,"label":true,"messages":[{"role":"developer","content":"D"},)"
      R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"name":"ann"},)"
      R"({"role":"assistant","content":"Let me see.","weight":1,"tool_calls":[{"id":"c9","type":"function","function":{"name":"f","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"c9","content":"1"},{"role":"assistant","content":"b","reasoning":"why"}]})")});
  BOOST_TEST(
      output.text() ==
      R"({"conversations":[{"from":"system","value":"D"},{"from":"human","value":"a\nb"},)"
      R"({"from":"gpt","value":"Let me see.","weight":1},{"from":"function_call","value":"{\"name\": \"f\", \"arguments\": {}}","weight":1},)"
      R"({"from":"observation","value":"1"},{"from":"gpt","value":"b"}]})"
      "\n");
  BOOST_TEST(
      output.losses() == (Lines{"1:/messages/0/role:reshaped", "1:/messages/1/content:reshaped",
                                "1:/messages/2:reshaped", "1:/messages/2/tool_calls/0/id:dropped",
                                "1:/messages/3/tool_call_id:dropped", "1:/id:dropped", "1:/parallel_tool_calls:dropped",
                                "1:/label:dropped", "1:/messages/1/name:dropped", "1:/messages/4/reasoning:dropped"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(sharegpt_does_not_write_what_it_would_change) {
  const std::string call =
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","function":{"name":"f"}},{"id":"b","function":{"name":"g"}}]})";
  const auto output = encode(
      {Json::parse(R"({"messages":[{"role":"user","content":"a"}],"chosen":[{"role":"assistant","content":"b"}]})"),
       Json::parse(R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]})"),
       Json::parse(R"({"messages":[{"role":"critic","content":"a"}]})"),
       Json::parse(
           R"({"messages":[)" + call +
           R"(,{"role":"tool","tool_call_id":"b","content":"1"},{"role":"tool","tool_call_id":"a","content":"2"}]})"),
       Json::parse(R"({"messages":[)" + call + R"(,{"role":"tool","content":"1"}]})"),
       Json::parse(R"({"messages":[{"role":"user","content":"good"}]})"),
       Json::parse(R"({"messages":[{"role":"user","content":" "}]})"), Json::parse(R"({"messages":[]})")});
  BOOST_TEST(output.findings() ==
                 (Lines{"1:not_carried:/chosen", "2:not_carried:/messages/0/content", "3:not_carried:/messages/0/role",
                        "4:not_carried:/messages/1", "4:not_carried:/messages/2", "5:not_carried:/messages/1",
                        "7:empty_content:/messages/0/content", "8:no_messages:/messages"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.text() == R"({"conversations":[{"from":"human","value":"good"}]})"
                              "\n");
}

BOOST_AUTO_TEST_CASE(sharegpt_writes_one_list_where_asked) {
  const Json record = Json::parse(R"({"messages":[{"role":"user","content":"a"}]})");
  const std::string row = R"({"conversations":[{"from":"human","value":"a"}]})";
  BOOST_TEST(encode({record, record}, {{"list", true}}).text() == "[\n" + row + ",\n" + row + "\n]\n");
}

BOOST_AUTO_TEST_CASE(sharegpt_knows_its_own_rows) {
  const std::string turns = R"([{"from":"human","value":"a"},{"from":"gpt","value":"b"}])";
  const std::string messages = R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"}])";
  BOOST_TEST(confidence(kTools) > 0.9);
  BOOST_TEST(confidence("[" + kTools + "]") > 0.9);
  BOOST_TEST(confidence(R"({"conversations":)" + messages + "}") >= 0.9);
  BOOST_TEST(confidence(R"({"messages":)" + turns + "}") >= 0.9);
  for (const char* key : {"chosen", "rejected", "kto_tag", "images"})
    BOOST_TEST(confidence(R"({"conversations":)" + turns + ",\"" + key + "\":{}}") <= 0.3);
  for (const std::string& other :
       {R"({"messages":)" + messages + "}", R"({"prompt":)" + messages + R"(,"completion":[]})",
        std::string(R"({"instruction":"a","output":"b"})"), std::string(R"({"conversations":[]})"),
        std::string(R"({"contents":[{"role":"user","parts":[{"text":"a"}]}]})"),
        std::string(R"({"input":{"messages":[]},"preferred_output":[]})")})
    BOOST_TEST(confidence(other) == 0, other);
}

BOOST_AUTO_TEST_CASE(sharegpt_brings_a_real_file_back_as_it_was) {
  const auto folder = fthost::test::shared_folder("data");
  if (!folder) return;
  std::ifstream file(*folder / "glaive_toolcall_en_demo.json", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const auto read = decode(bytes);
  BOOST_TEST(read.findings().empty());
  BOOST_TEST(read.losses().empty());
  const auto written = encode(read.records(), {{"list", true}});
  BOOST_TEST(written.losses().empty());
  BOOST_TEST(written.records().empty());
  BOOST_TEST((Json::parse(written.text()) == Json::parse(bytes)));
}

BOOST_AUTO_TEST_SUITE_END()
