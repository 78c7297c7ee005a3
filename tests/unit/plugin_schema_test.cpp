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
  BOOST_TEST(refused(R"({"type": ["object"]})") == "its configuration schema: must have \"type\": \"object\"");
  for (const char* rule :
       {R"("type": "integr")", R"("minimum": "x")", R"("enum": {})", R"("pattern": "(")", R"("multipleOf": 0)",
        R"("anyOf": {})", R"("required": "b")", R"("maxLength": "x")", R"("anyOf": [{"format": "path"}])"}) {
    const auto message = refused((R"({"type": "object", "properties": {"a": {)" + std::string(rule) + "}}}").c_str());
    BOOST_TEST(message.starts_with("its configuration schema at /properties/a"), rule << ": " << message);
  }
}

BOOST_AUTO_TEST_CASE(a_long_text_is_not_matched_with_a_pattern) {
  const auto schema = parse_schema(R"({"type": "object", "properties": {
    "name": {"type": "string", "pattern": "^(a|b)*$"}, "free": {"type": "string"},
    "names": {"type": "array", "items": {"anyOf": [{"type": "string", "pattern": "^((((a))))*$"}]}},
    "any": {"type": "object", "patternProperties": {"^(a|b)*$": {"type": "integer"}}}}})",
                                   "cfg")
                          .value();
  const std::string longest(200'000, 'a');
  const auto problem = [&](const Json& given) {
    const auto applied = apply_schema(schema, given, "cfg");
    return applied ? "" : applied.error().sentence();
  };
  const std::string end = ": longer than the 256 bytes that a pattern is matched with; shorten it";
  BOOST_TEST(problem({{"name", "abab"}, {"free", longest}, {"names", {std::string(256, 'a')}}, {"any", {{"a", 1}}}}) ==
             "");
  BOOST_TEST(problem({{"name", longest}}) == "cfg: config /name" + end);
  BOOST_TEST(problem({{"names", {"a", longest}}}) == "cfg: config /names/1" + end);
  BOOST_TEST(problem({{"any", {{longest, 1}}}}).ends_with(end));
  BOOST_TEST(problem({{"name", "c"}}).starts_with("cfg: config /name: \"c\": "));
}

BOOST_AUTO_TEST_CASE(lists_and_open_objects_are_looked_into) {
  const auto schema = parse_schema(R"({"type": "object", "properties": {
    "servers": {"type": "array", "items": {"type": "object", "required": ["host"], "properties": {
      "host": {"type": "string"}, "port": {"type": "integer", "default": 80},
      "key": {"type": "string", "format": "path"}}}},
    "files": {"type": "array", "items": {"type": "string", "format": "path"}},
    "named": {"type": "object", "additionalProperties": {"type": "string", "format": "path"}}}})",
                                   "cfg")
                          .value();
  auto filled =
      apply_schema(schema, {{"servers", {{{"host", "a"}, {"key", "k"}}}}, {"files", {"f"}}, {"named", {{"n", "g"}}}},
                   "cfg")
          .value();
  BOOST_TEST(filled["servers"][0]["port"] == 80);
  const auto resolved = fthost::plugin::resolve_paths(
      schema, filled, [](const std::string& path) -> fthost::Result<std::string> { return "/p/" + path; });
  BOOST_TEST(resolved.has_value());
  BOOST_TEST(filled.dump() ==
             R"({"servers":[{"host":"a","key":"/p/k","port":80}],"files":["/p/f"],"named":{"n":"/p/g"}})");
  const auto outside = [](const std::string&) -> fthost::Result<std::string> {
    return fthost::make_error(fthost::Code::auth, "outside");
  };
  BOOST_TEST(!fthost::plugin::resolve_paths(schema, filled, outside));
  const auto unknown = apply_schema(schema, {{"servers", {{{"host", "a"}, {"pord", 1}}}}}, "cfg");
  BOOST_TEST(unknown.error().sentence() == "cfg: config /servers/0/pord: unknown key; did you mean \"port\"?");
}

BOOST_AUTO_TEST_CASE(keys_with_slashes_and_tildes_are_pointed_at) {
  const auto schema =
      parse_schema(R"({"type": "object", "properties": {"a/b~c": {"type": "integer"}}})", "cfg").value();
  BOOST_TEST(apply_schema(schema, {{"a/b~c", "x"}}, "cfg").error().sentence() ==
             "cfg: config /a~1b~0c: \"x\" is not of type integer");
  BOOST_TEST(
      apply_schema(schema, {{"x/y", 1}}, "cfg").error().sentence().starts_with("cfg: config /x~1y: unknown key"));
}
