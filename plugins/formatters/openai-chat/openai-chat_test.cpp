#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(openai_chat)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

const std::string kGood = R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]})";

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "openai-chat"), bytes);
}

Output encode(const std::vector<Json>& records) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "openai-chat"), records);
}

std::string row(const std::string& messages) { return R"({"messages":[)" + messages + "]}\n"; }

}  // namespace

BOOST_AUTO_TEST_CASE(openai_chat_passes_a_good_line_on_byte_for_byte) {
  const std::string line =
      R"({ "messages" : [{"role":"user","content":"caf\u00e9"},{"role":"assistant","content":"1.0","weight":1}], "n": 1.00, "x": {"y": null} })";
  const auto output = decode("  " + line + " \r\n\n" + kGood);
  BOOST_REQUIRE(output.emitted.size() == 2);
  BOOST_TEST(output.emitted[0].bytes == line);
  BOOST_TEST(output.emitted[0].row == 1u);
  BOOST_TEST(output.emitted[1].bytes == kGood);
  BOOST_TEST(output.emitted[1].row == 3u);
}

BOOST_AUTO_TEST_CASE(openai_chat_reports_every_bad_line_and_keeps_the_good_ones) {
  const std::string user = R"({"role":"user","content":"Hi"})";
  const std::string answer = R"({"role":"assistant","content":"Hello"})";
  const auto output = decode("{\"messages\": [\n" +                                              // 1
                             kGood + "\n" +                                                      // 2
                             "{\"messages\":[{\"role\":\"user\",\"content\":\"\xC3(\"}]}\n"      // 3
                             "[1]\n" +                                                           // 4
                             "{\"prompt\":\"a\"}\n" +                                            // 5
                             "{\"messages\":\"a\"}\n" +                                          // 6
                             "{\"messages\":[]}\n" +                                             // 7
                             row(R"({"role":"bot","content":"a"})") +                            // 8
                             row(user + R"(,{"role":"assistant","content":"  \n"})") +           // 9
                             row(user + R"(,{"role":"assistant","content":null})") +             // 10
                             row(user + R"(,{"role":"assistant","content":7})") +                // 11
                             row(user + R"(,{"role":"assistant","content":[{"text":"a"}]})") +   // 12
                             row(user + R"(,{"role":"assistant","tool_calls":[{"id":"1"}]})") +  // 13
                             row(user + ",7") +                                                  // 14
                             row(R"({"content":"a"},{"role":"user","content":[]})") +            // 15
                             R"({"messages":[)" +
                             user + "," + answer +
                             R"(],"tools":{"a":1}})"
                             "\n" +   // 16
                             kGood);  // 17
  BOOST_TEST(
      output.findings() ==
          (Lines{"1:broken_json:", "3:invalid_utf8:", "4:not_an_object:", "5:no_messages:/messages",
                 "6:no_messages:/messages", "7:no_messages:/messages", "8:unknown_role:/messages/0/role",
                 "9:empty_content:/messages/1/content", "10:no_content:/messages/1/content",
                 "11:bad_content:/messages/1/content", "12:bad_content:/messages/1/content/0",
                 "13:bad_tool_call:/messages/1/tool_calls/0", "14:bad_message:/messages/1",
                 "15:unknown_role:/messages/0/role", "15:empty_content:/messages/1/content", "16:bad_tools:/tools"}),
      boost::test_tools::per_element());
  std::vector<std::uint64_t> good;
  for (const auto& item : output.emitted) {
    if (item.channel == FT_RECORD) good.push_back(item.row);
  }
  BOOST_TEST(good == (std::vector<std::uint64_t>{2, 17}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(openai_chat_says_where_a_line_is_broken) {
  const auto broken = decode(R"({"messages": [{"role" "user"}]})").on(FT_FINDING);
  BOOST_REQUIRE(broken.size() == 1);
  BOOST_TEST(broken[0]["message"].get<std::string>().find("at byte 28:") != std::string::npos, broken[0].dump());
  const auto bytes = decode("{\"messages\": \"\xE2\x82\"}").on(FT_FINDING);
  BOOST_REQUIRE(bytes.size() == 1);
  BOOST_TEST(bytes[0]["message"].get<std::string>() == "not UTF-8 at byte 15");
}

BOOST_AUTO_TEST_CASE(openai_chat_names_a_number_that_does_not_fit) {
  const auto found = decode(R"({"n":123456789012345678901,)" + kGood.substr(1)).on(FT_FINDING);
  BOOST_REQUIRE(found.size() == 1);
  BOOST_TEST(found[0]["code"] == "number_too_large");
  BOOST_TEST(found[0]["message"] == "the number 123456789012345678901 does not fit into 64 bits");
}

BOOST_AUTO_TEST_CASE(openai_chat_passes_over_a_line_that_is_too_long) {
  const std::string too_long = "{\"messages\":\"" + std::string((64u << 20) + 100, 'x') + "\"}";
  const auto output = decode(kGood + "\n" + too_long + "\n" + kGood + "\n" + too_long);
  BOOST_TEST(output.findings() == (Lines{"2:line_too_long:", "4:line_too_long:"}), boost::test_tools::per_element());
  BOOST_TEST(output.records().size() == 2u);
}

BOOST_AUTO_TEST_CASE(openai_chat_brings_functions_to_tools) {
  const auto output = decode(
      R"({"messages":[{"role":"user","content":"Weather?"},)"
      R"({"role":"assistant","content":null,"function_call":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},)"
      R"({"role":"function","name":"weather","content":"clear"},)"
      R"({"role":"assistant","content":"Clear."}],)"
      R"("functions":[{"name":"weather","parameters":{"type":"object"}}],"x":1})");
  BOOST_REQUIRE(output.records().size() == 1);
  BOOST_TEST(
      output.emitted.back().bytes ==
      R"({"messages":[{"role":"user","content":"Weather?"},)"
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},)"
      R"({"role":"tool","tool_call_id":"call_1","name":"weather","content":"clear"},)"
      R"({"role":"assistant","content":"Clear."}],)"
      R"("tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object"}}}],"x":1})");
  BOOST_TEST(output.losses() == (Lines{"1:/messages/1/function_call:reshaped", "1:/messages/2/role:reshaped",
                                       "1:/functions:reshaped"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(openai_chat_makes_a_string_of_arguments_that_are_an_object) {
  const auto output = decode(row(
      R"({"role":"user","content":"W"},{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"w","arguments":{"city":"Oslo"}}}]})"));
  BOOST_REQUIRE(output.records().size() == 1);
  BOOST_TEST(output.records()[0]["messages"][1]["tool_calls"][0]["function"]["arguments"] == R"({"city":"Oslo"})");
  BOOST_TEST(output.losses() == Lines{"1:/messages/1/tool_calls/0/function/arguments:reshaped"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(openai_chat_refuses_an_answer_of_a_function_that_was_not_called) {
  const auto output = decode(row(R"({"role":"function","name":"w","content":"clear"})"));
  BOOST_TEST(output.findings() == Lines{"1:unmatched_tool:/messages/0"}, boost::test_tools::per_element());
  BOOST_TEST(output.records().empty());
}

BOOST_AUTO_TEST_CASE(openai_chat_writes_what_the_format_has_and_names_the_rest) {
  const auto output = encode(
      {Json::parse(
           R"({"id":"r","rating":9,"messages":[{"role":"user","content":"Hi","name":"ann","x/y":1},)"
           R"({"role":"assistant","content":"Hello","weight":1,"reasoning":"why","refusal":null}],)"
           R"("tools":[{"type":"function","function":{"name":"f"}}],"parallel_tool_calls":false,"ranked":["c"],"label":null})"),
       Json::parse(R"({"metadata":{"a":1},"messages":[{"role":"assistant","content":null,"tool_calls":[]}]})")});
  BOOST_TEST(
      output.text() ==
      R"({"messages":[{"role":"user","content":"Hi","name":"ann"},{"role":"assistant","content":"Hello","weight":1}],)"
      R"("tools":[{"type":"function","function":{"name":"f"}}],"parallel_tool_calls":false})"
      "\n"
      R"({"messages":[{"role":"assistant","content":null,"tool_calls":[]}]})"
      "\n");
  BOOST_TEST(output.losses() == (Lines{"1:/id:dropped", "1:/rating:dropped", "1:/messages/0/x~1y:dropped",
                                       "1:/messages/1/reasoning:dropped", "1:/ranked:dropped", "2:/metadata:dropped"}),
             boost::test_tools::per_element());
  for (const auto& loss : output.on(FT_LOSS)) {
    const bool bookkeeping = loss["path"] == "/id" || loss["path"] == "/rating" || loss["path"] == "/metadata";
    BOOST_TEST((loss["message"] == "bookkeeping") == bookkeeping, loss.dump());
  }
}

BOOST_AUTO_TEST_CASE(openai_chat_never_writes_an_answer_that_was_rejected) {
  const Json answer = Json::array({Json{{"role", "assistant"}, {"content", "no"}}});
  Json asked = Json::parse(kGood), preference = asked, rejected = asked, bad = asked, good = asked, empty = asked;
  asked["messages"] = Json::array({asked["messages"][0]});
  preference["chosen"] = answer;
  preference["rejected"] = answer;
  rejected["rejected"] = answer;
  bad["label"] = false;
  good["label"] = true;
  empty["chosen"] = Json::array();
  const auto output = encode({preference, rejected, bad, good, asked, empty});
  BOOST_TEST(output.text() == kGood + "\n" + kGood + "\n");
  BOOST_TEST(output.findings() == (Lines{"1:not_carried:/chosen", "2:not_carried:/rejected", "3:not_carried:/label",
                                         "5:not_carried:/messages"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.losses() == (Lines{"4:/label:dropped", "6:/chosen:dropped"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(openai_chat_does_not_write_a_record_without_messages) {
  const auto output =
      encode({Json{{"id", "a"}}, Json::parse(kGood), Json{{"messages", Json::array()}}, Json{{"messages", "text"}}});
  BOOST_TEST(output.text() == kGood + "\n");
  BOOST_TEST(
      output.findings() == (Lines{"1:no_messages:/messages", "3:no_messages:/messages", "4:no_messages:/messages"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(openai_chat_knows_its_own_files) {
  Plugins plugins;
  const auto chat = plugins.create(FT_FORMATTER, "openai-chat");
  const auto confidence = [&](const std::string& sample) { return Plugins::detect(*chat, sample, "a.jsonl").first; };
  BOOST_TEST(confidence(kGood + "\n" + kGood + "\n{\"cut") > 0.9);
  BOOST_TEST(confidence(kGood + "\n{}\n" + kGood + "\n") > 0.6);
  BOOST_TEST(confidence(R"({"system":"S","messages":[{"role":"user","content":"a"}]})") < 0.5);
  BOOST_TEST(confidence(R"({"messages":[{"role":"user","content":[{"text":"a"}]}]})") < 0.5);
  BOOST_TEST(confidence(R"({"images":["a.png"],"messages":[{"role":"user","content":"<image>a"}]})") < 0.5);
  BOOST_TEST(
      confidence(
          R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]}]})") < 0.5);
  // One row of three with arguments that are an object does not make it another's file.
  BOOST_TEST(confidence(kGood + "\n" + kGood +
                        "\n{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\","
                        "\"arguments\":{}}}]}]}") > 0.7);
  BOOST_TEST(confidence(R"({"conversations":[{"from":"human","value":"a"}]})") == 0);
  BOOST_TEST(confidence(R"({"input":{"messages":[]},"preferred_output":[]})") == 0);
  // What is no JSON does not make it another format, nor does a byte order mark or a first line that is cut.
  BOOST_TEST(confidence("\xEF\xBB\xBF" + kGood + "\n" + kGood) > 0.9);
  BOOST_TEST(confidence("[\n  " + kGood + ",\n  " + kGood + "\n]") > 0.9);
  BOOST_TEST(confidence("[1, {\"a\":1}]") == 0);
  BOOST_TEST(confidence("{\n{\n" + kGood + "\n{\"a\":\"\xFF\"}\n") > 0.9);
  const std::string cut =
      R"({"id":"messages", "x":{"messages":1}, "messages" : [{"role":"user","content":")" + std::string(70000, 'x');
  BOOST_TEST(confidence(cut) > 0.5);
  BOOST_TEST(confidence(R"({"input":{"messages":[{"role":"user","content":"x)") == 0);
  BOOST_TEST(confidence(R"({"a":"messages)") == 0);
  BOOST_TEST(Plugins::detect(*chat, kGood, "a.jsonl").second ==
             "the first line has messages with the roles of this format");
}

BOOST_AUTO_TEST_SUITE_END()
