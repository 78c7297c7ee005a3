#include "text/language.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "text/unicode.hpp"

namespace fthost::text {

namespace {

enum Script : std::uint8_t {
  kLatin,
  kCyrillic,
  kGreek,
  kHebrew,
  kArabic,
  kDevanagari,
  kBengali,
  kTamil,
  kThai,
  kGeorgian,
  kArmenian,
  kHangul,
  kKana,
  kHan,
  kScripts
};

struct Range {
  char32_t first, last;
  Script script;
};
constexpr std::array<Range, 22> kRanges = {{
    {0xC0, 0x24F, kLatin},     {0x370, 0x3FF, kGreek},    {0x400, 0x52F, kCyrillic}, {0x531, 0x58F, kArmenian},
    {0x591, 0x5FF, kHebrew},   {0x600, 0x6FF, kArabic},   {0x750, 0x77F, kArabic},   {0x900, 0x97F, kDevanagari},
    {0x980, 0x9FF, kBengali},  {0xB80, 0xBFF, kTamil},    {0xE00, 0xE7F, kThai},     {0x10A0, 0x10FF, kGeorgian},
    {0x1100, 0x11FF, kHangul}, {0x1E00, 0x1EFF, kLatin},  {0x1F00, 0x1FFF, kGreek},  {0x3041, 0x30FF, kKana},
    {0x3400, 0x4DBF, kHan},    {0x4E00, 0x9FFF, kHan},    {0xAC00, 0xD7A3, kHangul}, {0xF900, 0xFAFF, kHan},
    {0xFB50, 0xFDFF, kArabic}, {0xFE70, 0xFEFF, kArabic},
}};

struct Words {
  std::string_view language;
  std::array<std::string_view, 16> common;
};
// Each word counts for every language that has it; what counts is the sum.
constexpr std::array<Words, 16> kLatinWords = {{
    {"en",
     {"the", "and", "of", "to", "is", "in", "you", "that", "it", "for", "with", "are", "this", "have", "not", "what"}},
    {"de",
     {"der", "die", "und", "das", "ist", "nicht", "ein", "eine", "mit", "den", "ich", "sie", "auf", "für", "zu",
      "wie"}},
    {"fr",
     {"le", "la", "les", "et", "des", "est", "une", "que", "pour", "dans", "vous", "pas", "qui", "du", "je", "sur"}},
    {"es",
     {"el", "la", "los", "que", "y", "es", "una", "por", "con", "para", "del", "las", "no", "se", "como", "está"}},
    {"pt",
     {"o", "os", "que", "não", "uma", "do", "da", "para", "com", "em", "é", "você", "dos", "por", "mais", "como"}},
    {"it",
     {"il", "di", "che", "è", "una", "per", "non", "sono", "con", "del", "della", "gli", "le", "si", "come", "questo"}},
    {"nl",
     {"de", "het", "een", "van", "en", "niet", "dat", "ik", "je", "op", "met", "voor", "zijn", "wat", "te", "is"}},
    {"pl", {"nie", "się", "na", "jest", "że", "w", "z", "i", "to", "do", "jak", "co", "czy", "dla", "po", "od"}},
    {"sv",
     {"och", "att", "det", "är", "en", "som", "på", "inte", "för", "med", "jag", "du", "av", "ett", "till", "har"}},
    {"da", {"og", "at", "det", "er", "en", "som", "på", "ikke", "for", "med", "jeg", "du", "af", "et", "til", "har"}},
    {"cs", {"a", "je", "se", "na", "že", "to", "v", "s", "jak", "ale", "pro", "který", "není", "jsem", "co", "tak"}},
    {"tr",
     {"bir", "ve", "bu", "için", "ile", "ne", "var", "değil", "mi", "çok", "olan", "gibi", "nasıl", "ben", "da", "de"}},
    {"vi",
     {"là", "và", "của", "không", "có", "được", "cho", "một", "tôi", "bạn", "này", "những", "các", "với", "để",
      "trong"}},
    {"id",
     {"yang", "dan", "di", "untuk", "dengan", "ini", "itu", "tidak", "dari", "saya", "anda", "adalah", "pada", "apa",
      "ke", "akan"}},
    {"ro", {"și", "este", "de", "nu", "în", "pe", "care", "cu", "un", "o", "mai", "pentru", "să", "la", "ce", "din"}},
    {"hu",
     {"a", "az", "és", "hogy", "nem", "egy", "van", "meg", "is", "de", "ez", "mi", "csak", "kell", "vagy", "mint"}},
}};

// Of the languages written in Cyrillic and Arabic letters by letters that the others lack.
std::string_view cyrillic_of(std::u32string_view letters) {
  const auto has = [&](std::u32string_view some) { return letters.find_first_of(some) != std::u32string_view::npos; };
  if (has(U"їєґЇЄҐ")) return "uk";
  if (has(U"ўЎ")) return "be";
  if (has(U"ђћџљњЂЋЏЉЊ")) return "sr";
  if (has(U"ыэёЫЭЁ")) return "ru";
  return has(U"ъщЪЩ") && !has(U"ы") ? "bg" : "ru";
}

// The languages of a common word, as bits.
std::uint32_t languages_of(std::string_view word) {
  static_assert(kLatinWords.size() <= 32);
  static const auto known = [] {
    std::unordered_map<std::string_view, std::uint32_t> words;
    for (std::size_t i = 0; i < kLatinWords.size(); ++i) {
      for (const std::string_view common : kLatinWords[i].common) words[common] |= 1u << i;
    }
    return words;
  }();
  const auto found = known.find(word);
  return found == known.end() ? 0 : found->second;
}

std::string_view latin_of(std::string_view text) {
  constexpr std::size_t kLongest = [] {  // bytes of a common word
    std::size_t longest = 0;
    for (const Words& words : kLatinWords) {
      for (const std::string_view common : words.common) longest = std::max(longest, common.size());
    }
    return longest;
  }();
  std::array<unsigned, kLatinWords.size()> hits{};
  std::string word;
  const auto end_word = [&] {
    if (word.size() < 2 || word.size() > kLongest) return word.clear();  // a letter alone says little
    const bool is_lower = std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    const std::uint32_t languages = is_lower ? languages_of(word) : languages_of(lower(word));
    for (std::size_t i = 0; (languages >> i) != 0; ++i) hits[i] += (languages >> i) & 1;
    word.clear();
  };
  for (const char32_t c : CodePoints(text)) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= 0xC0 && c <= 0x24F) ||
                        (c >= 0x1E00 && c <= 0x1EFF) || c == 0x219 || c == 0x21B;
    if (letter)
      append_utf8(word, c);
    else
      end_word();
  }
  end_word();
  const auto best = std::max_element(hits.begin(), hits.end());
  return *best < 2 ? "und"  // one small word may be a name
                   : kLatinWords[static_cast<std::size_t>(best - hits.begin())].language;
}

}  // namespace

std::string_view language_of(std::string_view text, std::size_t limit) {
  text = text.substr(0, limit);
  std::array<unsigned, kScripts> counts{};
  std::u32string letters;
  for (const char32_t c : CodePoints(text)) {
    if (c < 0x80) {
      counts[kLatin] += (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      continue;
    }
    const auto range =
        std::find_if(kRanges.begin(), kRanges.end(), [&](const Range& one) { return c >= one.first && c <= one.last; });
    if (range == kRanges.end()) continue;
    ++counts[range->script];
    if (range->script == kCyrillic || range->script == kArabic) letters += c;
  }
  // A word of Chinese or Japanese takes fewer letters.
  counts[kHan] *= 3;
  counts[kKana] *= 3;
  const auto most = std::max_element(counts.begin(), counts.end());
  if (*most == 0) return "und";
  switch (static_cast<Script>(most - counts.begin())) {
    case kLatin:
      return latin_of(text);
    case kCyrillic:
      return cyrillic_of(letters);
    case kGreek:
      return "el";
    case kHebrew:
      return "he";
    case kArabic:
      return letters.find_first_of(U"پچژگ") == std::u32string::npos ? "ar" : "fa";
    case kDevanagari:
      return "hi";
    case kBengali:
      return "bn";
    case kTamil:
      return "ta";
    case kThai:
      return "th";
    case kGeorgian:
      return "ka";
    case kArmenian:
      return "hy";
    case kHangul:
      return "ko";
    case kKana:
      return "ja";
    case kHan:
      return counts[kKana] * 8 > counts[kHan] ? "ja" : "zh";
    case kScripts:
      break;
  }
  return "und";
}

}  // namespace fthost::text
