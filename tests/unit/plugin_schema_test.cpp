#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "plugin/schema.hpp"

namespace {

using fthost::plugin::apply_schema;
using fthost::plugin::Json;
using fthost::plugin::parse_schema;

const char* const kSchema = R"({"type": "object", "required": ["name"], "properties": {
  "target": {"type": "integer", "minimum": 1, "default": 100},
  "unit": {"enum": ["characters", "words"], "default": "words"},
  "name": {"type": "string"},
  "deep": {"type": "object", "properties": {"ratio": {"type": "number", "exclusiveMaximum": 1, "default": 0.5}}},
  "list": {"type": "array", "items": {"type": ["integer", "null"]}}}})";

fthost::Result<Json> apply(const Json& given) {
  return apply_schema(parse_schema(kSchema, "scorer \"length\"").value(), given, "scorer \"length\"");
}

std::string problem(const Json& given) {
  const auto applied = apply(given);
  return applied ? "(accepted)" : applied.error().sentence();
}

}  // namespace

BOOST_AUTO_TEST_CASE(defaults_are_filled_in_and_given_values_stay) {
  BOOST_TEST(apply({{"name", "a"}, {"deep", Json::object()}}).value().dump() ==
             R"({"name":"a","deep":{"ratio":0.5},"target":100,"unit":"words"})");
  BOOST_TEST(apply({{"target", 7}, {"name", "a"}}).value()["target"] == 7);
}

BOOST_AUTO_TEST_CASE(a_value_below_the_minimum_is_named_with_its_path) {
  BOOST_TEST(problem({{"name", "a"}, {"target", -3}}) ==
             "scorer \"length\": config /target: -3 is less than the minimum 1");
}

BOOST_AUTO_TEST_CASE(other_keywords_are_sentences_too) {
  BOOST_TEST(problem({{"name", "a"}, {"unit", "pages"}}) ==
             R"(scorer "length": config /unit: "pages" is not one of "characters", "words")");
  BOOST_TEST(problem({{"name", 7}}) == "scorer \"length\": config /name: 7 is not of type string");
  BOOST_TEST(problem({{"name", "a"}, {"deep", {{"ratio", 1}}}}) ==
             "scorer \"length\": config /deep/ratio: 1 is not less than 1");
  BOOST_TEST(problem({{"name", "a"}, {"list", {1, "x"}}}) ==
             "scorer \"length\": config /list/1: \"x\" is not of type integer or null");
  BOOST_TEST(problem(Json::object()) == "scorer \"length\": config: \"name\" is missing");
  BOOST_TEST(problem(Json::array()) == "scorer \"length\": config: [] is not an object");
}

BOOST_AUTO_TEST_CASE(an_unknown_key_names_the_nearest_or_all) {
  BOOST_TEST(problem({{"name", "a"}, {"tarket", 3}}) ==
             R"(scorer "length": config /tarket: unknown key; did you mean "target"?)");
  BOOST_TEST(problem({{"name", "a"}, {"deep", {{"ration", 3}}}}) ==
             R"(scorer "length": config /deep/ration: unknown key; did you mean "ratio"?)");
  BOOST_TEST(problem({{"name", "a"}, {"zzzzzz", 3}}) ==
             "scorer \"length\": config /zzzzzz: unknown key; the known ones are target, unit, name, deep, list");
}

BOOST_AUTO_TEST_CASE(a_schema_that_nobody_would_check_is_refused) {
  const auto refused = [](const char* text) {
    const auto schema = parse_schema(text, "scorer \"x\"");
    return schema ? "(accepted)" : schema.error().message;
  };
  BOOST_TEST(refused("{") == "its configuration schema: is not JSON");
  BOOST_TEST(refused(R"({"type": "string"})") == "its configuration schema: must have \"type\": \"object\"");
  BOOST_TEST(refused(R"({"type": "object", "properties": {"a": {"minimun": 1}}})") ==
             "its configuration schema at /properties/a: unknown keyword \"minimun\"");
  BOOST_TEST(refused(R"({"type": "object", "properties": {"a": {"items": {"$ref": "#"}}}})") ==
             "its configuration schema at /properties/a/items: unknown keyword \"$ref\"");
  BOOST_TEST(refused(R"({"type": "object", "properties": {"a": {"anyOf": [{"type": "null"}, {"forma": 1}]}}})") ==
             "its configuration schema at /properties/a/anyOf: unknown keyword \"forma\"");
}
