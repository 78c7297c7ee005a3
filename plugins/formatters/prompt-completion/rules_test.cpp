// The rule table, run as `validate` runs it.
#include <boost/test/unit_test.hpp>

#include "rules_fixture.hpp"

BOOST_AUTO_TEST_SUITE(prompt_completion_rules)

using RuleLines = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(rules_accept_good_rows_and_name_each_mistake) {
  BOOST_TEST(fthost::test::wrong_findings(
                 "prompt-completion",
                 {{R"({"prompt":"a","completion":"b","weight":0.5})", ""},
                  {R"({"prompt":"","completion":"b"})", "not_text:/prompt"},
                  {R"({"prompt":"a"})", "no_completion:"},
                  {R"({"completion":"a"})", "no_prompt:"},
                  {R"({"prompt":["a"],"completion":"b"})", "not_text:/prompt"},
                  {R"({"prompt":"a","completion":" "})", "not_text:/completion"},
                  {R"({"prompt":"a","completion":"b","weight":-1})", "bad_row_weight:/weight"},
                  {R"({"prompt":"a","completion":"b","messages":[]})", "several_formats:/messages"}}) == RuleLines{},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
