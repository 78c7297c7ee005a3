// The rule table, run as `validate` runs it.
#include <boost/test/unit_test.hpp>

#include "rules_fixture.hpp"

BOOST_AUTO_TEST_SUITE(openai_preference_rules)

using RuleLines = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(rules_accept_good_rows_and_name_each_mistake) {
  BOOST_TEST(
      fthost::test::wrong_findings(
          "openai-preference",
          {{R"({"input":{"messages":[{"role":"user","content":"Hi"}]},"preferred_output":[{"role":"assistant","content":"Hello"}],"non_preferred_output":[{"role":"assistant","content":"No"}]})",
            ""},
           {R"({"input":{"messages":[{"role":"user","content":"q"}]},"preferred_output":5,"non_preferred_output":[{"role":"assistant","content":"b"}]})",
            "bad_messages:/preferred_output"},
           {R"({"input":{"messages":[{"role":"user","content":"q"}]},"preferred_output":[{"role":"assistant","content":""}],"non_preferred_output":[{"role":"assistant","content":"b"}]})",
            "empty_content:/preferred_output/0/content"},
           {R"({"input":{"messages":[{"role":"user","content":"q"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":[{"type":"text","text":" "}]}]})",
            "empty_content:/non_preferred_output/0/content"},
           {R"({"input":{"messages":"x"},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]})",
            "bad_messages:/input/messages"},
           {R"({"input":{"messages":[]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]})",
            "no_messages:/input/messages"},
           {R"({"input":{},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]})",
            "no_messages:/input"},
           {R"({"input":"x","preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]})",
            "no_preference:/input"},
           {R"({"input":{"messages":[{"role":"user","content":"q"},{"role":"bot","content":"x"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]})",
            "unknown_role:/input/messages/1/role"},
           {R"({"input":{"messages":["q"]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]})",
            "bad_message:/input/messages/0"},
           {R"({"input":{"messages":[{"content":"q"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]})",
            "bad_message:/input/messages/0"},
           {R"({"input":{"messages":[{"role":"user"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]})",
            "no_content:/input/messages/0"},
           {R"({"input":{"messages":[{"role":"user","content":"q"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"content":"a","role":"assistant"}]})",
            "same_answers:/non_preferred_output"},
           {R"({"messages":[{"role":"user","content":"Hi"}],"chosen":[{"role":"assistant","content":"Hello"}],"created_at":"2026-01-01T00:00:00Z"})",
            "no_preference:"},
           {R"({"input":{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]},"preferred_output":[{"role":"assistant","content":"Hello"}],"non_preferred_output":[{"role":"assistant","content":"Hello"}]})",
            "last_is_assistant:/input/messages/1/role"},
           {R"({"input":{"messages":[{"role":"system","content":"S"}]},"preferred_output":[{"role":"assistant","content":"Hello"}],"non_preferred_output":[{"role":"assistant","content":"Hello"}]})",
            "no_user:/input/messages"},
           {R"({"input":{"messages":[{"role":"user","name":"Ann B.","content":"q"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]})",
            "bad_name:/input/messages/0/name"},
           {R"({"input":{"messages":[{"role":"user","content":"a","weight":1}]},"preferred_output":[{"role":"assistant","content":"Hello"}],"non_preferred_output":[{"role":"assistant","content":"Hello"}]})",
            "weight_not_on_assistant:/input/messages/0/weight"},
           {R"({"input":{"messages":[{"role":"user","content":[{"type":"image_url"}]}]},"preferred_output":[{"role":"assistant","content":"Hello"}],"non_preferred_output":[{"role":"assistant","content":"Hello"}]})",
            "not_text:/input/messages/0/content/0/type"},
           {R"({"input":{"messages":[{"role":"user","content":"Hi"}]},"preferred_output":[{"role":"assistant","content":"Hello"}]})",
            "no_preference:"},
           {R"({"input":{"messages":[{"role":"user","content":"Hi"}]},"preferred_output":[{"role":"assistant","content":"Hello"},{"role":"assistant","content":"Hello"}],"non_preferred_output":[{"role":"assistant","content":"Hello"}]})",
            "not_one_answer:/preferred_output"},
           {R"({"input":{"messages":[{"role":"user","content":"Hi"}]},"preferred_output":[{"role":"user","content":"Hi"}],"non_preferred_output":[{"role":"assistant","content":"Hello"}]})",
            "not_one_answer:/preferred_output/0/role"},
           {R"({"input":{"messages":[{"role":"user","content":"Hi"}]},"preferred_output":[{"role":"assistant","content":"Hello"}],"non_preferred_output":[{"role":"assistant"}]})",
            "no_content:/non_preferred_output/0"},
           {R"({"input":{"messages":[{"role":"user","content":"Hi"}]},"preferred_completion":[{"role":"assistant","content":"Hello"}],"non_preferred_output":[{"role":"assistant","content":"Hello"}]})",
            "older_spelling:/preferred_completion"},
           {R"({"input":{"messages":[{"role":"user","content":"Hi"}],"parallel_tool_calls":"no"},"preferred_output":[{"role":"assistant","content":"Hello"}],"non_preferred_output":[{"role":"assistant","content":"Hello"}]})",
            "bad_parallel_tool_calls:/input/parallel_tool_calls"}}) == RuleLines{},
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
