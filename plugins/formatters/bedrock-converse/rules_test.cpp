// The rule table, run as `validate` runs it.
#include <boost/test/unit_test.hpp>

#include "rules_fixture.hpp"

BOOST_AUTO_TEST_SUITE(bedrock_converse_rules)

using RuleLines = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(rules_accept_good_rows_and_name_each_mistake) {
  BOOST_TEST(
      fthost::test::wrong_findings(
          "bedrock-converse",
          {{R"({"schemaVersion":"bedrock-conversation-2024","system":[{"text":"S"}],"messages":[{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"text":"Hello"}]}]})",
            ""},
           {R"({"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}],"created_at":"2026-01-01T00:00:00Z"})",
            ""},
           {R"({"messages":[{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"text":"Hello"}]}]})",
            "bad_version:"},
           {R"({"schemaVersion":"bedrock-conversion-2024","messages":[{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"text":"Hello"}]}]})",
            "bad_version:/schemaVersion"},
           {R"({"schemaVersion":"bedrock-conversation-2024","system":[{"txt":"S"}],"messages":[{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"text":"Hello"}]}]})",
            "not_text:/system/0"},
           {R"({"schemaVersion":"bedrock-conversation-2024","messages":[{"role":"assistant","content":[{"text":"Hello"}]},{"role":"user","content":[{"text":"Hi"}]}]})",
            "first_not_user:/messages/0/role"},
           {R"({"schemaVersion":"bedrock-conversation-2024","messages":[{"role":"user","content":[{"text":"Hi"}]}]})",
            "last_not_assistant:/messages/0/role"},
           {R"({"schemaVersion":"bedrock-conversation-2024","messages":[{"role":"user","content":[{"text":"Hi"}]},{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"text":"Hello"}]}]})",
            "bad_order:/messages/1/role"},
           {R"({"schemaVersion":"bedrock-conversation-2024","messages":[{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":"Hello"}]})",
            "bad_content:/messages/1/content"},
           {R"({"schemaVersion":"bedrock-conversation-2024","messages":[{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"text":""}]}]})",
            "empty_content:/messages/1/content/0/text"},
           {R"({"schemaVersion":"bedrock-conversation-2024","messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"a"}}]},{"role":"assistant","content":[{"text":"Hello"}]}]})",
            "unmatched_tool:/messages/0/content/0/toolResult/toolUseId"},
           {R"({"schemaVersion":"bedrock-conversation-2024","messages":[{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"f","input":{}}}]},{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"text":"Hello"}]}]})",
            "unanswered_tool_call:/messages/1/content/0/toolUse/toolUseId"}}) == RuleLines{},
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
