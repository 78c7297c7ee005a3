// The rule table, run as `validate` runs it.
#include <boost/test/unit_test.hpp>

#include "rules_fixture.hpp"

BOOST_AUTO_TEST_SUITE(openai_batch_rules)

using RuleLines = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(rules_accept_good_rows_and_name_each_mistake) {
  BOOST_TEST(
      fthost::test::wrong_findings(
          "openai-batch",
          {{R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"M","messages":[{"role":"user","content":"q"}]}})",
            ""},
           {R"({"id":"r","custom_id":"a","response":{"status_code":200,"body":{}},"error":null})", ""},
           {R"({"id":"c","object":"chat.completion","messages":[{"role":"user","content":"q"}],"choices":[{"message":{"role":"assistant","content":"a"}}]})",
            ""},
           {R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"M","messages":[]}})",
            "no_messages:/body/messages"},
           {R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"M","messages":5}})",
            "bad_messages:/body/messages"},
           {R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"M","messages":[{"role":"user","content":" "}]}})",
            "empty_content:/body/messages/0/content"},
           {R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"M","messages":[{"role":"bot","content":"q"}]}})",
            "unknown_role:/body/messages/0/role"},
           {R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":5,"messages":[{"role":"user","content":"q"}]}})",
            "bad_request:/body/model"},
           {R"({"method":"POST","url":"/v1/embeddings","body":{"model":"M"}})", "no_custom_id:"},
           {R"({"custom_id":" ","method":"POST","url":"/v1/embeddings","body":{"model":"M"}})",
            "no_custom_id:/custom_id"},
           {R"({"custom_id":"a","method":"POST","body":{"model":"M"}})", "bad_request:"},
           {R"({"custom_id":"a","method":"GET","url":"/v1/embeddings","body":{"model":"M"}})", "bad_request:/method"},
           {R"({"custom_id":"a","method":"POST","url":"/v1/chat","body":{"model":"M"}})", "bad_request:/url"},
           {R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"M"}})",
            "bad_request:/body"},
           {R"({"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{"model":"M","stream":true}})",
            "streamed:/body/stream"}}) == RuleLines{},
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(requests_of_one_file_differ_in_their_ids_and_agree_in_the_rest) {
  const auto request = [](const std::string& id, const std::string& model, const std::string& url) {
    return R"({"custom_id":")" + id + R"(","method":"POST","url":")" + url + R"(","body":{"model":")" + model +
           R"(","messages":[{"role":"user","content":"q"}]}})";
  };
  BOOST_TEST(fthost::test::rule_findings(
                 "openai-batch", {request("a", "m", "/v1/chat/completions"), request("a", "m", "/v1/chat/completions"),
                                  request("b", "n", "/v1/chat/completions"), request("c", "m", "/v1/responses"),
                                  R"({"custom_id":"a","response":{"body":{}}})"}) ==
                 (RuleLines{"duplicate_custom_id:/custom_id", "several_models:/body/model", "several_endpoints:/url"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
