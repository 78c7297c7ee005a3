// The rule table, run as `validate` runs it.
#include <boost/test/unit_test.hpp>

#include "rules_fixture.hpp"

BOOST_AUTO_TEST_SUITE(sharegpt_rules)

using RuleLines = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(rules_accept_good_rows_and_name_each_mistake) {
  BOOST_TEST(
      fthost::test::wrong_findings(
          "sharegpt",
          {{R"({"conversations":[{"from":"system","value":"S"},{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"}],"tools":"[]"})",
            ""},
           {R"({"conversations":[{"from":"human","value":"Hi"},{"from":"function_call","value":"{}"},{"from":"observation","value":"1"},{"from":"gpt","value":"Hello"}]})",
            ""},
           {R"({"conversations":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]})", ""},
           {R"({"messages":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"}]})", ""},
           {R"({"messages":[{"from":"narrator","value":"Hi"},{"from":"gpt","value":"Hello"}]})",
            "unknown_role:/messages/0/from"},
           {R"({"messages":[{"from":"human"},{"from":"gpt","value":"Hello"}]})", "no_content:/messages/0"},
           {R"({"messages":[{"from":"human","value":["Hi"]},{"from":"gpt","value":"Hello"}]})",
            "bad_content:/messages/0/value"},
           {R"({"messages":[{"from":"human","value":"Hi"},{"from":"gpt","value":""}]})",
            "empty_content:/messages/1/value"},
           {R"({"conversations":true})", "bad_messages:/conversations"},
           {R"({"conversations":[]})", "no_conversations:/conversations"},
           {R"({"conversations":[{"from":"human","value":""},{"from":"gpt","value":"a"}]})",
            "empty_content:/conversations/0/value"},
           {R"({"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":" "}]})",
            "empty_content:/conversations/1/value"},
           {R"({"conversations":[{"from":"human"},{"from":"gpt","value":"a"}]})", "no_content:/conversations/0"},
           {R"({"conversations":[{"from":"human","value":5},{"from":"gpt","value":"a"}]})",
            "bad_content:/conversations/0/value"},
           {R"({"conversations":[{"from":"narrator","value":"q"},{"from":"gpt","value":"a"}]})",
            "unknown_role:/conversations/0/from"},
           {R"({"conversations":[{"from":"human","value":"q"},{"from":"function_call","value":"f 1"}]})",
            "bad_tool_call:/conversations/1/value"},
           {R"({"conversations":[{"role":"user","content":[]},{"role":"assistant","content":"a"}]})",
            "empty_content:/conversations/0/content"},
           {R"({"conversations":["q",{"from":"gpt","value":"a"}]})", "bad_message:/conversations/0"},
           {R"({"conversations":[{"from":"human","value":"Hi"}]})", "no_answer:/conversations"},
           {R"({"conversations":[{"from":"human","value":"Hi"},{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"}]})",
            "bad_order:/conversations/1/from"},
           {R"({"conversations":[{"from":"human","value":"Hi"},{"from":"observation","value":"1"},{"from":"gpt","value":"Hello"}]})",
            "bad_order:/conversations/1/from"},
           {R"({"conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"},{"from":"human","value":"Hi"}]})",
            "last_not_answer:/conversations/2/from"},
           {R"({"conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"a","train":1}]})",
            "bad_train:/conversations/1/train"},
           {R"({"conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"a","train_detail":[{"begin_offset":0,"train":true}]}]})",
            "bad_train:/conversations/1/train_detail/0"},
           {R"({"conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"a","weight":2}]})",
            "bad_weight:/conversations/1/weight"},
           {R"({"conversations":[{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"}],"tools":"search"})",
            "bad_tools:/tools"}}) == RuleLines{},
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
