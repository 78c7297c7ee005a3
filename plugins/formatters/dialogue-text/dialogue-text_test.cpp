#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(dialogue_text)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

// In canonical form: what `encode` writes.
const std::string kCanonical =
    "System:\nYou answer for Fernhill.\nBe brief.\n--- END EXAMPLE ---\nToday is Monday.\nThe user is "
    "Ann.\nAssistant:\nHow can I help?\n"
    "User:\nHow do I\n\nreset it?\n\\User:\n\\\\System:\n\\--- END EXAMPLE ---\n\\not a header\nAssistant:\nPress the "
    "button.\n";

Output decode(const std::string& bytes, const Json& config = Json::object()) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "dialogue-text", config), bytes);
}

Output encode(const std::vector<Json>& records, const Json& config = Json::object()) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "dialogue-text", config), records);
}

// The one file of an export.
std::string only_file(const Output& output) {
  return output.files.size() == 1 ? output.files.begin()->second : "(not one file)";
}

std::string roles(const Json& record) {
  std::string all;
  for (const auto& message : record["messages"]) all += message["role"].get<std::string>()[0];
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(dialogue_text_reads_one_row_a_file) {
  const auto output = decode(kCanonical);
  BOOST_TEST(output.findings().empty());
  BOOST_REQUIRE(output.records().size() == 1);
  const Json record = output.records()[0];
  BOOST_TEST(roles(record) == "saua");
  BOOST_TEST(record["messages"][0]["content"] ==
             "You answer for Fernhill.\nBe brief.\nToday is Monday.\nThe user is Ann.");
  BOOST_TEST(record["messages"][1]["content"] == "How can I help?");
  BOOST_TEST(record["messages"][2]["content"] ==
             "How do I\n\nreset it?\nUser:\n\\System:\n--- END EXAMPLE ---\n\\not a header");
  BOOST_TEST(record["metadata"]["system_dynamic"] == "Today is Monday.\nThe user is Ann.");
}

BOOST_AUTO_TEST_CASE(dialogue_text_round_trips_byte_for_byte_in_canonical_form) {
  const std::string files[] = {kCanonical,
                               "User:\na\nAssistant:\nb\n",
                               "Assistant:\na\n",
                               "System:\nprompt\n--- END EXAMPLE ---\nUser:\na\n",
                               "System:\n--- END EXAMPLE ---\ndynamic\nUser:\na\n",
                               "System:\nA\nUser:\nb\nSystem:\nlater\n\\--- END EXAMPLE ---\nAssistant:\nc\n",
                               "System:\nx\nx\n--- END EXAMPLE ---\nx\nUser:\nq\n"};
  for (const Json& config : {Json::object(), Json{{"split_system", true}}}) {
    for (const auto& file : files) {
      const auto record = decode(file, config).records().at(0);
      const auto written = encode({record}, config);
      BOOST_TEST(only_file(written) == file);
      BOOST_TEST(written.losses().empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(dialogue_text_splits_the_system_prompt_when_told) {
  const Json record = decode(kCanonical, {{"split_system", true}}).records().at(0);
  BOOST_TEST(roles(record) == "ssaua");
  BOOST_TEST(record["messages"][0]["content"] == "You answer for Fernhill.\nBe brief.");
  BOOST_TEST(record["messages"][1]["content"] == "Today is Monday.\nThe user is Ann.");
}

BOOST_AUTO_TEST_CASE(dialogue_text_replaces_the_prompt_and_keeps_the_lines_behind_its_marker) {
  const Json config{{"system_prompt", "\nNew prompt.\n\n"}};
  BOOST_TEST(decode(kCanonical, config).records().at(0)["messages"][0]["content"] ==
             "New prompt.\nToday is Monday.\nThe user is Ann.");
  BOOST_TEST(decode("System:\nold\nUser:\na\n", config).records().at(0)["messages"][0]["content"] == "New prompt.");
  const Json none = decode("User:\na\n", config).records().at(0);
  BOOST_TEST(roles(none) == "su");
  Plugins plugins;
  const auto blank = plugins.registry().create(FT_FORMATTER, "dialogue-text", {{"system_prompt", " \n"}});
  BOOST_REQUIRE(!blank);
  BOOST_TEST(blank.error().where == "config /system_prompt");
}

BOOST_AUTO_TEST_CASE(dialogue_text_accepts_other_line_ends_and_blank_lines) {
  const auto output =
      decode("\xEF\xBB\xBF\r\n\r\nUser: \t\r\n\r\n  \r\nHi\r\n\r\nthere\r\n\r\n\r\nAssistant:\r\n Hello");
  const Json record = output.records().at(0);
  BOOST_TEST(record["messages"][0]["content"] == "Hi\n\nthere");
  BOOST_TEST(record["messages"][1]["content"] == " Hello");
}

BOOST_AUTO_TEST_CASE(dialogue_text_joins_neighbours_of_one_role_with_a_warning) {
  const auto output = decode("User:\na\nUser:\nb\nAssistant:\nc\n");
  BOOST_TEST(output.findings() == Lines{"3:same_role:"}, boost::test_tools::per_element());
  BOOST_TEST(output.on(FT_FINDING)[0]["severity"] == "warning");
  BOOST_TEST(output.records().at(0)["messages"][0]["content"] == "a\nb");
}

BOOST_AUTO_TEST_CASE(dialogue_text_refuses_what_is_no_dialogue) {
  const auto refused = [](const std::string& bytes, const std::string& finding) {
    const auto output = decode(bytes);
    BOOST_TEST(output.findings() == Lines{finding}, boost::test_tools::per_element());
    BOOST_TEST(output.records().empty());
  };
  refused("", "1:no_messages:");
  refused("\n\n", "2:no_messages:");
  refused("Dear all,\nUser:\nhi\n", "1:text_before_header:");
  refused("user:\nhi\n", "1:text_before_header:");
  refused("User:\nhi\nAssistant:\n\n", "3:empty_content:");
  refused("User:\nhi\nAssistant:\n\xFF\nUser:\nx\n", "4:invalid_utf8:");
}

BOOST_AUTO_TEST_CASE(dialogue_text_names_what_it_cannot_write) {
  const auto output = encode({Json::parse(
      R"({"id":"a","rating":3,"tools":[],"messages":[{"role":"developer","content":"D"},)"
      R"({"role":"user","content":[{"type":"text","text":"one"},{"type":"image_url","image_url":{}}],"name":"ann"},)"
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"1"}]},{"role":"tool","content":"t"},)"
      R"({"role":"assistant","content":"\n last \n"}]})")});
  BOOST_TEST(only_file(output) == "System:\nD\nUser:\none\nAssistant:\n last \n");
  BOOST_TEST(output.losses() ==
                 (Lines{"1:/messages/0/role:reshaped", "1:/messages/1/name:dropped", "1:/messages/1/content/1:dropped",
                        "1:/messages/1/content:reshaped", "1:/messages/2/tool_calls:dropped", "1:/messages/2:dropped",
                        "1:/messages/3:dropped", "1:/messages/4/content:reshaped", "1:/id:dropped", "1:/rating:dropped",
                        "1:/tools:dropped"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(dialogue_text_drops_a_marker_that_no_longer_fits) {
  Json record = decode(kCanonical).records().at(0);
  record["messages"][0]["content"] = "Another prompt.";
  const auto output = encode({record});
  BOOST_TEST(only_file(output).starts_with("System:\nAnother prompt.\nAssistant:\n"));
  BOOST_TEST(output.losses() == Lines{"1:/metadata/system_dynamic:dropped"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(dialogue_text_makes_file_names_of_ids) {
  const auto record = [](const Json& id) {
    Json made{{"messages", Json::array({{{"role", "user"}, {"content", "a"}}})}};
    if (!id.is_null()) made["id"] = id;
    return made;
  };
  const auto output = encode({record("plain-1.2"), record("../x y"), record(".hidden"), record(nullptr),
                              record("plain-1.2"), record(std::string(80, 'k'))});
  Lines names;
  for (const auto& [name, bytes] : output.files) names.push_back(name);
  BOOST_TEST(names == (Lines{"%2E.%2Fx%20y.txt", "%2Ehidden.txt", std::string(60, 'k') + ".txt", "plain-1.2-5.txt",
                             "plain-1.2.txt", "row-4.txt"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(dialogue_text_knows_its_own_files) {
  Plugins plugins;
  const auto text = plugins.create(FT_FORMATTER, "dialogue-text");
  BOOST_TEST(Plugins::detect(*text, kCanonical, "a.txt").first > 0.9);
  BOOST_TEST(Plugins::detect(*text, "\xEF\xBB\xBFUser:\nhi", "a").first > 0.5);
  BOOST_TEST(Plugins::detect(*text, "Once upon a time\nUser:\n", "a.txt").first == 0);
  BOOST_TEST(Plugins::detect(*text, kCanonical, "a.txt").second ==
             "the file begins with a role line and has 4 of them");
}

BOOST_AUTO_TEST_CASE(dialogue_text_names_a_record_that_it_cannot_read_and_writes_the_rest) {
  // A record as it is stored: a number of JSON may be larger than what a parser keeps of it.
  const std::string large = R"({"metadata":{"n":123456789012345678901},"messages":[{"role":"user","content":"a"}]})";
  const std::string good = R"({"messages":[{"role":"user","content":"b"}]})";
  Plugins plugins;
  const auto formatter = plugins.create(FT_FORMATTER, "dialogue-text");
  const fthost::plugin::Batch batch({{large, good}});
  Output output;
  output.status = formatter->call(Plugins::keeping(output), [&](ft_call call) {
    return formatter->table<ft_formatter>().encode(formatter->self(), call, FT_ROWS, batch.get());
  });
  BOOST_REQUIRE(output.status.has_value());
  BOOST_TEST(output.findings() == Lines{"1:bad_record:"}, boost::test_tools::per_element());
  BOOST_TEST(output.files.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
