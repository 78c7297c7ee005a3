// The rule table, run as `validate` runs it.
#include <boost/test/unit_test.hpp>

#include "rules_fixture.hpp"

BOOST_AUTO_TEST_SUITE(trl_rules)

using RuleLines = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(rules_accept_good_rows_and_name_each_mistake) {
  BOOST_TEST(
      fthost::test::wrong_findings(
          "trl",
          {{R"({"prompt":"a","chosen":"b","rejected":"c"})", ""},
           {R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{}}}]}]})", ""},
           {R"({"prompt":"a"})", ""},
           {R"({"prompt":"","chosen":"a","rejected":"b"})", "empty_content:/prompt"},
           {R"({"prompt":"q","chosen":"","rejected":" "})", "empty_content:/rejected"},
           {R"({"prompt":5,"chosen":"a","rejected":"b"})", "bad_content:/prompt"},
           {R"({"prompt":"q","chosen":["x"],"rejected":"b"})", "bad_message:/chosen/0"},
           {R"({"prompt":[{"role":"user","content":" "}],"completion":"b"})", "empty_content:/prompt/0/content"},
           {R"({"completion":"b"})", "no_prompt:"},
           {R"({"prompt":"a","chosen":"b"})", "no_preference:"},
           {R"({"prompt":"a","rejected":"b"})", "no_preference:"},
           {R"({"prompt":"a","completion":"b","label":1})", "bad_label:/label"},
           {R"({"prompt":"a","completions":["b"]})", "bad_steps:"},
           {R"({"prompt":"a","completions":["b"],"labels":["yes"]})", "bad_steps:/labels/0"},
           {R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]})",
            "bad_arguments:/messages/0/tool_calls/0/function/arguments"}}) == RuleLines{},
      boost::test_tools::per_element());
  BOOST_TEST(fthost::test::rule_findings("trl", {R"({"prompt":"a","completion":"b"})", R"({"messages":[]})"}) ==
             RuleLines{"mixed_types:"});
}

BOOST_AUTO_TEST_SUITE_END()
