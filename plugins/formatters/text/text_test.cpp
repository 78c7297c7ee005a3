#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(text)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "text"), bytes);
}

Output encode(const std::vector<Json>& records) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "text"), records);
}

Json message(const std::string& role, const Json& content) { return {{"role", role}, {"content", content}}; }

Json record(std::initializer_list<Json> messages) { return {{"messages", Json(messages)}}; }

}  // namespace

BOOST_AUTO_TEST_CASE(text_round_trips_byte_for_byte) {
  const std::string file =
      "{\"text\":\"Once upon a time,\\n\\n\\\"she\\\" said ...\\n\"}\n"
      "{\"text\":\" \xE6\x97\xA5\xE6\x9C\xAC\",\"weight\":2.5}\n"
      "{\"text\":\"<|im_start|>user\\nHi<|im_end|>\\n\"}\n";
  const auto read = decode(file);
  BOOST_TEST(read.findings().empty());
  BOOST_REQUIRE(read.records().size() == 3);
  BOOST_TEST(read.records()[0] == record({message("assistant", "Once upon a time,\n\n\"she\" said ...\n")}));
  const auto written = encode(read.records());
  BOOST_TEST(written.text() == file);
  BOOST_TEST(written.losses().empty());
}

BOOST_AUTO_TEST_CASE(text_refuses_bad_rows_and_reads_on) {
  const auto output = decode(
      "{\"text\":\" "
      "\"}\n{\"text\":[\"a\"]}\n{\"body\":\"a\"}\n{\"text\":null}\n\"a\"\n{\"text\":\"a\",\"source\":\"s\"}\n");
  BOOST_TEST(output.findings() == (Lines{"1:empty_content:/text", "2:bad_content:/text", "3:no_content:/text",
                                         "4:no_content:/text", "5:not_an_object:"}),
             boost::test_tools::per_element());
  BOOST_REQUIRE(output.records().size() == 1);
  BOOST_TEST(output.records()[0]["source"] == "s");
}

BOOST_AUTO_TEST_CASE(text_writes_one_assistant_message_and_nothing_else) {
  Json kept = record({message("assistant", Json::array({{{"type", "text"}, {"text", "a"}}}))});
  kept["id"] = "x";
  kept["messages"][0]["weight"] = 1;
  kept["x"] = 1;
  Json call = record({message("assistant", nullptr)});
  call["messages"][0]["tool_calls"] = Json::array({{{"id", "1"}, {"function", {{"name", "f"}, {"arguments", "{}"}}}}});
  Json preference = record({message("assistant", "p")});
  preference["rejected"] = Json::array({message("assistant", "r")});
  const auto output =
      encode({kept, record({message("user", "Hi"), message("assistant", "Ho")}), record({message("user", "Hi")}), call,
              record({message("assistant", Json::array({{{"type", "image_url"}}}))}),
              record({message("assistant", " ")}), preference});
  BOOST_TEST(output.text() == "{\"text\":\"a\"}\n");
  BOOST_TEST(output.losses() == (Lines{"1:/messages/0/content:reshaped", "1:/id:dropped", "1:/x:dropped",
                                       "1:/messages/0/weight:dropped"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.findings() == (Lines{"2:not_carried:/messages", "3:not_carried:/messages",
                                         "4:not_carried:/messages", "5:not_carried:/messages/0/content",
                                         "6:empty_content:/messages/0/content", "7:not_carried:/rejected"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(text_knows_its_own_rows) {
  Plugins plugins;
  const auto formatter = plugins.create(FT_FORMATTER, "text");
  const auto sure = [&](const std::string& row) { return Plugins::detect(*formatter, row, "a.jsonl").first; };
  BOOST_TEST(sure(R"({"text":"t"})") > 0.9);
  BOOST_TEST(sure(R"({"id":"a","text":"t","url":"u","meta":{}})") > 0.9);
  for (const char* other :
       {R"({"text":"t","messages":[{"role":"user","content":"a"}]})", R"({"text":"t","label":1})",
        R"({"prompt":"p","completion":"c"})", R"({"instruction":"i","input":"","output":"o","text":"t"})",
        R"({"segments":[{"label":true,"text":"t"}]})", R"({"article":"a","summary":"s"})",
        R"({"contents":[{"role":"user","parts":[{"text":"t"}]}]})", R"({"text":["t"]})", R"({"messages":[]})"}) {
    BOOST_TEST(sure(other) <= 0.3, other);
  }
}

BOOST_AUTO_TEST_SUITE_END()
