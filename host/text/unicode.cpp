#include "text/unicode.hpp"

#include <utf8proc.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

namespace fthost::text {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t offset) { return static_cast<std::uint8_t>(text[offset]); }

// How many of the bytes from `offset` are ASCII, looked at in words.
std::size_t ascii_run(std::string_view text, std::size_t offset) {
  std::size_t at = offset;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if (word & 0x8080808080808080u) break;
  }
  while (at < text.size() && byte_at(text, at) < 0x80) ++at;
  return at - offset;
}

// Calls visit(CodePoint, offset) for every code point.
template <class Visit>
void walk(std::string_view text, Visit visit) {
  for (std::size_t at = 0; at < text.size();) {
    const std::uint8_t lead = byte_at(text, at);
    const CodePoint c = lead < 0x80 ? CodePoint{lead, 1, true} : code_point_at(text, at);
    visit(c, at);
    at += c.size;
  }
}

}  // namespace

CodePoint code_point_at(std::string_view text, std::size_t offset) {
  const std::uint8_t lead = byte_at(text, offset);
  if (lead < 0x80) return {lead, 1, true};
  std::uint8_t length = 0, low = 0x80, high = 0xBF;
  char32_t value = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2, value = lead & 0x1F;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3, value = lead & 0x0F;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4, value = lead & 0x07;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {};
  }
  for (std::uint8_t i = 1; i < length; ++i) {
    if (offset + i >= text.size()) return {kReplacement, i, false};
    const std::uint8_t next = byte_at(text, offset + i);
    if (next < low || next > high) return {kReplacement, i, false};
    value = value << 6 | (next & 0x3F);
    low = 0x80, high = 0xBF;
  }
  return {value, length, true};
}

bool is_ascii(std::string_view text) { return ascii_run(text, 0) == text.size(); }

std::optional<std::size_t> invalid_utf8_offset(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    at += ascii_run(text, at);
    if (at == text.size()) break;
    const CodePoint c = code_point_at(text, at);
    if (!c.valid) return at;
    at += c.size;
  }
  return std::nullopt;
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  walk(text, [&](CodePoint c, std::size_t at) {
    if (c.valid)
      out.append(text, at, c.size);
    else
      append_utf8(out, kReplacement);
  });
  return out;
}

void append_utf8(std::string& to, char32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = kReplacement;
  if (c < 0x80) {
    to.push_back(static_cast<char>(c));
    return;
  }
  if (c < 0x800) {
    to.push_back(static_cast<char>(0xC0 | c >> 6));
  } else {
    if (c < 0x10000) {
      to.push_back(static_cast<char>(0xE0 | c >> 12));
    } else {
      to.push_back(static_cast<char>(0xF0 | c >> 18));
      to.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    }
    to.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
  }
  to.push_back(static_cast<char>(0x80 | (c & 0x3F)));
}

std::u32string to_code_points(std::string_view text) {
  std::u32string out(text.size(), 0);
  char32_t* end = out.data();
  walk(text, [&](CodePoint c, std::size_t) { *end++ = c.value; });
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

std::u16string to_utf16(std::string_view text) {
  std::u16string out(text.size(), 0);
  char16_t* end = out.data();
  walk(text, [&](CodePoint c, std::size_t) {
    if (c.value < 0x10000) {
      *end++ = static_cast<char16_t>(c.value);
    } else {
      *end++ = static_cast<char16_t>(0xD7C0 + (c.value >> 10));
      *end++ = static_cast<char16_t>(0xDC00 | (c.value & 0x3FF));
    }
  });
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t run = ascii_run(text, at);
    count += run;
    at += run;
    if (at == text.size()) break;
    at += code_point_at(text, at).size;
    ++count;
  }
  return count;
}

std::size_t count_utf16_units(std::string_view text) {
  std::size_t count = 0;
  walk(text, [&](CodePoint c, std::size_t) { count += c.value < 0x10000 ? 1 : 2; });
  return count;
}

std::size_t byte_offset(std::string_view text, std::size_t code_points) {
  std::size_t at = 0;
  for (; code_points > 0 && at < text.size(); --code_points) at += code_point_at(text, at).size;
  return at;
}

bool is_space(char32_t c, Space rule) {
  if ((c >= 0x09 && c <= 0x0D) || c == 0x20) return true;
  if (c < 0x80) return rule == Space::python && c >= 0x1C && c <= 0x1F;
  if (c == 0x85) return rule != Space::javascript;
  if (c == 0xFEFF) return rule == Space::javascript;
  return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

std::string_view trim_start(std::string_view text, Space rule) {
  while (!text.empty()) {
    const CodePoint c = code_point_at(text, 0);
    if (!is_space(c.value, rule)) break;
    text.remove_prefix(c.size);
  }
  return text;
}

std::string_view trim_end(std::string_view text, Space rule) {
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && text.size() - start < 4 && (byte_at(text, start) & 0xC0) == 0x80) --start;
    const CodePoint c = code_point_at(text, start);
    if (start + c.size != text.size() || !is_space(c.value, rule)) break;
    text.remove_suffix(c.size);
  }
  return text;
}

std::string_view trim(std::string_view text, Space rule) { return trim_end(trim_start(text, rule), rule); }

std::string normalize(std::string_view text, Form form) {
  if (is_ascii(text)) return std::string(text);
  if (invalid_utf8_offset(text)) return normalize(repair_utf8(text), form);
  int options = UTF8PROC_STABLE;
  options |= form == Form::nfc || form == Form::nfkc ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
  if (form == Form::nfkc || form == Form::nfkd) options |= UTF8PROC_COMPAT;
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &mapped, static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0) throw std::bad_alloc();  // valid UTF-8 fails for no other reason
  return {reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size)};
}

bool is_printable(char32_t c) {
  if (c < 0x7F) return c >= 0x20;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
      return false;
    default:
      return true;
  }
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    at += c.size;
    if (c.value < 0x80)
      columns += c.value >= 0x20 && c.value != 0x7F;
    else if (c.value != 0xAD)
      columns += static_cast<std::size_t>(utf8proc_charwidth(static_cast<utf8proc_int32_t>(c.value)));
    else
      ++columns;  // terminals show a soft hyphen
  }
  return columns;
}

std::string sanitize_terminal(std::string_view text, bool keep_lines) {
  std::string out;
  out.reserve(text.size());
  walk(text, [&](CodePoint c, std::size_t at) {
    const bool kept_line = keep_lines && (c.value == '\n' || c.value == '\t');
    const bool control = c.value < 0x20 || (c.value >= 0x7F && c.value < 0xA0);
    const bool direction = c.value == 0x061C || c.value == 0x200E || c.value == 0x200F || c.value == 0x2028 ||
                           c.value == 0x2029 || (c.value >= 0x202A && c.value <= 0x202E) ||
                           (c.value >= 0x2066 && c.value <= 0x2069);
    char spelled[16];
    if (!c.valid) {
      for (std::size_t i = 0; i < c.size; ++i) {
        std::snprintf(spelled, sizeof spelled, "\\x%02x", byte_at(text, at + i));
        out += spelled;
      }
    } else if ((control && !kept_line) || direction) {
      std::snprintf(spelled, sizeof spelled, c.value < 0x100 ? "\\x%02x" : "\\u%04x", static_cast<unsigned>(c.value));
      out += spelled;
    } else {
      out.append(text, at, c.size);
    }
  });
  return out;
}

}  // namespace fthost::text
