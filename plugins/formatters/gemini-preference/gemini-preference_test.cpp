#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(gemini_preference)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

const std::string kContents = R"("contents":[{"role":"user","parts":[{"text":"Hi"}]}])";
const std::string kGood = R"({"score":1,"completion":{"role":"model","parts":[{"text":"Hello"}]}})";
const std::string kBad = R"({"score":0,"completion":{"role":"model","parts":[{"text":"No"}]}})";
const std::string kRow = "{" + kContents + ",\"completions\":[" + kGood + "," + kBad + "]}";

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "gemini-preference"), bytes);
}

Output encode(const std::vector<Json>& records) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "gemini-preference"), records);
}

}  // namespace

BOOST_AUTO_TEST_CASE(gemini_preference_reads_the_scores) {
  const auto output = decode(kRow + "\n{" + kContents + ",\"completions\":[" + kBad + "," + kGood + "]}");
  BOOST_TEST(output.findings().empty());
  BOOST_REQUIRE(output.records().size() == 2);
  for (const Json& record : output.records()) {
    BOOST_TEST(record["messages"] == Json::parse(R"([{"role":"user","content":"Hi"}])"));
    BOOST_TEST(record["chosen"] == Json::parse(R"([{"role":"assistant","content":"Hello"}])"));
    BOOST_TEST(record["rejected"] == Json::parse(R"([{"role":"assistant","content":"No"}])"));
  }
}

BOOST_AUTO_TEST_CASE(gemini_preference_writes_again_byte_for_byte_what_it_read) {
  const std::string rows[] = {
      kRow, "{" + kContents + ",\"completions\":[" + kBad + "," + kGood + "]}",
      R"({"system_instruction":{"role":"system","parts":[{"text":"S"},{"text":"T"}]},"contents":[{"role":"user","parts":[{"text":"a"},{"text":"b"}]},)"
      R"({"role":"model","parts":[{"text":"c"}]},{"role":"user","parts":[{"text":"d"}]}],"completions":[)" +
          kBad + "," + kGood + "]}"};
  for (const std::string& row : rows) {
    const auto read = decode(row);
    BOOST_TEST(read.losses().empty());
    BOOST_REQUIRE(read.records().size() == 1);
    const auto written = encode(read.records());
    BOOST_TEST(written.text() == row + "\n");
    BOOST_TEST(written.losses().empty());
  }
}

BOOST_AUTO_TEST_CASE(gemini_preference_refuses_rows_that_cannot_be_right) {
  const std::string both = ",\"completions\":[" + kGood + "," + kBad + "]}\n";
  const auto output = decode(
      "{\"completions\":[]}\n{" + kContents + "}\n{" + kContents + ",\"completions\":[" + kGood + "]}\n{" + kContents +
      ",\"completions\":[" + kGood + "," + kGood + "]}\n{" + kContents + ",\"completions\":[" + kGood +
      R"(,{"score":0.5,"completion":{"parts":[{"text":"a"}]}}]})" + "\n" +
      R"({"contents":[{"role":"model","parts":[{"text":"a"}]}])" + both +
      R"({"contents":[{"role":"user","parts":[{"inlineData":{}}]}])" + both +
      R"({"contents":[{"role":"user","parts":[]}])" + both + R"({"contents":[{"role":"user","parts":[{"text":" "}]}])" +
      both + R"({"contents":[{"role":"tool","parts":[{"text":"a"}]}])" + both + kRow);
  BOOST_TEST(output.findings() ==
                 (Lines{"1:no_messages:/contents", "2:bad_completions:/completions", "3:bad_completions:/completions",
                        "4:bad_completions:/completions", "5:bad_completions:/completions", "6:bad_order:/contents",
                        "7:bad_content:/contents/0/parts/0", "8:no_content:/contents/0/parts",
                        "9:empty_content:/contents/0/parts", "10:unknown_role:/contents/0/role"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.records().size() == 1u);
}

BOOST_AUTO_TEST_CASE(gemini_preference_names_what_is_spelled_otherwise) {
  const auto output =
      decode(R"({"systemInstruction":{"parts":[{"text":"S"}]},"note":1,)" + kContents +
             R"(,"completions":[{"score":1,"by":"ann","completion":{"parts":[{"text":"Hello","thought":true}]}},)" +
             kBad + "]}");
  BOOST_TEST(output.losses() == (Lines{"1:/systemInstruction:reshaped", "1:/completions/0/by:dropped",
                                       "1:/completions/0/completion/role:reshaped",
                                       "1:/completions/0/completion/parts/0/thought:dropped"}),
             boost::test_tools::per_element());
  BOOST_TEST(encode(output.records()).losses() == Lines{"1:/note:dropped"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(gemini_preference_does_not_write_what_it_has_no_place_for) {
  const std::string pair =
      R"("chosen":[{"role":"assistant","content":"b"}],"rejected":[{"role":"assistant","content":"c"}]})";
  const auto output = encode(
      {Json::parse(R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})"),
       Json::parse(R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],)" + pair),
       Json::parse(R"({"messages":[{"role":"tool","content":"a"}],)" + pair),
       Json::parse(R"({"messages":[{"role":"user","content":[{"type":"image_url"}]}],)" + pair),
       Json::parse(
           R"({"messages":[{"role":"user","content":"a"}],"chosen":[{"role":"user","content":"b"}],"rejected":[{"role":"assistant","content":""}]})"),
       Json::parse(
           R"({"rating":1,"messages":[{"role":"developer","content":"D"},{"role":"user","content":"a","name":"n"}],)" +
           pair)});
  BOOST_TEST(output.findings() ==
                 (Lines{"1:not_carried:/chosen", "2:not_carried:/messages", "3:not_carried:/messages/0/role",
                        "4:not_carried:/messages/0", "5:not_carried:/chosen/0/role", "5:not_carried:/rejected/0"}),
             boost::test_tools::per_element());
  BOOST_TEST(
      output.losses() == (Lines{"6:/messages/0/role:reshaped", "6:/rating:dropped", "6:/messages/1/name:dropped"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(gemini_preference_knows_its_own_rows) {
  Plugins plugins;
  const auto confidence = [&](const char* format, const std::string& row) {
    return Plugins::detect(*plugins.create(FT_FORMATTER, format), row, "a.jsonl").first;
  };
  BOOST_TEST(confidence("gemini-preference", kRow) > 0.9);
  BOOST_TEST(confidence("gemini", kRow) <= 0.3);
  for (const std::string& other :
       {"{" + kContents + "}", std::string(R"({"prompt":"a","completions":["b"],"labels":[true]})"),
        std::string(R"({"prompt":"a","chosen":"b","rejected":"c"})")})
    BOOST_TEST(confidence("gemini-preference", other) == 0, other);
}

BOOST_AUTO_TEST_SUITE_END()
