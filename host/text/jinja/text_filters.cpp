// Filters on texts and numbers.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "text/jinja/library.hpp"
#include "text/unicode.hpp"

namespace fthost::text::jinja {
namespace {

// A method of str applied to str(value), with the filter's arguments.
Value as_method(Interpreter& in, const Value& value, const char* name, Arguments& given) {
  const Value text = value.is_text() ? value : in.made(to_text(value));
  return in.call(*find_method(text, name), given);
}

template <std::string (*Map)(std::string_view)>
Value mapped(Interpreter& in, const Value& value, Arguments& given) {
  given.done("filter", 0);
  return in.made(Map(to_text(value)));
}
std::string lower_text(std::string_view text) { return lower(text); }
std::string same(std::string_view text) { return std::string(text); }

// Jinja's own title: a new word after white space and - ( { [ <.
std::string titled(std::string_view text) {
  std::string out;
  bool start = true;
  for (const char32_t c : CodePoints(text)) {
    std::string one;
    append_utf8(one, c);
    out += start ? upper(one) : lower(one);
    start = is_space(c, Space::python) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
  }
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Value trim_filter(Interpreter& in, const Value& value, Arguments& given) {
  auto chars = given.take(0, "chars");
  given.done("trim", 1);
  Arguments inner;
  if (chars) inner.positional.push_back(std::move(*chars));
  return as_method(in, value, "strip", inner);
}

Value replace_filter(Interpreter& in, const Value& value, Arguments& given) {
  const Value from = given.require("replace", 0, "old"), to = given.require("replace", 1, "new");
  const auto count = given.take(2, "count");
  given.done("replace", 3);
  const long limit = count && !count->is_none() ? integer_of(*count, "replace") : -1;
  return in.made(replace_text(to_text(value), to_text(from), to_text(to), limit));
}

Value center_filter(Interpreter& in, const Value& value, Arguments& given) {
  Arguments inner;
  inner.positional.push_back(given.take(0, "width").value_or(Value(80)));
  given.done("center", 1);
  return as_method(in, value, "center", inner);
}

Value format_filter(Interpreter& in, const Value& value, Arguments& given) {
  if (!given.named.empty() && !given.positional.empty())
    fail("can't handle positional and keyword arguments at the same time");
  if (given.named.empty())
    return in.made(format_percent(to_text(value), in.list(std::move(given.positional), Sequence::Kind::tuple)));
  DictBuilder values;
  for (auto& [name, one] : given.named) values.set(Value(name), one);
  given.named.clear();
  return in.made(format_percent(to_text(value), values.finish()));
}

Value indent_filter(Interpreter& in, const Value& value, Arguments& given) {
  const Value width = given.take(0, "width").value_or(Value(4));
  const bool first = given.take(1, "first").value_or(Value(false)).truth();
  const bool blank = given.take(2, "blank").value_or(Value(false)).truth();
  given.done("indent", 3);
  std::string margin;
  if (width.is_text())
    margin = width.text();
  else
    margin.assign(static_cast<std::size_t>(std::clamp(integer_of(width, "indent"), 0L, 10'000L)), ' ');
  Arguments none;
  const Value lines = as_method(in, Value(to_text(value) + "\n"), "splitlines", none);
  std::string out = first ? margin : std::string();
  bool rest = false;
  for (const Value& line : lines.items().items) {
    if (rest) out += '\n';
    if (rest && (blank || !line.text().empty())) out += margin;
    out += line.text();
    rest = true;
    if (out.size() > kMaxText) fail("a text is larger than a template may make");
  }
  return in.made(std::move(out));
}

Value truncate_filter(Interpreter& in, const Value& value, Arguments& given) {
  const long length = integer_of(given.take(0, "length").value_or(Value(255)), "truncate");
  const bool kill_words = given.take(1, "killwords").value_or(Value(false)).truth();
  const std::string end = to_text(given.take(2, "end").value_or(Value("...")));
  const auto leeway = given.take(3, "leeway");
  given.done("truncate", 4);
  const std::string text = to_text(value);
  const long size = static_cast<long>(count_code_points(text)), tail = static_cast<long>(count_code_points(end));
  const long slack = leeway && !leeway->is_none() ? integer_of(*leeway, "truncate") : 5;
  if (length < tail || slack < 0)
    fail("truncate() wants a length of " + std::to_string(tail) + " or more and no negative leeway");
  if (size <= length || size - length <= slack) return in.made(text);
  std::string kept = text.substr(0, byte_offset(text, static_cast<std::size_t>(length - tail)));
  if (!kill_words) kept = kept.substr(0, kept.rfind(' '));
  return in.made(kept + end);
}

Value wordcount_filter(Interpreter&, const Value& value, Arguments& given) {
  given.done("wordcount", 0);
  std::size_t words = 0;
  bool inside = false;
  for (const char32_t c : CodePoints(to_text(value))) {
    const bool word = c == '_' || is_alphanumeric(c);
    words += word && !inside;
    inside = word;
  }
  return Value(words);
}

std::string url_quoted(std::string_view text, bool keep_slash) {
  std::string out;
  char code[8];
  for (const char c : text) {
    const bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (letter || std::string_view("_.-~").find(c) != std::string_view::npos || (keep_slash && c == '/')) {
      out += c;
    } else {
      std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned char>(c));
      out += code;
    }
  }
  return out;
}

Value urlencode_filter(Interpreter& in, const Value& value, Arguments& given) {
  given.done("urlencode", 0);
  if (!value.is_dict() && !value.is_items()) return in.made(url_quoted(to_text(value), true));
  std::string out;
  const auto add = [&](const Value& key, const Value& one) {
    if (!out.empty()) out += '&';
    out += url_quoted(to_text(key), false) + "=" + url_quoted(to_text(one), false);
  };
  if (value.is_dict()) {
    for (const auto& [key, one] : value.dict().entries) add(key, one);
  } else {
    for (const Value& pair : in.iterate(value)->items) {
      const auto parts = in.iterate(pair);
      if (parts->items.size() != 2) fail("urlencode() wants pairs");
      add(parts->items[0], parts->items[1]);
    }
  }
  return in.made(std::move(out));
}

Value tojson_filter(Interpreter& in, const Value& value, Arguments& given) {
  JsonStyle style;
  style.ascii = given.take(0, "ensure_ascii").value_or(Value(false)).truth();
  const Value indent = given.take(1, "indent").value_or(Value());
  const Value separators = given.take(2, "separators").value_or(Value());
  style.sort_keys = given.take(3, "sort_keys").value_or(Value(false)).truth();
  given.done("tojson", 4);
  if (!indent.is_none()) {
    style.lines = true;
    style.item_separator = ",";
    if (indent.is_text())
      style.indent = indent.text();
    else
      style.indent.assign(static_cast<std::size_t>(std::clamp(integer_of(indent, "tojson"), 0L, 1000L)), ' ');
  }
  if (!separators.is_none()) {
    const auto parts = in.iterate(separators);
    if (parts->items.size() != 2) fail("tojson() wants two separators");
    style.item_separator = text_of(parts->items[0], "tojson");
    style.key_separator = text_of(parts->items[1], "tojson");
  }
  return in.made(to_json(value, style));
}

// A text as Python's int(text, base) and float(text) read it; nothing if they would not.
std::optional<Integer> parse_integer(std::string_view text, long base) {
  text = trim(text, Space::python);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const char mark = text.size() > 2 && text[0] == '0' ? static_cast<char>(text[1] | 0x20) : '\0';
  const long marked = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
  if (marked != 0 && (base == marked || base == 0)) {
    base = marked;
    text.remove_prefix(2);
  }
  if (base == 0) base = 10;
  if (text.empty() || base < 2 || base > 36) return std::nullopt;
  Integer value = 0;
  char before = '_';
  for (const char c : text) {
    if (c == '_' && before != '_') {
      before = c;
      continue;
    }
    const char low = static_cast<char>(c | 0x20);
    const int digit = c >= '0' && c <= '9' ? c - '0' : low >= 'a' && low <= 'z' ? low - 'a' + 10 : 99;
    if (digit >= base) return std::nullopt;
    if (__builtin_mul_overflow(value, Integer{base}, &value) || __builtin_add_overflow(value, Integer{digit}, &value))
      fail("an integer is too large");
    before = c;
  }
  if (before == '_') return std::nullopt;
  return negative ? -value : value;
}

std::optional<double> parse_real(std::string_view text) {
  text = trim(text, Space::python);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ptr != text.data() + text.size() || text.empty()) return std::nullopt;
  if (result.ec == std::errc::result_out_of_range) return std::strtod(std::string(text).c_str(), nullptr);
  return result.ec == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<Integer> truncated(double value) {
  if (!std::isfinite(value) || std::abs(value) > 1e37) return std::nullopt;
  return static_cast<Integer>(value);
}

Value int_filter(Interpreter&, const Value& value, Arguments& given) {
  const Value otherwise = given.take(0, "default").value_or(Value(0));
  const long base = integer_of(given.take(1, "base").value_or(Value(10)), "int");
  given.done("int", 2);
  std::optional<Integer> out;
  if (value.is_integral()) return Value(value.integer());
  if (value.is<double>()) out = truncated(value.real());
  if (value.is_text()) {
    out = parse_integer(value.text(), base);
    if (!out) {
      if (const auto real = parse_real(value.text())) out = truncated(*real);
    }
  }
  return out ? Value(*out) : otherwise;
}

Value float_filter(Interpreter&, const Value& value, Arguments& given) {
  const Value otherwise = given.take(0, "default").value_or(Value(0.0));
  given.done("float", 1);
  if (value.is_number()) return Value(value.real());
  const auto real = value.is_text() ? parse_real(value.text()) : std::nullopt;
  return real ? Value(*real) : otherwise;
}

double number_of(const Value& value, std::string_view function) {
  if (value.is_undefined()) fail_undefined(value);
  if (!value.is_number()) fail(std::string(function) + "() wants a number, not " + value.type_name());
  return value.real();
}

Value abs_filter(Interpreter&, const Value& value, Arguments& given) {
  given.done("abs", 0);
  const double real = number_of(value, "abs");
  if (value.is<double>()) return Value(std::abs(real));
  return Value(value.integer() < 0 ? -value.integer() : value.integer());
}

Value round_filter(Interpreter&, const Value& value, Arguments& given) {
  const long precision = integer_of(given.take(0, "precision").value_or(Value(0)), "round");
  const std::string method = to_text(given.take(1, "method").value_or(Value("common")));
  given.done("round", 2);
  const double real = number_of(value, "round");
  if (method != "common" && method != "ceil" && method != "floor") fail("method must be common, ceil or floor");
  if (std::abs(precision) > 300) fail("round() wants a precision between -300 and 300");
  const double scale = std::pow(10.0, static_cast<double>(precision));
  if (method == "ceil") return Value(std::ceil(real * scale) / scale);
  if (method == "floor") return Value(std::floor(real * scale) / scale);
  if (value.is_integral() && precision >= 0) return Value(value.integer());
  if (!std::isfinite(real)) return value;
  if (precision < 0) return Value(std::nearbyint(real * scale) / scale);
  char text[720];
  std::snprintf(text, sizeof text, "%.*f", static_cast<int>(precision),
                real);  // rounds the exact value, as Python does
  return Value(std::strtod(text, nullptr));
}

struct NamedTextFilter {
  std::string_view name;
  FilterFunction filter;
};
constexpr NamedTextFilter kTextFilters[] = {{"abs", abs_filter},
                                            {"capitalize", mapped<capitalize_text>},
                                            {"center", center_filter},
                                            {"e", mapped<escaped>},
                                            {"escape", mapped<escaped>},
                                            {"float", float_filter},
                                            {"forceescape", mapped<escaped>},
                                            {"format", format_filter},
                                            {"indent", indent_filter},
                                            {"int", int_filter},
                                            {"lower", mapped<lower_text>},
                                            {"replace", replace_filter},
                                            {"round", round_filter},
                                            {"safe", mapped<same>},
                                            {"string", mapped<same>},
                                            {"title", mapped<titled>},
                                            {"tojson", tojson_filter},
                                            {"trim", trim_filter},
                                            {"truncate", truncate_filter},
                                            {"upper", mapped<upper>},
                                            {"urlencode", urlencode_filter},
                                            {"wordcount", wordcount_filter}};

}  // namespace

FilterFunction find_text_filter(std::string_view name) {
  const auto found = std::ranges::find(kTextFilters, name, &NamedTextFilter::name);
  return found != std::end(kTextFilters) ? found->filter : nullptr;
}

FilterFunction find_filter(std::string_view name) {
  if (const FilterFunction filter = find_text_filter(name)) return filter;
  return find_list_filter(name);
}

}  // namespace fthost::text::jinja
