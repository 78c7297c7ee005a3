#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(openai_preference)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

const std::string kInput = R"("input":{"messages":[{"role":"user","content":"Hi"}]})";
const std::string kPreferred = R"("preferred_output":[{"role":"assistant","content":"Hello"}])";
const std::string kOther = R"("non_preferred_output":[{"role":"assistant","content":"What?"}])";
const std::string kGood = "{" + kInput + "," + kPreferred + "," + kOther + "}\n";

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "openai-preference"), bytes);
}

Output encode(const std::vector<Json>& records) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "openai-preference"), records);
}

}  // namespace

BOOST_AUTO_TEST_CASE(openai_preference_comes_back_byte_for_byte) {
  const std::string tools =
      R"({"input":{"messages":[{"role":"system","content":"S"},{"role":"user","content":[{"type":"text","text":"W?"}],"name":"ann"},)"
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"w","arguments":"{\"n\": 1.0}"}}],"weight":0},)"
      R"({"role":"tool","content":"clear","tool_call_id":"a"}],)"
      R"("tools":[{"type":"function","function":{"name":"w"}}],"parallel_tool_calls":false,"seed":7},)"
      R"("preferred_output":[{"role":"assistant","content":"Clear."}],)"
      R"("non_preferred_output":[{"role":"assistant","content":null,"tool_calls":[{"id":"b","type":"function","function":{"name":"w","arguments":"{}"}}]}]})"
      "\n";
  const auto read = decode(kGood + tools);
  BOOST_TEST(read.findings().empty());
  BOOST_TEST(read.losses().empty());
  const auto written = encode(read.records());
  BOOST_TEST(written.text() == kGood + tools);
  BOOST_TEST(written.losses().empty());
}

BOOST_AUTO_TEST_CASE(openai_preference_reads_the_prompt_and_both_answers) {
  const auto output = decode("{" + kInput + "," + kPreferred + "," + kOther + R"(,"score":3,"metadata":{"a":1}})");
  BOOST_REQUIRE(output.records().size() == 1);
  const Json record = output.records()[0];
  BOOST_TEST(record["messages"].dump() == R"([{"role":"user","content":"Hi"}])");
  BOOST_TEST(record["chosen"].dump() == R"([{"role":"assistant","content":"Hello"}])");
  BOOST_TEST(record["rejected"].dump() == R"([{"role":"assistant","content":"What?"}])");
  BOOST_TEST(record["score"] == 3);
  BOOST_TEST(record["metadata"].dump() == R"({"a":1})");
}

BOOST_AUTO_TEST_CASE(openai_preference_reads_the_older_names_and_never_writes_them) {
  std::string older = kGood;
  for (std::size_t at = 0; (at = older.find("_output", at)) != std::string::npos;)
    older.replace(at, std::string("_output").size(), "_completion");
  const auto read = decode(older);
  BOOST_TEST(read.losses() == (Lines{"1:/preferred_completion:reshaped", "1:/non_preferred_completion:reshaped"}),
             boost::test_tools::per_element());
  BOOST_TEST(encode(read.records()).text() == kGood);
}

BOOST_AUTO_TEST_CASE(openai_preference_names_what_stands_twice_in_a_row) {
  const auto output = decode(R"({"messages":[],"tools":[],"preferred_completion":[],"input":{"messages":)"
                             R"([{"role":"user","content":"a"}],"tools":[{"type":"function"}]},)" +
                             kPreferred + "," + kOther + "}");
  BOOST_REQUIRE(output.records().size() == 1);
  BOOST_TEST(output.losses() == (Lines{"1:/messages:dropped", "1:/tools:dropped"}), boost::test_tools::per_element());
  BOOST_TEST(output.records()[0]["preferred_completion"].dump() == "[]");
}

BOOST_AUTO_TEST_CASE(openai_preference_refuses_what_cannot_be_right_and_reads_on) {
  const auto output = decode("{" + kPreferred + "," + kOther + "}\n" +                             // 1
                             R"({"input":"Hi",)" + kPreferred + "," + kOther + "}\n" +             // 2
                             R"({"input":{"messages":[]},)" + kPreferred + "," + kOther + "}\n" +  // 3
                             "{" + kInput + "," + kPreferred + "}\n" +                             // 4
                             "{" + kInput + R"(,"preferred_output":"Hello",)" + kOther + "}\n" +   // 5
                             "{" + kInput + "," + kPreferred + R"(,"non_preferred_output":[]})" +  // 6
                             "\n{" + kInput + R"(,"preferred_output":[{"content":"a"}],)" +        // 7
                             kOther + "}\n" +
                             R"({"input":{"messages":[{"role":"user","content":)"  // 8
                             R"(7}]},)" +
                             kPreferred + "," + kOther + "}\n" + kGood);
  BOOST_TEST(
      output.findings() == (Lines{"1:no_messages:/input/messages", "2:no_messages:/input/messages",
                                  "3:no_messages:/input/messages", "4:no_preference:/non_preferred_output",
                                  "5:bad_messages:/preferred_output", "6:no_preference:/non_preferred_output",
                                  "7:bad_message:/preferred_output/0", "8:bad_content:/input/messages/0/content"}),
      boost::test_tools::per_element());
  BOOST_REQUIRE(output.records().size() == 1);
}

BOOST_AUTO_TEST_CASE(openai_preference_names_what_it_drops_and_what_it_does_not_write) {
  Json record = decode(kGood).records().at(0);
  record["id"] = "a";
  record["label"] = true;
  record["messages"][0]["mood"] = "good";
  record["chosen"][0]["weight"] = 1;
  Json plain{{"messages", record["messages"]}};
  Json prompt_missing = record;
  prompt_missing["messages"] = Json::array();
  const auto output = encode({record, plain, prompt_missing});
  BOOST_TEST(output.text() == kGood);
  BOOST_TEST(output.losses() == (Lines{"1:/id:dropped", "1:/label:dropped", "1:/messages/0/mood:dropped",
                                       "1:/chosen/0/weight:dropped"}),
             boost::test_tools::per_element());
  BOOST_TEST(
      output.findings() == (Lines{"2:not_carried:/chosen", "2:not_carried:/rejected", "3:not_carried:/messages"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(openai_preference_knows_its_own_files) {
  Plugins plugins;
  const auto own = plugins.create(FT_FORMATTER, "openai-preference");
  const auto confidence = [&](const std::string& sample) { return Plugins::detect(*own, sample, "a.jsonl").first; };
  BOOST_TEST(confidence(kGood) > 0.9);
  BOOST_TEST(confidence("{" + kInput + R"(,"preferred_completion":[]})") > 0.9);
  BOOST_TEST(confidence(R"({"messages":[{"role":"user","content":"a"}]})") == 0);
  BOOST_TEST(confidence(R"({"input":"a","chosen":"b","rejected":"c"})") == 0);
  BOOST_TEST(confidence(R"({"input":[{"role":"user","content":"a"}],"ideal":"b"})") == 0);
  BOOST_TEST(confidence(R"({"instruction":"a","input":"b","output":"c"})") == 0);
  for (const char* other : {"openai-chat", "alpaca"})
    BOOST_TEST(Plugins::detect(*plugins.create(FT_FORMATTER, other), kGood, "a.jsonl").first < 0.5);
}

BOOST_AUTO_TEST_SUITE_END()
