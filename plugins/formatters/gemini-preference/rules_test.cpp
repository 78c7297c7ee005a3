// The rule table, run as `validate` runs it.
#include <boost/test/unit_test.hpp>

#include "rules_fixture.hpp"

BOOST_AUTO_TEST_SUITE(gemini_preference_rules)

using RuleLines = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(rules_accept_good_rows_and_name_each_mistake) {
  BOOST_TEST(
      fthost::test::wrong_findings(
          "gemini-preference",
          {{R"({"system_instruction":{"parts":[{"text":"S"}]},"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"Hello"}]}},{"score":0,"completion":{"role":"model","parts":[{"text":"No"}]}}]})",
            ""},
           {R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hello"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"Hello"}]}},{"score":0,"completion":{"role":"model","parts":[{"text":"No"}]}}]})",
            "last_not_user:/contents/1/role"},
           {R"({"contents":[{"role":"function","parts":[{"text":"a"}]},{"role":"user","parts":[{"text":"Hi"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"Hello"}]}},{"score":0,"completion":{"role":"model","parts":[{"text":"No"}]}}]})",
            "unknown_role:/contents/0/role"},
           {R"({"contents":[{"role":"user","parts":[{"fileData":{}}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"Hello"}]}},{"score":0,"completion":{"role":"model","parts":[{"text":"No"}]}}]})",
            "not_text:/contents/0/parts/0/fileData"},
           {R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"systemInstruction":{}})", "bad_completions:"},
           {R"({"contents":true,"completions":[]})", "no_contents:/contents"},
           {R"({"contents":[{"role":"user","parts":[{"text":"q"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":""}]}},{"score":0,"completion":5}]})",
            "empty_content:/completions/0/completion/parts"},
           {R"({"contents":[{"role":"user","parts":[{"text":"q"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"a"}]}},{"score":0,"completion":5}]})",
            "no_content:/completions/1/completion"},
           {R"({"contents":[{"role":"user","parts":["q"]}],"completions":[]})", "not_text:/contents/0/parts/0"},
           {R"({"contents":[{"role":"user","parts":[{"text":"q"}]}],"completions":[{"score":1,"completion":{"parts":[{"text":"a"}]}},{"score":0,"completion":{"parts":[{"text":"a"}]}}]})",
            "same_answers:/completions/1/completion"},
           {R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"Hello"}]}}]})",
            "bad_completions:/completions"},
           {R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"Hello"}]}},{"completion":{"role":"model","parts":[{"text":"Hello"}]}}]})",
            "bad_completions:/completions/1"},
           {R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"Hello"}]}},{"score":0.5,"completion":{"role":"model","parts":[{"text":"No"}]}}]})",
            "bad_score:/completions/1/score"},
           {R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"Hello"}]}},{"score":1,"completion":{"role":"model","parts":[{"text":"No"}]}}]})",
            "bad_score:"},
           {R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"Hello"}]}},{"score":0,"completion":{"role":"user","parts":[{"text":"Hi"}]}}]})",
            "unknown_role:/completions/1/completion/role"},
           {R"({"systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"Hello"}]}},{"score":0,"completion":{"role":"model","parts":[{"text":"No"}]}}]})",
            "camel_case:/systemInstruction"}}) == RuleLines{},
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
