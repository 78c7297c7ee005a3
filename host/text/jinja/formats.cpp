// Python's two ways to put values into a text: "%s" % values and "{}".format(values).
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "text/jinja/library.hpp"
#include "text/unicode.hpp"

namespace fthost::text::jinja {
namespace {

__extension__ typedef unsigned __int128 Unsigned;

// The parts of a % conversion or a format specification, as far as they are alike.
struct Format {
  bool left = false, plus = false, space = false, zero = false, alternate = false;
  char align = '\0';
  std::string fill = " ";
  long width = 0;
  long precision = -1;
  bool comma = false;
  char type = '\0';
};

constexpr long kWidest = 100'000;

long read_number(std::string_view text, std::size_t& at) {
  long value = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    value = value * 10 + (text[at] - '0');
    if (value > kWidest) fail("a width or precision in a format is too large");
  }
  return value;
}

std::string real_digits(double value, const Format& format, char type) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  const char spec[] = {'%', format.alternate ? '#' : '-', '.', '*', type, '\0'};
  const long precision = format.precision < 0 ? 6 : std::min(format.precision, 500L);
  std::string out(static_cast<std::size_t>(std::snprintf(nullptr, 0, spec, static_cast<int>(precision), value)), '\0');
  std::snprintf(out.data(), out.size() + 1, spec, static_cast<int>(precision), value);
  return out;
}

std::string integer_digits(Integer value, char type, bool alternate) {
  if (type == 'd') return integer_text(value);
  const bool negative = value < 0;
  Unsigned rest = negative ? -static_cast<Unsigned>(value) : static_cast<Unsigned>(value);
  const unsigned base = type == 'o' ? 8 : type == 'b' ? 2 : 16;
  std::string digits;
  do {
    digits += (type == 'X' ? "0123456789ABCDEF" : "0123456789abcdef")[static_cast<unsigned>(rest % base)];
    rest /= base;
  } while (rest != 0);
  if (alternate) digits += std::string(1, type) + "0";
  if (negative) digits += '-';
  return {digits.rbegin(), digits.rend()};
}

// Sign, grouping and padding around a number's digits.
std::string finish_number(std::string digits, const Format& format) {
  std::string sign;
  if (digits.starts_with('-')) {
    sign = "-";
    digits.erase(0, 1);
  } else if (format.plus) {
    sign = "+";
  } else if (format.space) {
    sign = " ";
  }
  if (format.comma) {
    const std::size_t whole = std::min(digits.find_first_not_of("0123456789"), digits.size());
    for (std::size_t at = whole; at > 3; at -= 3) digits.insert(at - 3, ",");
  }
  const std::size_t size = sign.size() + digits.size(), width = static_cast<std::size_t>(format.width);
  if (format.zero && !format.left && size < width) digits.insert(0, width - size, '0');
  return sign + digits;
}

std::string padded(std::string text, const Format& format, char usual) {
  const auto width = static_cast<std::size_t>(format.width), size = count_code_points(text);
  if (size >= width) return text;
  const char align = format.align ? format.align : format.left ? '<' : usual;
  const std::size_t missing = width - size, before = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
  std::string out;
  for (std::size_t i = 0; i < before; ++i) out += format.fill;
  out += text;
  for (std::size_t i = before; i < missing; ++i) out += format.fill;
  return out;
}

Integer whole(const Value& value, char type) {
  if (value.is_undefined()) fail_undefined(value);
  if (value.is_integral()) return value.integer();
  if (value.is<double>() && type == 'd' && std::abs(value.real()) < 1e30) return static_cast<Integer>(value.real());
  fail(std::string("a %") + type + " format wants a number, not " + value.type_name());
}

std::string convert(const Value& value, const Format& format) {
  std::string text;
  switch (format.type) {
    case 'i':
    case 'u':
    case 'd':
      return padded(finish_number(integer_digits(whole(value, 'd'), 'd', false), format), format, '>');
    case 'o':
    case 'b':
    case 'x':
    case 'X':
      return padded(finish_number(integer_digits(whole(value, format.type), format.type, format.alternate), format),
                    format, '>');
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      if (value.is_undefined()) fail_undefined(value);
      if (!value.is_number())
        fail(std::string("a %") + format.type + " format wants a number, not " + value.type_name());
      return padded(finish_number(real_digits(value.real(), format, format.type), format), format, '>');
    case '%':
      return padded(finish_number(real_digits(value.real() * 100, format, 'f') + "%", format), format, '>');
    case 'c':
      text = value.is_text() ? value.text() : std::string();
      if (!value.is_text()) append_utf8(text, static_cast<char32_t>(whole(value, 'c')));
      break;
    case 'r':
    case 'a':
      text = to_repr(value);
      break;
    default:
      text = to_text(value);
  }
  if (format.precision >= 0) text.resize(byte_offset(text, static_cast<std::size_t>(format.precision)));
  return text;
}

}  // namespace

std::string format_percent(std::string_view text, const Value& values) {
  const bool tuple = values.is_items() && values.items().kind == Sequence::Kind::tuple;
  std::size_t used = 0;
  bool named = false;
  const auto next_value = [&]() -> Value {
    const std::size_t count = tuple ? values.items().items.size() : 1;
    if (used >= count) fail("not enough arguments for format string");
    return tuple ? values.items().items[used++] : (++used, values);
  };
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '%') {
      out += text[at++];
      continue;
    }
    ++at;
    Format format;
    std::optional<Value> value;
    if (at < text.size() && text[at] == '(') {
      const std::size_t end = text.find(')', at);
      if (end == std::string_view::npos) fail("incomplete format key");
      const std::string key(text.substr(at + 1, end - at - 1));
      if (!values.is_dict()) fail("format requires a mapping");
      const Value* found = values.dict().find(std::string_view(key));
      if (!found) fail("the format's key '" + key + "' is not in the mapping");
      value = *found;
      named = true;
      at = end + 1;
    }
    for (; at < text.size() && std::string_view("-+ 0#").find(text[at]) != std::string_view::npos; ++at) {
      format.left |= text[at] == '-';
      format.plus |= text[at] == '+';
      format.space |= text[at] == ' ';
      format.zero |= text[at] == '0';
      format.alternate |= text[at] == '#';
    }
    format.width = read_number(text, at);
    if (at < text.size() && text[at] == '.') format.precision = read_number(text, ++at);
    if (at >= text.size()) fail("incomplete format");
    format.type = text[at++];
    if (format.type == '%') {
      out += '%';
      continue;
    }
    if (std::string_view("srdiuoxXeEfFgGca").find(format.type) == std::string_view::npos)
      fail(std::string("unsupported format character '") + format.type + "'");
    out += padded(convert(value ? *value : next_value(), format), format, '>');
    if (out.size() > kMaxText) fail("a text is larger than a template may make");
  }
  if (!named && !values.is_dict() && used < (tuple ? values.items().items.size() : 1))
    fail("not all arguments converted during string formatting");
  return out;
}

std::string format_braces(std::string_view text, Arguments& given) {
  std::string out;
  std::size_t automatic = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c != '{' && c != '}') {
      out += c;
      continue;
    }
    if (at < text.size() && text[at] == c) {
      out += text[at++];
      continue;
    }
    const std::size_t end = text.find('}', at);
    if (c == '}' || end == std::string_view::npos) fail("a single brace in a format");
    std::string_view name = text.substr(at, end - at), specification;
    at = end + 1;
    if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
      specification = name.substr(colon + 1);
      name = name.substr(0, colon);
    }
    Format format;
    if (name.ends_with("!r") || name.ends_with("!s")) {
      format.type = name.back();
      name.remove_suffix(2);
    }
    if (name.find_first_of(".[") != std::string_view::npos)
      fail("a format with an attribute or index is not supported");
    std::size_t position = name.empty() ? automatic++ : 0;
    if (!name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos) {
      std::size_t start = 0;
      position = static_cast<std::size_t>(read_number(name, start));
      name = {};
    }
    const Value* value = nullptr;
    if (name.empty()) {
      if (position >= given.positional.size()) fail("a format's index is out of range");
      value = &given.positional[position];
    } else {
      const auto found = std::ranges::find(given.named, name, &std::pair<std::string, Value>::first);
      if (found == given.named.end()) fail("the format's key '" + std::string(name) + "' was not given");
      value = &found->second;
    }
    Value shown = *value;
    if (format.type != '\0') shown = Value(format.type == 'r' ? to_repr(*value) : to_text(*value));
    format.type = '\0';
    // [[fill]align][sign][#][0][width][,][.precision][type]
    std::size_t i = 0;
    if (!specification.empty()) {
      const std::size_t first = code_point_at(specification, 0).size;
      if (first < specification.size() &&
          std::string_view("<>^").find(specification[first]) != std::string_view::npos) {
        format.fill = specification.substr(0, first);
        i = first;
      }
    }
    if (i < specification.size() && std::string_view("<>^").find(specification[i]) != std::string_view::npos)
      format.align = specification[i++];
    if (i < specification.size() && std::string_view("+- ").find(specification[i]) != std::string_view::npos) {
      format.plus = specification[i] == '+';
      format.space = specification[i++] == ' ';
    }
    if (i < specification.size() && specification[i] == '#') format.alternate = ++i > 0;
    if (i < specification.size() && specification[i] == '0') format.zero = ++i > 0;
    format.width = read_number(specification, i);
    if (i < specification.size() && specification[i] == ',') format.comma = ++i > 0;
    if (i < specification.size() && specification[i] == '.') format.precision = read_number(specification, ++i);
    if (i < specification.size()) format.type = specification[i++];
    if (i != specification.size() ||
        std::string_view("\0sdoxXbeEfFgGc%", 15).find(format.type) == std::string_view::npos) {
      fail("the format '" + std::string(specification) + "' is not supported");
    }
    const bool number = shown.is_number() && !shown.is<bool>();
    if (number && format.type == '\0' && (format.comma || format.precision >= 0 || format.zero || format.plus))
      format.type = shown.is<double>() ? (format.precision >= 0 ? 'g' : 'r') : 'd';
    if (format.align) format.zero = false;
    out += padded(convert(shown, format), format, number ? '>' : '<');
    if (out.size() > kMaxText) fail("a text is larger than a template may make");
  }
  given.named.clear();
  return out;
}

}  // namespace fthost::text::jinja
