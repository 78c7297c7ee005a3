#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(trl)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

const std::string kQuestion = R"({"role":"user","content":"Hi"})";
const std::string kAnswer = R"({"role":"assistant","content":"Hello"})";
const std::string kOther = R"({"role":"assistant","content":"What?"})";
const std::string kPreference =
    R"({"prompt":[)" + kQuestion + R"(],"chosen":[)" + kAnswer + R"(],"rejected":[)" + kOther + "]}\n";
const std::string kTools =
    R"({"messages":[{"role":"user","content":"Weather?"},)"
    R"({"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"w","arguments":{"city":"Oslo","n":1.0}}}]},)"
    R"({"role":"tool","content":"clear","name":"w"},{"role":"assistant","content":"Clear.","thinking":"hm"}],)"
    R"("tools":[{"type":"function","function":{"name":"w"}}]})"
    "\n";

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "trl"), bytes);
}

Output encode(const std::vector<Json>& records, const Json& config = Json::object()) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "trl", config), records);
}

void comes_back(const std::string& row) {
  const auto read = decode(row);
  BOOST_TEST(read.findings().empty(), row);
  BOOST_TEST(read.losses().empty(), row);
  const auto written = encode(read.records());
  BOOST_TEST(written.text() == row);
  BOOST_TEST(written.losses().empty(), row);
}

Json record_of(const std::string& messages) { return Json::parse(R"({"messages":[)" + messages + "]}"); }

}  // namespace

BOOST_AUTO_TEST_CASE(trl_rows_of_every_type_come_back_byte_for_byte) {
  comes_back(R"({"messages":[)" + kQuestion + "," + kAnswer + "]}\n");
  comes_back(R"({"messages":[)" + kQuestion + "]}\n");
  comes_back(R"({"prompt":[)" + kQuestion + "]}\n");
  comes_back(R"({"prompt":[)" + kQuestion + "," + kAnswer + "]}\n");
  comes_back("{\"prompt\":\"The sky is\"}\n");
  comes_back(R"({"prompt":[)" + kQuestion + R"(],"completion":[)" + kAnswer + "]}\n");
  comes_back(R"({"prompt":[)" + kQuestion + "," + kAnswer + R"(],"completion":[)" + kOther + "]}\n");
  comes_back("{\"prompt\":\"The sky is\",\"completion\":\" blue.\"}\n");
  comes_back(kPreference);
  comes_back("{\"prompt\":\"The sky is\",\"chosen\":\" blue.\",\"rejected\":\" green.\"}\n");
  comes_back("{\"chosen\":\"The sky is blue.\",\"rejected\":\"The sky is green.\"}\n");
  comes_back(R"({"chosen":[)" + kQuestion + "," + kAnswer + R"(],"rejected":[)" + kQuestion + "," + kOther + "]}\n");
  comes_back(R"({"prompt":[)" + kQuestion + R"(],"completion":[)" + kAnswer + "],\"label\":false}\n");
  comes_back("{\"prompt\":\"The sky is\",\"completion\":\" blue.\",\"label\":true}\n");
  comes_back("{\"prompt\":\"9.8 or 9.11?\",\"completions\":[\"9.8.\",\"No.\"],\"labels\":[true,false]}\n");
  comes_back(R"({"prompt":[)" + kQuestion + "],\"completions\":[\"a\"],\"labels\":[true]}\n");
  comes_back(kTools);
  comes_back(R"({"prompt":[)" + kQuestion + R"(],"tools":"[{\"type\": \"function\"}]","solution":"4","n":[1,2.5]})" +
             "\n");
}

BOOST_AUTO_TEST_CASE(trl_takes_the_prompt_that_both_answers_begin_with) {
  const auto record = [](const std::string& row) { return decode(row).records().at(0); };
  const Json text = record(R"({"chosen":"The sky is blue.","rejected":"The sky is green."})");
  BOOST_TEST(text["messages"][0]["content"] == "The sky is");
  BOOST_TEST(text["chosen"][0]["content"] == " blue.");
  BOOST_TEST(text["rejected"][0]["content"] == " green.");
  // Half a character is no prompt: é and è differ in their second byte.
  BOOST_TEST(record("{\"chosen\":\"x\xC3\xA9\",\"rejected\":\"x\xC3\xA8\"}")["messages"][0]["content"] == "x");
  const Json listed = record(R"({"chosen":[)" + kQuestion + "," + kAnswer + R"(],"rejected":[)" + kQuestion + "," +
                             kAnswer + "," + kQuestion + "," + kOther + "]}");
  BOOST_TEST(listed["messages"].size() == 1u);
  BOOST_TEST(listed["chosen"].size() == 1u);
  BOOST_TEST(listed["rejected"].size() == 3u);
}

BOOST_AUTO_TEST_CASE(trl_reads_a_prompt_in_text_that_the_answers_repeat) {
  const auto read = decode(R"({"prompt":"Hi","messages":[],"score":2,"chosen":[)" + kQuestion + "," + kAnswer +
                           R"(],"rejected":[)" + kQuestion + "," + kOther + "]}\n");
  BOOST_TEST(read.losses() == (Lines{"1:/prompt:dropped", "1:/messages:dropped"}), boost::test_tools::per_element());
  BOOST_TEST(read.records().at(0)["messages"].dump() == "[" + kQuestion + "]");
  BOOST_TEST(encode(read.records()).text() == R"({"chosen":[)" + kQuestion + "," + kAnswer + R"(],"rejected":[)" +
                                                  kQuestion + "," + kOther + "],\"score\":2}\n");
}

BOOST_AUTO_TEST_CASE(trl_has_objects_as_arguments_where_records_have_text) {
  const Json record = decode(kTools).records().at(0);
  BOOST_TEST(record["messages"][1]["tool_calls"][0]["function"]["arguments"] == R"({"city":"Oslo","n":1.0})");
  BOOST_TEST(record["messages"][3]["reasoning"] == "hm");
  Json spaced = record, none = record, broken = record;
  spaced["messages"][1]["tool_calls"][0]["function"]["arguments"] = "{\n\"city\": \"Oslo\", \"n\": 1.0}";
  none["messages"][1]["tool_calls"][0]["function"]["arguments"] = "";
  broken["messages"][1]["tool_calls"][0]["function"]["arguments"] = "[1]";
  const auto output = encode({spaced, none, broken, record});
  const std::string path = "/messages/1/tool_calls/0/function/arguments";
  BOOST_TEST(output.losses() == (Lines{"1:" + path + ":reshaped", "2:" + path + ":reshaped"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.findings() == Lines{"3:bad_tool_call:" + path}, boost::test_tools::per_element());
  BOOST_TEST(output.text().starts_with(kTools));
  BOOST_TEST(output.text().ends_with(kTools));
  BOOST_TEST(output.text().find(R"("arguments":{})") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(trl_names_what_a_row_has_in_another_spelling) {
  const auto read = decode(
      R"({"messages":[{"role":"assistant","reasoning":"r","content":null,"tool_calls":[{"function":{"name":"w","arguments":"{}"}}]}]})"
      "\n"
      R"({"prompt":"Hi","completion":[)" +
      kAnswer +
      "]}\n"
      R"({"prompt":[)" +
      kQuestion +
      R"(],"chosen":"a","rejected":"b"})"
      "\n"
      R"({"prompt":"Hi","tools":"[{}, {\"a\":1}]"})");
  BOOST_TEST(read.losses() ==
                 (Lines{"1:/messages/0/tool_calls/0/function/arguments:reshaped", "1:/messages/0/reasoning:reshaped",
                        "2:/prompt:reshaped", "3:/chosen:reshaped", "3:/rejected:reshaped", "4:/tools:reshaped"}),
             boost::test_tools::per_element());
  BOOST_TEST(read.records().size() == 4u);
}

BOOST_AUTO_TEST_CASE(trl_refuses_what_cannot_be_right_and_reads_on) {
  const auto output = decode(R"({"text":"a"})"
                             "\n"
                             R"({"prompt":" "})"
                             "\n"
                             R"({"prompt":[]})"
                             "\n"
                             R"({"prompt":7})"
                             "\n"
                             R"({"prompt":"a","chosen":"b"})"
                             "\n"
                             R"({"chosen":"ab","rejected":"xy"})"
                             "\n"
                             R"({"chosen":"a b","rejected":"a b"})"
                             "\n"
                             R"({"prompt":"a","completion":"b","label":1})"
                             "\n"
                             R"({"prompt":"a","completions":["b"],"labels":[]})"
                             "\n"
                             R"({"prompt":"a","completions":["b"],"labels":[1]})"
                             "\n"
                             R"({"prompt":"a","tools":"none"})"
                             "\n"
                             R"({"prompt":"a","completion":""})"
                             "\n"
                             R"({"chosen":[)" +
                             kAnswer + R"(],"rejected":[)" + kOther + "]}\n" + kPreference);
  BOOST_TEST(output.findings() == (Lines{"1:no_messages:", "2:empty_content:/prompt", "3:empty_content:/prompt",
                                         "4:bad_messages:/prompt", "5:no_content:/rejected", "6:no_messages:/prompt",
                                         "7:empty_content:/chosen", "8:bad_label:/label", "9:bad_steps:/completions",
                                         "10:bad_steps:/completions", "11:bad_tools:/tools",
                                         "12:empty_content:/completion", "13:no_messages:/prompt"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.records().size() == 1u);
}

BOOST_AUTO_TEST_CASE(trl_writes_each_record_as_the_type_that_it_is) {
  Json labelled = record_of(kQuestion + "," + kAnswer);
  labelled["label"] = true;
  labelled["id"] = "a";
  labelled["messages"][1]["weight"] = 1;
  Json one_side = record_of(kQuestion), bad_label = record_of(kQuestion + "," + kAnswer);
  one_side["chosen"] = Json::array({Json::parse(kAnswer)});
  bad_label["label"] = "yes";
  Json unanswered = record_of(kQuestion);
  unanswered["label"] = true;
  const auto output = encode({record_of(kQuestion + "," + kAnswer), record_of(kQuestion), labelled, one_side, bad_label,
                              unanswered, Json::object()});
  BOOST_TEST(output.text() == R"({"messages":[)" + kQuestion + "," + kAnswer + "]}\n" + R"({"prompt":[)" + kQuestion +
                                  "]}\n" + R"({"prompt":[)" + kQuestion + R"(],"completion":[)" + kAnswer +
                                  "],\"label\":true}\n");
  BOOST_TEST(output.losses() == (Lines{"3:/id:dropped", "3:/messages/1/weight:dropped"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.findings() == (Lines{"4:not_carried:/rejected", "5:bad_label:/label", "6:not_carried:/messages",
                                         "7:not_carried:/messages"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(trl_writes_the_type_that_is_asked_for) {
  const Json record = record_of(kQuestion + "," + kAnswer);
  const auto prompt = encode({record}, {{"type", "prompt"}});
  BOOST_TEST(prompt.text() == R"({"prompt":[)" + kQuestion + "]}\n");
  BOOST_TEST(prompt.losses() == Lines{"1:/messages/1:dropped"}, boost::test_tools::per_element());
  BOOST_TEST(encode({record}, {{"type", "prompt-completion"}}).text() ==
             R"({"prompt":[)" + kQuestion + R"(],"completion":[)" + kAnswer + "]}\n");
  BOOST_TEST(encode({record}, {{"strings", true}}).text() == "{\"prompt\":\"Hi\",\"completion\":\"Hello\"}\n");
  const auto refused =
      encode({record_of(R"({"role":"system","content":"S"},)" + kQuestion + "," + kAnswer)}, {{"strings", true}});
  BOOST_TEST(refused.findings() == Lines{"1:not_carried:/messages"}, boost::test_tools::per_element());
  Json tools = record;
  tools["tools"] = Json::parse(R"([{"type":"function","n":[1,2]}])");
  BOOST_TEST(Json::parse(encode({tools}, {{"tools_as_text", true}}).text())["tools"] ==
             R"([{"type": "function", "n": [1, 2]}])");
  BOOST_TEST(encode({record}, {{"list", true}}).text() == "[\n{\"messages\":[" + kQuestion + "," + kAnswer + "]}\n]\n");
}

BOOST_AUTO_TEST_CASE(trl_writes_messages_where_text_no_longer_says_all) {
  const auto read = decode("{\"chosen\":\"The sky is blue.\",\"rejected\":\"The sky is green.\"}\n");
  Json record = read.records().at(0);
  record["messages"].insert(record["messages"].begin(), Json::parse(R"({"role":"system","content":"S"})"));
  const Json written = Json::parse(encode({record}).text());
  BOOST_TEST(written["prompt"].size() == 2u);
  BOOST_TEST(written["chosen"][0]["content"] == " blue.");
}

BOOST_AUTO_TEST_CASE(trl_knows_its_own_rows_and_leaves_those_of_others) {
  Plugins plugins;
  const auto trl = plugins.create(FT_FORMATTER, "trl");
  const auto confidence = [&](const std::string& sample) { return Plugins::detect(*trl, sample, "a.jsonl").first; };
  BOOST_TEST(confidence(kPreference + R"({"chosen":"ab","rejected":"ac"})") > 0.9);
  BOOST_TEST(confidence(R"({"prompt":"a","completion":"b","label":true})") > 0.9);
  BOOST_TEST(confidence(R"({"prompt":"a","completions":["b"],"labels":[true]})") > 0.9);
  BOOST_TEST(confidence(R"({"prompt":[)" + kQuestion + "]}") >= 0.9);
  BOOST_TEST(confidence(kTools) > 0.9);
  for (const char* other :
       {R"({"messages":[{"role":"user","content":"a"}]})", R"({"prompt":"a","completion":"b"})", R"({"prompt":"a"})",
        R"({"text":"a"})", R"({"instruction":"a","chosen":"b","rejected":"c"})",
        R"({"conversations":[{"from":"human","value":"a"}],"chosen":{"from":"gpt","value":"b"},"rejected":{}})",
        R"({"system":"s","question":"q","chosen":"b","rejected":"c"})", R"({"input":"q","chosen":"b","rejected":"c"})",
        R"({"messages":[],"chosen":{"role":"assistant"},"rejected":{"role":"assistant"}})",
        R"({"messages":[{"role":"user","content":"a"}],"label":true})",
        R"({"input":{"messages":[]},"preferred_output":[],"non_preferred_output":[]})",
        R"({"instruction":"a","input":"b","output":"c"})"})
    BOOST_TEST(confidence(other) <= 0.3, other);
  for (const char* other : {"openai-chat", "alpaca", "openai-preference"}) {
    for (const auto& row : {kPreference, kTools})
      BOOST_TEST(Plugins::detect(*plugins.create(FT_FORMATTER, other), row, "a.jsonl").first < 0.5, other);
  }
}

BOOST_AUTO_TEST_SUITE_END()
