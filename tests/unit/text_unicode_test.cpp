#include "text/unicode.hpp"

#include <boost/test/unit_test.hpp>
#include <random>
#include <vector>

using namespace fthost::text;
using namespace std::string_literals;

BOOST_AUTO_TEST_CASE(first_bad_byte_is_found) {
  BOOST_TEST(!invalid_utf8_offset(""));
  BOOST_TEST(!invalid_utf8_offset("plain ascii, long enough for whole words; é 日 🙂"));
  const std::vector<std::pair<std::string, std::size_t>> bad = {{"0123456789\x80", 10},   // continuation without a lead
                                                                {"\xC0\xAF", 0},          // overlong
                                                                {"a\xE0\x9F\xBF", 1},     // overlong in three
                                                                {"ab\xED\xA0\x80", 2},    // surrogate
                                                                {"\xF4\x90\x80\x80", 0},  // above 10FFFF
                                                                {"\xF5", 0},
                                                                {"é\xE2\x82", 2},  // cut off
                                                                {"\xF0\x80\x80\x80", 0}};
  for (const auto& [text, offset] : bad) BOOST_TEST(invalid_utf8_offset(text).value_or(999) == offset);
}

BOOST_AUTO_TEST_CASE(ill_formed_parts_become_one_replacement_each) {
  // The examples of the Unicode standard, section 3.9.
  BOOST_TEST(repair_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") ==
             "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA");
  BOOST_TEST(repair_utf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41") ==
             "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA");
  BOOST_TEST(repair_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") == "\uFFFD\uFFFD\uFFFD\uFFFDA");
}

BOOST_AUTO_TEST_CASE(random_bytes_repair_to_valid_text_of_the_same_length_in_code_points) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 24, '\0');
    for (char& c : bytes) c = static_cast<char>("\x41\x80\xBF\xC3\xE0\xED\xEF\xF0\xF4\xA0\x90"[random() % 11]);
    const std::string repaired = repair_utf8(bytes);
    BOOST_TEST(!invalid_utf8_offset(repaired));
    BOOST_TEST(count_code_points(bytes) == count_code_points(repaired));
    BOOST_TEST((to_code_points(bytes) == to_code_points(repaired)));
    BOOST_TEST(to_utf16(bytes).size() == count_utf16_units(bytes));
    const bool was_valid = !invalid_utf8_offset(bytes);
    BOOST_TEST((repaired == bytes) == was_valid);
  }
}

BOOST_AUTO_TEST_CASE(every_code_point_survives_a_round_trip) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c == 0xD800) c = 0xE000;
    std::string text;
    append_utf8(text, c);
    const CodePoint back = code_point_at(text, 0);
    if (back.value != c || !back.valid || back.size != text.size()) BOOST_FAIL("U+" << static_cast<unsigned>(c));
  }
  std::string text;
  append_utf8(text, 0xD800);
  append_utf8(text, 0x110000);
  BOOST_TEST(text == "\uFFFD\uFFFD");
}

BOOST_AUTO_TEST_CASE(counts_differ_by_unit) {
  const std::string text = "aé日🙂";
  BOOST_TEST(count_code_points(text) == 4u);
  BOOST_TEST(count_utf16_units(text) == 5u);
  BOOST_TEST(byte_offset(text, 2) == 3u);
  BOOST_TEST(byte_offset(text, 9) == text.size());
}

BOOST_AUTO_TEST_CASE(trim_knows_three_rules) {
  BOOST_TEST(trim("\t\n x y \u2028\uFEFF", Space::javascript) == "x y");
  BOOST_TEST(trim("\u0085x", Space::javascript) == "\u0085x");
  BOOST_TEST(trim("\u0085x\uFEFF", Space::python) == "x\uFEFF");
  BOOST_TEST(trim("\x1C x\x1F", Space::python) == "x");
  BOOST_TEST(trim("\x1C x\x1F", Space::unicode) == "\x1C x\x1F");
  BOOST_TEST(trim("x\u200B\u180E", Space::unicode) == "x\u200B\u180E");
  BOOST_TEST(trim_end(" x ", Space::python) == " x");
  BOOST_TEST(trim_start(" x ", Space::python) == "x ");
  BOOST_TEST(trim(" \u3000 ", Space::unicode).empty());
  BOOST_TEST(trim("x\xE3\x80 ", Space::unicode) == "x\xE3\x80");
}

BOOST_AUTO_TEST_CASE(lower_handles_dotted_i_and_final_sigma) {
  BOOST_TEST(lower("HeLLo ÀÉ Ж") == "hello àé ж");
  BOOST_TEST(lower("İ") == "i\u0307");
  BOOST_TEST(lower("ΟΔΟΣ ΣΑΣ Σ") == "οδος σας σ");
  BOOST_TEST(lower("ΑΣ.Α ΑΣ. ΑΣ'") == "ασ.α ας. ας'");
  BOOST_TEST(lower("1Σ") == "1σ");
  BOOST_TEST(lower("A\u0301Σ\u0301") == "a\u0301ς\u0301");
  BOOST_TEST(lower("ΑΣ", false) == "ασ");
}

BOOST_AUTO_TEST_CASE(upper_title_and_casefold_grow_where_unicode_says) {
  BOOST_TEST(upper("straße ﬁ \u0390") == "STRASSE FI \u0399\u0308\u0301");
  BOOST_TEST(casefold("Straße ΑΣ") == "strasse ασ");
  std::string title;
  append_title(title, U'ß');
  append_title(title, U'ǆ');
  append_title(title, U'é');
  BOOST_TEST(title == "Ssǅ\u00C9");
}

BOOST_AUTO_TEST_CASE(normal_forms) {
  BOOST_TEST(nfc("e\u0301") == "é");
  BOOST_TEST(normalize("é", Form::nfd) == "e\u0301");
  BOOST_TEST(normalize("ﬁ①", Form::nfkc) == "fi1");
  BOOST_TEST(normalize("ﬁé", Form::nfkd) == "fie\u0301");
  BOOST_TEST(nfc("a\0b\u0301"s) == "a\0b\u0301"s);
  BOOST_TEST(nfc("\xFF"
                 "e\u0301") == "\uFFFDé");
  BOOST_TEST(nfc("한") == "한");
}

BOOST_AUTO_TEST_CASE(width_is_in_terminal_columns) {
  BOOST_TEST(display_width("abc") == 3u);
  BOOST_TEST(display_width("日本") == 4u);
  BOOST_TEST(display_width("e\u0301\u200B") == 1u);
  BOOST_TEST(display_width("🙂") == 2u);
  BOOST_TEST(display_width("\x1b\n") == 0u);
}

BOOST_AUTO_TEST_CASE(terminal_text_cannot_command_the_terminal) {
  BOOST_TEST(sanitize_terminal("a\x1b[31mred\n\tx\x7f", true) == "a\\x1b[31mred\n\tx\\x7f");
  BOOST_TEST(sanitize_terminal("a\nb", false) == "a\\x0ab");
  BOOST_TEST(sanitize_terminal("\u009b31m\u202Eevil é日\xff", true) == "\\x9b31m\\u202eevil é日\\xff");
}

BOOST_AUTO_TEST_CASE(printable_is_pythons) {
  for (const char32_t c : U"a é日🙂") {
    if (c != 0) BOOST_TEST(is_printable(c));
  }
  for (const char32_t c : {0x0, 0x7F, 0xA0, 0xAD, 0x200B, 0x2028, 0xE000, 0x378, 0x3000}) BOOST_TEST(!is_printable(c));
}
