#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(alpaca)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "alpaca"), bytes);
}

Output encode(const std::vector<Json>& records, const Json& config = Json::object()) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "alpaca", config), records);
}

Json message(const std::string& role, const Json& content) { return {{"role", role}, {"content", content}}; }

const std::string kFull =
    R"({"instruction":"And now?","input":"","output":"Well.","system":"Be brief.","history":[["Hi","Hello"]]})";

}  // namespace

BOOST_AUTO_TEST_CASE(alpaca_keeps_system_and_history_both_ways) {
  const auto read = decode(kFull + "\n");
  BOOST_TEST(read.findings().empty());
  BOOST_TEST(read.losses().empty());
  BOOST_REQUIRE(read.records().size() == 1);
  BOOST_TEST(read.records()[0]["messages"] ==
             Json::array({message("system", "Be brief."), message("user", "Hi"), message("assistant", "Hello"),
                          message("user", "And now?"), message("assistant", "Well.")}));
  BOOST_TEST(encode(read.records()).text() == kFull + "\n");
}

BOOST_AUTO_TEST_CASE(alpaca_joins_the_input) {
  const auto read = decode(R"([{"instruction": "Translate.", "input": "bonjour", "output": "hello", "lang": "fr"},
    {"instruction": "Name one.", "input": "", "output": "Blue."}])");
  BOOST_TEST(read.losses().empty());  // where the input begins is kept
  BOOST_REQUIRE(read.records().size() == 2);
  BOOST_TEST(read.records()[0]["messages"][0]["content"] == "Translate.\nbonjour");
  BOOST_TEST(read.records()[0]["lang"] == "fr");
  BOOST_TEST(encode(read.records()).losses() == Lines{"1:/lang:dropped"}, boost::test_tools::per_element());
  // Of an object of which one member is left, that member is named.
  auto records = read.records();
  records[0]["lang"] = {{"of", {{"a~b", Json::array({1})}}}};
  records[1]["lang"] = {{"of", 1}, {"to", 2}};
  BOOST_TEST(encode(records).losses() == (Lines{"1:/lang/of/a~0b:dropped", "2:/lang:dropped"}),
             boost::test_tools::per_element());
}

// The records of rows that are written as they were, with nothing lost.
static auto records_that_come_back(const std::string& rows) {
  const auto records = decode(rows).records();
  const auto written = encode(records);
  BOOST_TEST(written.text() == rows);
  BOOST_TEST(written.losses().empty());
  return records;
}

BOOST_AUTO_TEST_CASE(alpaca_finds_the_input_again) {
  const std::string rows = R"({"instruction":"Translate\nthis.","input":"bon\njour","output":"hello"})"
                           "\n"
                           R"({"instruction":"","input":"alone","output":"a"})"
                           "\n"
                           R"({"instruction":"none","output":"a"})"
                           "\n";
  auto records = records_that_come_back(rows);
  // What has been changed since may be longer, shorter, or have no line break there.
  records.resize(1);
  records[0]["messages"][0]["content"] = "Traduis ceci, et bien";
  BOOST_TEST(encode(records).text() ==
             "{\"instruction\":\"Traduis ceci, et bien\",\"input\":\"\",\"output\":\"hello\"}\n");
  records[0]["messages"][0]["content"] = "x";
  BOOST_TEST(encode(records).text() == "{\"instruction\":\"x\",\"input\":\"\",\"output\":\"hello\"}\n");
}

BOOST_AUTO_TEST_CASE(alpaca_keeps_the_fields_that_say_nothing) {
  const std::string rows = R"({"instruction":"a","input":null,"output":"b","system":"","history":[]})"
                           "\n"
                           R"({"instruction":"a","input":"","output":"b","system":null,"history":null})"
                           "\n"
                           R"({"instruction":"a","input":"in","output":"b","system":""})"
                           "\n";
  auto records = records_that_come_back(rows);
  // What has come to say something since is written so.
  records.resize(1);
  records[0]["messages"] = Json::array({message("system", "s"), message("user", "q"), message("assistant", "r"),
                                        message("user", "a"), message("assistant", "b")});
  BOOST_TEST(encode(records).text() ==
             R"({"instruction":"a","input":null,"output":"b","system":"s","history":[["q","r"]]})"
             "\n");
  // Metadata of the row's own takes it in; what cannot is named.
  const auto own = decode(R"({"instruction":"a","output":"b","system":"","metadata":{"k":1}})");
  BOOST_TEST(encode(own.records()).text() == R"({"instruction":"a","output":"b","system":""})"
                                             "\n");
  const auto full = decode(R"({"instruction":"a","input":"in","output":"b","metadata":3})"
                           "\n"
                           R"({"instruction":"a","input":"","output":"b","system":"","metadata":3})");
  BOOST_TEST(full.losses() == (Lines{"1:/input:reshaped", "2:/metadata:reshaped"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(alpaca_never_writes_an_answer_that_was_rejected) {
  Json bad{{"messages", {message("user", "a"), message("assistant", "b")}}}, preference = bad;
  bad["label"] = false;
  preference["rejected"] = Json::array({message("assistant", "c")});
  const auto output = encode({bad, preference});
  BOOST_TEST(output.text() == "");
  BOOST_TEST(output.findings() == (Lines{"1:not_carried:/label", "2:not_carried:/rejected"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(alpaca_writes_one_list_where_it_is_told_to) {
  const auto records = decode(kFull + "\n" + kFull).records();
  const std::string text = encode(records, {{"list", true}}).text();
  BOOST_TEST(text == "[\n" + kFull + ",\n" + kFull + "\n]\n");
  BOOST_TEST(decode(text).records() == records);
  BOOST_TEST(encode({}, {{"list", true}}).text() == "[]\n");
}

BOOST_AUTO_TEST_CASE(alpaca_refuses_bad_rows_and_reads_on) {
  const auto output = decode(
      "{\"instruction\":\"a\"}\n"
      "{\"instruction\":\"a\",\"output\":3}\n"
      "{\"instruction\":\"a\",\"output\":\"b\",\"input\":[1]}\n"
      "{\"instruction\":\"a\",\"output\":\"b\",\"history\":[[\"x\"]]}\n"
      "{\"instruction\":\" \",\"output\":\"b\"}\n" +
      kFull);
  BOOST_TEST(output.findings() == (Lines{"1:no_content:/output", "2:bad_content:/output", "3:bad_content:/input",
                                         "4:bad_messages:/history/0", "5:empty_content:/instruction"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.records().size() == 1u);
}

BOOST_AUTO_TEST_CASE(alpaca_does_not_write_what_it_cannot_carry) {
  const Json call{{"id", "c"}, {"type", "function"}, {"function", {{"name", "f"}, {"arguments", "{}"}}}};
  const Json image{{"type", "image_url"}, {"image_url", {{"url", "data:,"}}}};
  const auto output = encode({
      {{"messages", {message("user", "a")}}},
      {{"messages", {message("assistant", "a"), message("user", "b")}}},
      {{"messages", {message("user", "a"), Json{{"role", "assistant"}, {"tool_calls", {call}}}}}},
      {{"messages", {message("user", Json::array({image})), message("assistant", "a")}}},
  });
  BOOST_TEST(output.text() == "");
  BOOST_TEST(output.findings() == (Lines{"1:not_carried:/messages", "2:not_carried:/messages/0/role",
                                         "3:not_carried:/messages/1", "4:not_carried:/messages/0/content"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(alpaca_finds_a_list_that_does_not_end) {
  const auto cut = decode("[" + kFull + ",\n{\"instruction\":\"a\"");
  BOOST_TEST(cut.records().size() == 1u);
  BOOST_TEST(cut.findings() == Lines{"2:broken_json:"}, boost::test_tools::per_element());
  const auto more = decode("[" + kFull + "]\n" + kFull);
  BOOST_TEST(more.records().size() == 1u);
  BOOST_TEST(more.findings() == Lines{"2:broken_json:"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(alpaca_says_which_comma_of_a_list_is_wrong) {
  const auto where = [](const std::string& list) {
    const auto output = decode(list);
    BOOST_TEST(output.records().size() == 2u);
    return output.findings();
  };
  BOOST_TEST(where("[" + kFull + ",\n" + kFull + ",\n]") == Lines{"3:broken_json:/1"},
             boost::test_tools::per_element());
  BOOST_TEST(where("[" + kFull + "\n" + kFull + "]") == Lines{"2:broken_json:/0"}, boost::test_tools::per_element());
  BOOST_TEST(where("[" + kFull + ",\n,,\n" + kFull + "]") == Lines{"2:broken_json:/0"},
             boost::test_tools::per_element());
  BOOST_TEST(where("[,\n" + kFull + "," + kFull + "]") == Lines{"1:broken_json:"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(alpaca_goes_on_after_a_brace_that_closes_nothing) {
  const auto output = decode("[" + kFull + "},\n" + kFull + ",\nx}s" + kFull + ",\n}]");
  BOOST_TEST(output.records().size() == 2u);
  // Twice of the first line: the brace, and that no comma stands before it.
  BOOST_TEST(output.findings() == (Lines{"1:broken_json:/0", "1:broken_json:", "3:broken_json:", "4:broken_json:"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
