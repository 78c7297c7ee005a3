#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(prompt_completion)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "prompt-completion"), bytes);
}

Output encode(const std::vector<Json>& records) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "prompt-completion"), records);
}

Json message(const std::string& role, const Json& content) { return {{"role", role}, {"content", content}}; }

Json record(std::initializer_list<Json> messages) { return {{"messages", Json(messages)}}; }

}  // namespace

BOOST_AUTO_TEST_CASE(prompt_completion_round_trips_byte_for_byte) {
  const std::string file =
      "{\"prompt\":\"Tom ->\",\"completion\":\" cat\\n\"}\n"
      "{\"prompt\":\"Gr\xC3\xBC\xC3\x9F\\t\\\"x\\\"\",\"completion\":\"\xF0\x9F\x99\x82\",\"weight\":0.5}\n";
  const auto read = decode(file);
  BOOST_TEST(read.findings().empty());
  BOOST_TEST(read.losses().empty());
  BOOST_REQUIRE(read.records().size() == 2);
  BOOST_TEST(read.records()[0] == record({message("user", "Tom ->"), message("assistant", " cat\n")}));
  const auto written = encode(read.records());
  BOOST_TEST(written.text() == file);
  BOOST_TEST(written.losses().empty());
}

BOOST_AUTO_TEST_CASE(prompt_completion_keeps_other_fields_and_names_them_when_it_writes) {
  const auto read = decode(R"({"id":"a","prompt":"p","completion":"c","x/y":[1],"label":null})");
  BOOST_REQUIRE(read.records().size() == 1);
  BOOST_TEST(read.records()[0]["id"] == "a");
  BOOST_TEST(read.records()[0]["x/y"] == Json::array({1}));
  const auto written = encode(read.records());
  BOOST_TEST(written.text() == "{\"prompt\":\"p\",\"completion\":\"c\"}\n");
  BOOST_TEST(written.losses() == (Lines{"1:/id:dropped", "1:/x~1y:dropped"}), boost::test_tools::per_element());
  BOOST_TEST(written.on(FT_LOSS)[0]["message"] == "bookkeeping");
}

BOOST_AUTO_TEST_CASE(prompt_completion_refuses_bad_rows_and_reads_on) {
  const auto output = decode(
      "{\"prompt\":\"p\"}\n"
      "{\"completion\":\"c\"}\n"
      "{\"prompt\":[{\"role\":\"user\",\"content\":\"p\"}],\"completion\":[{\"role\":\"assistant\",\"content\":\"c\"}]}"
      "\n"
      "{\"prompt\":\"p\",\"completion\":\" \\n\"}\n"
      "{\"prompt\":\"p\",\"completion\":7}\n"
      "{\"prompt\":\"\",\"completion\":\"c\"}\n"
      "{\"prompt\n"
      "{\"prompt\":\"p\",\"completion\":\"c\"}\n");
  BOOST_TEST(output.findings() == (Lines{"1:no_content:/completion", "2:no_content:/prompt", "3:bad_content:/prompt",
                                         "3:bad_content:/completion", "4:empty_content:/completion",
                                         "5:bad_content:/completion", "6:empty_content:/prompt", "7:broken_json:"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.records().size() == 1u);
}

BOOST_AUTO_TEST_CASE(prompt_completion_reads_one_list) {
  const auto output = decode("[\n{\"prompt\":\"p\",\"completion\":\"c\"},\n{\"prompt\":\"q\",\"completion\":\"d\"}]\n");
  BOOST_TEST(output.findings().empty());
  BOOST_TEST(output.records().size() == 2u);
}

BOOST_AUTO_TEST_CASE(prompt_completion_puts_the_system_prompt_before_the_question) {
  const auto output =
      encode({record({message("system", "Be brief."), message("user", "Hi"), message("assistant", "Ho")}),
              record({message("user", ""), message("assistant", "Ho")})});
  BOOST_TEST(output.text() == "{\"prompt\":\"Be brief.\\n\\nHi\",\"completion\":\"Ho\"}\n");
  BOOST_TEST(output.findings() == Lines{"2:not_carried:/messages"}, boost::test_tools::per_element());
  BOOST_TEST(output.losses() == Lines{"1:/messages:reshaped"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(prompt_completion_names_what_it_cannot_write) {
  Json weighed = record({message("user", "Hi"), message("assistant", "Ho")});
  weighed["messages"][1]["weight"] = 0;
  weighed["messages"][0]["name"] = "ann";
  weighed["tools"] = Json::array({1});
  Json preference = record({message("user", "Hi"), message("assistant", "Ho")}), bad = preference;
  preference["rejected"] = Json::array({message("assistant", "No")});
  bad["label"] = false;
  Json alone = record({message("assistant", Json::array({{{"type", "text"}, {"text", "a"}}, "b"}))});
  alone["messages"][0]["reasoning"] = "why";
  Json image = record({message("user", Json::array({{{"type", "image_url"}}})), message("assistant", "Ho")});
  Json call = record({message("user", "Hi"), message("assistant", nullptr)});
  call["messages"][1]["tool_calls"] = Json::array({{{"id", "1"}, {"function", {{"name", "f"}, {"arguments", "{}"}}}}});
  const auto output = encode(
      {weighed, alone, image, call,
       record({message("user", "Hi"), message("assistant", "Ho"), message("user", "And?"), message("assistant", "So")}),
       record({message("user", "Hi")}), record({message("user", "Hi"), message("assistant", " ")}),
       record({message("user", "Hi"), message("assistant", "last")}), preference, bad});
  BOOST_TEST(output.text() ==
             "{\"prompt\":\"Hi\",\"completion\":\"Ho\"}\n"
             "{\"prompt\":\"Hi\",\"completion\":\"last\"}\n");
  BOOST_TEST(
      output.losses() == (Lines{"1:/tools:dropped", "1:/messages/0/name:dropped", "1:/messages/1/weight:dropped"}),
      boost::test_tools::per_element());
  BOOST_TEST(output.findings() ==
                 (Lines{"2:not_carried:/messages", "3:not_carried:/messages/0/content", "4:not_carried:/messages/1",
                        "5:not_carried:/messages", "6:not_carried:/messages", "7:empty_content:/messages/1/content",
                        "9:not_carried:/rejected", "10:not_carried:/label"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(prompt_completion_knows_its_own_rows) {
  Plugins plugins;
  const auto formatter = plugins.create(FT_FORMATTER, "prompt-completion");
  const auto sure = [&](const std::string& row) { return Plugins::detect(*formatter, row, "a.jsonl").first; };
  BOOST_TEST(sure(R"({"prompt":"p","completion":"c"})") > 0.9);
  BOOST_TEST(sure(R"({"id":1,"prompt":"","completion":"c","weight":0.5})") > 0.9);
  for (const char* other :
       {R"({"prompt":"p","completion":"c","label":true})", R"({"prompt":"p","chosen":"c","rejected":"d"})",
        R"({"prompt":[{"role":"user","content":"p"}],"completion":[{"role":"assistant","content":"c"}]})",
        R"({"prompt":"p","completions":["a","b"],"labels":[true,false]})", R"({"prompt":"p"})", R"({"text":"t"})",
        R"({"instruction":"i","output":"o"})", R"({"messages":[{"role":"user","content":"p"}]})",
        R"({"prompt":"p","generation":"g"})", R"({"contents":[],"completions":[{"score":1,"completion":{}}]})",
        R"({"conversations":[{"from":"human","value":"v"}]})"}) {
    BOOST_TEST(sure(other) <= 0.3, other);
  }
}

BOOST_AUTO_TEST_SUITE_END()
