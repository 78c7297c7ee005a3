#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(bedrock)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

const std::string kGood =
    R"({"system":"Be brief.","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Gr\u00fc\u00df"}]})";
const std::string kBare = R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]})";

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "bedrock"), bytes);
}

Output encode(const std::vector<Json>& records) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "bedrock"), records);
}

double confidence(const std::string& rows, const char* format = "bedrock") {
  Plugins plugins;
  return Plugins::detect(*plugins.create(FT_FORMATTER, format), rows, "a.jsonl").first;
}

}  // namespace

BOOST_AUTO_TEST_CASE(bedrock_reads_and_writes_the_same_rows) {
  const std::string turns =
      R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"},{"role":"assistant","content":"d"}]})";
  const auto read = decode(kGood + "\n" + turns + "\n");
  BOOST_TEST(read.findings().empty());
  BOOST_TEST(read.losses().empty());
  BOOST_REQUIRE(read.records().size() == 2);
  BOOST_TEST(
      read.records()[0] ==
      Json::parse(
          R"({"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Grüß"}]})"));
  const auto written = encode(read.records());
  BOOST_TEST(
      written.text() ==
      R"({"system":"Be brief.","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Grüß"}]})"
      "\n" +
          turns + "\n");
  BOOST_TEST(written.losses().empty());
}

BOOST_AUTO_TEST_CASE(bedrock_names_the_keys_that_it_does_not_allow) {
  const auto read = decode(
      R"({"system":"","note":1,"messages":[{"role":"user","content":"a","name":"ann"},{"role":"assistant","content":"b"}]})");
  BOOST_TEST(read.losses() == Lines{"1:/system:dropped"}, boost::test_tools::per_element());
  BOOST_REQUIRE(read.records().size() == 1);
  BOOST_TEST(read.records()[0]["note"] == 1);
  const auto written = encode(read.records());
  BOOST_TEST(written.losses() == (Lines{"1:/note:dropped", "1:/messages/0/name:dropped"}),
             boost::test_tools::per_element());
  BOOST_TEST(written.text() == R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})"
                               "\n");
}

BOOST_AUTO_TEST_CASE(bedrock_refuses_rows_that_cannot_be_right) {
  const auto row = [](const std::string& messages) { return R"({"messages":[)" + messages + "]}\n"; };
  const std::string user = R"({"role":"user","content":"a"})";
  const std::string answer = R"({"role":"assistant","content":"b"})";
  const auto output =
      decode("{}\n" + row("") + row("7") + row(R"({"role":"system","content":"S"})") + row(answer) +
             row(user + "," + user) + row(R"({"role":"user"})") + row(R"({"role":"user","content":[{"text":"a"}]})") +
             row(R"({"role":"user","content":" "})") + R"({"system":["S"],"messages":[)" + user + "]}\n" +
             row(user + "," + answer) + row(user));
  BOOST_TEST(
      output.findings() ==
          (Lines{"1:no_messages:/messages", "2:no_messages:/messages", "3:bad_message:/messages/0",
                 "4:unknown_role:/messages/0/role", "5:bad_order:/messages/0/role", "6:bad_order:/messages/1/role",
                 "7:no_content:/messages/0/content", "8:bad_content:/messages/0/content",
                 "9:empty_content:/messages/0/content", "10:bad_content:/system", "12:bad_order:/messages"}),
      boost::test_tools::per_element());
  BOOST_TEST(output.records().size() == 1u);
}

BOOST_AUTO_TEST_CASE(bedrock_does_not_write_what_it_has_no_place_for) {
  const auto output = encode(
      {Json::parse(R"({"messages":[{"role":"user","content":"a"}]})"),
       Json::parse(R"({"messages":[{"role":"assistant","content":"a"},{"role":"user","content":"a"}]})"),
       Json::parse(
           R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","function":{"name":"f"}}]}]})"),
       Json::parse(
           R"({"messages":[{"role":"user","content":[{"type":"image_url"}]},{"role":"assistant","content":"b"}]})"),
       Json::parse(
           R"({"id":"x","messages":[{"role":"developer","content":"D"},{"role":"user","content":"a"},{"role":"assistant","content":"b","weight":1}]})")});
  BOOST_TEST(output.findings() == (Lines{"1:not_carried:/messages", "2:not_carried:/messages/0/role",
                                         "3:not_carried:/messages/1", "4:not_carried:/messages/0/content"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.losses() == (Lines{"5:/messages/0/role:reshaped", "5:/id:dropped", "5:/messages/2/weight:dropped"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.text() ==
             R"({"system":"D","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})"
             "\n");
}

BOOST_AUTO_TEST_CASE(bedrock_knows_its_own_rows) {
  BOOST_TEST(confidence(kGood) > 0.9);
  BOOST_TEST(confidence(kGood + "\n" + kBare) > 0.9);
  BOOST_TEST(confidence(kBare) <= 0.3);
  BOOST_TEST(confidence(kGood, "openai-chat") <= 0.3);
  for (const char* other :
       {R"({"system":"S","messages":[{"role":"user","content":[{"text":"a"}]}]})",
        R"({"schemaVersion":"bedrock-conversation-2024","messages":[{"role":"user","content":[{"text":"a"}]}]})",
        R"({"system":"S","messages":[{"role":"system","content":"a"}]})", R"({"system":"S","messages":[]})",
        R"({"conversations":[{"from":"human","value":"a"}],"system":"S"})", R"({"prompt":"a","completion":"b"})",
        R"({"instruction":"a","output":"b","system":"S"})"})
    BOOST_TEST(confidence(other) == 0, other);
  BOOST_TEST(confidence(R"({"system":"S","messages":[{"role":"user","content":"a"}],"chosen":{},"rejected":{}})") <=
             0.3);
}

BOOST_AUTO_TEST_SUITE_END()
