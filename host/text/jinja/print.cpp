// How values are spelled: Python's str() and repr(), and json.dumps.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "text/jinja/interpreter.hpp"
#include "text/jinja/value.hpp"
#include "text/unicode.hpp"

namespace fthost::text::jinja {
namespace {

// repr of a str: single quotes unless it has some and no double ones.
void append_quoted(std::string& out, std::string_view text) {
  const char quote = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"' : '\'';
  out += quote;
  char escaped[16];
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    if (c.value == static_cast<char32_t>(quote) || c.value == '\\') {
      out += '\\';
      out += static_cast<char>(c.value);
    } else if (c.value == '\n') {
      out += "\\n";
    } else if (c.value == '\r') {
      out += "\\r";
    } else if (c.value == '\t') {
      out += "\\t";
    } else if (is_printable(c.value)) {
      append_utf8(out, c.value);
    } else {
      const char* format = c.value < 0x100 ? "\\x%02x" : c.value < 0x10000 ? "\\u%04x" : "\\U%08x";
      std::snprintf(escaped, sizeof escaped, format, static_cast<unsigned>(c.value));
      out += escaped;
    }
    at += c.size;
  }
  out += quote;
}

void append_repr(std::string& out, const Value& value, int depth);

template <class List, class Each>
void append_joined(std::string& out, const List& list, Each each) {
  bool first = true;
  for (const auto& one : list) {
    if (!first) out += ", ";
    first = false;
    each(one);
  }
}

void append_items(std::string& out, const Sequence& sequence, int depth) {
  const auto each = [&](const Value& item) { append_repr(out, item, depth + 1); };
  switch (sequence.kind) {
    case Sequence::Kind::tuple:
      out += '(';
      append_joined(out, sequence.items, each);
      out += sequence.items.size() == 1 ? ",)" : ")";
      return;
    case Sequence::Kind::generator:
      out += "<generator object>";
      return;
    case Sequence::Kind::keys:
      out += "dict_keys(";
      break;
    case Sequence::Kind::values:
      out += "dict_values(";
      break;
    case Sequence::Kind::items:
      out += "dict_items(";
      break;
    case Sequence::Kind::list:
    case Sequence::Kind::range:
      break;
  }
  out += '[';
  append_joined(out, sequence.items, each);
  out += ']';
  if (sequence.kind != Sequence::Kind::list && sequence.kind != Sequence::Kind::range) out += ')';
}

void append_repr(std::string& out, const Value& value, int depth) {
  if (depth > kMaxDepth) fail("a value is nested too deeply to be printed");
  if (out.size() > kMaxText) fail("a text is larger than a template may make");
  if (value.is_undefined()) {
    out += "Undefined";
  } else if (value.is_none()) {
    out += "None";
  } else if (value.is<bool>()) {
    out += value.as<bool>() ? "True" : "False";
  } else if (value.is<Integer>()) {
    out += integer_text(value.as<Integer>());
  } else if (value.is<double>()) {
    out += real_text(value.as<double>());
  } else if (value.is_text()) {
    append_quoted(out, value.text());
  } else if (value.is_items()) {
    append_items(out, value.items(), depth);
  } else if (value.is_dict()) {
    out += '{';
    append_joined(out, value.dict().entries, [&](const auto& entry) {
      append_repr(out, entry.first, depth + 1);
      out += ": ";
      append_repr(out, entry.second, depth + 1);
    });
    out += '}';
  } else if (value.is<Namespace*>()) {
    out += "<Namespace {";
    append_joined(out, value.as<Namespace*>()->fields, [&](const auto& field) {
      append_quoted(out, field.first);
      out += ": ";
      append_repr(out, field.second, depth + 1);
    });
    out += "}>";
  } else if (value.is<Loop*>()) {
    const Loop& loop = *value.as<Loop*>();
    out += "<LoopContext " + std::to_string(loop.index + 1) + "/" + std::to_string(loop.items->items.size()) + ">";
  } else {
    out += "<function " + value.as<Value::Function>()->name + ">";
  }
}

class JsonWriter {
 public:
  explicit JsonWriter(const JsonStyle& style) : style_(style) {}

  void write(const Value& value, int depth) {
    if (out.size() > kMaxText) fail("a text is larger than a template may make");
    if (value.is_none()) {
      out += "null";
    } else if (value.is<bool>()) {
      out += value.as<bool>() ? "true" : "false";
    } else if (value.is<Integer>()) {
      out += integer_text(value.as<Integer>());
    } else if (value.is<double>()) {
      out += real(value.as<double>());
    } else if (value.is_text()) {
      quote(value.text());
    } else if (value.is_dict()) {
      object(value.dict(), depth);
    } else if (value.is_items() && value.items().kind <= Sequence::Kind::tuple) {
      const auto& items = value.items().items;
      container('[', ']', items.size(), depth, [&](std::size_t i) { write(items[i], depth + 1); });
    } else {
      fail(std::string("Object of type ") + value.type_name() + " is not JSON serializable");
    }
  }

  std::string out;

 private:
  static std::string real(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
    return real_text(value);
  }

  void line(int depth) {
    if (!style_.lines) return;
    out += '\n';
    for (int i = 0; i < depth; ++i) out += style_.indent;
  }

  template <class Each>
  void container(char open, char close, std::size_t size, int depth, Each each) {
    out += open;
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) out += style_.item_separator;
      line(depth + 1);
      each(i);
    }
    if (size > 0) line(depth);
    out += close;
  }

  void object(const Mapping& mapping, int depth) {
    std::vector<const std::pair<Value, Value>*> entries;
    for (const auto& entry : mapping.entries) entries.push_back(&entry);
    if (style_.sort_keys) {
      std::ranges::stable_sort(entries, [](const auto* a, const auto* b) { return compare(a->first, b->first) < 0; });
    }
    container('{', '}', entries.size(), depth, [&](std::size_t i) {
      key(entries[i]->first);
      out += style_.key_separator;
      write(entries[i]->second, depth + 1);
    });
  }

  void key(const Value& value) {
    if (value.is_text()) return quote(value.text());
    if (value.is_items()) fail("keys must be str, int, float, bool or None, not tuple");
    out += '"';
    write(value, 0);
    out += '"';
  }

  void quote(std::string_view text) {
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
      const CodePoint c = code_point_at(text, at);
      at += c.size;
      switch (c.value) {
        case '"':
          out += "\\\"";
          break;
        case '\\':
          out += "\\\\";
          break;
        case '\b':
          out += "\\b";
          break;
        case '\f':
          out += "\\f";
          break;
        case '\n':
          out += "\\n";
          break;
        case '\r':
          out += "\\r";
          break;
        case '\t':
          out += "\\t";
          break;
        default:
          if (c.value < 0x20 || (style_.ascii && c.value > 0x7E))
            escape(c.value);
          else
            append_utf8(out, c.value);
      }
    }
    out += '"';
  }

  void escape(char32_t c) {
    char text[16];
    if (c < 0x10000)
      std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(c));
    else
      std::snprintf(text, sizeof text, "\\u%04x\\u%04x", static_cast<unsigned>(0xD7C0 + (c >> 10)),
                    static_cast<unsigned>(0xDC00 | (c & 0x3FF)));
    out += text;
  }

  const JsonStyle& style_;
};

}  // namespace

std::string integer_text(Integer value) {
  char digits[48];
  char* at = digits + sizeof digits;
  const bool negative = value < 0;
  do {
    const int digit = static_cast<int>(value % 10);
    *--at = static_cast<char>('0' + (digit < 0 ? -digit : digit));
    value /= 10;
  } while (value != 0);
  if (negative) *--at = '-';
  return {at, static_cast<std::size_t>(digits + sizeof digits - at)};
}

// repr of a float: the shortest digits that read back, an exponent below 1e-4 and from 1e16 on.
std::string real_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char digits[64] = {};
  auto result = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific);
  const std::string_view scientific(digits, static_cast<std::size_t>(result.ptr - digits));
  const int exponent = std::atoi(scientific.data() + scientific.find('e') + 1);
  if (value != 0 && (exponent < -4 || exponent >= 16)) return std::string(scientific);
  char plain[400];
  result = std::to_chars(plain, plain + sizeof plain, value, std::chars_format::fixed);
  std::string text(plain, result.ptr);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string to_repr(const Value& value) {
  std::string out;
  append_repr(out, value, 0);
  return out;
}

std::string to_text(const Value& value) {
  if (value.is_text()) return value.text();
  if (value.is_undefined()) return {};
  return to_repr(value);
}

std::string to_json(const Value& value, const JsonStyle& style) {
  if (value.is_undefined()) fail("Object of type Undefined is not JSON serializable");
  JsonWriter writer(style);
  writer.write(value, 0);
  return std::move(writer.out);
}

}  // namespace fthost::text::jinja
