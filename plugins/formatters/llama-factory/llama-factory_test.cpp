#include <boost/test/unit_test.hpp>
#include <fstream>

#include "plugin_fixture.hpp"
#include "shared.hpp"

BOOST_AUTO_TEST_SUITE(llama_factory)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

const std::string kShare =
    R"({"conversations":[{"from":"human","value":"Hi"}],"chosen":{"from":"gpt","value":"Hello"},"rejected":{"from":"gpt","value":"What?"}})"
    "\n";
const std::string kAlpaca = R"({"instruction":"Hi","input":"","chosen":"Hello","rejected":"What?"})"
                            "\n";
const std::string kLabel =
    R"({"conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"}],"kto_tag":true})"
    "\n";
const std::string kMessages =
    R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}],"label":false})"
    "\n";
const std::string kImages =
    R"({"conversations":[{"from":"human","value":"<image>Who, and <image>?"},{"from":"gpt","value":"Two."}],"images":["a.png","b/c.png"]})"
    "\n";

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "llama-factory"), bytes);
}

Output encode(const std::vector<Json>& records, const Json& config = Json::object()) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "llama-factory", config), records);
}

Json info_of(const Output& output) { return Json::parse(output.files.at("dataset_info.json")); }

void comes_back(const std::string& row, const Json& config = Json::object()) {
  const auto read = decode(row);
  BOOST_TEST(read.findings().empty(), row);
  BOOST_TEST(read.losses().empty(), row);
  const auto written = encode(read.records(), config);
  BOOST_TEST(written.text() == row);
  BOOST_TEST(written.losses().empty(), row);
  BOOST_TEST(written.findings().empty(), row);
}

}  // namespace

BOOST_AUTO_TEST_CASE(llama_factory_rows_come_back_byte_for_byte) {
  for (const auto& row : {kShare, kAlpaca, kLabel, kMessages, kImages}) comes_back(row);
  comes_back(
      R"({"instruction":"Translate","input":"Hi\nyou","chosen":"a","rejected":"b","system":"S","history":[["q","a"]]})"
      "\n");
  comes_back("{\"instruction\":\"Hi\",\"output\":\"Hello\",\"kto_tag\":false}\n");
  comes_back(
      R"({"conversations":[{"from":"system","value":"S"},{"from":"human","value":"Hi"}],"chosen":{"from":"gpt","value":"a"},"rejected":{"from":"gpt","value":"b"}})"
      "\n");
  comes_back(
      R"({"conversations":[{"from":"human","value":"Hi"}],"chosen":{"from":"gpt","value":"a"},"rejected":{"from":"gpt","value":"b"},"system":"S"})"
      "\n");
  comes_back(
      R"({"conversations":[{"from":"human","value":"W?"},{"from":"function_call","value":"{\"name\": \"w\", \"arguments\": {\"city\":  1.0}}"},)"
      R"({"from":"observation","value":"clear"},{"from":"gpt","value":"Clear."}],"kto_tag":true,"tools":"[{\"name\": \"w\", \"parameters\": {\"a\": [1, 2]}}]"})"
      "\n");
  comes_back(
      R"({"messages":[{"role":"user","content":"<video><audio>What?"},{"role":"assistant","content":"It."}],"videos":[["1.png","2.png"]],"audios":["a.wav"]})"
      "\n");
  comes_back(R"({"conversations":[{"from":"human","value":"A"},{"from":"gpt","value":"B"}]})"
             "\n",
             {{"plain", true}});
}

BOOST_AUTO_TEST_CASE(llama_factory_reads_prompts_answers_labels_and_media) {
  const Json preference = decode(kShare).records().at(0);
  BOOST_TEST(preference.dump() ==
             R"({"messages":[{"role":"user","content":"Hi"}],"chosen":[{"role":"assistant","content":"Hello"}],)"
             R"("rejected":[{"role":"assistant","content":"What?"}]})");
  const Json label = decode(kLabel).records().at(0);
  BOOST_TEST(label["label"] == true);
  BOOST_TEST(label["messages"].size() == 2u);
  BOOST_TEST(decode(kImages).records().at(0)["messages"][0]["content"].dump() ==
             R"([{"type":"image_url","image_url":{"url":"a.png"}},{"type":"text","text":"Who, and "},)"
             R"({"type":"image_url","image_url":{"url":"b/c.png"}},{"type":"text","text":"?"}])");
  // Without a list of images a mark is text.
  const std::string marked = R"({"instruction":"what is <image>?","input":"","chosen":"a","rejected":"b"})";
  BOOST_TEST(decode(marked).records().at(0)["messages"][0]["content"] == "what is <image>?");
}

BOOST_AUTO_TEST_CASE(llama_factory_names_what_a_row_has_in_another_spelling) {
  const auto read = decode(
      R"({"conversations":[{"from":"user","value":"Hi"}],"chosen":"a","rejected":{"role":"assistant","content":"b"},"tools":""})"
      "\n"
      R"({"conversations":[{"from":"human","value":"<image>"},{"from":"function_call","value":"[{\"name\":\"f\"}]"}],"label":true,"images":"a.png","tools":[]})"
      "\n"
      R"({"instruction":"a","input":"","output":"c","chosen":"a","rejected":"b","images":[]})");
  BOOST_TEST(read.losses() == (Lines{"1:/conversations/0/from:reshaped", "1:/chosen:reshaped", "1:/rejected:reshaped",
                                     "1:/tools:dropped", "2:/images:reshaped", "2:/conversations/1/value:reshaped",
                                     "2:/label:reshaped", "3:/images:dropped", "3:/output:dropped"}),
             boost::test_tools::per_element());
  BOOST_TEST(read.records().size() == 3u);
}

BOOST_AUTO_TEST_CASE(llama_factory_refuses_what_cannot_be_right_and_reads_on) {
  const auto turns = [](const std::string& rest) {
    return R"({"conversations":[{"from":"human","value":"<image>Hi"}],)" + rest + "}\n";
  };
  const std::string sides = R"("chosen":{"from":"gpt","value":"a"},"rejected":{"from":"gpt","value":"b"})";
  const auto output = decode(
      turns(R"("images":["a","b"],)" + sides) + turns(R"("images":[],)" + sides) + turns(R"("images":7,)" + sides) +
      turns(R"("chosen":{"from":"gpt","value":"a"})") +
      turns(R"("chosen":{"from":"human","value":"a"},"rejected":"b")") + turns(R"("chosen":[1],"rejected":"b")") +
      turns(R"("chosen":" ","rejected":"b")") + turns(R"("kto_tag":1)") + turns(R"("tools":"x","kto_tag":true)") +
      R"({"conversations":[{"from":"cat","value":"a"}],"kto_tag":true})"
      "\n"
      R"({"conversations":[{"from":"function_call","value":"f[x]"}],"kto_tag":true})"
      "\n"
      R"({"instruction":"","chosen":"a","rejected":"b"})"
      "\n"
      R"({"instruction":"a","kto_tag":true})"
      "\n"
      R"({"conversations":[{"from":"human","value":"<image>"}],"images":["a"],"chosen":"<image>","rejected":"b"})"
      "\n" +
      kShare);
  BOOST_TEST(output.findings() ==
                 (Lines{"1:bad_media:/images", "2:bad_media:/images", "3:bad_media:/images", "3:bad_media:/images",
                        "4:no_preference:/rejected", "5:bad_message:/chosen", "6:bad_content:/chosen",
                        "7:empty_content:/chosen", "8:bad_label:/kto_tag", "9:bad_tools:/tools",
                        "10:unknown_role:/conversations/0/from", "11:bad_tool_call:/conversations/0/value",
                        "12:empty_content:/instruction", "13:no_content:/output", "14:bad_media:/chosen"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.records().size() == 1u);
}

BOOST_AUTO_TEST_CASE(llama_factory_writes_each_style_with_its_dataset_info) {
  Json record = decode(kShare).records().at(0);
  record["messages"].insert(record["messages"].begin(), Json{{"role", "system"}, {"content", "S"}});
  const auto share = encode({record}, {{"file_name", "pairs.jsonl"}});
  BOOST_TEST(
      info_of(share).dump() ==
      R"({"pairs":{"file_name":"pairs.jsonl","formatting":"sharegpt","ranking":true,"columns":{"messages":"conversations",)"
      R"("system":"system","chosen":"chosen","rejected":"rejected"},"tags":{"role_tag":"from","content_tag":"value",)"
      R"("user_tag":"human","assistant_tag":"gpt","observation_tag":"observation","function_tag":"function_call","system_tag":"system"}}})");
  const auto alpaca = encode({record}, {{"style", "alpaca"}});
  BOOST_TEST(alpaca.text() ==
             "{\"instruction\":\"Hi\",\"input\":\"\",\"chosen\":\"Hello\",\"rejected\":\"What?\",\"system\":\"S\"}\n");
  BOOST_TEST(
      info_of(alpaca).dump() ==
      R"({"train":{"file_name":"train.jsonl","formatting":"alpaca","ranking":true,"columns":{"prompt":"instruction",)"
      R"("query":"input","system":"system","chosen":"chosen","rejected":"rejected"}}})");
  const auto openai = encode({record}, {{"style", "openai"}});
  BOOST_TEST(Json::parse(openai.text())["chosen"].dump() == R"({"role":"assistant","content":"Hello"})");
  const auto label = encode({decode(kMessages).records().at(0)});
  BOOST_TEST(info_of(label)["train"]["columns"].dump() == R"({"messages":"messages","kto_tag":"label"})");
  BOOST_TEST(!info_of(label)["train"].contains("ranking"));
  BOOST_TEST(info_of(label)["train"]["tags"]["user_tag"] == "user");
  BOOST_TEST(info_of(encode({decode(kImages).records().at(0)}))["train"]["columns"]["images"] == "images");
  BOOST_TEST(encode({record}, {{"dataset_info", false}}).files.empty());
  BOOST_TEST(encode({}).files.empty());
  BOOST_TEST(encode({record}, {{"list", true}}).text().starts_with("[\n{"));
}

BOOST_AUTO_TEST_CASE(llama_factory_names_what_it_drops_and_what_it_does_not_write) {
  const Json pair = decode(kShare).records().at(0), label = decode(kLabel).records().at(0);
  Json full = pair;
  full["id"] = "a";
  full["weight"] = 2;
  full["messages"][0]["name"] = "ann";
  Json plain = label;
  plain.erase("label");
  Json one_side = pair, two_questions = pair, link = pair;
  one_side.erase("rejected");
  two_questions["messages"].push_back(two_questions["messages"][0]);
  link["messages"][0]["content"] =
      Json::parse(R"([{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}])");
  const auto output = encode({full, label, plain, one_side, two_questions, link});
  BOOST_TEST(output.text() == kShare);
  BOOST_TEST(output.losses() == (Lines{"1:/id:dropped", "1:/weight:dropped", "1:/messages/0/name:dropped"}),
             boost::test_tools::per_element());
  BOOST_TEST(output.findings() == (Lines{"2:not_carried:", "3:not_carried:", "4:not_carried:/rejected",
                                         "5:not_carried:/messages/1/role", "6:not_carried:/messages/0/content/0"}),
             boost::test_tools::per_element());
  BOOST_TEST(encode({plain}).findings() == Lines{"1:not_carried:"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(llama_factory_names_ids_and_texts_of_calls) {
  const auto output = encode({Json::parse(
      R"({"label":true,"messages":[{"role":"user","content":"W?"},{"role":"assistant","content":"Wait.","tool_calls":)"
      R"([{"id":"x","type":"function","function":{"name":"w","arguments":""}}]},{"role":"tool","tool_call_id":"x","content":"c"},)"
      R"({"role":"assistant","content":"C."}]})")});
  BOOST_TEST(Json::parse(output.text())["conversations"][1].dump() ==
             R"({"from":"function_call","value":"{\"name\": \"w\", \"arguments\": {}}"})");
  BOOST_TEST(output.losses() == (Lines{"1:/messages/1/tool_calls/0/function/arguments:reshaped",
                                       "1:/messages/1/content:dropped", "1:/messages/1/tool_calls/0/id:dropped"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(llama_factory_knows_its_own_rows_and_leaves_those_of_others) {
  Plugins plugins;
  const auto own = plugins.create(FT_FORMATTER, "llama-factory");
  const auto confidence = [&](const std::string& sample) { return Plugins::detect(*own, sample, "a.json").first; };
  for (const auto& row : {kShare, kAlpaca, kLabel, kMessages, kImages}) {
    BOOST_TEST(confidence(row) > 0.9, row);
    for (const char* other : {"openai-chat", "alpaca", "openai-preference", "trl"})
      BOOST_TEST(Plugins::detect(*plugins.create(FT_FORMATTER, other), row, "a.json").first < 0.5, other);
  }
  for (const char* other :
       {R"({"conversations":[{"from":"human","value":"a"}]})", R"({"instruction":"a","input":"b","output":"c"})",
        R"({"messages":[{"role":"user","content":"a"}]})", R"({"prompt":"a","chosen":"b","rejected":"c"})",
        R"({"prompt":"a","completion":"b","label":true})",
        R"({"system":"s","question":"q","chosen":"b","rejected":"c"})",
        R"({"messages":[],"chosen":{"role":"assistant"},"rejected":{"role":"assistant"}})",
        R"({"messages":[{"role":"user","content":[{"type":"image"}]}],"images":["a"]})",
        R"({"input":{"messages":[]},"preferred_output":[],"non_preferred_output":[]})"})
    BOOST_TEST(confidence(other) <= 0.3, other);
}

BOOST_AUTO_TEST_CASE(llama_factory_brings_back_the_demonstration_files) {
  const auto folder = fthost::test::shared_folder("data");
  if (!folder) return;
  for (const char* name : {"dpo_en_demo.json", "kto_en_demo.json"}) {
    std::ifstream file(*folder / name, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto read = decode(bytes);
    BOOST_TEST(read.findings().empty(), name);
    const auto written = encode(read.records(), {{"list", true}});
    BOOST_TEST(written.findings().empty(), name);
    BOOST_TEST((nlohmann::json::parse(written.text()) == nlohmann::json::parse(bytes)), name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
