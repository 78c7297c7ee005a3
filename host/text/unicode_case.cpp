// Case mappings: utf8proc has the one-to-one ones, here are those that grow and the one that looks around itself
// (sigma). The upper-case table is Unicode's SpecialCasing.txt without locales; the properties are
// DerivedCoreProperties.txt.
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <new>

#include "text/unicode.hpp"

namespace fthost::text {
namespace {

struct Growing {
  char16_t from;
  char16_t to[3];  // unused places are 0
};
constexpr auto kUpper = std::to_array<Growing>(
    {{0x00DF, {0x53, 0x53}},          {0x0149, {0x2BC, 0x4E}},         {0x01F0, {0x4A, 0x30C}},
     {0x0390, {0x399, 0x308, 0x301}}, {0x03B0, {0x3A5, 0x308, 0x301}}, {0x0587, {0x535, 0x552}},
     {0x1E96, {0x48, 0x331}},         {0x1E97, {0x54, 0x308}},         {0x1E98, {0x57, 0x30A}},
     {0x1E99, {0x59, 0x30A}},         {0x1E9A, {0x41, 0x2BE}},         {0x1F50, {0x3A5, 0x313}},
     {0x1F52, {0x3A5, 0x313, 0x300}}, {0x1F54, {0x3A5, 0x313, 0x301}}, {0x1F56, {0x3A5, 0x313, 0x342}},
     {0x1F80, {0x1F08, 0x399}},       {0x1F81, {0x1F09, 0x399}},       {0x1F82, {0x1F0A, 0x399}},
     {0x1F83, {0x1F0B, 0x399}},       {0x1F84, {0x1F0C, 0x399}},       {0x1F85, {0x1F0D, 0x399}},
     {0x1F86, {0x1F0E, 0x399}},       {0x1F87, {0x1F0F, 0x399}},       {0x1F88, {0x1F08, 0x399}},
     {0x1F89, {0x1F09, 0x399}},       {0x1F8A, {0x1F0A, 0x399}},       {0x1F8B, {0x1F0B, 0x399}},
     {0x1F8C, {0x1F0C, 0x399}},       {0x1F8D, {0x1F0D, 0x399}},       {0x1F8E, {0x1F0E, 0x399}},
     {0x1F8F, {0x1F0F, 0x399}},       {0x1F90, {0x1F28, 0x399}},       {0x1F91, {0x1F29, 0x399}},
     {0x1F92, {0x1F2A, 0x399}},       {0x1F93, {0x1F2B, 0x399}},       {0x1F94, {0x1F2C, 0x399}},
     {0x1F95, {0x1F2D, 0x399}},       {0x1F96, {0x1F2E, 0x399}},       {0x1F97, {0x1F2F, 0x399}},
     {0x1F98, {0x1F28, 0x399}},       {0x1F99, {0x1F29, 0x399}},       {0x1F9A, {0x1F2A, 0x399}},
     {0x1F9B, {0x1F2B, 0x399}},       {0x1F9C, {0x1F2C, 0x399}},       {0x1F9D, {0x1F2D, 0x399}},
     {0x1F9E, {0x1F2E, 0x399}},       {0x1F9F, {0x1F2F, 0x399}},       {0x1FA0, {0x1F68, 0x399}},
     {0x1FA1, {0x1F69, 0x399}},       {0x1FA2, {0x1F6A, 0x399}},       {0x1FA3, {0x1F6B, 0x399}},
     {0x1FA4, {0x1F6C, 0x399}},       {0x1FA5, {0x1F6D, 0x399}},       {0x1FA6, {0x1F6E, 0x399}},
     {0x1FA7, {0x1F6F, 0x399}},       {0x1FA8, {0x1F68, 0x399}},       {0x1FA9, {0x1F69, 0x399}},
     {0x1FAA, {0x1F6A, 0x399}},       {0x1FAB, {0x1F6B, 0x399}},       {0x1FAC, {0x1F6C, 0x399}},
     {0x1FAD, {0x1F6D, 0x399}},       {0x1FAE, {0x1F6E, 0x399}},       {0x1FAF, {0x1F6F, 0x399}},
     {0x1FB2, {0x1FBA, 0x399}},       {0x1FB3, {0x391, 0x399}},        {0x1FB4, {0x386, 0x399}},
     {0x1FB6, {0x391, 0x342}},        {0x1FB7, {0x391, 0x342, 0x399}}, {0x1FBC, {0x391, 0x399}},
     {0x1FC2, {0x1FCA, 0x399}},       {0x1FC3, {0x397, 0x399}},        {0x1FC4, {0x389, 0x399}},
     {0x1FC6, {0x397, 0x342}},        {0x1FC7, {0x397, 0x342, 0x399}}, {0x1FCC, {0x397, 0x399}},
     {0x1FD2, {0x399, 0x308, 0x300}}, {0x1FD3, {0x399, 0x308, 0x301}}, {0x1FD6, {0x399, 0x342}},
     {0x1FD7, {0x399, 0x308, 0x342}}, {0x1FE2, {0x3A5, 0x308, 0x300}}, {0x1FE3, {0x3A5, 0x308, 0x301}},
     {0x1FE4, {0x3A1, 0x313}},        {0x1FE6, {0x3A5, 0x342}},        {0x1FE7, {0x3A5, 0x308, 0x342}},
     {0x1FF2, {0x1FFA, 0x399}},       {0x1FF3, {0x3A9, 0x399}},        {0x1FF4, {0x38F, 0x399}},
     {0x1FF6, {0x3A9, 0x342}},        {0x1FF7, {0x3A9, 0x342, 0x399}}, {0x1FFC, {0x3A9, 0x399}},
     {0xFB00, {0x46, 0x46}},          {0xFB01, {0x46, 0x49}},          {0xFB02, {0x46, 0x4C}},
     {0xFB03, {0x46, 0x46, 0x49}},    {0xFB04, {0x46, 0x46, 0x4C}},    {0xFB05, {0x53, 0x54}},
     {0xFB06, {0x53, 0x54}},          {0xFB13, {0x544, 0x546}},        {0xFB14, {0x544, 0x535}},
     {0xFB15, {0x544, 0x53B}},        {0xFB16, {0x54E, 0x546}},        {0xFB17, {0x544, 0x53D}}});

struct Range {
  char32_t first, last;
};
// Other_Lowercase and Other_Uppercase: cased without being Lu, Ll or Lt.
constexpr auto kOtherCased = std::to_array<Range>(
    {{0xAA, 0xAA},       {0xBA, 0xBA},       {0x2B0, 0x2B8},     {0x2C0, 0x2C1},     {0x2E0, 0x2E4},
     {0x345, 0x345},     {0x37A, 0x37A},     {0x10FC, 0x10FC},   {0x1D2C, 0x1D6A},   {0x1D78, 0x1D78},
     {0x1D9B, 0x1DBF},   {0x2071, 0x2071},   {0x207F, 0x207F},   {0x2090, 0x209C},   {0x2160, 0x217F},
     {0x24B6, 0x24E9},   {0x2C7C, 0x2C7D},   {0xA69C, 0xA69D},   {0xA770, 0xA770},   {0xA7F2, 0xA7F4},
     {0xA7F8, 0xA7F9},   {0xAB5C, 0xAB5F},   {0xAB69, 0xAB69},   {0x10780, 0x10780}, {0x10783, 0x10785},
     {0x10787, 0x107B0}, {0x107B2, 0x107BA}, {0x1E030, 0x1E06D}, {0x1F130, 0x1F149}, {0x1F150, 0x1F169},
     {0x1F170, 0x1F189}});
// Word_Break MidLetter, MidNumLet and Single_Quote: ignored when looking for cased neighbours, as marks are.
constexpr auto kIgnoredPunctuation =
    std::to_array<char32_t>({0x27, 0x2E, 0x3A, 0xB7, 0x387, 0x55F, 0x5F4, 0x2018, 0x2019, 0x2024, 0x2027, 0xFE13,
                             0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A});

utf8proc_category_t category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

bool is_cased(char32_t c) {
  const auto kind = category(c);
  if (kind == UTF8PROC_CATEGORY_LU || kind == UTF8PROC_CATEGORY_LL || kind == UTF8PROC_CATEGORY_LT) return true;
  const auto range = std::ranges::lower_bound(kOtherCased, c, {}, &Range::last);
  return range != kOtherCased.end() && range->first <= c;
}

bool is_case_ignorable(char32_t c) {
  switch (category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
      return true;
    default:
      return std::ranges::binary_search(kIgnoredPunctuation, c);
  }
}

// Whether the first code point of `after` that is not ignorable is cased.
bool next_is_cased(std::string_view after) {
  for (const char32_t c : CodePoints(after)) {
    if (!is_case_ignorable(c)) return is_cased(c);
  }
  return false;
}

}  // namespace

std::string lower(std::string_view text, bool sigma) {
  std::string out;
  out.reserve(text.size());
  bool after_cased = false;  // the last code point that is not ignorable was cased
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    at += c.size;
    if (c.value < 0x80) {
      const bool letter = (c.value | 0x20) >= 'a' && (c.value | 0x20) <= 'z';
      if (letter)
        after_cased = true;
      else if (c.value != '\'' && c.value != '.' && c.value != ':' && c.value != '^' && c.value != '`')
        after_cased = false;
      out.push_back(static_cast<char>(letter ? c.value | 0x20 : c.value));
      continue;
    }
    if (c.value == 0x130) {
      out += "i\u0307";
    } else if (c.value == 0x3A3 && sigma && after_cased && !next_is_cased(text.substr(at))) {
      append_utf8(out, 0x3C2);
    } else {
      append_utf8(out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c.value))));
    }
    if (!is_case_ignorable(c.value)) after_cased = is_cased(c.value);
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : CodePoints(text)) {
    if (c < 0x80) {
      out.push_back(static_cast<char>(c >= 'a' && c <= 'z' ? c - 0x20 : c));
      continue;
    }
    const auto found = std::ranges::lower_bound(kUpper, c, {}, [](const Growing& row) { return char32_t{row.from}; });
    if (found == kUpper.end() || found->from != c) {
      append_utf8(out, static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
      continue;
    }
    for (const char16_t part : found->to) {
      if (part != 0) append_utf8(out, part);
    }
  }
  return out;
}

void append_title(std::string& to, char32_t c) {
  const std::string grown = [&] {
    std::string one;
    append_utf8(one, c);
    return upper(one);
  }();
  const auto simple = static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(c)));
  if (count_code_points(grown) == 1 || (simple != c && c != 0xDF) || category(c) == UTF8PROC_CATEGORY_LT) {
    append_utf8(to, simple);
    return;
  }
  const std::size_t first = code_point_at(grown, 0).size;
  to += grown.substr(0, first) + lower(std::string_view(grown).substr(first), false);
}

std::string casefold(std::string_view text) {
  if (is_ascii(text)) return lower(text);
  if (invalid_utf8_offset(text)) return casefold(repair_utf8(text));
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()), &mapped, UTF8PROC_CASEFOLD);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size)};
}

}  // namespace fthost::text
