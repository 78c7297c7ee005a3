#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "data/check.hpp"
#include "data_fixture.hpp"

using namespace fthost::data;
using fthost::test::contains;
using fthost::test::must;

namespace {

struct Result {
  std::vector<std::string> findings;  // "line code path"
  std::vector<Finding> full;
  CheckSummary summary;
};

// `piece`: so many bytes are read at a time.
Result check(const std::string& text, CheckOptions options = {}, const std::string& rules = "", unsigned threads = 1,
             std::size_t piece = std::size_t{1} << 20) {
  Result result;
  std::vector<RuleTable> tables;
  if (!rules.empty()) tables.push_back(*must(RuleTable::load(rules, "acme", "provider \"acme\"")));
  options.line_limit = 2000;
  Checker checker("a.jsonl", options, std::move(tables), [&](const Finding& finding) {
    BOOST_TEST(finding.file == "a.jsonl");
    result.findings.push_back(std::to_string(finding.line) + " " + finding.code +
                              (finding.path.empty() ? "" : " " + finding.path));
    result.full.push_back(finding);
  });
  BlockReader reader(
      "a.jsonl",
      [&, at = std::size_t{0}](void* buffer, std::size_t capacity) mutable -> std::int64_t {
        const std::size_t size = text.copy(static_cast<char*>(buffer), std::min(capacity, piece), at);
        at += size;
        return static_cast<std::int64_t>(size);
      },
      2000);
  must(check_blocks(reader, threads, {}, checker));
  result.summary = checker.finish();
  return result;
}

std::string message(const std::string& body) { return R"({"messages":[)" + body + "]}"; }
const std::string kGood = R"({"role":"user","content":"x"})";
using List = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(data_check)

BOOST_AUTO_TEST_CASE(good_rows_have_no_findings) {
  const Result result = check(
      R"({"id":"1","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"hi"},{"type":"image_url"}]},)"
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"c"}]},{"role":"tool","content":"r","tool_call_id":"c"},)"
      R"({"role":"assistant","content":"done","weight":1}]})"
      "\r\n" +
      message(kGood));
  BOOST_TEST(result.findings.empty());
  BOOST_TEST(result.summary.rows == 2u);
  BOOST_TEST(result.summary.valid == 2u);
}

BOOST_AUTO_TEST_CASE(every_bad_line_is_found_and_the_good_ones_between_are_read) {
  std::string text;
  text += message(kGood) + "\n";
  text += "{\"messages\":[}\n";
  text += "\n";
  text += "{\"messages\":\"\xFF\"}\n";
  text += "[1]\n";
  text += std::string(600, '[') + "\n";
  text += "{\"x\":\"" + std::string(3000, 'y') + "\"}\n";
  text += R"({"id":"b","messages":[{"role":"user","content":"y"}]})"
          "\n";
  text += "{\"messages\"";
  const Result result = check(text);
  BOOST_TEST(result.findings == (List{"2 broken_json", "3 blank_line", "4 invalid_utf8", "5 not_an_object",
                                      "6 too_deep", "7 line_too_long", "9 broken_json"}),
             boost::test_tools::per_element());
  BOOST_TEST(result.full[0].message == "broken JSON at byte 14: a value was expected, not '}'");
  BOOST_TEST(result.full[2].message == "invalid UTF-8 at byte 14");
  BOOST_TEST(result.summary.rows == 8u);
  BOOST_TEST(result.summary.valid == 2u);
  BOOST_TEST(result.summary.errors == 6u);
  BOOST_TEST(result.summary.warnings == 1u);
  BOOST_TEST(result.summary.by_code.at("broken_json") == 2u);
  const Result utf16 = check(std::string("\xFF\xFE{\0}\0", 6));
  BOOST_TEST(contains(utf16.full[0].hint, "UTF-16"));
}

BOOST_AUTO_TEST_CASE(messages_need_a_known_role_and_content) {
  const std::pair<std::string, List> rows[] = {
      {"{}", {"1 no_messages"}},
      {R"({"messages":null})", {"1 no_messages"}},
      {R"({"messages":[]})", {"1 no_messages /messages"}},
      {R"({"messages":{}})", {"1 bad_messages /messages"}},
      {message("3"), {"1 bad_message /messages/0"}},
      {message(R"({"content":"x"})"), {"1 bad_message /messages/0"}},
      {message(R"({"role":1,"content":"x"})"), {"1 bad_message /messages/0"}},
      {message(kGood + R"(,{"role":"bot","content":"x"})"), {"1 unknown_role /messages/1/role"}},
      {message(R"({"role":"User","content":"x"})"), {"1 unknown_role /messages/0/role"}},
      {message(R"({"role":"\u0075ser","content":"x"})"), {}},
      {message(R"({"role":"user"})"), {"1 empty_content /messages/0"}},
      {message(R"({"role":"user","content":null})"), {"1 empty_content /messages/0"}},
      {message(R"({"role":"user","content":" \n\u00a0"})"), {"1 empty_content /messages/0/content"}},
      {message(R"({"role":"user","content":[]})"), {"1 empty_content /messages/0/content"}},
      {message(R"({"role":"user","content":[{"type":"text","text":" "}]})"), {"1 empty_content /messages/0/content"}},
      {message(R"({"role":"user","content":[{"type":"text","text":" "},{"type":"image_url"}]})"), {}},
      {message(R"({"role":"user","content":[3]})"), {"1 bad_content /messages/0/content/0"}},
      {message(R"({"role":"user","content":3})"), {"1 bad_content /messages/0/content"}},
      {message(R"({"role":"assistant","content":"","tool_calls":[]})"), {"1 empty_content /messages/0/content"}},
      {message(R"({"role":"assistant","content":"","tool_calls":[{}]})"), {}},
      {message(R"({"role":"assistant","function_call":{}})"), {}},
      {R"({"a":1,"messages":[{"role":"user","role":"user","content":"x"}],"\u0061":2})",
       {"1 duplicate_key /a", "1 duplicate_key /messages/0/role"}},
  };
  for (const auto& [row, findings] : rows)
    BOOST_TEST(check(row).findings == findings, row << " gives " << check(row).findings.size());
  // Files of other shapes: structure only.
  BOOST_TEST(check(R"({"prompt":"x"})", {.messages = false}).findings.empty());
}

BOOST_AUTO_TEST_CASE(a_rating_is_a_whole_number_from_1_to_10) {
  const auto rated = [](const std::string& rating) {
    return check(R"({"rating":)" + rating + R"(,"messages":[)" + kGood + "]}").findings;
  };
  for (const char* good : {"1", "10", "7.0", "null"}) BOOST_TEST(rated(good).empty(), good);
  for (const char* bad : {"0", "11", "-3", "7.5", "true", "\"great\"", "[]"})
    BOOST_TEST(rated(bad) == List{"1 bad_rating /rating"}, bad);
}

BOOST_AUTO_TEST_CASE(the_errors_of_a_row_come_before_its_warnings) {
  const std::string rules = R"([
    {"code":"long","severity":"warning","at":"/messages","max_count":1,"message":"long"},
    {"code":"odd","severity":"error","at":"/messages/*","refused":["odd"],"message":"odd"}])";
  const Result result = check(message(kGood + R"(,{"role":"user","content":"","odd":1})"), {}, rules);
  BOOST_TEST(
      result.findings == (List{"1 empty_content /messages/1/content", "1 odd /messages/1/odd", "1 long /messages"}),
      boost::test_tools::per_element());
}

// Each of these took time that grew with the square of the row.
BOOST_AUTO_TEST_CASE(large_rows_are_checked_in_passing) {
  constexpr int kMany = 60000;
  std::string keys = "{\"messages\":[" + kGood + "]", broken;
  for (int i = 0; i < kMany; ++i) {
    keys += ",\"k" + std::to_string(i) + "\":1";
    broken += (i == 0 ? "" : ",") + std::string(R"({"role":"user","content":""})");
  }
  std::string last;
  Checker checker("a.jsonl", {}, {}, [&](const Finding& finding) {
    if (finding.code != "duplicate_content") last = finding.path;  // unknown fields are no part of it
  });
  BOOST_TEST(checker.row(1, keys + "}"));
  BOOST_TEST(!checker.row(2, keys + ",\"k7\":2}"));
  BOOST_TEST(last == "/k7");
  BOOST_TEST(!checker.row(3, message(broken)));
  BOOST_TEST(last == "");  // that there are more
  const CheckSummary& summary = checker.finish();
  BOOST_TEST(summary.by_code.at("duplicate_key") == 1u);
  BOOST_TEST(summary.by_code.at("empty_content") == 1000u);
  BOOST_TEST(summary.by_code.at("more_findings") == 1u);
}

BOOST_AUTO_TEST_CASE(what_was_learnt_of_one_row_does_not_hide_what_is_wrong_with_another) {
  // Rules whose outcome a shape does not tell, or only with care.
  const std::string rules = R"([
    {"code":"tag","severity":"error","at":"/tag","in":["","x","a\\n"],"message":"{value}"},
    {"code":"long","severity":"info","at":"/messages/*/content","max_length":4,"once":true,"message":"{count} long"},
    {"code":"plain","severity":"info","at":"/messages/*","required":["name"],"once":true,"message":"{count} without"}])";
  const std::vector<std::string> rows = {R"({"tag":"","messages":[{"role":"user","content":"hi"}]})",
                                         R"({"tag":"  ","messages":[{"role":"user","content":"hi"}]})",
                                         R"({"tag":"x","messages":[{"role":"user","content":"hello there"}]})",
                                         R"({"tag":"y","messages":[{"role":"user","content":"hi"}]})",
                                         R"({"tag":"\u0078","messages":[{"role":"user","content":"hello there"}]})",
                                         R"({"tag":"a\\n","messages":[{"role":"user","content":"hi"}]})",
                                         R"({"tag":"a\n","messages":[{"role":"user","content":"hi"}]})",
                                         R"({"rating":10,"messages":[{"role":"user","content":"hi"}]})",
                                         R"({"rating":11,"messages":[{"role":"user","content":"hi"}]})",
                                         R"({"r\u0061ting":12,"messages":[{"role":"user","content":"hi"}]})",
                                         R"({"messages":[{"role":"user","content":"hi"}]})",
                                         R"({"messages":[{"role":"user","content":"\u0020"}]})",
                                         R"({"messages":[{"role":"\u0075ser","content":"hi"}]})",
                                         R"({"messages":[{"role":"usEr","content":"hi"}]})"};
  // "row code path" of each row alone, where nothing is known yet.
  List alone;
  std::uint64_t long_ones = 0, plain_ones = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Result one = check(rows[i], {.duplicates = false}, rules);
    for (const Finding& finding : one.full) {
      if (finding.code == "long") long_ones += std::stoull(finding.message);
      if (finding.code == "plain") plain_ones += std::stoull(finding.message);
      if (finding.line > 0) alone.push_back(std::to_string(i) + " " + finding.code + " " + finding.path);
    }
  }
  for (const bool turned : {false, true}) {
    // Each row three times.
    std::string text;
    std::vector<std::size_t> of_line;
    List found, expected;
    for (int times = 0; times < 3; ++times) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        of_line.push_back(turned ? rows.size() - 1 - i : i);
        text += rows[of_line.back()] + "\n";
      }
      expected.insert(expected.end(), alone.begin(), alone.end());
    }
    for (const Finding& finding : check(text, {.duplicates = false}, rules).full) {
      if (finding.code == "long") BOOST_TEST(finding.message == std::to_string(long_ones * 3) + " long");
      if (finding.code == "plain") BOOST_TEST(finding.message == std::to_string(plain_ones * 3) + " without");
      if (finding.line == 0) continue;
      found.push_back(std::to_string(of_line[finding.line - 1]) + " " + finding.code + " " + finding.path);
    }
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    BOOST_TEST(found == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(threads_and_blocks_change_nothing) {
  std::string text;
  for (int i = 0; i < 4000; ++i) {
    if (i % 7 == 0)
      text += "{broken\n";
    else if (i % 5 == 0)
      text += R"({"id":"twice","messages":[{"role":"user","content":""}]})"
              "\n";
    else
      text += message(R"({"role":"user","content":")" + std::to_string(i / 2) + "\"}") + "\n";
  }
  const Result one = check(text), many = check(text, {}, "", 3, 5000);
  BOOST_TEST(one.findings == many.findings, boost::test_tools::per_element());
  BOOST_TEST(one.summary.valid == many.summary.valid);
  BOOST_TEST((one.summary.by_code == many.summary.by_code));
}

BOOST_AUTO_TEST_CASE(duplicates_are_told_with_the_line_they_repeat) {
  const std::string text = R"({"id":"a","messages":[{"role":"user","content":"x"}]})"
                           "\n"
                           R"({"id":"b","messages":[{"content":"\u0078","role":"user"}],"rating":3})"
                           "\n"
                           R"({"id":"a","messages":[{"role":"user","content":"y"}]})"
                           "\n"
                           R"({"id":{},"messages":[{"role":"user","content":"z"}]})"
                           "\n"
                           R"({"messages":[{"role":"user","content":"y"}]})"
                           "\n";
  const Result result = check(text);
  BOOST_TEST(
      result.findings == (List{"2 duplicate_content", "3 duplicate_id /id", "4 bad_id /id", "5 duplicate_content"}),
      boost::test_tools::per_element());
  BOOST_TEST(result.full[0].message == "the same content as line 1");
  BOOST_TEST((result.full[0].severity == Severity::warning));
  BOOST_TEST(result.full[1].message == "the id \"a\" is that of line 1");
  BOOST_TEST(result.summary.valid == 3u);
  BOOST_TEST(check(text, {.duplicates = false}).findings.empty());
}

BOOST_AUTO_TEST_CASE(rules_of_plugins_run_in_the_same_pass) {
  const std::string rules = R"([
    {"code":"last","severity":"error","at":"/messages","last":["assistant"],"message":"ends with {value}","hint":"add an answer"},
    {"code":"few","severity":"warning","rows":{"min":10},"message":"{count} rows"}])";
  const Result result = check(
      message(kGood) + "\nbroken\n" + message(kGood + R"(,{"role":"assistant","content":"y"})") + "\n", {}, rules);
  BOOST_TEST(result.findings == (List{"1 last /messages/0/role", "2 broken_json", "0 few"}),
             boost::test_tools::per_element());
  BOOST_TEST(result.full[0].provider == "acme");
  BOOST_TEST(result.full[0].hint == "add an answer");
  BOOST_TEST(result.full[1].provider.empty());
  BOOST_TEST(result.full[2].message == "2 rows");
  BOOST_TEST(result.summary.valid == 1u);
  const auto json = nlohmann::json::parse(to_json(result.full[0]));
  BOOST_TEST(json == nlohmann::json({{"code", "last"},
                                     {"severity", "error"},
                                     {"file", "a.jsonl"},
                                     {"line", 1},
                                     {"path", "/messages/0/role"},
                                     {"provider", "acme"},
                                     {"message", "ends with user"},
                                     {"hint", "add an answer"},
                                     {"fixable", false}}));
}

BOOST_AUTO_TEST_CASE(a_key_that_stands_twice_is_found_at_any_depth) {
  CheckOptions options;
  options.messages = false;
  const Result result = check(R"({"a":1,"a":2})"
                              "\n"
                              R"({"contents":[{"parts":[{"text":"q","text":"r"}]}]})"
                              "\n"
                              R"({"contents":[{"parts":[{"text":"q","t":"r"}]}]})"
                              "\n",
                              options);
  BOOST_TEST(result.findings == (List{"1 duplicate_key /a", "2 duplicate_key /contents/0/parts/0/text"}));
}

BOOST_AUTO_TEST_CASE(what_a_provider_does_not_ask_about_is_a_warning) {
  const std::string rows = R"({"id":"1","rating":11,)" + message(kGood).substr(1) + "\n" + R"({"id":"1",)" +
                           message(R"({"role":"user","content":"y"})").substr(1) + "\n";
  CheckOptions options;
  BOOST_TEST(check(rows, options).summary.errors == 2u);
  options.sent = true;
  const Result result = check(rows, options);
  BOOST_TEST(result.findings == (List{"1 bad_rating /rating", "2 duplicate_id /id"}));
  BOOST_TEST(result.summary.errors == 0u);
  BOOST_TEST(result.summary.valid == 2u);
}

BOOST_AUTO_TEST_CASE(an_assistant_may_refuse_or_speak_in_place_of_content) {
  BOOST_TEST(check(message(kGood + R"(,{"role":"assistant","refusal":"No."})") + "\n").findings.empty());
  BOOST_TEST(
      check(message(kGood + R"(,{"role":"assistant","content":null,"audio":{"id":"a"}})") + "\n").findings.empty());
  BOOST_TEST(check(message(R"({"role":"user","refusal":"No."})") + "\n").findings ==
             List{"1 empty_content /messages/0"});
  BOOST_TEST(check(message(kGood + R"(,{"role":"assistant","refusal":""})") + "\n").findings ==
             List{"1 empty_content /messages/1"});
}

BOOST_AUTO_TEST_CASE(equal_rows_of_two_files_are_found) {
  SeenContents seen;
  List found;
  const auto file = [&](const std::string& name, const List& rows) {
    Checker checker(
        name, {}, {}, [&](const Finding& finding) { found.push_back(finding.file + ": " + finding.message); }, &seen);
    for (std::size_t i = 0; i < rows.size(); ++i) checker.row(i + 1, rows[i]);
    checker.finish();
  };
  const auto row = [](const char* text) {
    return message(R"({"role":"user","content":")" + std::string(text) + "\"}");
  };
  file("a", {row("1"), row("2"), row("3")});
  file("b", {row("4"), row("2")});
  file("c", {row("4"), row("3"), row("5"), row("5")});
  BOOST_TEST(found == (List{"b: the same content as line 2 of a", "c: the same content as line 1 of b",
                            "c: the same content as line 3 of a", "c: the same content as line 3"}));
}

BOOST_AUTO_TEST_CASE(values_that_must_differ_name_the_row_that_has_them) {
  CheckOptions options;
  options.messages = false;
  const std::string rules =
      R"([{"code":"twice","severity":"error","message":"as {count}","field":"/k","unique_value":true},
          {"code":"other","severity":"error","message":"m","field":"/m","same_value":true}])";
  const Result result = check("{\"k\":1,\"m\":1}\n{\"k\":2}\n{\"k\":1,\"m\":2}\n", options, rules);
  BOOST_TEST(result.findings == (List{"3 twice /k", "3 other /m"}));
  BOOST_TEST(result.full[0].message == "as line 1");
  BOOST_TEST(result.summary.valid == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
