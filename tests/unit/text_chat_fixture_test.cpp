#include <boost/test/unit_test.hpp>
#include <ctime>
#include <fstream>
#include <map>
#include <sstream>

#include "shared.hpp"
#include "text/chat_render.hpp"
#include "text/unicode.hpp"

using fthost::text::ChatInput;
using fthost::text::ChatTemplate;
using Json = nlohmann::ordered_json;

namespace {

std::chrono::system_clock::time_point local_time(const std::string& text) {
  std::tm parts{};
  if (!strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts)) throw std::runtime_error("bad time " + text);
  parts.tm_isdst = -1;
  return std::chrono::system_clock::from_time_t(std::mktime(&parts));
}

ChatInput input_of(const Json& row) {
  ChatInput input;
  const Json& options = row.at("options");
  input.messages = row.at("messages");
  input.tools = row.at("tools");
  input.add_generation_prompt = options.at("add_generation_prompt").get<bool>();
  input.continue_final_message = options.at("continue_final_message").get<bool>();
  input.now = local_time(options.at("now").get<std::string>());
  if (!row.at("bos").is_null()) input.variables["bos_token"] = row.at("bos");
  if (!row.at("eos").is_null()) input.variables["eos_token"] = row.at("eos");
  input.variables["pad_token"] = "<|finetune_right_pad_id|>";
  if (options.contains("kwargs")) {
    for (const auto& [name, value] : options.at("kwargs").items()) {
      if (name == "documents")
        input.documents = value;
      else
        input.variables[name] = value;
    }
  }
  return input;
}

}  // namespace

BOOST_AUTO_TEST_CASE(chat_templates_render_as_the_reference_does) {
  const auto folder = fthost::test::shared_folder("fixtures/chat_templates");
  if (!folder) return;
  std::map<std::string, ChatTemplate> templates;
  std::ifstream file(*folder / "cases.jsonl");
  std::size_t rows = 0, errors = 0, spans = 0, marks = 0;
  for (std::string line; std::getline(file, line); ++rows) {
    const Json row = Json::parse(line);
    const auto name = row.at("template").get<std::string>();
    if (!templates.contains(name)) {
      std::ifstream source(*folder / (name + ".jinja"), std::ios::binary);
      std::stringstream text;
      text << source.rdbuf();
      auto compiled = ChatTemplate::compile(text.str(), name);
      BOOST_REQUIRE_MESSAGE(compiled, (compiled ? "" : compiled.error().sentence()));
      templates.emplace(name, std::move(*compiled));
    }
    const ChatTemplate& chat_template = templates.at(name);
    const ChatInput input = input_of(row);
    const auto rendered = fthost::text::render_chat(chat_template, input);
    BOOST_TEST_CONTEXT(name << ", " << row.at("conversation") << ", line " << rows + 1) {
      if (row.contains("error")) {
        ++errors;
        BOOST_TEST(!rendered);
        if (!rendered && row.at("error").at("raised_by_template").get<bool>()) {
          BOOST_TEST(rendered.error().message == row.at("error").at("message").get<std::string>());
          BOOST_TEST(Json::parse(rendered.error().details).at("raised_by_template").get<bool>());
        }
        if (!rendered && !row.at("error").at("raised_by_template").get<bool>())
          BOOST_TEST(rendered.error().details.empty());
        continue;
      }
      BOOST_TEST_REQUIRE(rendered.has_value(), (rendered ? "" : rendered.error().sentence()));
      BOOST_TEST(rendered->text == row.at("rendered").get<std::string>());
      if (row.contains("assistant_marks")) {
        const Json& expected = row.at("assistant_marks");
        BOOST_TEST_REQUIRE(rendered->generations.size() == expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i, ++marks) {
          BOOST_TEST(rendered->generations[i].begin == expected[i].at("byte_start").get<std::size_t>());
          BOOST_TEST(rendered->generations[i].end == expected[i].at("byte_end").get<std::size_t>());
        }
      }
      if (!row.contains("assistant_spans")) continue;
      const Json& expected = row.at("assistant_spans");
      const auto found = fthost::text::assistant_spans(chat_template, input, rendered->text);
      BOOST_TEST_REQUIRE(found.has_value());
      BOOST_TEST_REQUIRE(found->size() == expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i, ++spans) {
        const auto& one = (*found)[i];
        BOOST_TEST(one.message == expected[i].at("message").get<std::size_t>());
        if (expected[i].contains("undefined")) {
          BOOST_TEST(one.why_not == expected[i].at("undefined").get<std::string>());
          continue;
        }
        BOOST_TEST_REQUIRE(one.span.has_value(), one.why_not);
        BOOST_TEST(one.span->begin == expected[i].at("byte_start").get<std::size_t>());
        BOOST_TEST(one.span->end == expected[i].at("byte_end").get<std::size_t>());
        BOOST_TEST(fthost::text::count_code_points(std::string_view(rendered->text).substr(0, one.span->begin)) ==
                   expected[i].at("start").get<std::size_t>());
      }
    }
  }
  BOOST_TEST_MESSAGE(rows << " renderings, " << errors << " of them errors, " << spans << " spans, " << marks
                          << " marks");
  BOOST_TEST(rows > 500u);
}
