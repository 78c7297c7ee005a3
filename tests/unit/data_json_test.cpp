#include <boost/test/unit_test.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/json.hpp"
#include "data/json_text.hpp"
#include "data/random.hpp"
#include "data_fixture.hpp"

using namespace fthost::data;

namespace {

struct Bad {
  const char* text;
  std::size_t byte;
  const char* says;
};

// Two opinions that must agree; nlohmann's is the other one.
bool reference_accepts(std::string_view text) { return nlohmann::json::accept(text.begin(), text.end()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(data_json)

BOOST_AUTO_TEST_CASE(broken_lines_are_refused_with_the_column) {
  const Bad lines[] = {
      {"", 1, "empty"},
      {"   ", 1, "empty"},
      {"{", 2, "the text ends where a key was expected"},
      {"{\"a\":1", 7, "the text ends where ',' or '}'"},
      {"{\"a\":1}}", 8, "the end of the line was expected, not '}'"},
      {"{\"a\":1} {}", 9, "the end of the line was expected"},
      {"{\"a\" 1}", 6, "':' was expected, not '1'"},
      {"{\"a\":1 \"b\":2}", 8, "',' or '}' was expected"},
      {"{\"a\":1,}", 8, "a key was expected, not '}'"},
      {"{a:1}", 2, "a key was expected, not 'a'"},
      {"{'a':1}", 2, "a key was expected"},
      {"[1,2,]", 6, "a value was expected, not ']'"},
      {"[1 2]", 4, "',' or ']' was expected, not '2'"},
      {"[1}", 3, "',' or ']' was expected, not '}'"},
      {"{\"a\":}", 6, "a value was expected, not '}'"},
      {"{\"a\":tru}", 6, "a value was expected, not 'tru'"},
      {"{\"a\":truex}", 6, "a value was expected, not 'truex'"},
      {"{\"a\":True}", 6, "a value was expected, not 'True'"},
      {"{\"a\":nulL}", 6, "a value was expected"},
      {"{\"a\":NaN}", 6, "a value was expected, not 'NaN'"},
      {"{\"a\":01}", 6, "'01' is not a JSON number"},
      {"{\"a\":-}", 6, "'-' is not a JSON number"},
      {"{\"a\":1.}", 6, "'1.' is not a JSON number"},
      {"{\"a\":.5}", 6, "a value was expected, not '.5'"},
      {"{\"a\":+1}", 6, "a value was expected, not '+1'"},
      {"{\"a\":1e}", 6, "'1e' is not a JSON number"},
      {"{\"a\":1e+}", 6, "is not a JSON number"},
      {"{\"a\":0x10}", 6, "'0x10' is not a JSON number"},
      {"{\"a\":1\"b\"}", 6, "is not a JSON number"},
      {"{\"a\":\"b\"c}", 9, "',' or '}' was expected, not 'c'"},
      {"{\"a\":\"b\"\"c\"}", 9, "',' or '}' was expected"},
      {"{\"a\":\"b}", 6, "a string is opened and not closed, at byte 6"},
      {"{\"a\":\"b\\\"}", 6, "a string is opened and not closed"},
      {"{\"a\":\"b\tc\"}", 8, "unescaped control character 0x09"},
      {"{\"a\":\"\\x\"}", 7, "unknown escape"},
      {"{\"a\":\"\\u12g4\"}", 7, "\\u without four hexadecimal digits"},
      {"{\"a\":\"\\u123\"}", 7, "\\u without four hexadecimal digits"},
      {"{\"a\":\"\\ud83d\"}", 7, "half a surrogate pair"},
      {"{\"a\":\"\\ud83dx\\ude00\"}", 7, "half a surrogate pair"},
      {"{\"a\":\"\\ude00\"}", 7, "half a surrogate pair"},
      {"{\"a\":\"\xC3\x28\"}", 7, "invalid UTF-8 at byte 7"},
      {"{\"a\":\"\xED\xA0\x80\"}", 7, "invalid UTF-8"},
      {"{\"a\":\"\xF5\x80\x80\x80\"}", 7, "invalid UTF-8"},
      {"{\"a\":\"\xC0\x80\"}", 7, "invalid UTF-8"},
      {"{\"a\":\"x\xE2\x82\"}", 8, "invalid UTF-8"},
      {"\xFF\xFE{", 1, "invalid UTF-8"},
      {"\\", 1, "a value was expected"},
      {"{\\n\"a\":1}", 2, "a key was expected"},
      {"\x01", 1, "a value was expected, not control character 0x01"},
      {"[\x1A]", 2, "a value was expected"},
  };
  Document document;
  for (const Bad& line : lines) {
    BOOST_TEST_CONTEXT(line.text) {
      BOOST_TEST(!document.parse(line.text));
      BOOST_TEST(!reference_accepts(line.text));
      BOOST_TEST(document.problem().byte == line.byte);
      BOOST_TEST(fthost::test::contains(document.problem().message, line.says), document.problem().message);
      BOOST_TEST(!document.root());
      BOOST_TEST(!document.find("a"));
    }
  }
  BOOST_TEST(!document.parse(std::string_view("{\"a\":1\0}", 8)));
  BOOST_TEST(!document.parse("[1\x0C,2]"));
  BOOST_TEST(!document.parse(std::string_view("{\"a\":\"\0\"}", 9)));
}

BOOST_AUTO_TEST_CASE(a_row_must_be_an_object) {
  Document document;
  BOOST_TEST(document.parse_object(" {\"a\":1}\t"));
  BOOST_TEST(document.root().raw() == "{\"a\":1}");
  for (const char* text : {"[1]", "\"a\"", "1", "null", "true"}) {
    BOOST_TEST(document.parse(text));
    BOOST_TEST(!document.parse_object(text));
    BOOST_TEST((document.problem().code == Problem::Code::not_an_object));
  }
  BOOST_TEST(document.problem().message == "an object was expected, not boolean, at byte 1");
}

BOOST_AUTO_TEST_CASE(nesting_is_limited) {
  Document document;
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  BOOST_TEST(document.parse(nested(Document::kMaxDepth)));
  BOOST_TEST(!document.parse(nested(Document::kMaxDepth + 1)));
  BOOST_TEST((document.problem().code == Problem::Code::too_deep));
  BOOST_TEST(document.problem().byte == Document::kMaxDepth + 1u);
}

BOOST_AUTO_TEST_CASE(pointers_are_of_the_present_text) {
  Document document;
  for (const char* text : {"[0,[1,[2,3]]]", "[[0,0],[1,[2]]]", "{\"1\":[0,[9]]}"}) {
    BOOST_REQUIRE(document.parse(text));
    BOOST_TEST(document.pointer_of(document.root().pointer("/1/1/0")) == "/1/1/0", text);
  }
}

BOOST_AUTO_TEST_CASE(values_are_slices_of_the_text) {
  Document document;
  const std::string text = R"({ "a" : [ 1 , -2.5e3 , "x\ny" , null ] , "b~/" : { "c" : true } , "": "" })";
  BOOST_REQUIRE(document.parse_object(text));
  const Value a = document.find("a");
  BOOST_TEST(a.raw() == R"([ 1 , -2.5e3 , "x\ny" , null ])");
  BOOST_TEST(a.size() == 4u);
  BOOST_TEST(a.at(0).integer());
  BOOST_TEST(!a.at(1).integer());
  BOOST_TEST(a.at(1).number() == -2500.0);
  BOOST_TEST(a.at(2).inner() == "x\\ny");
  BOOST_TEST(a.at(2).escaped());
  BOOST_TEST(a.at(2).text() == "x\ny");
  BOOST_TEST(a.at(2).equals("x\ny"));
  BOOST_TEST(!a.at(2).equals("x\\ny"));
  BOOST_TEST(a.at(3).is(Kind::null));
  BOOST_TEST(!a.at(4));
  BOOST_TEST(document.root().pointer("/b~0~1/c").raw() == "true");
  BOOST_TEST(document.root().pointer("/a/3").raw() == "null");
  BOOST_TEST(document.root().pointer("/").raw() == "\"\"");
  BOOST_TEST((document.root().pointer("") == document.root()));
  for (const char* missing : {"/x", "/a/4", "/a/01", "/a/-1", "/a/x", "/b~0~1/c/d", "a"}) {
    BOOST_TEST(!document.root().pointer(missing), missing);
  }
  BOOST_TEST(document.pointer_of(document.root().pointer("/b~0~1/c")) == "/b~0~1/c");
  BOOST_TEST(document.pointer_of(a.at(2)) == "/a/2");
  BOOST_TEST(document.pointer_of(document.root()).empty());
  // In any order.
  for (const char* path : {"/a/2", "/a/0", "/b~0~1/c", "/a/1", "/a/1", "/a", "/b~0~1"})
    BOOST_TEST(document.pointer_of(document.root().pointer(path)) == path);
  std::vector<std::string> keys;
  for (Value member = document.root().first(); member; member = member.next()) keys.push_back(member.key().text());
  BOOST_TEST(keys == (std::vector<std::string>{"a", "b~/", ""}));
  BOOST_TEST(!a.at(0).key());
  // Nothing is decoded where nothing is escaped.
  std::string scratch;
  BOOST_TEST(document.find("").text(scratch).data() == document.find("").inner().data());
}

BOOST_AUTO_TEST_CASE(escaped_keys_are_found_by_what_they_mean) {
  Document document;
  BOOST_REQUIRE(document.parse_object(R"({"mess\u0061ges":1,"a\\b":2,"x":3})"));
  BOOST_TEST(document.find("messages").raw() == "1");
  BOOST_TEST(document.find("a\\b").raw() == "2");
  BOOST_TEST(!document.find("a\\\\b"));
  BOOST_TEST(document.find("x").raw() == "3");
}

BOOST_AUTO_TEST_CASE(numbers_beyond_a_double_go_to_its_ends) {
  Document document;
  BOOST_REQUIRE(document.parse("[1e999,-1e999,1e-999,12345678901234567890]"));
  BOOST_TEST(std::isinf(document.root().at(0).number()));
  BOOST_TEST(document.root().at(1).number() < 0);
  BOOST_TEST(document.root().at(2).number() == 0.0);
  BOOST_TEST(document.root().at(3).integer());
  BOOST_TEST(document.root().at(3).number() == 12345678901234567890.0);
  BOOST_TEST(std::isnan(document.root().number()));
}

BOOST_AUTO_TEST_CASE(strings_are_decoded_and_written_again) {
  Document document;
  const std::string text = R"("\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\ude00\u0000é")";
  BOOST_REQUIRE(document.parse(text));
  const std::string decoded = document.root().text();
  BOOST_TEST(decoded == std::string("\"\\/\b\f\n\r\té€😀\0é", 20));
  BOOST_TEST(document.root().characters() == 13u);
  BOOST_TEST(json_string(decoded) == R"("\"\\/\b\f\n\r\té€😀\u0000é")");
  BOOST_REQUIRE(document.parse(json_string(decoded)));
}

BOOST_AUTO_TEST_CASE(compact_copies_keep_strings_and_numbers_as_they_stand) {
  Document document;
  const std::string text = "{ \"a\" :\n[ 1.0 , { } , [ ] , \"x \\u00e9\" ] ,\r\n \"b\":null }";
  BOOST_REQUIRE(document.parse(text));
  std::string compact;
  append_compact(compact, document.root());
  BOOST_TEST(compact == R"({"a":[1.0,{},[],"x \u00e9"],"b":null})");
}

BOOST_AUTO_TEST_CASE(blank_text_is_blank_in_every_script) {
  for (const char* text : {"", " ", "\t\r\n", "\xC2\xA0", "\xE3\x80\x80 ", "\xEF\xBB\xBF", "\xE2\x80\x8B"})
    BOOST_TEST(is_blank(text));
  for (const char* text : {"x", " . ", "é", "\xE2\x80\x8Cx"}) BOOST_TEST(!is_blank(text));
}

BOOST_AUTO_TEST_CASE(a_whole_object_is_told_from_a_torn_one) {
  BOOST_TEST(is_whole_object("{\"a\":1}"));
  BOOST_TEST(is_whole_object("\xEF\xBB\xBF{\"a\":1}\r"));
  for (const char* text : {"", "{\"a\":1", "{\"a\":1}{", "12", "[1]", " "}) BOOST_TEST(!is_whole_object(text));
}

// Damage at random: both parsers must say the same of every text. Lengths around 64 bytes, the block of the index.
BOOST_AUTO_TEST_CASE(damaged_texts_get_the_verdict_of_a_second_parser) {
  Random random(20240611);
  const std::string pieces[] = {"{",
                                "}",
                                "[",
                                "]",
                                ":",
                                ",",
                                "\"",
                                "\\",
                                "\\\\",
                                "\\\"",
                                "\\u00e9",
                                "\\ud83d",
                                "\\ude00",
                                "é",
                                "😀",
                                "\xC3",
                                "\x80",
                                " ",
                                "\n",
                                "0",
                                "-1",
                                "1.5e3",
                                "true",
                                "null",
                                "a",
                                "u",
                                "\x01",
                                "\"k\":",
                                "\"v\"",
                                "\\n",
                                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
  const std::string seeds[] = {
      R"({"id":"a","messages":[{"role":"user","content":"Say \"hi\"\n"},{"role":"assistant","content":"hi \u00e9 😀"}],"n":-1.5e-3})",
      R"([{"a":[[],{},[{}]],"b":"\\\\\\","c":"\ud83d\ude00\ud83d\ude00"},null,true,false,0,"", "x"])",
      R"({"long":"0123456789012345678901234567890123456789012345678901234567890\\","k":"v"})",
  };
  Document document;
  std::size_t accepted = 0;
  for (int round = 0; round < 60000; round += FTHOST_ONE_IN) {
    std::string text = seeds[random.below(3)];
    for (std::uint64_t edits = random.below(4); edits > 0; --edits) {
      const std::size_t at = random.below(text.size() + 1);
      const std::size_t length = std::min<std::size_t>(random.below(6), text.size() - at);
      const std::string& piece = pieces[random.below(std::size(pieces))];
      switch (random.below(3)) {
        case 0:
          text.insert(at, piece);
          break;
        case 1:
          text.erase(at, length);
          break;
        default:
          text.replace(at, length, piece);
      }
    }
    const bool ours = document.parse(text);
    if (ours != reference_accepts(text)) BOOST_ERROR("different verdicts (ours " << ours << ") about: " << text);
    if (!ours) {
      BOOST_REQUIRE(document.problem().byte >= 1 && document.problem().byte <= text.size() + 1);
      continue;
    }
    ++accepted;
    // What is accepted says the same to both.
    std::string compact;
    append_compact(compact, document.root());
    const auto reference = nlohmann::json::parse(text);
    BOOST_REQUIRE(nlohmann::json::parse(compact) == reference);
    if (const Value long_text = document.root().is(Kind::object) ? document.find("long") : Value();
        long_text.is(Kind::string)) {
      BOOST_REQUIRE(long_text.text() == reference["long"].get<std::string>());
    }
  }
  BOOST_TEST(accepted > 5000u / FTHOST_ONE_IN);
}

BOOST_AUTO_TEST_CASE(characters_are_code_points) {
  Document document;
  for (const char* text :
       {R"("")", R"("a\"b")", R"("é€😀")", R"("\u00e9\u20ac\ud83d\ude00")", R"("\\u00e9")", R"("\\\\\n")"}) {
    BOOST_REQUIRE(document.parse(text));
    std::size_t expected = 0;
    for (const char c : document.root().text()) expected += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    BOOST_TEST(document.root().characters() == expected, text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
