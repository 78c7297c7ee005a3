// Byte loops over strings; everything here is given text that json.cpp has found valid, but for find_invalid_utf8.
#include "data/json_text.hpp"

#include <cstdint>
#include <cstring>

#include "data/json.hpp"

namespace fthost::data {

namespace {

unsigned hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a' + 10);
}

unsigned unit_at(const char* at) {
  return hex_value(at[0]) << 12 | hex_value(at[1]) << 8 | hex_value(at[2]) << 4 | hex_value(at[3]);
}

char* put_utf8(char* out, unsigned point) {
  if (point < 0x80) {
    *out++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *out++ = static_cast<char>(0xC0 | point >> 6);
    *out++ = static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    *out++ = static_cast<char>(0xE0 | point >> 12);
    *out++ = static_cast<char>(0x80 | (point >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (point & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | point >> 18);
    *out++ = static_cast<char>(0x80 | (point >> 12 & 0x3F));
    *out++ = static_cast<char>(0x80 | (point >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (point & 0x3F));
  }
  return out;
}

}  // namespace

std::size_t decode_into(char* out, std::string_view inner) {
  char* const begin = out;
  const char* at = inner.data();
  const char* const end = at + inner.size();
  while (at < end) {
    const void* found = std::memchr(at, '\\', static_cast<std::size_t>(end - at));
    const char* stop = found ? static_cast<const char*>(found) : end;
    std::memcpy(out, at, static_cast<std::size_t>(stop - at));
    out += stop - at;
    if (stop == end) break;
    at = stop + 2;
    switch (stop[1]) {
      case 'b':
        *out++ = '\b';
        break;
      case 'f':
        *out++ = '\f';
        break;
      case 'n':
        *out++ = '\n';
        break;
      case 'r':
        *out++ = '\r';
        break;
      case 't':
        *out++ = '\t';
        break;
      case 'u': {
        unsigned point = unit_at(at);
        at += 4;
        if (point >= 0xD800 && point <= 0xDBFF) {
          point = 0x10000 + ((point - 0xD800) << 10) + (unit_at(at + 2) - 0xDC00);
          at += 6;
        }
        out = put_utf8(out, point);
        break;
      }
      default:
        *out++ = stop[1];
    }
  }
  return static_cast<std::size_t>(out - begin);
}

void append_decoded(std::string& out, std::string_view inner) {
  const std::size_t old = out.size();
  out.resize(old + inner.size());
  out.resize(old + decode_into(out.data() + old, inner));
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

void append_escaped(std::string& out, std::string_view text) {
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, from, i - from);
    from = i + 1;
    out += '\\';
    switch (c) {
      case '"':
        out += '"';
        break;
      case '\\':
        out += '\\';
        break;
      case '\b':
        out += 'b';
        break;
      case '\f':
        out += 'f';
        break;
      case '\n':
        out += 'n';
        break;
      case '\r':
        out += 'r';
        break;
      case '\t':
        out += 't';
        break;
      default:
        out += "u00";
        out += static_cast<char>('0' + (c >> 4));
        out += "0123456789abcdef"[c & 15];
    }
  }
  out.append(text, from);
}

std::string json_string(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

void append_compact(std::string& out, const Value& value) {
  const bool object = value.is(Kind::object);
  if (!object && !value.is(Kind::array)) {
    out += value.raw();
    return;
  }
  out += object ? '{' : '[';
  const char* separator = "";
  for (Value child = value.first(); child; child = child.next()) {
    out += separator;
    separator = ",";
    if (object) {
      out += child.key().raw();
      out += ':';
    }
    append_compact(out, child);
  }
  out += object ? '}' : ']';
}

std::size_t count_characters(std::string_view inner, bool escaped) {
  std::size_t count = 0;
  for (const char c : inner) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  if (!escaped) return count;
  // An escape is one character, or half of one if it is the first of a pair.
  const char* const end = inner.data() + inner.size();
  for (const char* at = inner.data(); at < end;) {
    const void* found = std::memchr(at, '\\', static_cast<std::size_t>(end - at));
    if (!found) break;
    const char* escape = static_cast<const char*>(found);
    if (escape[1] != 'u') {
      count -= 1;
      at = escape + 2;
      continue;
    }
    const unsigned unit = unit_at(escape + 2);
    count -= unit >= 0xD800 && unit <= 0xDBFF ? 6 : 5;
    at = escape + 6;
  }
  return count;
}

std::size_t find_invalid_utf8(std::string_view text) {
  const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
  const auto follows = [&](std::size_t at, unsigned low, unsigned high) { return byte(at) >= low && byte(at) <= high; };
  for (std::size_t at = 0; at < text.size();) {
    const unsigned lead = byte(at);
    if (lead < 0x80) {
      ++at;
    } else if (lead >= 0xC2 && lead <= 0xDF && follows(at + 1, 0x80, 0xBF)) {
      at += 2;
    } else if ((lead & 0xF0) == 0xE0 && follows(at + 1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) &&
               follows(at + 2, 0x80, 0xBF)) {
      at += 3;
    } else if (lead >= 0xF0 && lead <= 0xF4 &&
               follows(at + 1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) && follows(at + 2, 0x80, 0xBF) &&
               follows(at + 3, 0x80, 0xBF)) {
      at += 4;
    } else {
      return at;
    }
  }
  return std::string_view::npos;
}

bool is_blank(std::string_view text) {
  while (!text.empty()) {
    const char c = text.front();
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      text.remove_prefix(1);
    } else if (text.starts_with("\xC2\xA0")) {  // no-break space
      text.remove_prefix(2);
    } else if (text.starts_with("\xE3\x80\x80") || text.starts_with("\xEF\xBB\xBF") ||
               text.starts_with("\xE2\x80\x8B")) {  // ideographic, zero-width no-break, zero-width
      text.remove_prefix(3);
    } else {
      return false;
    }
  }
  return true;
}

std::string pointer_key(std::string_view key) {
  std::string escaped;
  for (const char c : key) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

bool is_whole_object(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Document document;
  return document.parse_object(text);
}

}  // namespace fthost::data
