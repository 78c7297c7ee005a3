#include <fcntl.h>
#include <boost/test/unit_test.hpp>

#include "data/diff.hpp"
#include "data_fixture.hpp"
#include "io/descriptor.hpp"

using namespace fthost::data;
using fthost::test::must;

BOOST_AUTO_TEST_SUITE(data_diff)

namespace {

// "path: old -> new" of each change.
std::vector<std::string> changes_of(std::string_view before, std::string_view after) {
  Document a, b;
  BOOST_REQUIRE(a.parse(before));
  BOOST_REQUIRE(b.parse(after));
  std::vector<FieldChange> changes;
  append_changes(a.root(), b.root(), "", changes);
  BOOST_TEST(changes.empty() == same_value(a.root(), b.root()));
  std::vector<std::string> out;
  for (const auto& change : changes) {
    out.push_back(change.path + ": " + (change.before ? std::string(change.before.raw()) : "nothing") + " -> " +
                  (change.after ? std::string(change.after.raw()) : "nothing"));
  }
  return out;
}

using Texts = std::vector<std::string>;

struct Run {
  DiffCounts counts;
  Texts changes;   // "changed r1 1/2 /rating /tags"
  Texts findings;  // "a:3 broken_json"
};

Run diff(std::string_view a, std::string_view b, const DiffOptions& options = {}) {
  fthost::test::TemporaryFolder folder;
  fthost::test::spill(folder / "a", a);
  fthost::test::spill(folder / "b", b);
  const fthost::io::Descriptor fd(::open((folder / "a").c_str(), O_RDONLY | O_CLOEXEC));
  Run run;
  const auto broken = [&](const Finding& finding) {
    run.findings.push_back(std::filesystem::path(finding.file).filename().string() + ":" +
                           std::to_string(finding.line) + " " + finding.code);
  };
  RowReader rows_a(*must(JsonlReader::open(folder / "a")), broken);
  RowReader rows_b(*must(JsonlReader::open(folder / "b")), broken);
  run.counts = *must(diff_rows(
      rows_a, fd.get(), rows_b, options, [] { return false; },
      [&](const RowChange& change) -> fthost::Result<void> {
        std::string line = std::string(kind_name(change.kind)) + " " + std::string(change.id) + " " +
                           std::to_string(change.line_a) + "/" + std::to_string(change.line_b);
        for (const auto& field : change.fields) line += " " + field.path;
        run.changes.push_back(line);
        return {};
      }));
  return run;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_said_counts_not_how) {
  BOOST_TEST(changes_of(R"({"a":"café","b":[1,2]})", R"({ "b" : [ 1, 2 ], "a" : "caf\u00e9" })").empty());
  BOOST_TEST(changes_of(R"({"\u0061":1})", R"({"a":1})").empty());
  BOOST_TEST(changes_of("1.0", "1") == Texts{": 1.0 -> 1"});
  BOOST_TEST(changes_of(R"("1")", "1") == Texts{": \"1\" -> 1"});
  BOOST_TEST(changes_of("null", "false") == Texts{": null -> false"});
  BOOST_TEST(changes_of("[]", "{}") == Texts{": [] -> {}"});
}

BOOST_AUTO_TEST_CASE(the_smallest_changes_are_named) {
  BOOST_TEST(changes_of(R"({"m":{"k":1,"gone":2},"z~/":1})", R"({"m":{"k":3,"new":4},"z~/":2})") ==
             (Texts{"/m/gone: 2 -> nothing", "/m/k: 1 -> 3", "/m/new: nothing -> 4", "/z~0~1: 1 -> 2"}));
  // In the middle of a list: what is alike at both ends stays out of it.
  BOOST_TEST(changes_of("[1,2,3]", "[1,9,2,3]") == Texts{"/1: nothing -> 9"});
  BOOST_TEST(changes_of("[1,9,2,3]", "[1,2,3]") == Texts{"/1: 9 -> nothing"});
  BOOST_TEST(changes_of("[1,2]", "[1,2,3,4]") == (Texts{"/2: nothing -> 3", "/3: nothing -> 4"}));
  BOOST_TEST(changes_of("[1,1]", "[1]") == Texts{"/1: 1 -> nothing"});
  BOOST_TEST(changes_of(R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"}])",
                        R"([{"role":"user","content":"a"},{"role":"assistant","content":"c"}])") ==
             Texts{R"(/1/content: "b" -> "c")"});
}

BOOST_AUTO_TEST_CASE(a_key_that_stands_twice_is_compared_twice) {
  BOOST_TEST(changes_of(R"({"a":1,"a":2})", R"({"a":1,"a":2})").empty());
  BOOST_TEST(changes_of(R"({"a":1,"a":2})", R"({"a":1,"a":3})") == Texts{"/a: 2 -> 3"});
  BOOST_TEST(changes_of(R"({"a":1,"a":2})", R"({"a":1})") == Texts{"/a: 2 -> nothing"});
}

BOOST_AUTO_TEST_CASE(rows_are_matched_by_id) {
  const Run run = diff("{\"id\":\"1\",\"x\":1}\n{\"id\":\"2\",\"x\":2}\n{\"id\":\"3\",\"x\":3}\n",
                       "{\"id\":\"3\",\"x\":4}\n\n{\"x\":1,\"id\":1}\n{\"id\":\"4\"}");
  BOOST_TEST(run.changes == (Texts{"changed 3 3/1 /x", "changed 1 1/3 /id", "added 4 0/4 ", "removed 2 2/0 "}));
  BOOST_TEST(run.counts.rows_a == 3u);
  BOOST_TEST(run.counts.rows_b == 3u);
  BOOST_TEST(run.counts.moved == 1u);
  BOOST_TEST(run.counts.equal == 0u);
  BOOST_TEST(run.counts.different());
}

BOOST_AUTO_TEST_CASE(rows_without_an_id_are_known_by_content_and_occurrence) {
  const std::string row = "{\"messages\":[]}\n";
  BOOST_TEST(!diff(row + row + row, row + "{ \"messages\" : [ ] }\n" + row).counts.different());
  Run run = diff(row + row, row + row + row);
  BOOST_TEST(run.counts.added == 1u);
  BOOST_TEST(run.counts.equal == 2u);
  BOOST_REQUIRE_EQUAL(run.changes.size(), 1u);
  BOOST_TEST(run.changes[0].find("-3 0/3") != std::string::npos);
  run = diff(row + row + row, row);
  BOOST_TEST(run.counts.removed == 2u);
  BOOST_TEST(run.changes[1].find("-3 3/0") != std::string::npos);
  // An imported row has the id that the same row without one gets.
  const std::string id = content_id(
      [] {
        Document document;
        BOOST_REQUIRE(document.parse_object(R"({"messages":[]})"));
        return ContentHasher().hash(document.root());
      }(),
      1);
  run = diff(row, "{\"id\":\"" + id + "\",\"messages\":[]}\n");
  BOOST_TEST(run.changes == Texts{"changed " + id + " 1/1 /id"});
}

BOOST_AUTO_TEST_CASE(an_id_that_stands_twice_is_two_rows) {
  const std::string twice = "{\"id\":\"a\",\"x\":1}\n{\"id\":\"a\",\"x\":2}\n";
  BOOST_TEST(!diff(twice, twice).counts.different());
  BOOST_TEST(diff(twice, "{\"id\":\"a\",\"x\":1}\n{\"id\":\"a\",\"x\":3}\n").changes == Texts{"changed a 2/2 /x"});
  BOOST_TEST(diff(twice, "{\"id\":\"a\",\"x\":1}\n").changes == Texts{"removed a 2/0 "});
  // The name of a repeated row may be somebody's id.
  BOOST_TEST(!diff(twice + "{\"id\":\"a\\n2\"}\n", twice + "{\"id\":\"a\\n2\"}\n").counts.different());
}

BOOST_AUTO_TEST_CASE(the_fewest_moves_are_counted) {
  const auto rows = [](std::string_view ids) {
    std::string text;
    for (const char id : ids) text += std::string("{\"id\":\"") + id + "\"}\n";
    return text;
  };
  BOOST_TEST(diff(rows("abcde"), rows("abcde")).counts.moved == 0u);
  BOOST_TEST(diff(rows("abcde"), rows("eabcd")).counts.moved == 1u);
  BOOST_TEST(diff(rows("abcde"), rows("edcba")).counts.moved == 4u);
  BOOST_TEST(diff(rows("abcde"), rows("xacye")).counts.moved == 0u);
  BOOST_TEST(diff(rows("ab"), rows("ba")).counts.different());
}

BOOST_AUTO_TEST_CASE(only_the_fields_and_rows_that_were_asked_for_count) {
  const std::string a = "{\"id\":\"1\",\"m\":{\"t\":1,\"u\":1},\"x\":1}\n{\"id\":\"2\",\"x\":1}\n{\"id\":\"3\"}\n";
  const std::string b = "{\"id\":\"1\",\"m\":{\"t\":1,\"u\":2},\"x\":2}\n{\"id\":\"2\",\"x\":2}\n{\"id\":\"4\"}\n";
  BOOST_TEST(diff(a, b, {{"/m/u"}, {}}).changes == (Texts{"changed 1 1/1 /m/u", "added 4 0/3 ", "removed 3 3/0 "}));
  BOOST_TEST(diff(a, b, {{"/m/t"}, {}}).counts.equal == 2u);
  const Run run = diff(a, b, {{}, {"2", "3"}});
  BOOST_TEST(run.changes == (Texts{"changed 2 2/2 /x", "removed 3 3/0 "}));
  BOOST_TEST(run.counts.rows_a == 2u);
  BOOST_TEST(run.counts.rows_b == 1u);
}

BOOST_AUTO_TEST_CASE(lines_that_are_no_records_are_told_and_passed_over) {
  const Run run = diff("{\"id\":\"1\"}\n{\"id\":\n", "[1]\n{\"id\":{}}\n{\"id\":\"\xFF\"}\n{\"id\":\"1\"}\n");
  BOOST_TEST(run.findings == (Texts{"a:2 broken_json", "b:1 not_an_object", "b:2 bad_id", "b:3 invalid_utf8"}));
  BOOST_TEST(!run.counts.different());
}

BOOST_AUTO_TEST_CASE(a_file_that_changes_meanwhile_is_an_error) {
  fthost::test::TemporaryFolder folder;
  fthost::test::spill(folder / "a", "{\"id\":\"1\",\"x\":1}\n");
  const fthost::io::Descriptor fd(::open((folder / "a").c_str(), O_RDONLY | O_CLOEXEC));
  RowReader rows(*must(JsonlReader::open(folder / "a")), [](const Finding&) {});
  Snapshot snapshot = *must(Snapshot::read(rows, fd.get(), [] { return false; }));
  fthost::test::spill(folder / "a", "{\"id\":\"1\",\"x\":2}\n");
  const auto text = snapshot.text(0);
  BOOST_REQUIRE(!text);
  BOOST_TEST(fthost::test::contains(text.error().message, "line 1 changed while"));
}

BOOST_AUTO_TEST_SUITE_END()
