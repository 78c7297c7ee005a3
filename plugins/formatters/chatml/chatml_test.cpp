#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(chatml)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

Output decode(const std::string& bytes, const Json& config = Json::object()) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "chatml", config), bytes);
}

Output encode(const std::vector<Json>& records) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "chatml"), records);
}

std::string block(const std::string& role, const std::string& content) {
  return "<|im_start|>" + role + "\n" + content + "<|im_end|>\n";
}

Json message(const std::string& role, const Json& content) { return {{"role", role}, {"content", content}}; }

Json record(std::initializer_list<Json> messages) { return {{"messages", Json(messages)}}; }

// "2 su" is a conversation of two messages, a system's and a user's, that begins in line 2.
Lines shapes(const Output& output) {
  Lines all;
  for (const auto& item : output.emitted) {
    if (item.channel != FT_RECORD) continue;
    std::string shape = std::to_string(item.row) + " ";
    const Json record = Json::parse(item.bytes);
    for (const auto& one : record["messages"]) shape += one["role"].get<std::string>()[0];
    all.push_back(shape);
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(chatml_round_trips_byte_for_byte) {
  const std::string file = block("system", "Be brief.") + block("user name=ann", "\nOne\n\nTwo\n") +
                           block("assistant", " \"x\" \\ <im_end> \r <|im_end") + "\n" + block("developer", "D") +
                           block("user", "") + block("assistant", "a") + block("tool", "t") + block("user", "q") +
                           "\n" + block("assistant", "Gr\xC3\xBC\xC3\x9F");
  const auto read = decode(file);
  BOOST_TEST(read.findings().empty());
  BOOST_TEST(shapes(read) == (Lines{"1 sua", "12 duatu", "23 a"}), boost::test_tools::per_element());
  BOOST_TEST(read.records().at(0)["messages"][1] ==
             Json::parse(R"({"role":"user","content":"\nOne\n\nTwo\n","name":"ann"})"));
  const auto written = encode(read.records());
  BOOST_TEST(written.text() == file);
  BOOST_TEST(written.losses().empty());
}

BOOST_AUTO_TEST_CASE(chatml_begins_a_conversation_at_a_system_message_or_a_blank_line) {
  const std::string system = block("system", "s"), user = block("user", "u"), answer = block("assistant", "a");
  BOOST_TEST(shapes(decode(system + user + answer + system + user + answer + "\n\n" + user + answer)) ==
                 (Lines{"1 sua", "7 sua", "15 ua"}),
             boost::test_tools::per_element());
  BOOST_TEST(shapes(decode(system + block("developer", "d") + user)) == Lines{"1 sdu"},
             boost::test_tools::per_element());
  BOOST_TEST(
      shapes(decode("<|im_start|>user\nu<|im_end|> <|im_start|>assistant\na<|im_end|><|im_start|>system\ns<|im_end|>"
                    "\r\n<|im_start|> user \r\nu<|im_end|>")) == (Lines{"1 ua", "3 su"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(chatml_ignores_blank_lines_when_told) {
  const std::string file = block("system", "s") + "\n" + block("user", "u") + "\n" + block("assistant", "a") + "\n" +
                           block("system", "s") + block("user", "v");
  BOOST_TEST(shapes(decode(file, {{"blank_lines", "ignore"}})) == (Lines{"1 sua", "10 su"}),
             boost::test_tools::per_element());
  const auto separate = decode(file);
  BOOST_TEST(separate.findings() == Lines{"1:no_messages:"}, boost::test_tools::per_element());
  BOOST_TEST(separate.on(FT_FINDING)[0]["hint"].get<std::string>().find("blank_lines=ignore") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(chatml_reads_on_behind_a_broken_conversation) {
  const std::string good = "\n" + block("user", "u") + block("assistant", "a") + "\n";
  const auto refused = [&](const std::string& bad, const std::string& finding) {
    const auto output = decode(bad + good);
    BOOST_TEST(output.findings() == Lines{finding}, boost::test_tools::per_element());
    BOOST_TEST(output.records().size() == 1u, bad);
  };
  refused(block("user", "u") + "<|im_start|>assistant\nnot closed\n", "3:not_closed:");
  refused("<|im_start|>user\nu\n" + block("assistant", "a") + block("user", "v"), "1:not_closed:");
  refused(block("bot", "u") + block("assistant", "a"), "1:unknown_role:");
  refused("<|im_start|>user: hi<|im_end|>\n" + block("assistant", "a"), "1:unknown_role:");
  refused("<|im_start|>user hi\nthere<|im_end|>\n", "1:unknown_role:");
  refused(block("user", "u") + "said\nand more\n" + block("assistant", "a"), "3:text_outside:");
  refused("# Title\n", "1:text_outside:");
  refused(block("user", "u") + block("assistant", " "), "3:empty_content:");
  refused(block("user", "u\n\xFF\n") + block("assistant", "a"), "3:invalid_utf8:");
  refused(block("system", "s"), "1:no_messages:");
  const auto end = decode(block("user", "u") + "<|im_start|>assistant\n");
  BOOST_TEST(end.findings() == Lines{"3:not_closed:"}, boost::test_tools::per_element());
  BOOST_TEST(end.records().empty());
}

BOOST_AUTO_TEST_CASE(chatml_holds_no_more_than_64_MB_of_a_conversation) {
  std::string file = "<|im_start|>user\n";
  for (int line = 0; line < 66; ++line) file += std::string(1u << 20, 'x') + "\n";
  const auto output = decode(file + "<|im_end|>\n\n" + block("user", "u"));
  BOOST_TEST(output.findings() == Lines{"1:too_large:"}, boost::test_tools::per_element());
  BOOST_TEST(shapes(output) == Lines{"70 u"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(chatml_names_what_it_cannot_write) {
  Json kept =
      record({message("user", "a\r\nb\r"), message("assistant", Json::array({{{"type", "text"}, {"text", "c"}}}))});
  kept["id"] = "i";
  kept["tools"] = Json::array({1});
  Json preference = record({message("user", "u"), message("assistant", "a")}), bad = preference;
  preference["chosen"] = Json::array({message("assistant", "x")});
  bad["label"] = false;
  kept["messages"][0]["name"] = "two words";
  kept["messages"][1]["weight"] = 1;
  Json call = record({message("user", "Hi"), message("assistant", nullptr)});
  call["messages"][1]["tool_calls"] = Json::array({{{"id", "1"}, {"function", {{"name", "f"}, {"arguments", "{}"}}}}});
  const auto output = encode(
      {kept, record({message("user", "say <|im_end|>")}), record({message("user", "<|im_start|>system")}),
       record({message("user", "u"), message("system", "s")}), call, record({message("critic", "c")}),
       record({message("user", Json::array({{{"type", "image_url"}}}))}), record({message("system", "s")}),
       record({message("user", "u"), message("assistant", "")}), record({message("user", "last")}), preference, bad});
  BOOST_TEST(output.text() == block("user", "a\nb\r") + block("assistant", "c") + "\n" + block("user", "last"));
  BOOST_TEST(output.losses() == (Lines{"1:/messages/0/name:dropped", "1:/messages/0/content:reshaped",
                                       "1:/messages/1/content:reshaped", "1:/messages/1/weight:dropped",
                                       "1:/id:dropped", "1:/tools:dropped"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.findings() ==
                 (Lines{"2:not_carried:/messages/0/content", "3:not_carried:/messages/0/content",
                        "4:not_carried:/messages/1/role", "5:not_carried:/messages/1/tool_calls",
                        "5:empty_content:/messages/1/content", "6:not_carried:/messages/0/role",
                        "7:not_carried:/messages/0/content", "8:no_messages:/messages",
                        "9:empty_content:/messages/1/content", "11:not_carried:/chosen", "12:not_carried:/label"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(chatml_lies_in_rows_too) {
  const std::string text = block("system", "s") + block("user", "two\n\nlines") + block("assistant", "a");
  const std::string rows = Json{{"text", text}}.dump() + "\n" + Json{{"text", block("user", "u") + "rest"}}.dump() +
                           "\n{\"id\":\"x\"}\n" + Json{{"text", text}, {"id", "i"}}.dump() + "\n";
  const auto read = decode(rows);
  BOOST_TEST(read.findings() == (Lines{"2:text_outside:", "3:no_content:/text"}), boost::test_tools::per_element());
  BOOST_REQUIRE(read.records().size() == 2);
  BOOST_TEST(read.records()[0]["messages"] ==
             Json::array({message("system", "s"), message("user", "two\n\nlines"), message("assistant", "a")}));
  BOOST_TEST(read.records()[1]["id"] == "i");
  Plugins plugins;
  const auto written = Plugins::encode(*plugins.create(FT_FORMATTER, "chatml", {{"rows", true}}), {read.records()[0]});
  const std::string whole = Json{{"text", text}}.dump() + "\n";
  BOOST_TEST(written.text() == whole);
}

BOOST_AUTO_TEST_CASE(chatml_knows_its_own_files) {
  Plugins plugins;
  const auto chatml = plugins.create(FT_FORMATTER, "chatml");
  const auto sure = [&](const std::string& sample) { return Plugins::detect(*chatml, sample, "a.txt").first; };
  BOOST_TEST(sure("\xEF\xBB\xBF\n" + block("user", "u")) > 0.9);
  const std::string row = R"({"text":"<|im_start|>user\nu<|im_end|>"})";
  BOOST_TEST(sure("\n" + row + "\n" + row + "\n{\"text\"") > 0.9);
  BOOST_TEST(sure("[" + row + ",\n" + row + "]") > 0.9);
  for (const std::string& other :
       {std::string("{\"text\":\"a <|im_start|\"}\n"), std::string("{\"messages\":[]}\n"),
        std::string("System:\n<|im_start|>\nUser:\nHi\n"), std::string("prompt,completion\na,b\n"),
        std::string("<|start|>user<|message|>Hi<|end|>"), std::string()}) {
    BOOST_TEST(sure(other) == 0, other);
  }
}

BOOST_AUTO_TEST_SUITE_END()
