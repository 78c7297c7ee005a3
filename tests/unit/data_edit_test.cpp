// Edits: changes of a row's text that leave all other bytes as they lie.
#include <boost/test/unit_test.hpp>
#include <string>

#include "data/edit.hpp"

namespace fthost::data {

BOOST_AUTO_TEST_SUITE(data_edit)

BOOST_AUTO_TEST_CASE(what_is_appended_goes_behind_the_last_member) {
  const std::string text = R"({ "a": [1, 2], "b": {}, "c": [] })";
  Document row;
  BOOST_REQUIRE(row.parse_object(text));
  Edits edits;
  edits.append(row.root(), " \"d\": 4", false);
  edits.append(row.find("a"), "3", false);
  edits.append(row.find("a"), "4", false);
  edits.append(row.find("b"), "\"x\":1", true);
  edits.append(row.find("c"), "1", true);
  BOOST_TEST(edits.apply(text) == R"({ "a": [1, 2,3,4], "b": {"x":1}, "c": [1], "d": 4 })");
}

BOOST_AUTO_TEST_CASE(what_is_removed_takes_one_comma_with_it_also_where_something_is_appended) {
  const std::string text = R"({"a":1,"b":2,"c":3})";
  Document row;
  BOOST_REQUIRE(row.parse_object(text));
  const auto without = [&](std::initializer_list<const char*> names, bool appended) {
    Edits edits;
    for (const char* name : names) BOOST_TEST(edits.remove(row.find(name)));
    if (appended) edits.append(row.root(), "\"d\":4", names.size() == 3);
    return edits.apply(text);
  };
  BOOST_TEST(without({"a"}, false) == R"({"b":2,"c":3})");
  BOOST_TEST(without({"b", "c"}, false) == R"({"a":1})");
  BOOST_TEST(without({"a", "b", "c"}, false) == "{}");
  BOOST_TEST(without({"c"}, true) == R"({"a":1,"b":2,"d":4})");
  BOOST_TEST(without({"a", "b", "c"}, true) == R"({"d":4})");
}

BOOST_AUTO_TEST_CASE(a_part_of_the_text_is_edited_by_where_it_begins) {
  const std::string text = R"({"a":{"x":1,"y":2}})";
  Document row;
  BOOST_REQUIRE(row.parse_object(text));
  const Value part = row.find("a");
  Edits edits;
  edits.replace(part.find("y"), "5");
  BOOST_TEST(edits.remove(part.find("x")));
  BOOST_TEST(edits.apply(part.raw(), part.begin()) == R"({"y":5})");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fthost::data
