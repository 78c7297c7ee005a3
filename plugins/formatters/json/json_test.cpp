#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(json)

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

const Json kDesk{{"prompt", "question"},
                 {"completion", "/answer/text"},
                 {"system", "/setup/a~1b"},
                 {"fields", {{"rating", "/answer/stars"}}}};
const Json kTurns{
    {"messages", "/conv"},       {"role_key", "who"},      {"content_key", "said"}, {"user_role", "customer, client"},
    {"assistant_role", "agent"}, {"system_role", "setup"}, {"tools", "/meta/tools"}};

Output decode(const Json& mapping, const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "json", mapping), bytes);
}

Output encode(const Json& mapping, const std::vector<Json>& records) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "json", mapping), records);
}

BOOST_AUTO_TEST_CASE(a_pair_is_read_from_its_places_and_the_rest_stays) {
  const std::string row =
      R"({"setup":{"a/b":"Be brief."},"question":"How do I pay?","answer":{"text":"By card.","stars":9,"by":"ann"},"ticket":7})"
      "\n";
  const auto read = decode(kDesk, row);
  BOOST_TEST(read.findings().empty());
  BOOST_TEST(read.losses().empty());
  const Json record = read.records().at(0);
  BOOST_TEST(
      record["messages"].dump() ==
      R"([{"role":"system","content":"Be brief."},{"role":"user","content":"How do I pay?"},{"role":"assistant","content":"By card."}])");
  BOOST_TEST(record["rating"] == 9);
  BOOST_TEST(record["answer"].dump() == R"({"by":"ann"})");
  BOOST_TEST(record["ticket"] == 7);
  BOOST_TEST(!record.contains("setup"));
  const auto written = encode(kDesk, {record});
  BOOST_TEST(written.losses().empty());
  BOOST_TEST((nlohmann::json::parse(written.text()) == nlohmann::json::parse(row)), written.text());
}

BOOST_AUTO_TEST_CASE(messages_have_the_names_of_the_mapping) {
  const std::string row =
      R"({"conv":[{"who":"setup","said":"S"},{"who":"customer","said":"Hi","mood":"good"},{"who":"agent","said":[{"type":"text","text":"a"}]},{"who":"customer","said":null}],"meta":{"tools":[{"type":"function"}]}})"
      "\n";
  const auto read = decode(kTurns, row);
  BOOST_TEST(read.losses().empty());
  const Json record = read.records().at(0);
  BOOST_TEST(record["messages"][1].dump() == R"({"role":"user","content":"Hi","mood":"good"})");
  BOOST_TEST(record["tools"].size() == 1u);
  const auto written = encode(kTurns, {record});
  BOOST_TEST(written.text() == row);
  BOOST_TEST(written.losses().empty());
  const Json other = decode(kTurns, R"({"conv":[{"who":"client","said":"Hi"}]})").records().at(0);
  BOOST_TEST(other["messages"][0]["role"] == "user");
}

BOOST_AUTO_TEST_CASE(answers_of_a_preference_are_text_or_messages) {
  const Json mapping{{"prompt", "q"}, {"chosen", "/a/good"}, {"rejected", "/a/bad"}};
  const std::string rows =
      R"({"q":"Hi","a":{"good":"Hello","bad":"What?"}})"
      "\n"
      R"({"q":"Hi","a":{"good":[{"role":"assistant","content":"Hello","weight":1}],"bad":"What?"}})"
      "\n";
  const auto read = decode(mapping, rows);
  BOOST_TEST(read.records().at(0)["chosen"].dump() == R"([{"role":"assistant","content":"Hello"}])");
  BOOST_TEST(encode(mapping, read.records()).text() == rows);
  const auto without = encode({{"prompt", "q"}, {"completion", "a"}}, {read.records().at(0)});
  BOOST_TEST(without.findings() == Lines{"1:not_carried:/chosen"}, boost::test_tools::per_element());
  BOOST_TEST(without.text().empty());
}

BOOST_AUTO_TEST_CASE(a_row_says_again_which_of_two_places_it_used) {
  const Json both{{"prompt", "q"}, {"completion", "a"}, {"messages", "m"}};
  const std::string rows = R"({"q":"Hi","a":"Hello"})"
                           "\n"
                           R"({"m":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]})"
                           "\n";
  BOOST_TEST(encode(both, decode(both, rows).records()).text() == rows);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_right_is_refused_and_the_rows_after_it_go_on) {
  const auto pairs = decode(kDesk, R"({"question":7,"answer":{"text":"a"}})"
                                   "\n"
                                   R"({"question":"a","answer":{"text":" "}})"
                                   "\n"
                                   R"({"other":1})"
                                   "\n"
                                   R"({"question":"a","answer":{"text":"b"},"messages":[]})"
                                   "\n");
  BOOST_TEST(pairs.findings() == (Lines{"1:bad_content:/question", "2:empty_content:/answer/text", "3:no_messages:"}),
             boost::test_tools::per_element());
  BOOST_TEST(pairs.losses() == Lines{"4:/messages:dropped"}, boost::test_tools::per_element());
  const auto turns = decode(kTurns, R"({"conv":"Hi"})"
                                    "\n"
                                    R"({"conv":[{"said":"Hi"}]})"
                                    "\n"
                                    R"({"conv":[{"who":"robot","said":"Hi"}]})"
                                    "\n"
                                    R"({"conv":[{"who":"agent","said":"a"}],"meta":{"tools":7}})"
                                    "\n");
  BOOST_TEST(turns.findings() == (Lines{"1:bad_messages:/conv", "2:bad_message:/conv/0", "3:unknown_role:/conv/0/who",
                                        "4:bad_tools:/meta/tools"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_it_has_no_place_for_is_named_or_refused) {
  const Json turn{{"role", "user"}, {"content", "Hi"}}, answer{{"role", "assistant"}, {"content", "Hello"}};
  const Json system{{"role", "system"}, {"content", "S"}};
  const Json pair{{"prompt", "q"}, {"completion", "a"}};
  const auto output = encode(pair, {Json{{"messages", {system, turn, answer}}, {"id", "x"}, {"label", true}},
                                    Json{{"messages", {turn, answer, turn, answer}}}});
  BOOST_TEST(output.text() == R"({"q":"S\n\nHi","a":"Hello","label":true})"
                              "\n");
  BOOST_TEST(output.losses() == (Lines{"1:/messages:reshaped", "1:/id:dropped"}), boost::test_tools::per_element());
  BOOST_TEST(output.findings() == Lines{"2:not_carried:/messages"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
