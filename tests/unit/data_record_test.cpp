#include <boost/test/unit_test.hpp>

#include "data/record.hpp"
#include "data_fixture.hpp"

using namespace fthost::data;
using fthost::test::must;

namespace {

std::string content_of(std::string_view text) {
  Document document;
  BOOST_REQUIRE(document.parse_object(text));
  return hex(ContentHasher().hash(document.root()));
}

std::string example_of(std::string_view text) {
  Document document;
  BOOST_REQUIRE(document.parse_object(text));
  return hex(ContentHasher().hash_examples(document.root()));
}

std::string key_of(std::string_view json) {
  Document document;
  const std::string text = R"({"k":)" + std::string(json) + "}";
  BOOST_REQUIRE(document.parse_object(text));
  return key_text(document.find("k"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(data_record)

BOOST_AUTO_TEST_CASE(content_is_what_is_said_not_how_it_is_written) {
  const std::string content = content_of(R"({"messages":[{"role":"user","content":"café"}],"tools":[]})");
  BOOST_TEST(content_of(R"({ "tools" : [ ], "messages" : [ { "content" : "caf\u00e9", "role" : "user" } ] })") ==
             content);
  BOOST_TEST(content_of(R"({"mess\u0061ges":[{"role":"user","content":"café"}],"tools":[]})") == content);
  BOOST_TEST(
      content_of(
          R"({"id":"x","rating":3,"tags":["a"],"metadata":{"k":1},"messages":[{"role":"user","content":"café"}],"tools":[]})") ==
      content);
  for (const char* other : {R"({"messages":[{"role":"user","content":"cafe"}],"tools":[]})",
                            R"({"messages":[{"role":"user","content":"café"}]})",
                            R"({"messages":[{"role":"user","content":"café"}],"tools":{}})",
                            R"({"messages":[{"role":"user","content":"café"}],"tools":[],"extra":1})",
                            R"({"messages":[[{"role":"user","content":"café"}]],"tools":[]})",
                            R"({"messages":[{"role":"user","content":"café","id":"1"}],"tools":[]})"}) {
    BOOST_TEST(content_of(other) != content, other);
  }
  // Lengths keep neighbours apart.
  BOOST_TEST(content_of(R"({"a":"bc","d":""})") != content_of(R"({"a":"b","cd":""})"));
  BOOST_TEST(content_of(R"({"a":["1"]})") != content_of(R"({"a":[1]})"));
}

BOOST_AUTO_TEST_CASE(rows_are_the_same_where_all_that_is_trained_on_or_measured_against_is) {
  const std::pair<const char*, const char*> same[] = {
      // bookkeeping, what nobody knows beside messages, null, spelling, numbers by value
      {R"({"messages":[{"role":"user","content":"a"}],"id":"1","category":"x","note":5})",
       R"({"rating":2,"m\u0065ssages":[ {"content":"\u0061","role":"user"} ],"tools":null,"metadata":{"k":1}})"},
      {R"({"messages":[{"role":"assistant","content":"a","weight":1}]})",
       R"({"messages":[{"role":"assistant","content":"a","weight":1.0}]})"},
      {R"({"prompt":"p","completion":"c","note":1})", R"({"prompt":"p","completion":"c","id":"x"})"},
      {R"({"text":"t","id":"1","tags":["a"],"category":"y"})", R"({"text":"t","created_at":"now","label":null})"},
      {R"({"input":{"a":1,"b":-0.0}})", R"({"input":{"b":0,"a":1e0}})"},
      {R"({"messages":[{"role":"assistant","content":"a","refusal":null,"tool_calls":null}]})",
       R"({"messages":[{"role":"assistant","content":"a"}]})"},
  };
  for (const auto& [a, b] : same) BOOST_TEST(example_of(a) == example_of(b), a);
  const std::pair<const char*, const char*> different[] = {
      {R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{"x":null}}}]}]})",
       R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{}}}]}]})"},
      {R"({"messages":[],"tools":[{"default":null}]})", R"({"messages":[],"tools":[{}]})"},
      {R"({"messages":[],"text":"t"})", R"({"messages":[],"text":"u"})"},
      {R"({"messages":[{"role":"user","content":"a"}],"tools":[{}]})",
       R"({"messages":[{"role":"user","content":"a"}]})"},
      {R"({"messages":[{"role":"user","content":"a"}],"reference":"r"})",
       R"({"messages":[{"role":"user","content":"a"}],"reference":"s"})"},
      {R"({"messages":[{"role":"user","content":"a"}],"label":true})",
       R"({"messages":[{"role":"user","content":"a"}],"label":false})"},
      {R"({"messages":[{"role":"user","content":"a","name":"x"}]})", R"({"messages":[{"role":"user","content":"a"}]})"},
      {R"({"messages":[{"role":"user","content":"a","weight":0}]})", R"({"messages":[{"role":"user","content":"a"}]})"},
      {R"({"messages":[{"role":"user","content":"a"}],"weight":0.5})",
       R"({"messages":[{"role":"user","content":"a"}]})"},
      {R"({"prompt":"p","chosen":"c","rejected":"r"})", R"({"prompt":"p","chosen":"c","rejected":"s"})"},
      // A known field alone says too little: the rest is under names of its own.
      {R"({"prompt":"p","response":"r"})", R"({"prompt":"p","response":"s"})"},
      {R"({"tools":"[]","conversations":["a"]})", R"({"tools":"[]","conversations":["b"]})"},
      {R"({"sentence":"a","label":1})", R"({"sentence":"b","label":1})"},
      {R"({"text":"t","language":"de"})", R"({"text":"t","language":"en"})"},
      {R"({"a":"1"})", R"({"a":1})"},
      {R"({"a":1.5})", R"({"a":1.25})"},
  };
  for (const auto& [a, b] : different) BOOST_TEST(example_of(a) != example_of(b), a);
}

BOOST_AUTO_TEST_CASE(keys_to_group_by_are_what_is_said) {
  BOOST_TEST(key_of("null").empty());
  BOOST_TEST(key_of(R"("caf\u00e9")") == "café");
  for (const char* one : {"1", "1.0", "1e0", "10e-1"}) BOOST_TEST(key_of(one) == "1", one);
  BOOST_TEST(key_of("-0.0") == "0");
  BOOST_TEST(key_of("7.50") == "7.5");
  BOOST_TEST(key_of("12345678901234567890") == "12345678901234567890");
  BOOST_TEST(key_of("1e999") == "1e999");
  BOOST_TEST(key_of("true") == "true");
  BOOST_TEST(key_of(R"({"a":[1.0,"x"],"b":null})") == key_of(R"({ "b" : null, "a" : [1, "\u0078"] })"));
  BOOST_TEST(key_of(R"({"a":1})") != key_of(R"({"a":"1"})"));
  BOOST_TEST(key_of(R"({ "b" : [ ], "a" : [ 1.0 , {} ] })") == R"({"a":[1,{}],"b":[]})");
}

BOOST_AUTO_TEST_CASE(the_hash_on_disk_never_changes) {
  BOOST_TEST(content_of(R"({"messages":[{"role":"user","content":"hi"}]})") == "70a6aad26eaa74c52f7bc211257ca472");
  BOOST_TEST(hex(revision_of(R"({"id":"a"})")) == "495127240e33d64a");
  BOOST_TEST(hex(hash64("")) == "2d06800538d394c2");  // XXH3 of nothing, from its specification
  BOOST_TEST(hex(hash128("")) == "99aa06d3014798d86001c324468d497f");
}

BOOST_AUTO_TEST_CASE(a_record_gets_an_id_and_a_time_and_keeps_the_rest) {
  const std::string time = "2026-01-02T03:04:05Z";
  BOOST_TEST(*must(normalise_record(R"({"b":1,"id":"x","created_at":"t","zz":{"y":[1,2]}})", time)) ==
             R"({"b":1,"id":"x","created_at":"t","zz":{"y":[1,2]}})");
  BOOST_TEST(*must(normalise_record(R"( { "b":1, "id":"x" } )", time)) ==
             R"({ "b":1, "id":"x","created_at":"2026-01-02T03:04:05Z"})");
  BOOST_TEST(*must(normalise_record(R"({"id":7,"created_at":null})", time)) == R"({"id":"7","created_at":null})");
  BOOST_TEST(*must(normalise_record("{\"a\":\n{\"b\" :\r\n 1.50}, \"id\":\"x\\u0041\"}", time)) ==
             R"({"a":{"b":1.50},"id":"x\u0041","created_at":"2026-01-02T03:04:05Z"})");
  const std::string made = *must(normalise_record(R"({"messages":[{"role":"user","content":"hi"}]})", time));
  const std::string id = content_of(R"({"messages":[{"role":"user","content":"hi"}]})").substr(0, 16);
  BOOST_TEST(made == "{\"id\":\"" + id +
                         R"(","messages":[{"role":"user","content":"hi"}],"created_at":"2026-01-02T03:04:05Z"})");
  BOOST_TEST(fthost::test::contains(fthost::test::must(normalise_record("{}", time)).value(), "{\"id\":\""));
  // A null id, or an empty one, is none.
  BOOST_TEST(*must(normalise_record(R"({"x":1,"id":null,"y":2})", time)) ==
             "{\"x\":1,\"id\":\"" + content_of(R"({"x":1,"y":2})").substr(0, 16) +
                 R"(","y":2,"created_at":"2026-01-02T03:04:05Z"})");
  BOOST_TEST(!normalise_record("[1]", time));
  BOOST_TEST(!normalise_record("{\"id\":{}}", time));
  BOOST_TEST(!normalise_record("{\"id\":", time));
}

BOOST_AUTO_TEST_CASE(the_same_row_twice_is_two_records_and_the_same_file_twice_is_the_same_ids) {
  const std::string row = R"({"messages":[{"role":"user","content":"hi"}]})",
                    same = R"({"messages":[{"content":"h\u0069","role":"user"}],"rating":3})";
  std::vector<std::string> ids[2];
  for (auto& import : ids) {
    Normaliser normaliser("t");
    for (const std::string& raw : {row, std::string(R"({"x":1})"), same, row})
      import.push_back(must(normaliser.normalise(raw))->id);
  }
  BOOST_TEST(ids[0] == ids[1]);
  BOOST_TEST(ids[0][2] == ids[0][0] + "-2");
  BOOST_TEST(ids[0][3] == ids[0][0] + "-3");
  BOOST_TEST(ids[0][1] != ids[0][0]);
}

BOOST_AUTO_TEST_CASE(an_id_is_put_in_or_replaced) {
  const auto with = [](std::string_view text, std::string_view id) {
    Document document;
    BOOST_REQUIRE(document.parse_object(text));
    return with_id(document.root(), id);
  };
  BOOST_TEST(with(R"({"a":1})", "x\"y") == R"({"id":"x\"y","a":1})");
  BOOST_TEST(with("{}", "x") == R"({"id":"x"})");
  BOOST_TEST(with(R"( {"a":1, "id" : "old", "b":2} )", "new") == R"({"a":1, "id" : "new", "b":2})");
  BOOST_TEST(with(R"({"id":"s\u0061me"})", "same") == R"({"id":"s\u0061me"})");
  BOOST_TEST(with("{\"a\":\n1,\"id\":\"old\"}", "new") == R"({"a":1,"id":"new"})");
  BOOST_TEST(with("{\n\"a\":1}", "new") == R"({"id":"new","a":1})");
  BOOST_TEST(with("{\n}", "new") == R"({"id":"new"})");
  // A record within something else is cut out of it.
  Document document;
  BOOST_REQUIRE(document.parse_object(R"({"record": {"id":"a","x":1}, "y":2})"));
  BOOST_TEST(with_id(document.find("record"), "b") == R"({"id":"b","x":1})");
}

BOOST_AUTO_TEST_SUITE_END()
