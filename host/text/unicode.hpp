// UTF-8 text: checking, walking, trimming, case, normal forms, counting, terminal columns. Pure functions, any thread.
// Text that is not valid UTF-8 never fails here: each ill-formed part (the longest that could begin a character, as
// browsers and Python cut it) counts as one U+FFFD.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace fthost::text {

inline constexpr char32_t kReplacement = 0xFFFD;

// The code point that starts at an offset. For ill-formed bytes `value` is U+FFFD, `size` what they take, `valid`
// false.
struct CodePoint {
  char32_t value = kReplacement;
  std::uint8_t size = 1;
  bool valid = false;
};
CodePoint code_point_at(std::string_view text, std::size_t offset);  // offset < text.size()

// for (char32_t c : CodePoints(text)); the view must outlive the loop.
class CodePoints {
 public:
  class Iterator {
   public:
    using value_type = char32_t;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    using pointer = const char32_t*;
    using reference = char32_t;

    Iterator(std::string_view text, std::size_t offset) : text_(text), offset_(offset) { read(); }
    char32_t operator*() const { return current_.value; }
    Iterator& operator++() {
      offset_ += current_.size;
      read();
      return *this;
    }
    bool operator==(const Iterator& other) const { return offset_ == other.offset_; }
    std::size_t offset() const { return offset_; }  // in bytes

   private:
    void read() {
      if (offset_ < text_.size()) current_ = code_point_at(text_, offset_);
    }
    std::string_view text_;
    std::size_t offset_;
    CodePoint current_;
  };
  explicit CodePoints(std::string_view text) : text_(text) {}
  Iterator begin() const { return {text_, 0}; }
  Iterator end() const { return {text_, text_.size()}; }

 private:
  std::string_view text_;
};

bool is_ascii(std::string_view text);
std::optional<std::size_t> invalid_utf8_offset(std::string_view text);  // of the first bad byte; nothing: all is well
std::string repair_utf8(std::string_view text);
void append_utf8(std::string& to, char32_t code_point);  // a surrogate or a value above 10FFFF becomes U+FFFD
std::u32string to_code_points(std::string_view text);
std::u16string to_utf16(std::string_view text);
std::size_t count_code_points(std::string_view text);
std::size_t count_utf16_units(std::string_view text);
std::size_t byte_offset(std::string_view text, std::size_t code_points);  // where that many end; text.size() at most

// What counts as white space: Unicode's property, JavaScript's trim (no U+0085, but U+FEFF), Python's str.strip
// (U+001C..1F too).
enum class Space { unicode, javascript, python };
bool is_space(char32_t code_point, Space rule);
std::string_view trim(std::string_view text, Space rule);
std::string_view trim_start(std::string_view text, Space rule);
std::string_view trim_end(std::string_view text, Space rule);

// Full case mappings without locale, equal to JavaScript's toLowerCase/toUpperCase and Python's lower/upper/casefold up
// to the Unicode version of utf8proc. `sigma` false maps every capital sigma to the small medial one, code point by
// code point.
std::string lower(std::string_view text, bool sigma = true);
std::string upper(std::string_view text);
void append_title(std::string& to, char32_t code_point);  // as the first letter of a word: "ß" gives "Ss"
std::string casefold(std::string_view text);

enum class Form { nfc, nfd, nfkc, nfkd };
std::string normalize(std::string_view text, Form form);
inline std::string nfc(std::string_view text) { return normalize(text, Form::nfc); }

// A code point that Python's str.isprintable accepts: repr() and terminals may show it as it stands.
bool is_printable(char32_t code_point);
// Columns the text takes in a terminal: 0 for controls and combining marks, 2 for wide ones, 1 otherwise.
std::size_t display_width(std::string_view text);
// Text made safe to print on a terminal: control characters, bidirectional overrides and ill-formed bytes are spelled
// out ("\x1b", "\u202e"); with keep_lines, newline and tab stay.
std::string sanitize_terminal(std::string_view text, bool keep_lines);

}  // namespace fthost::text
