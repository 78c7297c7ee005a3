// The rule table, run as `validate` runs it.
#include <boost/test/unit_test.hpp>

#include "rules_fixture.hpp"

BOOST_AUTO_TEST_SUITE(openai_batch_rules)

using RuleLines = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(rules_accept_good_rows_and_name_each_mistake) {
  BOOST_TEST(
      fthost::test::wrong_findings(
          "openai-batch",
          {{R"({"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"M","messages":[]}})", ""},
           {R"({"id":"r","custom_id":"a","response":{"status_code":200,"body":{}},"error":null})", ""},
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

BOOST_AUTO_TEST_SUITE_END()
