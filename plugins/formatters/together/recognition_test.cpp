// Which format takes which row: no two may be about equally sure, unless they cannot be told apart.
#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(together_recognition)

using fthost::test::Plugins;

// The formats that would be taken, as flow::recognise takes them, "or" between two.
std::string taken_by(Plugins& plugins, const std::string& rows) {
  std::vector<std::pair<double, std::string>> sure;
  for (const std::string& name : plugins.registry().names(FT_FORMATTER)) {
    if (name.starts_with("bad")) continue;
    const double confidence = Plugins::detect(*plugins.create(FT_FORMATTER, name), rows, "rows.jsonl").first;
    if (confidence >= 0.5) sure.emplace_back(confidence, name);
  }
  std::sort(sure.rbegin(), sure.rend());
  if (sure.empty()) return "nobody";
  std::string names = sure[0].second;
  for (std::size_t i = 1; i < sure.size() && sure[0].first - sure[i].first < 0.1; ++i) names += " or " + sure[i].second;
  return names;
}

BOOST_AUTO_TEST_CASE(each_row_has_one_format) {
  Plugins plugins;
  const std::string chat = R"({"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"})";
  const std::string turns = R"({"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"})";
  const std::pair<std::string, std::string> rows[] = {
      {R"({"messages":[)" + chat + "]}", "openai-chat"},
      {R"({"messages":[)" + chat + R"(],"id":"a","weight":2,"rating":9})", "openai-chat"},
      {R"({"messages":[)" + chat + R"(],"functions":[{"name":"f"}]})", "openai-chat"},
      {R"({"messages":[)" + chat + R"(],"weight":0.5})", "together"},
      {R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning_content":"c"}]})",
       "together"},
      {R"({"system":"S","messages":[)" + chat + "]}", "bedrock"},
      {R"({"schemaVersion":"bedrock-conversation-2024","messages":[{"role":"user","content":[{"text":"a"}]}]})",
       "bedrock-converse"},
      {R"({"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b"}]}]})", "gemini"},
      {R"({"contents":[{"role":"user","parts":[{"text":"a"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"b"}]}}]})",
       "gemini-preference"},
      {R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"messages":[)" + chat + "]}}",
       "openai-batch"},
      {R"({"input":{"messages":[)" + chat + R"(]},"preferred_output":[],"non_preferred_output":[]})",
       "openai-preference"},
      {R"({"prompt":"a","completion":"b"})", "prompt-completion"},
      {R"({"prompt":"a","completion":"b","weight":1})", "prompt-completion"},
      {R"({"prompt":"a","completion":"b","label":true})", "trl"},
      {R"({"prompt":"a","chosen":"b","rejected":"c"})", "trl"},
      {R"({"prompt":"a","completions":["b"],"labels":[true]})", "trl"},
      {R"({"text":"a"})", "text"},
      {R"({"instruction":"a","input":"","output":"b"})", "alpaca"},
      {R"({"instruction":"a","input":"","chosen":"b","rejected":"c"})", "llama-factory"},
      {R"({"instruction":"a","output":"b","kto_tag":true})", "llama-factory"},
      {R"({"conversations":[)" + turns + R"(],"tools":"[]"})", "sharegpt"},
      {R"({"conversations":[)" + turns +
           R"(],"chosen":{"from":"gpt","value":"a"},"rejected":{"from":"gpt","value":"b"}})",
       "llama-factory"},
      {R"({"conversations":[)" + turns + R"(],"label":true})", "llama-factory"},
      {R"({"conversations":[)" + turns + R"(],"kto_tag":true})", "llama-factory"},
      {R"({"messages":[)" + chat + R"(],"label":true})", "llama-factory"},
      {R"({"conversations":[)" + turns + R"(],"images":["a.png"]})", "llama-factory"},
      {R"({"a":1})", "nobody"},
  };
  for (const auto& [row, format] : rows) BOOST_TEST(taken_by(plugins, row + "\n" + row + "\n") == format, row);
}

BOOST_AUTO_TEST_SUITE_END()
