#include <boost/test/unit_test.hpp>

#include "data/rules.hpp"
#include "data/rules_run.hpp"
#include "data_fixture.hpp"

using namespace fthost::data;
using fthost::test::contains;
using fthost::test::must;

namespace {

// One rule without its head.
std::string table(const std::string& body) { return R"([{"code":"c","severity":"error","message":"m",)" + body + "}]"; }

std::string show(const Finding& finding) {
  return finding.code + (finding.path.empty() ? "" : " " + finding.path) +
         (finding.message == "m" ? "" : ": " + finding.message);
}

std::vector<std::string> broken(const std::string& rules, const std::string& row) {
  auto loaded = must(RuleTable::load(rules, "p", "formatter \"p\""));
  Document document;
  BOOST_REQUIRE_MESSAGE(document.parse_object(row), document.problem().message);
  RuleRun run;
  std::vector<Finding> findings;
  loaded->check_row(document, run, findings, nullptr);
  std::vector<std::string> found;
  for (const Finding& finding : findings) {
    BOOST_TEST(finding.provider == "p");
    found.push_back(show(finding));
  }
  return found;
}

// The row once what the rules find is mended.
std::string mended(const std::string& rules, const std::string& row) {
  auto loaded = must(RuleTable::load(rules, "p", "formatter \"p\""));
  Document document;
  BOOST_REQUIRE_MESSAGE(document.parse_object(row), document.problem().message);
  RuleRun run;
  std::vector<Finding> findings;
  Edits edits;
  loaded->check_row(document, run, findings, &edits);
  return edits.apply(row);
}

std::string load_error(const std::string& rules) {
  const auto loaded = RuleTable::load(rules, "p", "formatter \"p\"");
  BOOST_REQUIRE(!loaded);
  BOOST_TEST((loaded.error().code == fthost::Code::config));
  return loaded.error().sentence();
}

using List = std::vector<std::string>;

std::string chat(const std::string& roles) {
  std::string text = R"({"messages":[)";
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const char* role = roles[i] == 's' ? "system" : roles[i] == 'u' ? "user" : roles[i] == 'a' ? "assistant" : "tool";
    text += std::string(i ? "," : "") + R"({"role":")" + role + R"(","content":"x"})";
  }
  return text + "]}";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(data_rules)

BOOST_AUTO_TEST_CASE(values_are_tested_by_type_and_range) {
  const std::string types = table(R"("at":"/x","type":["integer","null"])");
  BOOST_TEST(broken(types, R"({"x":3})").empty());
  BOOST_TEST(broken(types, R"({"x":null})").empty());
  BOOST_TEST(broken(types, R"({"y":"absent"})").empty());
  BOOST_TEST(broken(types, R"({"x":3.0})") == List{"c /x"});
  BOOST_TEST(broken(types, R"({"x":"3"})") == List{"c /x"});
  BOOST_TEST(broken(table(R"("at":"/x","type":"number")"), R"({"x":3})").empty());
  const std::string among = table(R"("at":"/x","in":[0,1,"a",null,true])");
  for (const char* good : {"0", "1.0", "\"a\"", "\"\\u0061\"", "null", "true"}) {
    BOOST_TEST(broken(among, std::string("{\"x\":") + good + "}").empty(), good);
  }
  for (const char* bad : {"2", "\"0\"", "false", "[]", "\"\""}) {
    BOOST_TEST(broken(among, std::string("{\"x\":") + bad + "}") == List{"c /x"}, bad);
  }
  const std::string range = table(R"("at":"/x","min":-1,"max":2.5)");
  BOOST_TEST(broken(range, R"({"x":-1})").empty());
  BOOST_TEST(broken(range, R"({"x":2.5})").empty());
  BOOST_TEST(broken(range, R"({"x":-1.01})") == List{"c /x"});
  BOOST_TEST(broken(range, R"({"x":3})") == List{"c /x"});
  BOOST_TEST(broken(range, R"({"x":"z"})").empty());  // type is another rule's matter
}

BOOST_AUTO_TEST_CASE(texts_are_tested_by_characters_beginning_and_content) {
  const std::string length = table(R"("at":"/x","min_length":2,"max_length":3)");
  BOOST_TEST(broken(length, R"({"x":"é😀"})").empty());
  BOOST_TEST(broken(length, R"({"x":"\ud83d\ude00"})") == List{"c /x"});
  BOOST_TEST(broken(length, R"({"x":"abcd"})") == List{"c /x"});
  const std::string filled = table(R"("at":"/x","non_empty":true)");
  for (const char* bad : {"\"\"", "\" \\n\\u00a0\"", "[]", "{}"})
    BOOST_TEST(broken(filled, std::string("{\"x\":") + bad + "}") == List{"c /x"}, bad);
  for (const char* good : {"\"a\"", "[0]", "{\"a\":0}", "0", "null"})
    BOOST_TEST(broken(filled, std::string("{\"x\":") + good + "}").empty(), good);
  const std::string prefix = table(R"("at":"/x","prefix":["data:image/png;","data:image/jpeg;"])");
  BOOST_TEST(broken(prefix, R"({"x":"data:image\/png;base64,"})").empty());
  BOOST_TEST(broken(prefix, R"({"x":"http://"})") == List{"c /x"});
  const std::string json = table(R"("at":"/x","json":"object")");
  BOOST_TEST(broken(json, R"({"x":"{\"a\":1}"})").empty());
  for (const char* bad : {R"("[1]")", R"("{")", R"("")", R"("text")"})
    BOOST_TEST(broken(json, std::string("{\"x\":") + bad + "}") == List{"c /x"}, bad);
  BOOST_TEST(broken(table(R"("at":"/x","json":"any")"), R"({"x":"[1]"})").empty());
  const std::string bytes = table(R"("at":"/x","max_bytes":5)");
  BOOST_TEST(broken(bytes, R"({"x":"abc"})").empty());
  BOOST_TEST(broken(bytes, R"({"x":"abcd"})") == List{"c /x"});
}

BOOST_AUTO_TEST_CASE(objects_are_tested_by_their_keys) {
  BOOST_TEST(broken(table(R"("required":["a","b"],"message":"{key} is missing")"), R"({"a":null})") ==
             List{"c: b is missing"});
  BOOST_TEST(broken(table(R"("allowed":["a"],"message":"{key} is unknown")"), R"({"a":1,"b/":2,"c":3})") ==
             (List{"c /b~1: b/ is unknown", "c /c: c is unknown"}));
  BOOST_TEST(broken(table(R"("refused":["weight"])"), R"({"weight":0})") == List{"c /weight"});
  BOOST_TEST(broken(table(R"("any_of":["a","b"])"), R"({"a":null})") == List{"c"});
  BOOST_TEST(broken(table(R"("any_of":["a","b"])"), R"({"b":0})").empty());
  BOOST_TEST(broken(table(R"("at_most_one":["a","b","c"],"message":"{count}")"), R"({"a":1,"c":null})") ==
             List{"c: 2"});
  BOOST_TEST(broken(table(R"("at_most_one":["a","b"])"), R"({"a":1})").empty());
}

BOOST_AUTO_TEST_CASE(conditions_choose_which_values_a_rule_is_about) {
  const std::string rule = table(R"("at":"/messages/*","when":{"/role":["user","system"]},"refused":["weight"])");
  const std::string row =
      R"({"messages":[{"role":"user","weight":1},{"role":"assistant","weight":1},{"role":"system","weight":0},{"weight":1},3]})";
  BOOST_TEST(broken(rule, row) == (List{"c /messages/0/weight", "c /messages/2/weight"}));
  const std::string absent =
      table(R"("at":"/m/*","when":{"/calls":{"present":false},"/role":"a"},"required":["content"])");
  BOOST_TEST(
      broken(absent, R"({"m":[{"role":"a"},{"role":"a","calls":1},{"role":"b"},{"role":"a","content":null}]})") ==
      List{"c /m/0"});
  const std::string field = table(R"("at":"/m/*","when":{"/role":"a"},"field":"/parts/*/text","non_empty":true)");
  BOOST_TEST(
      broken(field, R"({"m":[{"role":"a","parts":[{"text":""},{"text":"x"}]},{"role":"b","parts":[{"text":""}]}]})") ==
      List{"c /m/0/parts/0/text"});
}

BOOST_AUTO_TEST_CASE(conversations_are_tested_by_the_order_of_their_roles) {
  const std::string ends =
      table(R"("at":"/messages","first":["system","user"],"last":["assistant"],"message":"{value}")");
  BOOST_TEST(broken(ends, chat("sua")).empty());
  BOOST_TEST(broken(ends, chat("au")) == (List{"c /messages/0/role: assistant", "c /messages/1/role: user"}));
  BOOST_TEST(broken(ends, R"({"messages":[]})").empty());
  BOOST_TEST(broken(ends, R"({"messages":[{"content":"x"}]})").size() == 2u);
  const std::string order =
      table(R"("at":"/messages","order":{"leading":["system"],"cycle":["user","assistant"],"ignore":["tool"]})");
  for (const char* good : {"ua", "sua", "uaua", "u", "suat", "utaua", ""})
    BOOST_TEST(broken(order, chat(good)).empty(), good);
  BOOST_TEST(broken(order, chat("ssua")) == List{"c /messages/1/role"});
  BOOST_TEST(broken(order, chat("usa")) == List{"c /messages/1/role"});
  BOOST_TEST(broken(order, chat("uua")) == List{"c /messages/1/role"});
  BOOST_TEST(broken(order, chat("a")) == List{"c /messages/0/role"});
  const std::string after = table(R"("at":"/messages","after":{"tool":["assistant","tool"],"system":[""]})");
  BOOST_TEST(broken(after, chat("suatta")).empty());
  BOOST_TEST(broken(after, chat("tus")) == (List{"c /messages/0/role", "c /messages/2/role"}));
  const std::string count =
      table(R"("at":"/messages","count_of":{"values":["assistant"],"min":1,"max":2},"message":"{count}")");
  BOOST_TEST(broken(count, chat("uaa")).empty());
  BOOST_TEST(broken(count, chat("u")) == List{"c /messages: 0"});
  BOOST_TEST(broken(count, chat("aaa")) == List{"c /messages: 3"});
  const std::string size = table(R"("at":"/messages","min_count":2,"max_count":3,"message":"{count}")");
  BOOST_TEST(broken(size, chat("u")) == List{"c /messages: 1"});
  BOOST_TEST(broken(size, chat("uaua")) == List{"c /messages: 4"});
  // Another key than role.
  BOOST_TEST(
      broken(table(R"("at":"/c","key":"from","last":["gpt"])"), R"({"c":[{"from":"human"},{"from":"gpt"}]})").empty());
  BOOST_TEST(broken(table(R"("at":"/c","key":"from","last":["gpt"])"), R"({"c":[{"from":"gpt"},{"from":"human"}]})") ==
             List{"c /c/1/from"});
}

BOOST_AUTO_TEST_CASE(references_must_be_declared_before_and_be_answered) {
  const std::string from_to = R"({"from":"/tool_call_id","to":"/tool_calls/*/id"})";
  const std::string references = table(R"("at":"/messages","message":"{value}","references":)" + from_to);
  const std::string answered = table(R"("at":"/messages","message":"{value}","answered":)" + from_to);
  const std::string good =
      R"({"messages":[{"tool_calls":[{"id":"a"},{"id":"b"}]},{"tool_call_id":"b"},{"tool_call_id":"a"}]})";
  BOOST_TEST(broken(references, good).empty());
  BOOST_TEST(broken(answered, good).empty());
  const std::string early =
      R"({"messages":[{"tool_call_id":"a"},{"tool_calls":[{"id":"a"},{"id":"b"}]},{"tool_call_id":"x"}]})";
  BOOST_TEST(broken(references, early) == (List{"c /messages/0/tool_call_id: a", "c /messages/2/tool_call_id: x"}));
  BOOST_TEST(broken(answered, early) == (List{"c /messages/1/tool_calls/0/id: a", "c /messages/1/tool_calls/1/id: b"}));
  // Nothing can answer the last element.
  BOOST_TEST(broken(answered, R"({"messages":[{"tool_calls":[{"id":"a"}]},{"tool_calls":[{"id":"b"}]}]})") ==
             List{"c /messages/0/tool_calls/0/id: a"});
  const std::string unique = table(R"("at":"/messages","unique":"/tool_calls/*/id","message":"{value}")");
  BOOST_TEST(broken(unique, good).empty());
  BOOST_TEST(broken(unique, R"({"messages":[{"tool_calls":[{"id":"a"}]},{"tool_calls":[{"id":"\u0061"}]}]})") ==
             List{"c /messages/1/tool_calls/0/id: a"});
}

BOOST_AUTO_TEST_CASE(the_file_as_a_whole_has_rules_too) {
  auto loaded = must(RuleTable::load(
      R"([{"code":"few","severity":"error","message":"{count} rows","rows":{"min":10,"max":12}},
          {"code":"large","severity":"warning","message":"{count} bytes","bytes":{"max":100}},
          {"code":"columns","severity":"error","message":"other keys than the first row","same_keys":true}])",
      "p", "x"));
  Document document;
  List found;
  std::vector<std::uint64_t> keys;
  for (const char* row : {R"({"a":1,"b":2})", R"({"b":1,"a":2})", R"({"a":1})", R"({"a":1,"c":2})"}) {
    BOOST_REQUIRE(document.parse_object(row));
    keys.push_back(loaded->keys_hash(0, document).value());
  }
  BOOST_TEST(keys[0] == keys[1]);
  BOOST_TEST(keys[0] != keys[2]);
  BOOST_TEST(keys[0] != keys[3]);
  BOOST_TEST(loaded->key_rules() == 1u);
  BOOST_TEST(show(loaded->other_keys(0, "")) == "columns: other keys than the first row");
  std::vector<Finding> findings;
  const auto file = [&](std::uint64_t rows, std::uint64_t bytes) {
    findings.clear();
    loaded->check_file(rows, bytes, false, true, {}, findings);
    found.clear();
    for (const Finding& finding : findings) found.push_back(show(finding));
  };
  file(4, 101);
  BOOST_TEST(found == (List{"few: 4 rows", "large: 101 bytes"}));
  BOOST_TEST((findings[0].severity == Severity::error));
  findings.clear();
  loaded->check_file(4, 101, false, false, {}, findings);  // not to be sent: rows may be added
  BOOST_TEST((findings[0].severity == Severity::warning));
  file(12, 100);
  BOOST_TEST(found.empty());
  file(13, 0);
  BOOST_TEST(found == List{"few: 13 rows"});
}

BOOST_AUTO_TEST_CASE(what_breaks_a_rule_can_be_mended) {
  const std::string remove =
      table(R"("at":"/messages/*","when":{"/role":"user"},"refused":["weight","name"],"fix":"remove")");
  BOOST_TEST(mended(remove, R"({"messages":[{"role":"user", "weight" : 1 , "content":"x","name":"é"}]})") ==
             R"({"messages":[{"role":"user", "content":"x"}]})");
  BOOST_TEST(mended(remove, R"({"messages":[{"weight":1,"role":"user"},{"weight":1}]})") ==
             R"({"messages":[{"role":"user"},{"weight":1}]})");
  const std::string first = table(R"("at":"/messages","first":["user"],"fix":"remove")");
  BOOST_TEST(mended(first, R"({"messages":[{"role":"assistant"},{"role":"user"}],"a":[1]})") ==
             R"({"messages":[{"role":"user"}],"a":[1]})");
  const std::string set = table(R"("at":"/v","in":[1],"fix":{"set":[1, 2]})");
  BOOST_TEST(mended(set, R"({"v":null,"w":2})") == R"({"v":[1, 2],"w":2})");
  const std::string stringify = table(R"("at":"/v","type":"string","fix":"stringify")");
  BOOST_TEST(mended(stringify, R"({"v":{"a" : "\"x\""}})") == R"({"v":"{\"a\":\"\\\"x\\\"\"}"})");
  BOOST_TEST(mended(stringify, R"({"v":"x"})") == R"({"v":"x"})");
  BOOST_TEST(contains(load_error(table(R"("at":"/v","type":"string","fix":"magic")")), "fix must be"));
}

BOOST_AUTO_TEST_CASE(what_no_text_can_mend_is_not_called_mended) {
  const std::string rule = table(R"("at":"/v","type":"string","json":"object","fix":"stringify")");
  BOOST_TEST(mended(rule, R"({"v":{}})") == R"({"v":"{}"})");
  for (const char* row : {R"({"v":null})", R"({"v":5})", R"({"v":[]})"}) BOOST_TEST(mended(rule, row) == row);
}

BOOST_AUTO_TEST_CASE(content_says_something_wherever_its_text_is) {
  const std::string says = table(R"("at":"/c","says":"/text")");
  for (const char* row : {R"({"c":" \n"})", R"({"c":[]})", R"({"c":[{"text":""},{"text":" "}]})", R"({"c":[" "]})"})
    BOOST_TEST(broken(says, row) == List{"c /c"});
  for (const char* row :
       {R"({"c":"x"})", R"({"c":[{"text":""},{"text":"x"}]})", R"({"c":[{"image":1}]})", R"({"c":5})"})
    BOOST_TEST(broken(says, row).empty());
}

BOOST_AUTO_TEST_CASE(names_have_only_some_characters_and_images_are_base64) {
  const std::string name = table(R"("at":"/n","only":"a-zA-Z0-9_-")");
  BOOST_TEST(broken(name, R"({"n":"get_Weather-2"})").empty());
  for (const char* row : {R"({"n":"get weather"})", R"({"n":"wetter\u00e4"})", R"({"n":"a.b"})"})
    BOOST_TEST(broken(name, row).size() == 1u);
  BOOST_TEST(contains(load_error(table(R"("at":"/n","only":"z-a")")), "ascend"));
  const std::string image = table(R"("at":"/u","base64":true,"message":"broken")");
  BOOST_TEST(broken(image, R"({"u":"data:image/png;base64,iVBORw0KGgo="})").empty());
  for (const char* row : {R"({"u":"data:image/png;base64,iVBO!w0KGgo="})", R"({"u":"data:image/png;base64,iVB"})",
                          R"({"u":"data:image/png;base64,"})"})
    BOOST_TEST(broken(image, row) == List{"c /u: broken"});
}

BOOST_AUTO_TEST_CASE(two_places_may_have_to_differ) {
  const std::string rule = table(R"("differ":{"from":"/chosen","to":"/rejected"})");
  BOOST_TEST(broken(rule, R"({"chosen":[{"a":1,"b":"é"}],"rejected":[{"b":"\u00e9", "a":1}]})") == List{"c /rejected"});
  BOOST_TEST(broken(rule, R"({"chosen":"x","rejected":"y"})").empty());
  BOOST_TEST(broken(rule, R"({"chosen":"x"})").empty());
}

BOOST_AUTO_TEST_CASE(null_is_not_there) {
  const std::string rule = table(R"("when":{"/x":{"present":false}},"required":["y"])");
  BOOST_TEST(broken(rule, R"({"x":null})") == List{"c"});
  BOOST_TEST(broken(rule, R"({"x":0})").empty());
}

BOOST_AUTO_TEST_CASE(rows_agree_or_differ_in_a_value) {
  auto loaded = must(RuleTable::load(
      R"([{"code":"models","severity":"error","message":"m","field":"/body/model","same_value":true},
          {"code":"ids","severity":"error","message":"as {count}","when":{"/body":{"present":true}},"field":"/id","unique_value":true},
          {"code":"list","severity":"error","message":"m","lines":true}])",
      "p", "p"));
  Document document;
  const auto hash = [&](std::size_t rule, const char* row) {
    BOOST_REQUIRE(document.parse_object(row));
    return loaded->keys_hash(rule, document);
  };
  BOOST_TEST((hash(0, R"({"body":{"model":"a"}})") == hash(0, R"({"id":1,"body":{"model":"\u0061"}})")));
  BOOST_TEST((hash(0, R"({"body":{"model":"a"}})") != hash(0, R"({"body":{"model":"b"}})")));
  BOOST_TEST((hash(0, R"({"body":{"model":"1"}})") != hash(0, R"({"body":{"model":1}})")));
  BOOST_TEST(!hash(0, R"({"body":{}})").has_value());
  BOOST_TEST(!hash(1, R"({"id":"x"})").has_value());
  BOOST_TEST(!loaded->must_differ(0));
  BOOST_TEST(loaded->must_differ(1));
  BOOST_TEST(show(loaded->other_keys(1, "line 3")) == "ids /id: as line 3");
  std::vector<Finding> findings;
  loaded->check_file(1, 1, false, true, {}, findings);
  BOOST_TEST(findings.empty());
  loaded->check_file(1, 1, true, true, {}, findings);
  BOOST_REQUIRE(findings.size() == 1u);
  BOOST_TEST(findings[0].code == "list");
}

BOOST_AUTO_TEST_CASE(many_keys_are_told_apart) {
  // More than a key index has room for.
  std::string words, row = "{";
  for (int i = 0; i < 80; ++i) {
    words += (i == 0 ? "\"" : ",\"") + std::string("key") + std::to_string(i) + "\"";
    row += (i == 0 ? "\"" : ",\"") + std::string("kex") + std::to_string(i) + "\":1";
  }
  const std::string rules = table("\"refused\":[" + words + "]");
  BOOST_TEST(broken(rules, row + "}").empty());
  for (const char* key : {"key0", "key63", "key64", "key79"})
    BOOST_TEST(broken(rules, row + ",\"" + key + "\":1}") == List{std::string("c /") + key});
}

BOOST_AUTO_TEST_CASE(values_are_counted_wherever_they_are) {
  const std::string images = table(R"("count_at":{"at":"/m/*/c/*/type","values":["image"],"min":1,"max":2})");
  BOOST_TEST(broken(images, R"({"m":[{"c":[{"type":"image"},{"type":"text"}]},{"c":"text"}]})").empty());
  BOOST_TEST(broken(images, R"({"m":[{"c":[{"type":"image"},{"type":"image"}]},{"c":[{"type":"image"}]}]})") ==
             List{"c"});
  BOOST_TEST(broken(images, R"({"m":[]})") == List{"c"});
}

BOOST_AUTO_TEST_CASE(a_condition_holds_for_any_of_the_values_it_names) {
  const std::string rule = table(R"("when":{"/c/*/type":["image"]},"refused":["weight"])");
  BOOST_TEST(broken(rule, R"({"c":[{"type":"text"},{"type":"image"}],"weight":1})") == List{"c /weight"});
  BOOST_TEST(broken(rule, R"({"c":[{"type":"text"}],"weight":1})").empty());
  const std::string none = table(R"("when":{"/c/*/type":{"present":false}},"refused":["weight"])");
  BOOST_TEST(broken(none, R"({"c":[{"a":1}],"weight":1})") == List{"c /weight"});
  BOOST_TEST(broken(none, R"({"c":[{"a":1},{"type":"x"}],"weight":1})").empty());
}

BOOST_AUTO_TEST_CASE(rows_may_have_to_agree_in_some_keys_alone) {
  auto loaded = must(RuleTable::load(
      R"([{"code":"mixed","severity":"error","message":"m","same_keys":["messages","text"]}])", "p", "p"));
  Document document;
  std::vector<std::uint64_t> keys;
  for (const char* row : {R"({"messages":[],"tools":[]})", R"({"messages":[]})", R"({"text":""})"}) {
    BOOST_REQUIRE(document.parse_object(row));
    keys.push_back(loaded->keys_hash(0, document).value());
  }
  BOOST_TEST(keys[0] == keys[1]);
  BOOST_TEST(keys[0] != keys[2]);
}

BOOST_AUTO_TEST_CASE(what_is_told_once_is_counted) {
  auto loaded = must(RuleTable::load(
      R"([{"code":"c","severity":"info","message":"{count} lack it","at":"/m/*","required":["x"],"once":true}])", "p",
      "p"));
  std::vector<Finding> findings;
  OnceCounts once;
  RuleRun run;
  Document document;
  for (const char* row : {R"({"m":[{},{"x":1}]})", R"({"m":[{}]})"}) {
    BOOST_REQUIRE(document.parse_object(row));
    run.begin_row(0, 1000);
    loaded->check_row(document, run, findings, nullptr);
    for (const Rule* rule : run.once()) ++once[rule];
  }
  BOOST_TEST(findings.empty());
  loaded->check_file(2, 0, false, true, once, findings);
  BOOST_REQUIRE(findings.size() == 1u);
  BOOST_TEST(show(findings[0]) == "c: 2 lack it");
}

BOOST_AUTO_TEST_CASE(a_long_value_is_shown_in_part) {
  const List found = broken(table(R"("at":"/x","max_length":1,"message":"{value}|{count}")"),
                            "{\"x\":\"" + std::string(59, 'a') + "éé\"}");
  BOOST_TEST(found == List{"c /x: " + std::string(59, 'a') + "…|61"});
}

BOOST_AUTO_TEST_CASE(mistakes_in_a_table_are_errors_when_it_is_loaded) {
  BOOST_TEST(contains(load_error("["), "formatter \"p\": the rule table: the text ends"));
  BOOST_TEST(contains(load_error("{}"), "must be a list"));
  BOOST_TEST(contains(load_error(table(R"("rolse":["a"])")),
                      "formatter \"p\": rule 1 (c): unknown keyword \"rolse\"; known are code, "));
  BOOST_TEST(contains(load_error(table(R"("at":"/x")")), "tests nothing"));
  BOOST_TEST(contains(load_error(R"([{"severity":"error","message":"m","type":"null"}])"), "rule 1: needs a code"));
  BOOST_TEST(contains(load_error(R"([{"code":"c","message":"m","type":"null"}])"), "needs a severity"));
  BOOST_TEST(
      contains(load_error(R"([{"code":"c","severity":"fatal","message":"m","type":"null"}])"), "severity must be"));
  BOOST_TEST(contains(load_error(R"([{"code":"c","severity":"error","type":"null"}])"), "needs a message"));
  const std::pair<const char*, const char*> mistakes[] = {
      {R"("type":"text")", "unknown type \"text\""},
      {R"("type":3)", "must be a list of strings"},
      {R"("in":[])", "empty list"},
      {R"("in":[[1]])", "compares with"},
      {R"("min":"1")", "must be a number"},
      {R"("min_count":-1)", "whole number"},
      {R"("min_length":1.5)", "whole number"},
      {R"("non_empty":false)", "must be true"},
      {R"("required":"a")", "list of strings"},
      {R"("at":"x","type":"null")", "begins with '/'"},
      {R"("when":{"role":"u"},"type":"null")", "begins with '/'"},
      {R"("when":{"/role":{"is":1}},"type":"null")", "has no \"is\""},
      {R"("order":{"leading":["s"]})", "needs a cycle"},
      {R"("count_of":{"min":1})", "needs values"},
      {R"("references":{"from":"/a"})", "needs from and to"},
      {R"("count_at":{"at":"/a","max":1})", "needs at and values"},
      {R"("same_keys":[])", "list of strings"},
      {R"("rows":{"minimum":1})", "has no \"minimum\""},
      {R"("rows":{"min":1},"type":"null")", "cannot look into rows"},
      {R"("rows":{"min":1},"at":"/x")", "cannot look into rows"},
      {R"("rows":{"min":1},"once":true)", "cannot look into rows"},
      {R"("json":"text")", "unknown type"},
      {R"("type":"null","hint":"{who}")", "not {who}"},
  };
  for (const auto& [body, says] : mistakes)
    BOOST_TEST(contains(load_error(table(body)), says), load_error(table(body)));
  BOOST_TEST(contains(load_error(table(R"("type":"null"},{"code":"d","severity":"info","message":"m")")),
                      "rule 2 (d): tests nothing"));
}

BOOST_AUTO_TEST_SUITE_END()
