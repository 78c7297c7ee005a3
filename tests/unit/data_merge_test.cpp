#include <fcntl.h>
#include <boost/test/unit_test.hpp>

#include "data/merge_rows.hpp"
#include "data_fixture.hpp"
#include "io/descriptor.hpp"

using namespace fthost::data;
using fthost::test::must;

BOOST_AUTO_TEST_SUITE(data_merge)

namespace {

using Texts = std::vector<std::string>;

MergedRecord merge_one(std::string_view base, std::string_view ours, std::string_view theirs,
                       Side prefer = Side::none) {
  Document a, b, c;
  BOOST_REQUIRE(base.empty() || a.parse_object(base));
  BOOST_REQUIRE(b.parse_object(ours));
  BOOST_REQUIRE(c.parse_object(theirs));
  return merge_record(a.root(), b.root(), c.root(), prefer);
}

// The text; "conflict at PATH …" in front of it where there are some.
std::string merged(std::string_view base, std::string_view ours, std::string_view theirs, Side prefer = Side::none) {
  const MergedRecord record = merge_one(base, ours, theirs, prefer);
  std::string out;
  for (const auto& path : record.conflicts) out += "conflict at " + path + ": ";
  return out + record.text;
}

struct Run {
  MergeCounts counts;
  std::string text;
  Texts conflicts;  // "changed r1 1/2 /rating"
};

Run merge_files(std::string_view base, std::string_view ours, std::string_view theirs, Side prefer = Side::none) {
  fthost::test::TemporaryFolder folder;
  std::vector<fthost::io::Descriptor> descriptors;
  std::vector<Snapshot> versions;
  for (const std::string_view text : {base, ours, theirs}) {
    const auto path = folder / std::to_string(versions.size());
    fthost::test::spill(path, text);
    descriptors.emplace_back(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    RowReader rows(*must(JsonlReader::open(path)), [](const Finding& finding) { BOOST_ERROR(finding.message); });
    versions.push_back(*must(Snapshot::read(rows, descriptors.back().get(), [] { return false; })));
  }
  Run run;
  const MergeSinks sinks{[&](std::string_view bytes) -> fthost::Result<void> {
                           run.text += bytes;
                           return {};
                         },
                         [&](const RowConflict& conflict) -> fthost::Result<void> {
                           std::string line = std::string(kind_name(conflict.kind)) + " " + conflict.id + " " +
                                              std::to_string(conflict.line_ours) + "/" +
                                              std::to_string(conflict.line_theirs);
                           for (const auto& path : conflict.paths) line += " " + path;
                           BOOST_TEST(conflict.ours.empty() == (conflict.line_ours == 0));
                           BOOST_TEST(conflict.theirs.empty() == (conflict.line_theirs == 0));
                           run.conflicts.push_back(line);
                           return {};
                         }};
  run.counts = *must(merge_rows(versions[0], versions[1], versions[2], prefer, sinks, [] { return false; }));
  return run;
}

std::string rows(std::string_view ids) {
  std::string text;
  for (const char id : ids) text += std::string("{\"id\":\"") + id + "\"}\n";
  return text;
}

// The ids of the result, a letter each.
std::string order(std::string_view base, std::string_view ours, std::string_view theirs) {
  const Run run = merge_files(rows(base), rows(ours), rows(theirs));
  BOOST_TEST(run.conflicts.empty());
  std::string ids;
  for (std::size_t at = 0; (at = run.text.find("\":\"", at)) != std::string::npos; ++at) ids += run.text[at + 3];
  return ids;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_one_side_changed_is_taken) {
  BOOST_TEST(merged(R"({"id":"1","a":1,"b":1,"c":1})", R"({"id":"1","a":2,"b":1})",
                    R"({"id":"1","a":1,"b":3,"c":1,"d":4})") == R"({"id":"1","a":2,"b":3,"d":4})");
  // Both the same; the spelling of ours stays.
  BOOST_TEST(merged(R"({"a":"x"})", R"({"a":"caf\u00e9","b":1})", R"({"a":"café","c":2})") ==
             R"({"a":"caf\u00e9","b":1,"c":2})");
}

BOOST_AUTO_TEST_CASE(spacing_of_ours_is_kept) {
  BOOST_TEST(merged(R"({"a": 1, "b": 1})", R"({ "a": 2, "b": 1 })", R"({"a":1,"b":2,"c":[1,2]})") ==
             R"({ "a": 2, "b": 2, "c": [1,2] })");
  BOOST_TEST(merged(R"({"a":1,"b":1})", "{}", R"({"a":1,"b":1,"c":1})") == R"({"c":1})");
  BOOST_TEST(merged(R"({"a":1,"b":1,"c":1})", R"({"b":2,"a":1,"c":1})", R"({"b":1})") == R"({"b":2})");
}

BOOST_AUTO_TEST_CASE(two_changes_of_one_field_are_a_conflict) {
  const std::string_view base = R"({"messages":[1],"x":1,"r":1})", ours = R"({"messages":[2],"x":1,"r":2})",
                         theirs = R"({"messages":[3],"x":5,"r":3})";
  BOOST_TEST(merged(base, ours, theirs) == R"(conflict at /messages: conflict at /r: {"messages":[2],"x":5,"r":2})");
  BOOST_TEST(merged(base, ours, theirs, Side::theirs) ==
             R"(conflict at /messages: conflict at /r: {"messages":[3],"x":5,"r":3})");
  // One removed what the other changed.
  BOOST_TEST(merged(R"({"a":1,"b":1})", R"({"b":1})", R"({"a":2,"b":1})") == R"(conflict at /a: {"b":1})");
  BOOST_TEST(merged(R"({"a":1,"b":1})", R"({"a":2,"b":1})", R"({"b":1})", Side::theirs) ==
             R"(conflict at /a: {"b":1})");
  // Half of each conversation is a conversation that nobody wrote, also where the halves do not touch.
  BOOST_TEST(merged(R"({"messages":[{"content":"q"},{"content":"a"}]})",
                    R"({"messages":[{"content":"q2"},{"content":"a"}]})",
                    R"({"messages":[{"content":"q"},{"content":"a2"}]})")
                 .starts_with("conflict at /messages"));
}

BOOST_AUTO_TEST_CASE(two_raters_edits_come_together) {
  const std::string_view base = R"({"id":"1","ratings":[{"by":"ann","value":5}],"tags":["a","b"]})";
  BOOST_TEST(
      merged(base, R"({"id":"1","ratings":[{"by":"ann","value":5},{"by":"bob","value":7}],"tags":["b","c"]})",
             R"({"id":"1","ratings":[{"by":"ann","value":5}, {"by":"cho","value":9}],"tags":["a","b","d"]})") ==
      R"({"id":"1","ratings":[{"by":"ann","value":5},{"by":"bob","value":7},{"by":"cho","value":9}],"tags":["b","c","d"]})");
  // One changes hers, the other adds his.
  BOOST_TEST(merged(base, R"({"id":"1","ratings":[{"by":"ann","value":8}],"tags":["a","b"]})",
                    R"({"id":"1","ratings":[{"by":"ann","value":5},{"by":"bob","value":7}],"tags":["a","b"]})") ==
             R"({"id":"1","ratings":[{"by":"ann","value":8},{"by":"bob","value":7}],"tags":["a","b"]})");
  // The same rater on both sides: the later; without times nobody can say.
  BOOST_TEST(merged(R"({"ratings":[]})", R"({"ratings":[{"by":"ann","value":8,"at":"2026-01-02T00:00:00Z"}]})",
                    R"({"ratings":[{"by":"ann","value":2,"at":"2026-01-02T00:30:00+01:00"}]})") ==
             R"({"ratings":[{"by":"ann","value":8,"at":"2026-01-02T00:00:00Z"}]})");
  BOOST_TEST(merged(base, R"({"id":"1","ratings":[{"by":"ann","value":8}],"tags":["a","b"]})",
                    R"({"id":"1","ratings":[{"by":"ann","value":9}],"tags":["a","b"]})")
                 .starts_with("conflict at /ratings: "));
  // Ratings without raters are a set of values.
  BOOST_TEST(merged(R"({"ratings":[1,2]})", R"({"ratings":[2,3]})", R"({"ratings":[1,2,4]})") ==
             R"({"ratings":[2,3,4]})");
  // Added on both sides, without a base.
  BOOST_TEST(merged("", R"({"tags":["a"]})", R"({"tags":["b","a"]})") == R"({"tags":["a","b"]})");
}

BOOST_AUTO_TEST_CASE(bookkeeping_times_never_conflict) {
  BOOST_TEST(merged(R"({"updated_at":"2026-01-01T00:00:00Z","x":1})", R"({"updated_at":"2026-01-03T00:00:00Z","x":1})",
                    R"({"updated_at":"2026-01-02T00:00:00.5Z","x":2})") ==
             R"({"updated_at":"2026-01-03T00:00:00Z","x":2})");
  BOOST_TEST(merged("", R"({"created_at":"2026-01-03T00:00:00Z"})", R"({"created_at":"2026-01-02T00:00:00Z"})") ==
             R"({"created_at":"2026-01-02T00:00:00Z"})");
  BOOST_TEST(merged(R"({"validated":{"by":"a","at":"2026-01-01"}})", R"({"validated":{"by":"b","at":"2026-01-02"}})",
                    R"({"validated":{"by":"c","at":"2026-01-03"}})") ==
             R"({"validated":{"by":"c","at":"2026-01-03"}})");
  BOOST_TEST(merged(R"({"updated_at":1})", R"({"updated_at":"soon"})", R"({"updated_at":3})")
                 .starts_with("conflict at /updated_at"));
}

BOOST_AUTO_TEST_CASE(times_are_compared_as_instants) {
  const auto compared = [](const char* a, const char* b) -> std::string {
    Document x, y;
    BOOST_REQUIRE(x.parse(a));
    BOOST_REQUIRE(y.parse(b));
    int order = 7;
    return compare_times(x.root(), y.root(), order) ? (order < 0 ? "<" : order > 0 ? ">" : "=") : "?";
  };
  BOOST_TEST(compared(R"("2026-01-01T00:00:00Z")", R"("2026-01-01T00:00:00.25Z")") == "<");
  BOOST_TEST(compared(R"("2026-01-01T00:00:00.50Z")", R"("2026-01-01T00:00:00.5Z")") == "=");
  BOOST_TEST(compared(R"("2026-01-01T01:00:00+01:00")", R"("2026-01-01")") == "=");
  BOOST_TEST(compared(R"("2026-01-01 00:00:00-00:30")", R"("2026-01-01T00:29:59")") == ">");
  BOOST_TEST(compared("1.5", "2") == "<");
  for (const char* other : {R"("yesterday")", R"("2026-13-01")", R"("2026-02-30")", R"("2026-01-01T00:00")", R"("")",
                            R"("2026-01-01T00:00:00+1")", "null", "3"}) {
    BOOST_TEST(compared(other, R"("2026-01-01")") == "?", other);
  }
}

BOOST_AUTO_TEST_CASE(metadata_merges_key_by_key) {
  BOOST_TEST(merged(R"({"metadata":{"a":1,"n":{"x":1}}})", R"({"metadata":{"a":2,"n":{"x":1,"y":1}}})",
                    R"({"metadata":{"a":1,"n":{"x":2},"b":3}})") == R"({"metadata":{"a":2,"n":{"x":2,"y":1},"b":3}})");
  BOOST_TEST(merged(R"({"metadata":{"a/b":1}})", R"({"metadata":{"a/b":2}})", R"({"metadata":{"a/b":3}})")
                 .starts_with("conflict at /metadata/a~1b: "));
}

BOOST_AUTO_TEST_CASE(a_key_that_stands_twice_is_not_merged) {
  BOOST_TEST(merged(R"({"a":1})", R"({"a":1,"a":2})", R"({"a":3})") == R"(conflict at : {"a":1,"a":2})");
  BOOST_TEST(merged(R"({"a":1})", R"({"a":2})", R"({"a":3,"a":3})", Side::theirs) == R"(conflict at : {"a":3,"a":3})");
}

BOOST_AUTO_TEST_CASE(rows_keep_their_order_and_additions_follow_their_neighbours) {
  BOOST_TEST(order("abc", "abc", "abxc") == "abxc");
  BOOST_TEST(order("abc", "abcx", "abcy") == "abcxy");
  BOOST_TEST(order("abc", "abcx", "abcyz") == "abcxyz");
  BOOST_TEST(order("abc", "abc", "xabc") == "xabc");
  BOOST_TEST(order("abc", "yabc", "xabc") == "yxabc");
  BOOST_TEST(order("abc", "cba", "abxc") == "cbxa");
  BOOST_TEST(order("abc", "abc", "cba") == "abc");
  BOOST_TEST(order("", "ab", "cd") == "abcd");
  BOOST_TEST(order("", "ab", "bc") == "abc");
  BOOST_TEST(order("", "", "ab") == "ab");
  BOOST_TEST(order("ab", "", "") == "");
}

BOOST_AUTO_TEST_CASE(removals_are_honoured) {
  BOOST_TEST(order("abc", "ac", "abc") == "ac");
  BOOST_TEST(order("abc", "abc", "ab") == "ab");
  BOOST_TEST(order("abc", "ab", "bc") == "b");
  BOOST_TEST(order("abc", "ac", "abxc") == "axc");
}

BOOST_AUTO_TEST_CASE(a_removal_of_what_the_other_changed_is_a_conflict) {
  const std::string base = "{\"id\":\"a\",\"x\":1}\n{\"id\":\"b\",\"x\":1}\n";
  const std::string ours = "{\"id\":\"a\",\"x\":2}\n", theirs = "{\"id\":\"b\",\"x\":3}\n";
  Run run = merge_files(base, ours, theirs);
  BOOST_TEST(run.text == ours);
  BOOST_TEST(run.conflicts == (Texts{"removed_by_theirs a 1/0", "removed_by_ours b 0/1"}));
  run = merge_files(base, ours, theirs, Side::theirs);
  BOOST_TEST(run.text == theirs);
  BOOST_TEST(run.counts.conflicts == 2u);
  BOOST_TEST(merge_files(base, ours, theirs, Side::ours).text == ours);
  // Written otherwise is not changed.
  run = merge_files(base, "{ \"x\" : 1, \"id\" : \"a\" }\n" + base.substr(base.find('\n') + 1), theirs);
  BOOST_TEST(run.text == theirs);
  BOOST_TEST(run.conflicts.empty());
}

BOOST_AUTO_TEST_CASE(a_conflicting_row_is_ours_to_the_byte) {
  const std::string base = "{\"id\":\"a\",\"x\":1,\"y\":1}\n", ours = "{\"id\": \"a\", \"x\": 2, \"y\": 1}\n",
                    theirs = "{\"id\":\"a\",\"x\":3,\"y\":2}\n";
  Run run = merge_files(base, ours, theirs);
  BOOST_TEST(run.text == ours);
  BOOST_TEST(run.conflicts == Texts{"changed a 1/1 /x"});
  BOOST_TEST(run.counts.kept == 1u);
  run = merge_files(base, ours, theirs, Side::ours);
  BOOST_TEST(run.text == "{\"id\": \"a\", \"x\": 2, \"y\": 2}\n");
  BOOST_TEST(run.counts.merged == 1u);
  BOOST_TEST(merge_files("", ours, theirs).conflicts == Texts{"added a 1/1 /x /y"});
}

BOOST_AUTO_TEST_CASE(what_is_not_changed_keeps_its_bytes) {
  for (const std::string ours : {"\xEF\xBB\xBF\n{ \"id\" : \"a\" }\r\n\r\n{\"id\":\"b\"}\r\n",
                                 "{\"id\":\"a\"}\n\n{\"id\":\"b\"}", "", "\n\n", "{\"id\":\"a\"}\n{\"id\":\"a\"}\n"}) {
    BOOST_TEST(merge_files(ours, ours, ours).text == ours);
    BOOST_TEST(merge_files("", ours, "").text == ours);
  }
  // The line ends of ours; a last line without one gets it where another follows.
  BOOST_TEST(merge_files(rows("a"), "{\"id\":\"a\"}\r\n", rows("ab")).text == "{\"id\":\"a\"}\r\n{\"id\":\"b\"}\r\n");
  BOOST_TEST(merge_files(rows("a"), "{\"id\":\"a\"}", rows("ab")).text == rows("ab"));
  BOOST_TEST(merge_files(rows("ab"), "{\"id\":\"a\"}\n{\"id\":\"b\"}", rows("a")).text == rows("a"));
}

BOOST_AUTO_TEST_SUITE_END()
