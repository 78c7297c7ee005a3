#include "text/jinja/lexer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "text/unicode.hpp"

namespace fthost::text::jinja {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0; }
bool is_name(char c) { return is_name_start(c) || is_digit(c); }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "\r\n" and "\r" become "\n", one final line break goes.
std::string normalized(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] != '\r') {
      out += source[i];
      continue;
    }
    out += '\n';
    if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

class Lexer {
 public:
  Lexer(std::string_view source, int* line) : source_(source), line_(*line) { line_ = 1; }

  std::vector<Token> run() {
    while (at_ < source_.size()) text();
    push(Token::Kind::end);
    return std::move(tokens_);
  }

 private:
  static constexpr std::string_view kSpace = " \t\n\v\f\r";

  void push(Token::Kind kind, std::string text = {}, Value number = {}) {
    tokens_.push_back({kind, std::move(text), std::move(number), line_});
  }
  void push_text(std::string_view text) {
    if (!text.empty()) push(Token::Kind::text, std::string(text));
  }
  void move_to(std::size_t end) {
    line_ += static_cast<int>(std::count(source_.begin() + static_cast<std::ptrdiff_t>(at_),
                                         source_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    at_ = end;
  }
  bool looking_at(std::string_view what) const { return source_.substr(at_, what.size()) == what; }
  std::size_t after_space(std::size_t at) const {
    while (at < source_.size()) {
      const CodePoint c = code_point_at(source_, at);
      if (!is_space(c.value, Space::python)) break;
      at += c.size;
    }
    return at;
  }

  // Text up to the next tag, less what the tag's white-space control takes from its end.
  void text() {
    std::size_t open = source_.find('{', at_);
    while (open != std::string_view::npos &&
           (open + 1 >= source_.size() || std::string_view("{%#").find(source_[open + 1]) == std::string_view::npos)) {
      open = source_.find('{', open + 1);
    }
    if (open == std::string_view::npos) {
      push_text(source_.substr(at_));
      move_to(source_.size());
      return;
    }
    const char kind = source_[open + 1];
    const char sign = open + 2 < source_.size() ? source_[open + 2] : '\0';
    push_text(before_tag(source_.substr(at_, open - at_), kind, sign));
    move_to(open);
    const std::size_t inside = open + 2 + (sign == '-' || sign == '+');
    if (kind == '#') {
      comment(inside);
    } else if (kind == '{') {
      tag(inside, Token::Kind::output_begin, Token::Kind::output_end, "}}");
    } else if (!raw(inside)) {
      tag(inside, Token::Kind::block_begin, Token::Kind::block_end, "%}");
    }
  }

  std::string_view before_tag(std::string_view text, char kind, char sign) const {
    if (sign == '-') return trim_end(text, Space::python);
    if (sign == '+' || kind == '{') return text;
    const std::size_t start = text.rfind('\n') + 1;  // npos + 1 is 0
    if (start == 0 && !line_start_) return text;
    return trim(text.substr(start), Space::python).empty() ? text.substr(0, start) : text;
  }

  // Past the end of a tag: "-" takes the white space after it, a block or comment one line break.
  void close_tag(std::size_t end, char sign, bool trims_line) {
    if (sign == '-')
      end = after_space(end);
    else if (trims_line && sign != '+' && end < source_.size() && source_[end] == '\n')
      ++end;
    line_start_ = end > 0 && source_[end - 1] == '\n';
    move_to(end);
  }

  void comment(std::size_t start) {
    const std::size_t end = source_.find("#}", start);
    if (end == std::string_view::npos) fail("a comment without its #}");
    const char sign = end > start ? source_[end - 1] : '\0';
    close_tag(end + 2, sign == '-' || sign == '+' ? sign : '\0', true);
  }

  // {% raw %}...{% endraw %}: true if that is what stands here.
  bool raw(std::size_t inside) {
    std::size_t end = 0;
    char sign = '\0';
    if (!plain_tag(inside, "raw", end, sign)) return false;
    close_tag(end, sign, false);
    for (std::size_t open = source_.find("{%", at_); open != std::string_view::npos;
         open = source_.find("{%", open + 1)) {
      const char before = open + 2 < source_.size() ? source_[open + 2] : '\0';
      if (!plain_tag(open + 2 + (before == '-' || before == '+'), "endraw", end, sign)) continue;
      push_text(before_tag(source_.substr(at_, open - at_), '%', before));
      move_to(open);
      close_tag(end, sign, true);
      return true;
    }
    fail("a {% raw %} without its {% endraw %}");
  }

  // "name %}" with its sign, from `at`.
  bool plain_tag(std::size_t at, std::string_view name, std::size_t& end, char& sign) const {
    at = after_space(at);
    if (source_.substr(at, name.size()) != name) return false;
    at = after_space(at + name.size());
    sign = at < source_.size() ? source_[at] : '\0';
    if (sign == '-' || sign == '+')
      ++at;
    else
      sign = '\0';
    end = at + 2;
    return source_.substr(at, 2) == "%}";
  }

  void tag(std::size_t inside, Token::Kind begin, Token::Kind close, std::string_view closing) {
    push(begin);
    move_to(inside);
    std::string open;  // brackets
    while (true) {
      move_to(after_space(at_));
      if (at_ >= source_.size()) fail("a tag without its " + std::string(closing));
      if (open.empty()) {
        const char sign = source_[at_];
        const bool block = closing == "%}";
        const std::size_t end = at_ + (sign == '-' || (sign == '+' && block));
        if (source_.substr(end, 2) == closing) {
          push(close);
          close_tag(end + 2, end > at_ ? sign : '\0', block);
          return;
        }
      }
      token(open);
    }
  }

  void token(std::string& open) {
    const char c = source_[at_];
    if (is_digit(c)) return number();
    if (is_name_start(c)) {
      std::size_t end = at_;
      while (end < source_.size() && is_name(source_[end])) ++end;
      push(Token::Kind::name, std::string(source_.substr(at_, end - at_)));
      return move_to(end);
    }
    if (c == '\'' || c == '"') return string(c);
    for (const std::string_view two : {"//", "**", "==", "!=", ">=", "<="}) {
      if (!looking_at(two)) continue;
      push(Token::Kind::symbol, std::string(two));
      return move_to(at_ + 2);
    }
    if (std::string_view("+-/*%~[](){}<>=.:|,;").find(c) == std::string_view::npos) {
      std::string shown;
      append_utf8(shown, code_point_at(source_, at_).value);
      fail("unexpected character '" + shown + "'");
    }
    if (c == '(' || c == '[' || c == '{') open += c == '(' ? ')' : c == '[' ? ']' : '}';
    if (c == ')' || c == ']' || c == '}') {
      if (open.empty() || open.back() != c) fail(std::string("unexpected '") + c + "'");
      open.pop_back();
    }
    push(Token::Kind::symbol, std::string(1, c));
    move_to(at_ + 1);
  }

  void number() {
    std::string digits;
    std::size_t at = at_;
    const auto take_digits = [&] {
      while (at < source_.size() &&
             (is_digit(source_[at]) || (source_[at] == '_' && at + 1 < source_.size() && is_digit(source_[at + 1])))) {
        if (source_[at] != '_') digits += source_[at];
        ++at;
      }
    };
    const char base = source_[at] == '0' && at + 1 < source_.size() ? static_cast<char>(source_[at + 1] | 0x20) : '\0';
    if (base == 'x' || base == 'o' || base == 'b') return based_number(base == 'x' ? 16 : base == 'o' ? 8 : 2);
    take_digits();
    bool real = false;
    const bool after_dot = source_[at_ - 1] == '.';  // a.0.1 has two subscripts
    if (!after_dot && at + 1 < source_.size() && source_[at] == '.' && is_digit(source_[at + 1])) {
      real = true;
      digits += source_[at++];
      take_digits();
    }
    if (at < source_.size() && (source_[at] | 0x20) == 'e') {
      const std::size_t sign = at + 1 < source_.size() && (source_[at + 1] == '+' || source_[at + 1] == '-') ? 1 : 0;
      if (at + 1 + sign < source_.size() && is_digit(source_[at + 1 + sign])) {
        real = true;
        digits += 'e';
        if (sign) digits += source_[at + 1];
        at += 1 + sign;
        take_digits();
      }
    }
    if (real) {
      double value = 0;
      const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (result.ec == std::errc::result_out_of_range) value = digits.find("e-") != std::string::npos ? 0 : HUGE_VAL;
      push(Token::Kind::real, {}, Value(value));
    } else {
      Integer value = 0;
      for (const char c : digits) {
        if (__builtin_mul_overflow(value, Integer{10}, &value) ||
            __builtin_add_overflow(value, Integer{c - '0'}, &value))
          fail("an integer is too large");
      }
      push(Token::Kind::integer, {}, Value(value));
    }
    move_to(at);
  }

  void based_number(int base) {
    std::size_t at = at_ + 2;
    Integer value = 0;
    for (;
         at < source_.size() && (source_[at] == '_' || (hex_value(source_[at]) >= 0 && hex_value(source_[at]) < base));
         ++at) {
      if (source_[at] == '_') continue;
      if (__builtin_mul_overflow(value, Integer{base}, &value) ||
          __builtin_add_overflow(value, Integer{hex_value(source_[at])}, &value))
        fail("an integer is too large");
    }
    push(Token::Kind::integer, {}, Value(value));
    move_to(at);
  }

  void string(char quote) {
    std::string out;
    std::size_t at = at_ + 1;
    while (true) {
      if (at >= source_.size()) fail("a string without its end");
      const char c = source_[at];
      if (c == quote) break;
      if (c == '\\') {
        at = escape(at + 1, out);
      } else {
        out += c;
        ++at;
      }
    }
    push(Token::Kind::string, std::move(out));
    move_to(at + 1);
  }

  // Python's escapes, from the character after the backslash; returns where they end.
  std::size_t escape(std::size_t at, std::string& out) {
    if (at >= source_.size()) fail("a string without its end");
    const char c = source_[at];
    constexpr std::string_view from = "\\'\"abfnrtv", to = "\\'\"\a\b\f\n\r\t\v";
    if (const std::size_t known = from.find(c); known != std::string_view::npos) {
      out += to[known];
      return at + 1;
    }
    if (c == '\n') return at + 1;
    if (c >= '0' && c <= '7') {
      char32_t value = 0;
      std::size_t end = at;
      for (; end < at + 3 && end < source_.size() && source_[end] >= '0' && source_[end] <= '7'; ++end)
        value = value * 8 + static_cast<char32_t>(source_[end] - '0');
      append_utf8(out, value);
      return end;
    }
    const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits == 0) {
      if (c == 'N') fail("\\N escapes are not supported");
      out += '\\';
      out += c;
      return at + 1;
    }
    char32_t value = 0;
    for (std::size_t i = 1; i <= digits; ++i) {
      const int digit = at + i < source_.size() ? hex_value(source_[at + i]) : -1;
      if (digit < 0) fail("a \\x, \\u or \\U escape without its digits");
      value = value * 16 + static_cast<char32_t>(digit);
    }
    append_utf8(out, value);
    return at + digits + 1;
  }

  std::string_view source_;
  int& line_;
  std::size_t at_ = 0;
  bool line_start_ = true;  // the last tag ended a line, or there was none
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source, int* line) {
  const std::string text = normalized(source);
  return Lexer(text, line).run();
}

}  // namespace fthost::text::jinja
