// The rule table, run as `validate` runs it.
#include <boost/test/unit_test.hpp>

#include "rules_fixture.hpp"

BOOST_AUTO_TEST_SUITE(bedrock_rules)

using RuleLines = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(rules_accept_good_rows_and_name_each_mistake) {
  BOOST_TEST(
      fthost::test::wrong_findings(
          "bedrock",
          {{R"({"system":"S","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]})", ""},
           {R"({"messages":[{"role":"system","content":"S"},{"role":"assistant","content":"Hello"}],"created_at":"2026-01-01T00:00:00Z","id":"a"})",
            ""},
           {R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}],"tools":[]})",
            "extra_key:/tools"},
           {R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"a","weight":1}]})",
            "extra_key:/messages/1/weight"},
           {R"({"system":"","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]})",
            "not_text:/system"},
           {R"({"messages":[{"role":"user","content":"Hi"}]})", "too_few_messages:/messages"},
           {R"({"messages":[{"role":"assistant","content":"Hello"},{"role":"user","content":"Hi"}]})",
            "first_not_user:/messages/0/role"},
           {R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"Hi"}]})",
            "last_not_assistant:/messages/2/role"},
           {R"({"messages":[{"role":"user","content":"Hi"},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]})",
            "bad_order:/messages/1/role"},
           {R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":" "}]})",
            "not_text:/messages/1/content"}}) == RuleLines{},
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
