// The rule table, run as `validate` runs it.
#include <boost/test/unit_test.hpp>

#include "rules_fixture.hpp"

BOOST_AUTO_TEST_SUITE(gemini_rules)

using RuleLines = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(rules_accept_good_rows_and_name_each_mistake) {
  BOOST_TEST(
      fthost::test::wrong_findings(
          "gemini",
          {{R"({"systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hello"}]}]})",
            ""},
           {R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]},{"role":"model","parts":[{"text":"Hello"}]}]})",
            ""},
           {R"({"contents":[{"role":"user","parts":["q"]},{"role":"model","parts":[{"text":"a"}]}]})",
            "bad_part:/contents/0/parts/0"},
           {R"({"contents":[{"role":"user","parts":[{"text":" "}]},{"role":"model","parts":[{"text":"a"}]}]})",
            "empty_content:/contents/0/parts"},
           {R"({"contents":5})", "no_contents:/contents"},
           {R"({"systemInstruction":"S","contents":[{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"text":"a"}]}]})",
            "bad_instruction:/systemInstruction"},
           {R"({"contents":[{"role":"user","parts":[{"text":"q"}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]},{"role":"model","parts":[{"text":"a"}]}]})",
            "unmatched_tool:/contents/1/parts/0/functionResponse/name"},
           {R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}]})", "no_model:/contents"},
           {R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hello"}]},{"role":"user","parts":[{"text":"Hi"}]}]})",
            "last_not_model:/contents/2/role"},
           {R"({"contents":[{"role":"model","parts":[{"text":"Hello"}]},{"role":"model","parts":[{"text":"Hello"}]}]})",
            "first_not_user:/contents/0/role"},
           {R"({"contents":[{"role":"assistant","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"Hello"}]}]})",
            "unknown_role:/contents/0/role"},
           {R"({"contents":[{"role":"user"},{"role":"model","parts":[{"text":"Hello"}]}]})", "no_content:/contents/0"},
           {R"({"contents":[{"role":"user","parts":[]},{"role":"model","parts":[{"text":"Hello"}]}]})",
            "no_content:/contents/0/parts"},
           {R"({"contents":[{"role":"user","parts":[{"a":1}]},{"role":"model","parts":[{"text":"Hello"}]}]})",
            "bad_part:/contents/0/parts/0"},
           {R"({"contents":[{"role":"user","parts":[{"text":1}]},{"role":"model","parts":[{"text":"Hello"}]}]})",
            "not_text:/contents/0/parts/0/text"},
           {R"({"contents":[{"role":"user","parts":[{"fileData":{"fileUri":"gs://a"}}]},{"role":"model","parts":[{"text":"Hello"}]}]})",
            "bad_file:/contents/0/parts/0/fileData"},
           {R"({"contents":[{"role":"user","parts":[{"functionCall":{"name":"f"}}]},{"role":"model","parts":[{"text":"Hello"}]}]})",
            "call_not_of_model:/contents/0/parts/0/functionCall"},
           {R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":"{}"}}]}]})",
            "bad_arguments:/contents/1/parts/0/functionCall/args"},
           {R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":"a"}}]},{"role":"model","parts":[{"text":"Hello"}]}]})",
            "bad_response:/contents/1/parts/0/functionResponse/response"},
           {R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hello"}]}]})",
            "same_role_twice:/contents/1/role"},
           {R"({"systemInstruction":{"parts":[{"inlineData":{}}]},"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hello"}]}]})",
            "not_text:/systemInstruction/parts/0"}}) == RuleLines{},
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
