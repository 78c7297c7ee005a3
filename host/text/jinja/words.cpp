// Character classes and title case, as Python's str has them.
#include <utf8proc.h>

#include "text/jinja/library.hpp"
#include "text/unicode.hpp"

namespace fthost::text::jinja {
namespace {

utf8proc_category_t category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

bool is_cased_letter(char32_t c) {
  const auto kind = category(c);
  return kind == UTF8PROC_CATEGORY_LU || kind == UTF8PROC_CATEGORY_LL || kind == UTF8PROC_CATEGORY_LT;
}

}  // namespace

bool is_alphabetic(char32_t c) {
  return is_cased_letter(c) || category(c) == UTF8PROC_CATEGORY_LM || category(c) == UTF8PROC_CATEGORY_LO;
}
bool is_decimal(char32_t c) { return category(c) == UTF8PROC_CATEGORY_ND; }
bool is_digit(char32_t c) {
  return is_decimal(c) || c == 0xB2 || c == 0xB3 || c == 0xB9 || c == 0x2070 || (c >= 0x2074 && c <= 0x2079) ||
         (c >= 0x2080 && c <= 0x2089) || (c >= 0x2460 && c <= 0x2468);
}
bool is_numeric(char32_t c) {
  const auto kind = category(c);
  return kind == UTF8PROC_CATEGORY_ND || kind == UTF8PROC_CATEGORY_NL || kind == UTF8PROC_CATEGORY_NO;
}
bool is_alphanumeric(char32_t c) { return is_alphabetic(c) || is_numeric(c); }
bool is_python_space(char32_t c) { return is_space(c, Space::python); }

std::string title_text(std::string_view text) {
  std::string out, word;
  bool inside = false;
  for (const char32_t c : CodePoints(text)) {
    const bool cased = is_cased_letter(c);
    if (cased && inside) {
      append_utf8(word, c);
      continue;
    }
    out += lower(word);
    word.clear();
    if (cased)
      append_title(out, c);
    else
      append_utf8(out, c);
    inside = cased;
  }
  return out + lower(word);
}

std::string capitalize_text(std::string_view text) {
  if (text.empty()) return {};
  const CodePoint first = code_point_at(text, 0);
  std::string out;
  append_title(out, first.value);
  return out + lower(text.substr(first.size));
}

}  // namespace fthost::text::jinja
