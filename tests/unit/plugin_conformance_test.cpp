#include <boost/test/unit_test.hpp>

#include "plugin/conformance.hpp"
#include "plugin/conformance_records.hpp"
#include "plugin_fixture.hpp"

namespace {

using fthost::plugin::conformance::unnamed_difference;
using fthost::test::Json;

Json loss(const char* path) { return {{"path", path}, {"action", "dropped"}, {"message", "m"}}; }

const Json kRecord = Json::parse(
    R"({"id": "a", "messages": [{"role": "user", "content": "q", "name": "n"}, {"role": "assistant", "content": "a"}], "x": {"y": [1, 2]}})");

Json changed(const char* pointer, const Json& value) {
  Json record = kRecord;
  record[Json::json_pointer(pointer)] = value;
  return record;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_difference_without_a_loss_is_found) {
  BOOST_TEST(unnamed_difference(kRecord, kRecord, {}) == "");
  BOOST_TEST(unnamed_difference(kRecord, changed("/messages/1/content", "b"), {}) == "/messages/1/content");
  BOOST_TEST(unnamed_difference(kRecord, changed("/x/y/1", 3), {}) == "/x/y/1");
  BOOST_TEST(unnamed_difference(kRecord, changed("/x/z", 3), {}) == "/x/z");
  Json shorter = kRecord;
  shorter["messages"].erase(1);
  BOOST_TEST(unnamed_difference(kRecord, shorter, {}) == "/messages");
  shorter = kRecord;
  shorter.erase("x");
  BOOST_TEST(unnamed_difference(kRecord, shorter, {}) == "/x");
}

BOOST_AUTO_TEST_CASE(a_loss_names_what_lies_below_it_and_no_more) {
  const Json other = changed("/messages/1/content", "b");
  BOOST_TEST(unnamed_difference(kRecord, other, {loss("/messages/1/content")}) == "");
  BOOST_TEST(unnamed_difference(kRecord, other, {loss("/messages/1")}) == "");
  BOOST_TEST(unnamed_difference(kRecord, other, {loss("/messages/1/name")}) == "/messages/1/content");
  BOOST_TEST(unnamed_difference(kRecord, other, {loss("/messages/1/con")}) == "/messages/1/content");
  BOOST_TEST(unnamed_difference(kRecord, other, {loss("/x")}) == "/messages/1/content");
  BOOST_TEST(unnamed_difference(kRecord, changed("/messages/0/content", Json::array()),
                                {loss("/messages/0/content/0")}) == "");
}

BOOST_AUTO_TEST_CASE(a_whole_message_that_is_lost_moves_its_neighbours) {
  Json shorter = kRecord;
  shorter["messages"].erase(0);
  BOOST_TEST(unnamed_difference(kRecord, shorter, {loss("/messages/0")}) == "");
  BOOST_TEST(unnamed_difference(kRecord, shorter, {loss("/messages/0/name")}) == "/messages");
}

BOOST_AUTO_TEST_CASE(what_a_reader_may_add_is_no_difference) {
  BOOST_TEST(unnamed_difference(kRecord, changed("/metadata", {{"a", 1}}), {}) == "");
  BOOST_TEST(unnamed_difference(kRecord, changed("/label", nullptr), {}) == "");
  BOOST_TEST(unnamed_difference(kRecord, changed("/label", true), {}) == "/label");
}

BOOST_AUTO_TEST_CASE(the_report_is_json_lines_with_a_beginning_and_a_verdict) {
  std::vector<Json> lines;
  const auto keep = [&](const std::string& line) { lines.push_back(Json::parse(line)); };
  BOOST_TEST(fthost::plugin::run_conformance(std::string(FTHOST_PLUGINS) + "/scorer/exact.so", keep) == 0);
  BOOST_TEST(lines.size() > 10u);
  BOOST_TEST(lines.size() % 2 == 0u);
  for (std::size_t i = 0; i + 1 < lines.size(); i += 2) {
    BOOST_TEST(lines[i]["ok"].is_null());
    BOOST_TEST(lines[i]["check"] == lines[i + 1]["check"]);
    BOOST_TEST(lines[i + 1]["ok"] == true, lines[i + 1].dump());
  }
  lines.clear();
  BOOST_TEST(fthost::plugin::run_conformance(std::string(FTHOST_BAD_PLUGINS) + "/scorer/lies-nan.so", keep) == 1);
  BOOST_TEST(fthost::plugin::run_conformance("/nowhere/x.so", keep) == 1);
}
