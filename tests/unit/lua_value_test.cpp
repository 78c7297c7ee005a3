#include <cmath>
#include <nlohmann/json.hpp>

#include "lua/value.hpp"
#include "lua_fixture.hpp"

namespace {

using fthost::lua::Json;
using fthost::lua::test::check_fails;
using fthost::lua::test::check_runs;
using fthost::lua::test::Fixture;

// JSON to Lua and back.
std::string round_trip(const std::string& text) {
  Fixture fixture;
  std::string result;
  fixture.runtime->state()
      .protect([&](lua_State* L) {
        fthost::lua::push_json(L, Json::parse(text));
        result = fthost::lua::to_json(L, -1).dump();
      })
      .value();
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(json_survives_the_way_through_lua) {
  for (const char* text : {R"({})", R"([])", R"(null)", R"([[],{},[{}]])", R"([1,1.0,-0.5,1e+300])",
                           R"({"a":[],"b":null,"c":[null,null]})", R"([9223372036854775807,-9223372036854775808])",
                           R"(["","é","\u0000",""])", R"({"":1,"1":2})"}) {
    BOOST_TEST(round_trip(text) == Json::parse(text).dump());
  }
}

BOOST_AUTO_TEST_CASE(integer_beyond_64_bits_becomes_a_float) {
  BOOST_TEST(round_trip("[18446744073709551615]") == "[1.8446744073709552e+19]");
}

BOOST_AUTO_TEST_CASE(keys_come_out_sorted) {
  BOOST_TEST(round_trip(R"({"b":1,"a":{"z":1,"y":2}})") == R"({"a":{"y":2,"z":1},"b":1})");
}

BOOST_AUTO_TEST_CASE(json_functions_encode_and_decode) {
  Fixture fixture;
  check_runs(fixture, R"(
    assert(ft.json.encode{b = 1, a = {true, ft.null}} == '{"a":[true,null],"b":1}')
    assert(ft.json.encode{} == '{}' and ft.json.encode(ft.array{}) == '[]' and ft.json.encode(ft.array()) == '[]')
    assert(ft.json.encode({a = 1}, {pretty = true}) == '{\n  "a": 1\n}')
    assert(ft.json.encode(1) == '1' and ft.json.encode(1.0) == '1.0' and ft.json.encode(nil) == 'null')
    local value = ft.json.decode '{"n": null, "i": 3, "f": 3.0, "l": [1, 2]}'
    assert(value.n == ft.null and tostring(value.n) == 'null')
    assert(math.type(value.i) == 'integer' and math.type(value.f) == 'float')
    assert(#value.l == 2 and value.l[2] == 2)
    assert(ft.json.encode(ft.json.decode '{"empty":[]}') == '{"empty":[]}')
    local marked = ft.array{1, nil, 3}
    assert(ft.json.encode(marked) == '[1,null,3]')
  )");
}

BOOST_AUTO_TEST_CASE(broken_json_names_line_and_column) {
  Fixture fixture;
  check_fails(fixture, "ft.json.decode '{\\n  \"a\": 1,\\n  oops}'", "broken JSON at line 3, column 3");
  check_fails(fixture, "ft.json.decode ''", "line 1, column 1");
  check_fails(fixture, "ft.json.decode(7)", "ft.json.decode: the text must be a string, not 7");
}

BOOST_AUTO_TEST_CASE(values_without_json_are_refused_with_their_path) {
  Fixture fixture;
  check_fails(fixture, "ft.json.encode{a = {1, 2, {b = print}}}", "at /a/2/b, there is a function");
  check_fails(fixture, "ft.json.encode{['x/y~'] = 0/0}", "at /x~1y~0, a number is NaN");
  check_fails(fixture, "ft.json.encode{a = math.huge}", "at /a, a number is infinite");
  check_fails(fixture, "ft.json.encode{1, 2, x = 3}", "a list has the key x");
  check_fails(fixture, "ft.json.encode{a = {[1] = 1, [3] = 3}}", "at /a, a list has holes");
  check_fails(fixture, "ft.json.encode{[true] = 1}", "an object has the key true, a boolean");
  check_fails(fixture, "ft.json.encode{a = '\\xff'}", "at /a, a text is not UTF-8");
  check_fails(fixture, "ft.json.encode{['\\xed\\xa0\\x80'] = 1}", "a key is not UTF-8");
  check_fails(fixture, "ft.json.encode(ft.array{[1000000000] = 1})", "a list has holes");
  check_fails(fixture, "local t = {} t.t = t ft.json.encode(t)", "does a table contain itself?");
}

BOOST_AUTO_TEST_CASE(deep_json_is_refused_both_ways) {
  Fixture fixture;
  check_fails(fixture, "ft.json.decode(('['):rep(100000) .. (']'):rep(100000))", "nested deeper than 200 levels");
  check_runs(fixture,
             "local text = ('['):rep(200) .. (']'):rep(200) assert(ft.json.encode(ft.json.decode(text)) == text)");
}
