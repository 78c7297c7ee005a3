#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(bedrock_converse)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

const std::string kVersion = R"({"schemaVersion":"bedrock-conversation-2024",)";
const std::string kGood =
    kVersion +
    R"("system":[{"text":"S"}],"messages":[{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"text":"Hello"}]}]})";
const std::string kTools =
    kVersion +
    R"("messages":[{"role":"user","content":[{"text":"Weather?"}]},)"
    R"({"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"why"}}},{"text":"Let me see."},)"
    R"({"toolUse":{"toolUseId":"a","name":"f","input":{"city":"Oslo"}}},{"toolUse":{"toolUseId":"b","name":"g","input":{}}}]},)"
    R"({"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"json":{"sky":"clear"}}]}},)"
    R"({"toolResult":{"toolUseId":"b","content":[{"text":"{\"n\": 1}"}],"status":"error"}},{"text":"Quick!"}]},)"
    R"({"role":"assistant","content":[{"text":"Clear."}]}],)"
    R"("toolConfig":{"tools":[{"toolSpec":{"name":"f","description":"d","inputSchema":{"json":{"type":"object"}}}},{"toolSpec":{"name":"g"}}]}})";

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "bedrock-converse"), bytes);
}

Output encode(const std::vector<Json>& records) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "bedrock-converse"), records);
}

std::string messages(const std::string& list) { return kVersion + R"("messages":[)" + list + "]}\n"; }

}  // namespace

BOOST_AUTO_TEST_CASE(bedrock_converse_reads_calls_answers_and_tools) {
  const auto output = decode(kTools);
  BOOST_TEST(output.findings().empty());
  BOOST_TEST(output.losses().empty());
  BOOST_REQUIRE(output.records().size() == 1);
  BOOST_TEST(
      output.emitted[0].bytes ==
      R"({"messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":"Let me see.","tool_calls":[)"
      R"({"id":"a","type":"function","function":{"name":"f","arguments":"{\"city\":\"Oslo\"}"}},)"
      R"({"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}],"reasoning":"why"},)"
      R"({"role":"tool","content":"{\"sky\":\"clear\"}","tool_call_id":"a"},)"
      R"({"role":"tool","content":"{\"n\": 1}","tool_call_id":"b","status":"error"},{"role":"user","content":"Quick!"},)"
      R"({"role":"assistant","content":"Clear."}],"tools":[{"type":"function","function":{"name":"f","description":"d",)"
      R"("parameters":{"type":"object"}}},{"type":"function","function":{"name":"g"}}],"metadata":{"bedrock-converse":{"json":[2]}}})");
}

BOOST_AUTO_TEST_CASE(bedrock_converse_writes_again_byte_for_byte_what_it_read) {
  const std::string rows[] = {
      kGood, kTools,
      kVersion +
          R"("system":[{"text":"S"},{"text":"T"}],"messages":[{"role":"user","content":[{"text":"a"},{"text":"b"},)"
          R"({"image":{"format":"png","source":{"bytes":"iVBO"}}},{"image":{"format":"jpeg","source":{"s3Location":{"uri":"s3://b/x.jpg"}}}},)"
          R"({"image":{"format":"png","source":{"s3Location":{"uri":"s3://b/x","bucketOwner":"1"}}}},)"
          R"({"video":{"format":"mp4","source":{"s3Location":{"uri":"s3://b/x.mp4"}}}}]},)"
          R"({"role":"assistant","content":[{"text":"c"}]}]})"};
  for (const std::string& row : rows) {
    const auto read = decode(row);
    BOOST_TEST_CONTEXT(row) {
      BOOST_TEST(read.losses().empty());
      BOOST_TEST(read.findings().empty());
      BOOST_REQUIRE(read.records().size() == 1);
      const auto written = encode(read.records());
      BOOST_TEST(written.text() == row + "\n");
      BOOST_TEST(written.losses().empty());
      BOOST_TEST(written.findings().empty());
    }
  }
  BOOST_TEST(decode(rows[2]).records()[0]["messages"][1]["content"][2]["image_url"]["url"] ==
             "data:image/png;base64,iVBO");
}

BOOST_AUTO_TEST_CASE(bedrock_converse_accepts_the_version_that_is_misspelled_or_missing) {
  const std::string row = R"("messages":[{"role":"user","content":[{"text":"a"}]}]})";
  const auto output = decode(R"({"schemaVersion":"bedrock-conversion-2024",)" + row + "\n{" + row);
  BOOST_TEST(output.losses() == (Lines{"1:/schemaVersion:reshaped", "2:/schemaVersion:reshaped"}),
             boost::test_tools::per_element());
  BOOST_TEST(encode(output.records()).text() == kVersion + row + "\n" + kVersion + row + "\n");
}

BOOST_AUTO_TEST_CASE(bedrock_converse_names_what_moves) {
  const auto output = decode(
      kVersion +
      R"("x":1,"system":[{"cachePoint":{}}],"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"user","content":[{"text":"b"}]},)"
      R"({"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"f","input":{}}},{"text":"c"},)"
      R"({"reasoningContent":{"reasoningText":{"text":"w","signature":"s"}}}]},)"
      R"({"role":"user","content":[{"text":"d"},{"toolResult":{"toolUseId":"a","content":[{"text":"1"}]}}]}],)"
      R"("toolConfig":{"tools":[],"toolChoice":{"auto":{}}}})");
  BOOST_TEST(output.losses() == (Lines{"1:/system/0:dropped", "1:/messages/1:reshaped",
                                       "1:/messages/2/content/1:reshaped", "1:/messages/2/content/2:reshaped",
                                       "1:/messages/2/content/2/reasoningContent/reasoningText/signature:dropped",
                                       "1:/messages/3/content/1:reshaped", "1:/toolConfig/toolChoice:dropped"}),
             boost::test_tools::per_element());
  const auto written = encode(output.records());
  BOOST_TEST(written.losses() == (Lines{"1:/messages/1:reshaped", "1:/x:dropped"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(bedrock_converse_refuses_rows_that_cannot_be_right) {
  const auto output = decode(
      R"({"schemaVersion":"2","messages":[{"role":"user","content":[{"text":"a"}]}]})"
      "\n" +
      kVersion + "\"messages\":7}\n" + messages("7") + messages(R"({"role":"system","content":[{"text":"a"}]})") +
      messages(R"({"role":"user","content":"a"})") + messages(R"({"role":"user","content":[]})") +
      messages(R"({"role":"user","content":["a"]})") + messages(R"({"role":"user","content":[{"text":" "}]})") +
      messages(R"({"role":"user","content":[{"toolUse":{"toolUseId":"a","name":"f"}}]})") +
      messages(R"({"role":"user","content":[{"toolResult":{"content":[]}}]})") + kVersion +
      R"("toolConfig":{},"messages":[{"role":"user","content":[{"text":"a"}]}]})"
      "\n" +
      kVersion + R"("system":"S","messages":[{"role":"user","content":[{"text":"a"}]}]})");
  Lines first;  // of each line
  for (const std::string& finding : output.findings()) {
    if (first.empty() || first.back().substr(0, first.back().find(':')) != finding.substr(0, finding.find(':')))
      first.push_back(finding);
  }
  BOOST_TEST(
      first == (Lines{"1:bad_version:/schemaVersion", "2:no_messages:/messages", "3:bad_message:/messages/0",
                      "4:unknown_role:/messages/0/role", "5:no_content:/messages/0/content",
                      "6:no_content:/messages/0/content", "7:bad_content:/messages/0/content/0",
                      "8:empty_content:/messages/0/content", "9:bad_tool_call:/messages/0/content/0",
                      "10:bad_tool_call:/messages/0/content/0", "11:bad_tools:/toolConfig", "12:bad_content:/system"}),
      boost::test_tools::per_element());
  BOOST_TEST(output.records().empty());
}

BOOST_AUTO_TEST_CASE(bedrock_converse_names_and_refuses_what_it_cannot_write) {
  const auto output = encode(
      {Json::parse(
           R"({"label":true,"messages":[{"role":"developer","content":"D"},{"role":"user","content":"a","name":"ann"},)"
           R"({"role":"assistant","content":"b","weight":1,"tool_calls":[{"id":"x","type":"function","function":{"name":"f","arguments":"{ }"}}]},)"
           R"({"role":"tool","tool_call_id":"x","content":""}],"tools":[{"type":"function","function":{"name":"f","strict":true}}]})"),
       Json::parse(R"({"messages":[{"role":"user","content":"a"}],"rejected":[{"role":"assistant","content":"b"}]})"),
       Json::parse(R"({"messages":[{"role":"user","content":"a"},{"role":"system","content":"b"}]})"),
       Json::parse(
           R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y.png"}}]}]})"),
       Json::parse(R"({"messages":[{"role":"tool","content":"b"}]})"),
       Json::parse(R"({"messages":[{"role":"user","content":""}]})"),
       Json::parse(
           R"({"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"x","function":{"name":"f","arguments":"city=Oslo"}}]}]})")});
  BOOST_TEST(output.findings() == (Lines{"2:not_carried:/rejected", "3:not_carried:/messages/1/role",
                                         "4:not_carried:/messages/0/content/0", "5:not_carried:/messages/0",
                                         "6:not_carried:/messages/0/content",
                                         "7:not_carried:/messages/0/tool_calls/0/function/arguments"}),
             boost::test_tools::per_element());
  BOOST_TEST(
      output.losses() == (Lines{"1:/messages/0/role:reshaped", "1:/messages/2/tool_calls/0/function/arguments:reshaped",
                                "1:/tools/0/function/strict:dropped", "1:/label:dropped", "1:/messages/1/name:dropped",
                                "1:/messages/2/weight:dropped"}),
      boost::test_tools::per_element());
  BOOST_TEST(
      output.text() ==
      kVersion +
          R"("system":[{"text":"D"}],"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"text":"b"},)"
          R"({"toolUse":{"toolUseId":"x","name":"f","input":{}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"x",)"
          R"("content":[{"text":""}]}}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f"}}]}})"
          "\n");
}

BOOST_AUTO_TEST_CASE(bedrock_converse_knows_its_own_rows) {
  Plugins plugins;
  const auto formatter = plugins.create(FT_FORMATTER, "bedrock-converse");
  const auto confidence = [&](const std::string& row) { return Plugins::detect(*formatter, row, "a.jsonl").first; };
  BOOST_TEST(confidence(kGood) > 0.9);
  for (const char* other : {R"({"messages":[{"role":"user","content":[{"text":"a"}]}]})",
                            R"({"system":"S","messages":[{"role":"user","content":"a"}]})",
                            R"({"schemaVersion":"bedrock-conversation-2024"})", R"({"schemaVersion":1,"messages":[]})"})
    BOOST_TEST(confidence(other) == 0, other);
  const auto other = [&](const char* name) {
    return Plugins::detect(*plugins.create(FT_FORMATTER, name), kGood, "a.jsonl").first;
  };
  BOOST_TEST(other("bedrock") == 0);
  BOOST_TEST(other("openai-chat") <= 0.3);
}

BOOST_AUTO_TEST_SUITE_END()
