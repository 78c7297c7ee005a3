#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(gemini)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

const std::string kGood =
    R"({"systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hello"}]}]})";
const std::string kTools =
    R"({"contents":[{"role":"user","parts":[{"text":"Weather?"}]},)"
    R"({"role":"model","parts":[{"text":"Let me see."},{"functionCall":{"name":"f","args":{"city":"Oslo","n":1.0}}},{"functionCall":{"name":"g","args":{}}}]},)"
    R"({"role":"user","parts":[{"functionResponse":{"name":"f","response":{"content":"clear"}}},{"functionResponse":{"name":"g","response":{"sky":{"c":1}}}}]},)"
    R"({"role":"model","parts":[{"text":"Clear."}]}],)"
    R"("tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"object","properties":{"type":{"type":"string","enum":["A"]}}}},{"name":"g"}]}]})";

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "gemini"), bytes);
}

Output encode(const std::vector<Json>& records) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "gemini"), records);
}

std::string contents(const std::string& list) { return R"({"contents":[)" + list + "]}\n"; }

}  // namespace

BOOST_AUTO_TEST_CASE(gemini_reads_calls_answers_and_tools) {
  const auto output = decode(kTools);
  BOOST_TEST(output.findings().empty());
  BOOST_TEST(output.losses().empty());
  BOOST_REQUIRE(output.records().size() == 1);
  BOOST_TEST(
      output.emitted[0].bytes ==
      R"({"messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":"Let me see.","tool_calls":[)"
      R"({"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"city\":\"Oslo\",\"n\":1.0}"}},)"
      R"({"id":"call_2","type":"function","function":{"name":"g","arguments":"{}"}}]},)"
      R"({"role":"tool","content":"clear","tool_call_id":"call_1"},{"role":"tool","content":"{\"sky\":{\"c\":1}}","tool_call_id":"call_2"},)"
      R"({"role":"assistant","content":"Clear."}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":)"
      R"({"type":"object","properties":{"type":{"type":"string","enum":["A"]}}}}},{"type":"function","function":{"name":"g"}}],)"
      R"("metadata":{"gemini":{"objects":[3]}}})");
}

BOOST_AUTO_TEST_CASE(gemini_writes_again_byte_for_byte_what_it_read) {
  std::string capitals = kTools;
  for (const auto& [from, to] : {std::pair("\"object\"", "\"OBJECT\""), {"\"string\"", "\"STRING\""}})
    capitals.replace(capitals.find(from), std::string(from).size(), to);
  const std::string rows[] = {
      kGood, kTools, capitals,
      R"({"systemInstruction":{"role":"system","parts":[{"text":"S"},{"text":"T"}]},"contents":[{"role":"user","parts":[{"text":"a"},{"text":"b"},)"
      R"({"inlineData":{"mimeType":"image/png","data":"iVBO"}},{"fileData":{"mimeType":"image/jpeg","fileUri":"gs://b/x.jpg"}},)"
      R"({"fileData":{"mimeType":"video/mp4","fileUri":"gs://b/x.mp4"}},{"fileData":{"mimeType":"image/png","fileUri":"gs://b/x"}}]},)"
      R"({"role":"model","parts":[{"text":"c"}]}]})",
      // Answers without a role, as another exporter writes them, and of a function that was not called.
      R"({"contents":[{"parts":[{"functionResponse":{"name":"f","response":{"content":"1"}}}]},{"role":"model","parts":[{"text":"c"}]}]})",
      R"({"contents":[{"role":"function","parts":[{"functionResponse":{"name":"f","response":{}}}]},{"role":"model","parts":[{"text":"c"}]}]})"};
  for (const std::string& row : rows) {
    const auto read = decode(row);
    BOOST_TEST_CONTEXT(row) {
      BOOST_TEST(read.losses() == Lines(), boost::test_tools::per_element());
      BOOST_TEST(read.findings().empty());
      BOOST_REQUIRE(read.records().size() == 1);
      const auto written = encode(read.records());
      BOOST_TEST(written.text() == row + "\n");
      BOOST_TEST(written.losses() == Lines(), boost::test_tools::per_element());
    }
  }
  BOOST_TEST(decode(capitals).records()[0]["tools"][0]["function"]["parameters"]["type"] == "object");
}

BOOST_AUTO_TEST_CASE(gemini_finds_the_call_of_each_answer_by_name) {
  const auto output = decode(contents(
      R"({"role":"model","parts":[{"functionCall":{"name":"f","args":{}}},{"functionCall":{"name":"g","args":{}}}]},)"
      R"({"role":"user","parts":[{"functionResponse":{"name":"g","response":{"content":"1"}}},{"functionResponse":{"name":"f","response":{"content":"2"}}}]})"));
  BOOST_REQUIRE(output.records().size() == 1);
  BOOST_TEST(output.records()[0]["messages"][1]["tool_call_id"] == "call_2");
  BOOST_TEST(output.records()[0]["messages"][2]["tool_call_id"] == "call_1");
  BOOST_TEST(encode(output.records()).losses().empty());
}

BOOST_AUTO_TEST_CASE(gemini_names_what_is_spelled_otherwise) {
  const auto output = decode(
      R"({"x":1,"system_instruction":{"parts":[{"text":"S"},{"fileData":{}}]},"contents":[{"role":"user","parts":[{"text":"a","n":1}]},)"
      R"({"role":"model","parts":[{"text":"w","thought":true},{"function_call":{"id":"i","name":"f"}},{"text":"b"}]},)"
      R"({"role":"user","parts":[{"text":"c"},{"functionResponse":{"id":"i","name":"f","response":{}}}]}],)"
      R"("tools":[{"function_declarations":[{"name":"f","parameters":{"type":"OBJECT","items":{"type":"string"}}}],"googleSearch":{}},{"functionDeclarations":[{"name":"g"}]}]})");
  BOOST_TEST(output.findings().empty());
  BOOST_TEST(output.losses() ==
                 (Lines{"1:/system_instruction:reshaped", "1:/systemInstruction/parts/1:dropped",
                        "1:/contents/0/parts/0/n:dropped", "1:/contents/1/parts/0:reshaped",
                        "1:/contents/1/parts/1/function_call:reshaped", "1:/contents/1/parts/1/functionCall/id:dropped",
                        "1:/contents/1/parts/1/functionCall/args:reshaped", "1:/contents/1/parts/2:reshaped",
                        "1:/contents/2/parts/1:reshaped", "1:/contents/2/parts/1/functionResponse/id:dropped",
                        "1:/contents/2:reshaped", "1:/tools/0/googleSearch:dropped",
                        "1:/tools/0/function_declarations:reshaped", "1:/tools/1:reshaped", "1:/tools:reshaped"}),
             boost::test_tools::per_element());
  const auto written = encode(output.records());
  BOOST_TEST(written.findings().empty());
  BOOST_TEST(written.losses() == (Lines{"1:/x:dropped", "1:/messages/2/reasoning:dropped"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(gemini_refuses_rows_that_cannot_be_right) {
  const std::string user = R"({"role":"user","parts":[{"text":"a"}]})";
  const auto output =
      decode("{\"contents\":7}\n" + contents("7") + contents(R"({"role":"user","parts":[]})") +
             contents(R"({"role":"user","parts":["a"]})") + contents(R"({"role":"user","parts":[{"text":" "}]})") +
             contents(R"({"role":"assistant","parts":[{"text":"a"}]})") +
             contents(R"({"role":"user","parts":[{"functionCall":{"name":"f"}},{"text":"a"}]})") +
             contents(R"({"role":"user","parts":[{"functionResponse":{"name":"f","response":"a"}},{"text":"a"}]})") +
             R"({"tools":{},"contents":[)" + user + "]}\n" + R"({"systemInstruction":"S","contents":[)" + user +
             "]}\n" + contents(user));
  BOOST_TEST(output.findings() ==
                 (Lines{"1:no_messages:/contents", "2:no_content:/contents/0/parts", "3:no_content:/contents/0/parts",
                        "4:bad_content:/contents/0/parts/0", "4:empty_content:/contents/0/parts",
                        "5:empty_content:/contents/0/parts", "6:unknown_role:/contents/0/role",
                        "7:bad_tool_call:/contents/0/parts/0", "8:bad_tool_call:/contents/0/parts/0",
                        "9:bad_tools:/tools", "10:bad_content:/systemInstruction"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.records().size() == 1u);
}

BOOST_AUTO_TEST_CASE(gemini_names_and_refuses_what_it_cannot_write) {
  const auto output = encode(
      {Json::parse(
           R"({"label":true,"messages":[{"role":"developer","content":"D"},{"role":"user","content":"a","name":"ann"},)"
           R"({"role":"assistant","content":null,"tool_calls":[{"id":"x","type":"function","function":{"name":"f","arguments":"{ }"}}]},)"
           R"({"role":"tool","tool_call_id":"x","name":"f","content":""}],"tools":[{"type":"function","function":{"name":"f","strict":true}}]})"),
       Json::parse(R"({"messages":[{"role":"user","content":"a"}],"rejected":[{"role":"assistant","content":"b"}]})"),
       Json::parse(R"({"messages":[{"role":"user","content":"a"},{"role":"system","content":"b"}]})"),
       Json::parse(
           R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y"}}]}]})"),
       Json::parse(R"({"messages":[{"role":"tool","content":"b"}]})"),
       Json::parse(R"({"messages":[{"role":"user","content":""}]})"),
       Json::parse(
           R"({"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"x","function":{"name":"f","arguments":"city=Oslo"}}]}]})")});
  BOOST_TEST(output.findings() == (Lines{"2:not_carried:/rejected", "3:not_carried:/messages/1/role",
                                         "4:not_carried:/messages/0/content/0", "5:not_carried:/messages/0",
                                         "6:not_carried:/messages/0/content",
                                         "7:not_carried:/messages/0/tool_calls/0/function/arguments"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.losses() ==
                 (Lines{"1:/messages/0/role:reshaped", "1:/messages/2/tool_calls/0/function/arguments:reshaped",
                        "1:/messages/2/tool_calls/0/id:dropped", "1:/messages/3/tool_call_id:dropped",
                        "1:/tools/0/function/strict:dropped", "1:/label:dropped", "1:/messages/1/name:dropped"}),
             boost::test_tools::per_element());
  BOOST_TEST(
      output.text() ==
      R"({"systemInstruction":{"parts":[{"text":"D"}]},"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[)"
      R"({"functionCall":{"name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"content":""}}}]}],)"
      R"("tools":[{"functionDeclarations":[{"name":"f"}]}]})"
      "\n");
}

BOOST_AUTO_TEST_CASE(gemini_knows_its_own_rows) {
  Plugins plugins;
  const auto formatter = plugins.create(FT_FORMATTER, "gemini");
  const auto confidence = [&](const std::string& row) { return Plugins::detect(*formatter, row, "a.jsonl").first; };
  BOOST_TEST(confidence(kGood) > 0.9);
  BOOST_TEST(confidence(kTools) > 0.9);
  BOOST_TEST(confidence(R"({"contents":[{"role":"user","parts":[{"text":"a"}]}],"completions":[]})") <= 0.3);
  for (const char* other : {R"({"messages":[{"role":"user","content":"a"}]})", R"({"contents":["a"]})",
                            R"({"contents":[{"role":"user","content":"a"}]})"})
    BOOST_TEST(confidence(other) == 0, other);
}

BOOST_AUTO_TEST_SUITE_END()
