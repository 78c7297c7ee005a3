#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(openai_batch)

namespace {

using fthost::test::Json;
using fthost::test::Output;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

std::string request(const std::string& id, const std::string& text = "Hi") {
  return R"({"custom_id":")" + id +
         R"(","method":"POST","url":"/v1/chat/completions","body":{"model":"M","messages":[{"role":"user","content":")" +
         text + R"("}],"temperature":0.5}})" + "\n";
}

std::string response(const std::string& id, const std::string& text = "Hello") {
  return R"({"id":"r","custom_id":")" + id +
         R"(","response":{"status_code":200,"request_id":"q","body":{"id":"c","object":"chat.completion","model":"M-1",)"
         R"("choices":[{"index":0,"message":{"role":"assistant","content":")" +
         text +
         R"(","refusal":null,"annotations":[]},"finish_reason":"stop"}],"usage":{"total_tokens":3}}},"error":null})" +
         "\n";
}

Output decode(const std::string& bytes) {
  Plugins plugins;
  return Plugins::decode(*plugins.create(FT_FORMATTER, "openai-batch"), bytes);
}

Output encode(const std::vector<Json>& records, const Json& config = Json::object()) {
  Plugins plugins;
  return Plugins::encode(*plugins.create(FT_FORMATTER, "openai-batch", config), records);
}

// The texts of each record's messages.
Lines texts(const Output& output) {
  Lines all;
  for (const Json& record : output.records()) {
    all.emplace_back();
    for (const Json& message : record["messages"]) all.back() += message["content"].get<std::string>() + ".";
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(openai_batch_joins_answers_and_requests_in_any_order) {
  const auto output = decode(response("c", "3") + request("a") + request("b") + response("b", "2") +
                             response("a", "1") + request("c") + request("d"));
  BOOST_TEST(output.findings().empty());
  BOOST_TEST(output.losses().empty());
  BOOST_TEST(texts(output) == (Lines{"Hi.2.", "Hi.1.", "Hi.3.", "Hi."}), boost::test_tools::per_element());
  BOOST_TEST(
      output.emitted[0].bytes ==
      R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"2"}],"metadata":{"openai-batch":{"custom_id":"b",)"
      R"("body":{"model":"M","temperature":0.5},"answer":{"status_code":200,"request_id":"q","id":"c","object":"chat.completion",)"
      R"("model":"M-1","usage":{"total_tokens":3},"finish_reason":"stop"}}}})");
  BOOST_TEST(output.emitted[0].row == 3u);
}

BOOST_AUTO_TEST_CASE(openai_batch_reads_a_request_and_its_response_on_one_line) {
  const std::string asked = request("a"), answered = response("a");
  const auto output = decode(asked.substr(0, asked.size() - 2) + "," + answered.substr(answered.find("\"response\"")));
  BOOST_TEST(texts(output) == Lines{"Hi.Hello."}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(openai_batch_writes_again_byte_for_byte_the_requests_that_it_read) {
  const std::string lines[] = {
      request("a"),
      R"({"custom_id":"b","method":"PUT","url":"/v1/other","body":{"model":"M","messages":[{"role":"system","content":"S"},)"
      R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://x/y.png"}}],"name":"ann"}],)"
      R"("tools":[{"type":"function","function":{"name":"f"}}],"parallel_tool_calls":false,"response_format":{"type":"json_object"},"n":2}})"
      "\n"};
  for (const std::string& line : lines) {
    const auto read = decode(line);
    BOOST_REQUIRE(read.records().size() == 1);
    const auto written = encode(read.records());
    BOOST_TEST(written.text() == line);
    BOOST_TEST(written.losses().empty());
    BOOST_TEST(written.findings().empty());
  }
}

BOOST_AUTO_TEST_CASE(openai_batch_reports_what_failed_and_what_is_alone) {
  const auto output = decode(
      "{}\n" + std::string(R"({"custom_id":"e","method":"POST","url":"/v1/embeddings","body":{"input":"a"}})") + "\n" +
      R"({"response":{"body":{}}})" + "\n" + response("alone") +
      R"({"custom_id":"a","response":null,"error":{"code":"x","message":"too late"}})" + "\n" +
      R"({"custom_id":"a","response":{"status_code":429,"body":{"error":{"message":"slow down"}}},"error":null})" +
      "\n" + R"({"custom_id":"a","response":{"status_code":200,"body":{"object":"list"}}})" + "\n" +
      response("a", " ") + request("a"));
  BOOST_TEST(
      output.findings() == (Lines{"1:no_messages:/body", "2:no_messages:/body/messages", "3:no_custom_id:/custom_id",
                                  "3:no_answer:/response/body/choices", "5:failed_request:/response",
                                  "6:failed_request:/response", "7:no_answer:/response/body/choices",
                                  "8:no_answer:/response/body/choices/0/message", "4:no_request:/custom_id"}),
      boost::test_tools::per_element());
  BOOST_TEST(output.on(FT_FINDING)[5]["message"] == "the request failed: slow down");
  BOOST_TEST(texts(output) == Lines{"Hi."}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(openai_batch_keeps_requests_that_share_a_custom_id) {
  const auto output = decode(request("a", "1") + request("a", "2") + response("a"));
  BOOST_TEST(texts(output) == (Lines{"1.", "2.Hello."}), boost::test_tools::per_element());
  const auto written = encode(output.records());
  BOOST_TEST(written.losses() == (Lines{"2:/messages/1:dropped", "2:/metadata/openai-batch/answer:dropped",
                                        "2:/metadata/openai-batch/custom_id:reshaped"}),
             boost::test_tools::per_element());
  BOOST_TEST(written.text() == request("a", "1") + request("a-2", "2"));
}

BOOST_AUTO_TEST_CASE(openai_batch_names_the_first_choice_alone) {
  const auto output = decode(
      request("a") +
      R"({"custom_id":"a","response":{"body":{"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"id":"x","type":"function",)"
      R"("function":{"name":"f","arguments":"{}"}}]}},{"message":{"role":"assistant","content":"b"}}]}}})");
  BOOST_TEST(output.losses() == Lines{"2:/response/body/choices/1:dropped"}, boost::test_tools::per_element());
  BOOST_REQUIRE(output.records().size() == 1);
  BOOST_TEST(output.records()[0]["messages"][1]["tool_calls"][0]["function"]["name"] == "f");
}

BOOST_AUTO_TEST_CASE(openai_batch_writes_the_question_and_names_the_rest) {
  const std::vector<Json> records = {
      Json::parse(
          R"({"id":"r1","rating":3,"messages":[{"role":"user","content":"a","weight":1},{"role":"assistant","content":"b"}],"label":true})"),
      Json::parse(R"({"messages":[{"role":"user","content":"a"}],"chosen":[{"role":"assistant","content":"b"}]})"),
      Json::parse(R"({"messages":[{"role":"assistant","content":"b"}]})")};
  const auto output = encode(records, {{"model", "N"}, {"endpoint", "/v1/x"}});
  BOOST_TEST(output.findings() == Lines{"3:no_messages:/messages"}, boost::test_tools::per_element());
  BOOST_TEST(output.losses() == (Lines{"1:/messages/1:dropped", "1:/id:dropped", "1:/rating:dropped",
                                       "1:/label:dropped", "1:/messages/0/weight:dropped", "2:/chosen:dropped"}),
             boost::test_tools::per_element());
  BOOST_TEST(
      output.text() ==
      R"({"custom_id":"r1","method":"POST","url":"/v1/x","body":{"model":"N","messages":[{"role":"user","content":"a"}]}})"
      "\n"
      R"({"custom_id":"request-2","method":"POST","url":"/v1/x","body":{"model":"N","messages":[{"role":"user","content":"a"}]}})"
      "\n");
  const auto without = encode(records);
  BOOST_TEST(without.findings() == (Lines{"3:no_messages:/messages", "1:no_model:"}), boost::test_tools::per_element());
  BOOST_TEST(without.on(FT_FINDING)[1]["severity"] == "warning");
}

BOOST_AUTO_TEST_CASE(openai_batch_knows_its_own_rows) {
  Plugins plugins;
  const auto formatter = plugins.create(FT_FORMATTER, "openai-batch");
  const auto confidence = [&](const std::string& row) { return Plugins::detect(*formatter, row, "a.jsonl").first; };
  BOOST_TEST(confidence(request("a") + response("a")) > 0.9);
  for (const char* other : {R"({"messages":[{"role":"user","content":"a"}]})", R"({"custom_id":"a"})",
                            R"({"body":{"messages":[]}})", R"({"prompt":"a","completion":"b"})"})
    BOOST_TEST(confidence(other) == 0, other);
}

BOOST_AUTO_TEST_SUITE_END()
