// What encodings are held to in tests and fuzzing: the published patterns through PCRE2, merging by rank as it is
// defined, and texts made of everything that the patterns tell apart.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/encoding/splitter.hpp"
#include "text/tokenizer/regex.hpp"
#include "text/unicode.hpp"

namespace fthost::test {

// `$` of the first is spelled \z: our PCRE2 patterns are multi-line.
inline constexpr std::string_view kWordsPattern =
    R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++\z|\s*[\r\n]|\s+(?!\S)|\s)";
inline constexpr std::string_view kCasedWordsPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
    R"(\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

class Oracle {
 public:
  Oracle(text::SplitRule rule, const std::vector<std::string>& tokens)
      : pattern_(text::Regex::compile(rule == text::SplitRule::words ? kWordsPattern : kCasedWordsPattern, "oracle")
                     .value()) {
    for (std::size_t id = 0; id < tokens.size(); ++id) ranks_.emplace(tokens[id], static_cast<std::int32_t>(id));
  }

  std::vector<std::string> pieces(std::string_view text) const {
    std::vector<std::string> out;
    text::Regex::Scan scan(pattern_, text);
    for (std::size_t begin = 0, end = 0; scan.next(begin, end);) out.emplace_back(text.substr(begin, end - begin));
    return out;
  }
  std::vector<std::int32_t> encode(std::string_view text) const {
    std::vector<std::int32_t> ids;
    for (const auto& piece : pieces(text)) merge(piece, ids);
    return ids;
  }

 private:
  void merge(const std::string& piece, std::vector<std::int32_t>& ids) const {
    if (const auto whole = ranks_.find(piece); whole != ranks_.end()) return ids.push_back(whole->second);
    std::vector<std::string> parts;
    for (const char c : piece) parts.emplace_back(1, c);
    for (;;) {
      std::size_t best = parts.size();
      std::int32_t least = 0;
      for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        const auto found = ranks_.find(parts[i] + parts[i + 1]);
        if (found != ranks_.end() && (best == parts.size() || found->second < least)) best = i, least = found->second;
      }
      if (best == parts.size()) break;
      parts[best] += parts[best + 1];
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    }
    for (const auto& part : parts) ids.push_back(ranks_.at(part));
  }

  text::Regex pattern_;
  std::unordered_map<std::string, std::int32_t> ranks_;
};

// `count` characters, of all that the patterns tell apart; assigned in Unicode 14, which every PCRE2 here knows.
template <class Random>
std::string random_text(Random& random, std::size_t count) {
  struct Range {
    char32_t first, last;
  };
  static constexpr Range kRanges[] = {
      {'a', 'z'},         {'a', 'z'},         {'A', 'Z'},         {'0', '9'},       {'!', '/'},       {' ', ' '},
      {' ', ' '},         {'\n', '\n'},       {'\t', '\r'},       {'\'', '\''},     {0xA0, 0x24F},    {0x2B0, 0x2FF},
      {0x300, 0x36F},     {0x391, 0x3A1},     {0x410, 0x44F},     {0x5D0, 0x5EA},   {0x620, 0x64A},   {0x660, 0x669},
      {0x905, 0x939},     {0xE01, 0xE2F},     {0x1C5, 0x1CC},     {0x1E00, 0x1EFF}, {0x2000, 0x200D}, {0x2028, 0x202F},
      {0x2150, 0x2188},   {0x3000, 0x3003},   {0x3041, 0x3096},   {0x4E00, 0x4E80}, {0xAC00, 0xAC80}, {0xFF10, 0xFF5A},
      {0x1D400, 0x1D454}, {0x1F600, 0x1F64F}, {0x20000, 0x20040}, {0x17F, 0x17F},   {0x85, 0x85}};
  static constexpr std::string_view kWords[] = {"'s",   "'LL", "'re",  "'\u017F", "the ", "The", "ing",
                                                "//\n", "   ", "\r\n", " \n ",    "123",  "()",  " world"};
  std::string text;
  while (count-- > 0) {
    if (random() % 6 == 0) {
      text += kWords[random() % std::size(kWords)];
      continue;
    }
    const Range range = kRanges[random() % std::size(kRanges)];
    text::append_utf8(text, range.first + static_cast<char32_t>(random() % (range.last - range.first + 1)));
  }
  return text;
}

}  // namespace fthost::test
