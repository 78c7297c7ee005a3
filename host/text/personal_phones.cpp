// Phone numbers: with a plus and a country's code, in the national forms that can be told from other numbers, and any
// other number of that length right after a word such as "phone:".
#include <algorithm>
#include <array>

#include "text/personal_scan.hpp"

namespace fthost::text {
namespace {

// Words that announce a number, lower case. Those of scripts without case and blanks match anywhere.
constexpr std::string_view kLabels[] = {"tel",
                                        "telephone",
                                        "phone",
                                        "mobile",
                                        "cell",
                                        "cellphone",
                                        "fax",
                                        "sms",
                                        "dial",
                                        "call me",
                                        "call us",
                                        "text me",
                                        "call",
                                        "reach me",
                                        "handy",
                                        "telefon",
                                        "telefonnummer",
                                        "rufnummer",
                                        "mobil",
                                        "mobilnummer",
                                        "handynummer",
                                        "t\xC3\xA9l",
                                        "t\xC3\xA9l\xC3\xA9phone",
                                        "portable",
                                        "tel\xC3\xA9"
                                        "fono",
                                        "telefono",
                                        "m\xC3\xB3vil",
                                        "celular",
                                        "cellulare",
                                        "telefone",
                                        "telefoon",
                                        "gsm",
                                        "tlf",
                                        "hotline",
                                        "puhelin",
                                        "phone_number",
                                        "phonenumber"};
constexpr std::string_view kOtherLabels[] = {"\u0442\u0435\u043b\u0435\u0444\u043e\u043d",
                                             "\u0422\u0435\u043b\u0435\u0444\u043e\u043d",
                                             "\u7535\u8bdd",
                                             "\u624b\u673a",
                                             "\u96fb\u8a71",
                                             "\u624b\u6a5f",
                                             "\u643a\u5e2f",
                                             "\u81f4\u7535",
                                             "\u62e8\u6253",
                                             "\uc804\ud654",
                                             "\ud734\ub300\ud3f0",
                                             "\uc5f0\ub77d\ucc98",
                                             "\u0647\u0627\u062a\u0641",
                                             "\u092b\u093c\u094b\u0928",
                                             "\u0e42\u0e17\u0e23"};
// Short ones that other words contain: alone.
constexpr std::string_view kAloneLabels[] = {"\u0442\u0435\u043b", "\u0422\u0435\u043b", "\u043c\u043e\u0431",
                                             "\u041c\u043e\u0431"};
// Words that may stand between the label and the number.
constexpr std::string_view kConnectors[] = {
    "number", "numbers", "no",   "nr",     "num",    "is",     "are",     "at",     "on",  "me",     "us", "my",
    "the",    "of",      "ist",  "est",    "es",     "unter",  "nummer",  "numero", "de",  "la",     "le", "al",
    "por",    "home",    "work", "office", "mobile", "privat", "private", "and",    "und", "direct", "or", "to"};

bool is_year(std::string_view digits) {
  return digits.size() == 4 && (digits.starts_with("19") || digits.starts_with("20"));
}

unsigned number_of(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits.substr(0, 9)) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

// The length of the country's code (ITU-T E.164) that the digits begin with, or 0.
std::size_t country_code(std::string_view digits) {
  if (digits.empty() || digits[0] == '0') return 0;
  if (digits[0] == '1' || digits[0] == '7') return 1;
  if (digits.size() < 3) return 0;
  static constexpr std::string_view kTwo =
      "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 "
      "90 91 92 93 94 95 98";
  static constexpr std::string_view kThree = "21 22 23 24 25 26 29 35 37 38 42 50 59 67 68 69 80 85 87 88 96 97 99";
  const std::string_view two = digits.substr(0, 2);
  if (kTwo.find(two) != kNowhere) return 2;
  return kThree.find(two) != kNowhere ? 3 : 0;
}

// North America: area and exchange begin with 2 to 9.
bool is_american(std::string_view ten) { return ten.size() == 10 && ten[0] >= '2' && ten[3] >= '2'; }

bool has_label(std::string_view text) {
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(), lower_byte);
  for (const std::string_view label : kLabels) {
    for (std::size_t at = low.find(label); at != kNowhere; at = low.find(label, at + 1)) {
      const bool begins = at == 0 || !is_letter_byte(low[at - 1]);
      const std::size_t end = at + label.size();
      if (begins && (end == low.size() || !is_letter_byte(low[end]))) return true;
    }
  }
  if (std::find(std::begin(kAloneLabels), std::end(kAloneLabels), text) != std::end(kAloneLabels)) return true;
  return std::any_of(std::begin(kOtherLabels), std::end(kOtherLabels),
                     [&](std::string_view label) { return text.find(label) != kNowhere; });
}

}  // namespace

// From the number back over blanks, signs and a few small words to a label.
bool PersonalScan::is_labelled(std::size_t begin) const {
  if (!about_.empty() && text_.size() < 64 && has_label(about_)) return true;
  std::size_t from = begin > 48 ? begin - 48 : 0;
  if (const std::size_t line = text_.substr(0, begin).rfind('\n'); line != kNowhere && line + 1 > from) from = line + 1;
  const std::string_view lead = text_.substr(from, begin - from);
  std::size_t end = lead.size();
  for (int words = 0; words < 5 && end > 0; ++words) {
    while (end > 0 && std::string_view(" :.-#()=\"'*_[]>,").find(lead[end - 1]) != kNowhere) --end;
    std::size_t start = end;
    while (start > 0 && (is_letter_byte(lead[start - 1]) || static_cast<unsigned char>(lead[start - 1]) >= 0x80))
      --start;
    if (start == end) return false;
    const std::string_view word = lead.substr(start, end - start);
    std::string low(word);
    std::transform(low.begin(), low.end(), low.begin(), lower_byte);
    const std::string pair(lead.substr(start >= 6 ? start - 6 : 0, end - (start >= 6 ? start - 6 : 0)));
    // a script without blanks: no further back than six characters
    const bool blankless = static_cast<unsigned char>(word.front()) >= 0xE0;
    if (has_label(blankless && word.size() > 18 ? word.substr(word.size() - 18) : word)) return true;
    if ((low == "me" || low == "us") &&
        (pair.find("call ") != kNowhere || pair.find("Call ") != kNowhere || pair.find("text ") != kNowhere))
      return true;
    const bool small = std::find(std::begin(kConnectors), std::end(kConnectors), low) != std::end(kConnectors);
    if (!small && static_cast<unsigned char>(word.front()) < 0x80) return false;
    end = start;
  }
  return false;
}

std::size_t PersonalScan::international(const DigitRegion& region) const {
  if (word_before(region.begin) || before(region.begin) == '+' || before(region.begin) == ')') return kNowhere;
  char digits[32];
  std::string_view all = digits_of(region, 0, region.count - 1, digits);
  std::size_t skipped = 0;
  if (!region.plus) {
    const std::size_t head = region.groups[0].size();
    if (!all.starts_with("00") || (head != 2 && (head < 4 || head > 6))) return kNowhere;
    skipped = 2;
  }
  const std::size_t code = country_code(all.substr(std::min(skipped, all.size())));
  if (code == 0) return kNowhere;
  const bool one = code == 1;
  std::size_t size = 0, last = kNowhere;
  bool thousands = region.count > 1;
  for (std::size_t g = 0; g < region.count; ++g) {
    const DigitGroup& group = region.groups[g];
    const std::size_t so_far = size > skipped ? size - skipped : 0;
    if (g > 0 && so_far >= 8 && (group.gap == (kSpace | kHyphen) || (group.gap & kSlash) != 0)) break;
    size += group.size();
    thousands = thousands && (g == 0 || (group.gap == kDot && group.size() == 3));
    if (size - std::min(size, skipped) > (g == 0 ? 13 : 15)) break;
    const std::size_t count = size - std::min(size, skipped);
    if (one ? count == 11 : count >= 8) last = g;
    if (one && count == 11) break;
  }
  if (last == kNowhere || thousands) return kNowhere;
  if (all[skipped] == '1' && !is_american(all.substr(skipped + 1, 10))) return kNowhere;
  if (!region.plus && last == 0) return kNowhere;
  const std::size_t end = region.groups[last].end;
  return is_word_byte(at(end)) && !(at(end) == '_' && !is_word_byte(at(end + 1))) ? kNowhere : last;
}

// Groups from `first` on that are written as people of one country or another do.
std::size_t PersonalScan::national(const DigitRegion& region, std::size_t first) const {
  const auto group = [&](std::size_t g) { return text_.substr(region.groups[g].begin, region.groups[g].size()); };
  const auto& groups = region.groups;
  const std::size_t left = region.count - first;
  char digits[32];
  const auto ends = [&](std::size_t last) { return last + 1 == region.count || groups[last + 1].gap == kSpace; };
  const auto sizes_are = [&](std::size_t from, std::string_view sizes) {
    if (from + sizes.size() > region.count) return false;
    for (std::size_t k = 0; k < sizes.size(); ++k) {
      if (groups[from + k].size() != static_cast<std::size_t>(sizes[k] - '0')) return false;
    }
    return true;
  };
  const auto opened = [&](std::size_t g) {
    return (groups[g].gap & kOpen) != 0 && g + 1 < region.count && (groups[g + 1].gap & kClose) != 0;
  };
  // 415-555-2671, (415) 555-2671, 1-800-555-0199
  const bool lead = group(first) == "1" && left > 3;
  const std::size_t area = first + (lead ? 1 : 0);
  if (sizes_are(area, "334") && ends(area + 2) && is_american(digits_of(region, area, area + 2, digits))) {
    const std::uint8_t one = groups[area + 1].gap, two = groups[area + 2].gap;
    const bool same = one == two && (one == kHyphen || one == kDot || (lead && one == kSpace));
    if (same || (opened(area) && (two == kHyphen || two == kDot || two == kSpace))) return area + 2;
  }
  // 8 (495) 123-45-67
  if (group(first) == "8" && sizes_are(first, "13322") && ends(first + 4) && groups[first + 1].gap != kDot)
    return first + 4;
  const std::string_view head = group(first);
  // (11) 91234-5678
  if (opened(first) && head.size() >= 2 && head.size() <= 5 && !is_year(head)) {
    std::size_t total = head.size(), last = first;
    while (last + 1 < region.count && total + groups[last + 1].size() <= 12 && last < first + 4)
      total += groups[++last].size();
    const bool grouped = last >= first + 2 && groups[last].size() == 4;
    const bool trunk = head.starts_with('0') && last > first && total >= 8;
    if (total >= 9 - (trunk ? 1u : 0u) && (grouped || trunk) && ends(last)) return last;
  }
  // 030 1234567, 06 12 34 56 78, 0171-1234567
  if (head.size() < 2 || head.size() > 6 || head[0] != '0' || head[1] == '0') return kNowhere;
  std::size_t total = head.size(), last = first;
  std::uint8_t gaps = 0;
  bool steps = true;  // 01 02 03: a list
  bool pairs = head.size() == 2, even = true;
  while (last + 1 < region.count && last < first + 5) {
    const DigitGroup& next = groups[last + 1];
    pairs = pairs && (last == first + 4 || next.size() == 2);
    if (pairs && last == first + 4) break;
    even = even && next.size() == 2;
    if (next.size() < 2 || total + next.size() > 12) break;
    if ((next.gap & (kOpen | kClose)) != 0 && last > first) break;
    steps = steps && number_of(group(last + 1)) == number_of(group(last)) + 1;
    gaps |= next.gap;
    total += next.size();
    ++last;
  }
  const std::size_t count = last - first + 1;
  if (count < 2 || steps || total < 9 || !ends(last)) return kNowhere;
  if (sizes_are(first, "224") && groups[first + 1].gap == groups[first + 2].gap && number_of(group(first + 1)) <= 31)
    return kNowhere;
  const std::uint8_t second = groups[first + 1].gap;
  if ((gaps & kDot) != 0) return gaps == kDot && count >= 4 && even ? last : kNowhere;
  if ((gaps & kSlash) != 0) {
    const bool once = std::none_of(groups.begin() + static_cast<std::ptrdiff_t>(first) + 2,
                                   groups.begin() + static_cast<std::ptrdiff_t>(last) + 1,
                                   [](const DigitGroup& g) { return (g.gap & kSlash) != 0; });
    return once && (second & kSlash) != 0 && head.size() >= 3 ? last : kNowhere;
  }
  if (count == 2)
    return (second & kHyphen) != 0 ? (total >= 10 && groups[last].size() >= 6 ? last : kNowhere)
                                   : (groups[last].size() >= 5 ? last : kNowhere);
  if (gaps == kHyphen && groups[last].size() < 3) return kNowhere;
  // 02 01 04 03 06 05: bytes, where it is no whole number of numbers
  if (gaps == kSpace && pairs && left % 5 != 0) return kNowhere;
  // More numbers after it are a list, unless they begin another one.
  if (gaps == kSpace && last + 1 < region.count && group(last + 1)[0] != '0') return kNowhere;
  return last;
}

std::size_t PersonalScan::labelled(const DigitRegion& region) const {
  std::size_t total = 0, last = kNowhere;
  bool years = true;
  for (std::size_t g = 0; g < region.count && g < 7; ++g) {
    const DigitGroup& group = region.groups[g];
    if (total + group.size() > 15) break;
    if (g > 0 && total >= 7 && (group.gap == (kSpace | kHyphen) || (group.gap & kSlash) != 0)) break;
    total += group.size();
    years = years && is_year(text_.substr(group.begin, group.size()));
    if (total >= 7) last = g;
  }
  if (last == kNowhere || years || !is_labelled(region.begin)) return kNowhere;
  const DigitGroup& first = region.groups[0];
  const bool date = last >= 2 && region.groups[1].size() == 2 && region.groups[1].gap == region.groups[2].gap &&
                    (is_year(text_.substr(first.begin, first.size())) ||
                     (first.size() == 2 && is_year(text_.substr(region.groups[2].begin, region.groups[2].size()))));
  return date ? kNowhere : last;
}

std::size_t PersonalScan::phone(const DigitRegion& region) {
  const auto found = [&](std::size_t first, std::size_t last) {
    std::size_t begin = first == 0 ? region.begin : region.groups[first].begin;
    if (first > 0 && (region.groups[first].gap & kOpen) != 0) --begin;
    const std::size_t end = region.groups[last].end;
    // a bracket that was opened before the number and closes after it is no part of it
    if (at(begin) == '(' && text_.substr(begin, end - begin).find(')') == kNowhere) ++begin;
    return add(PersonalKind::phone, begin, end);
  };
  if (const std::size_t last = international(region); last != kNowhere) return found(0, last);
  if (region.plus && region.groups[0].size() > 4) return 0;
  for (std::size_t g = 0; g < region.count; ++g) {
    if (g > 0 && (g > 1 || (region.groups[g].gap & kSpace) == 0)) continue;
    const std::size_t last = national(region, g);
    if (last == kNowhere) continue;
    const std::size_t begin = g == 0 ? region.begin : region.groups[g].begin;
    if (stands_alone(begin, region.groups[last].end)) return found(g, last);
  }
  const std::size_t last = labelled(region);
  if (last == kNowhere || !stands_alone(region.begin, region.groups[last].end)) return 0;
  return found(0, last);
}

}  // namespace fthost::text
