// Numbers: what belongs to one, bank accounts by their check digits and length, cards by Luhn, issuer and grouping.
#include <algorithm>
#include <cstring>

#include "text/personal_scan.hpp"

namespace fthost::text {
namespace {

// Countries and the length of their account numbers (ISO 13616).
constexpr std::string_view kAccounts =
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22"
    "GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27"
    "MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29"
    "VA22VG24XK20YE30";

std::size_t account_length(char first, char second) {
  for (std::size_t i = 0; i < kAccounts.size(); i += 4) {
    if (kAccounts[i] == first && kAccounts[i + 1] == second)
      return static_cast<std::size_t>((kAccounts[i + 2] - '0') * 10 + (kAccounts[i + 3] - '0'));
  }
  return 0;
}

bool passes_luhn(std::string_view digits) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    auto digit = static_cast<unsigned>(digits[digits.size() - 1 - i] - '0');
    if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

// Ranges of issuers by the first six digits, with the lengths that they give out.
struct Issuer {
  unsigned from, to;
  std::size_t least, most;
};
constexpr Issuer kIssuers[] = {
    {300000, 305999, 14, 14}, {309500, 309599, 14, 14}, {340000, 349999, 15, 15}, {352800, 358999, 16, 19},
    {360000, 369999, 14, 14}, {370000, 379999, 15, 15}, {380000, 399999, 14, 14}, {400000, 499999, 16, 16},
    {501800, 501899, 16, 19}, {502000, 502099, 16, 19}, {503800, 503899, 16, 19}, {510000, 559999, 16, 16},
    {589300, 589399, 16, 19}, {601100, 601199, 16, 19}, {220000, 220499, 16, 19}, {222100, 272099, 16, 16},
    {620000, 629999, 16, 19}, {630400, 630499, 16, 19}, {644000, 659999, 16, 19}, {675900, 676399, 16, 19},
};

bool is_card(std::string_view digits) {
  if (digits.size() < 14 || digits.size() > 19) return false;
  unsigned first = 0;
  for (std::size_t i = 0; i < 6; ++i) first = first * 10 + static_cast<unsigned>(digits[i] - '0');
  const auto issued = [&](const Issuer& issuer) {
    return first >= issuer.from && first <= issuer.to && digits.size() >= issuer.least && digits.size() <= issuer.most;
  };
  return std::any_of(std::begin(kIssuers), std::end(kIssuers), issued) && passes_luhn(digits);
}

struct Between {
  std::size_t size = 0;
  std::uint8_t bit = 0;
};

// The character at `i` as it stands between digits: no-break spaces and the dashes of typographers too.
Between between_at(std::string_view text, std::size_t i) {
  const std::string_view rest = text.substr(std::min(i, text.size()), 3);
  switch (rest.empty() ? '\0' : rest.front()) {
    case ' ':
      return {1, kSpace};
    case '-':
      return {1, kHyphen};
    case '.':
      return {1, kDot};
    case '/':
      return {1, kSlash};
    case '(':
      return {1, kOpen};
    case ')':
      return {1, kClose};
    case '\xC2':
      if (rest.starts_with("\xC2\xA0")) return {2, kSpace};
      return {};
    case '\xE2':
      if (rest == "\xE2\x80\xAF" || rest == "\xE2\x80\x89") return {3, kSpace};
      if (rest == "\xE2\x80\x90" || rest == "\xE2\x80\x91" || rest == "\xE2\x80\x93") return {3, kHyphen};
      return {};
    default:
      return {};
  }
}

// The size of the gap that ends at `i`, at most two characters, looking back no further than `floor`.
std::size_t gap_before(std::string_view text, std::size_t i, std::size_t floor) {
  std::size_t at = i;
  for (int characters = 0; characters < 2 && at > floor; ++characters) {
    std::size_t size = 0;
    for (std::size_t step = 1; step <= 3 && step <= at - floor && size == 0; ++step) {
      if (between_at(text, at - step).size == step) size = step;
    }
    if (size == 0) break;
    at -= size;
  }
  return i - at;
}

}  // namespace

// Groups of digits with one to three signs between, around the digit at `at`. Two blanks, or a line's end, end it.
DigitRegion PersonalScan::region_at(std::size_t i) const {
  DigitRegion region;
  std::size_t begin = i;
  for (int back = 0; back < 2; ++back) {  // "+1 (" and "8 " have been passed over: one digit is no pair
    const std::size_t gap = gap_before(text_, begin, floor_);
    const std::size_t digit = begin - gap;
    if (gap == 0 || digit <= floor_ || !is_digit_byte(text_[digit - 1])) break;
    if (digit >= 2 && is_digit_byte(text_[digit - 2])) break;
    begin = digit - 1;
  }
  std::uint8_t gap = 0;
  region.begin = begin;
  if (region.begin > floor_ && text_[region.begin - 1] == '(') {
    --region.begin;
    gap = kOpen;
  }
  if (region.begin > floor_ && text_[region.begin - 1] == '+') {
    --region.begin;
    region.plus = true;
    if (region.begin > floor_ && text_[region.begin - 1] == '(') --region.begin, gap = kOpen;
  }
  std::size_t at = begin;
  while (region.count < DigitRegion::kMost) {
    std::size_t end = at;
    while (end < text_.size() && is_digit_byte(text_[end])) ++end;
    region.groups[region.count++] = {at, end, gap};
    region.end = end;
    gap = 0;
    at = end;
    for (int signs = 0; signs < 3; ++signs) {
      const Between between = between_at(text_, at);
      if (between.size == 0 || (gap & between.bit) != 0) break;
      gap |= between.bit;
      at += between.size;
    }
    if (at == end || at >= text_.size() || !is_digit_byte(text_[at])) break;
  }
  return region;
}

std::string_view PersonalScan::digits_of(const DigitRegion& region, std::size_t first, std::size_t last,
                                         char* out) const {
  std::size_t size = 0;
  for (std::size_t g = first; g <= last; ++g) {
    const std::size_t room = std::min<std::size_t>(region.groups[g].size(), 32 - size);
    std::memcpy(out + size, text_.data() + region.groups[g].begin, room);
    size += room;
  }
  return {out, size};
}

// Not a part of something longer: a word, a version, a path, a decimal, a time, an amount.
bool PersonalScan::stands_alone(std::size_t begin, std::size_t end) const {
  if (word_before(begin)) return false;
  const char left = before(begin), left2 = begin >= 2 ? text_[begin - 2] : '\0';
  if (std::string_view("$#~^&%@/").find(left) != std::string_view::npos && left != '\0') return false;
  if ((left == '.' || left == '-') && is_alnum_byte(left2)) return false;
  if (left == '-' && left2 != ' ' && left2 != '\0' && left2 != '-' && left2 != '\n') return false;
  if ((left == ',' || left == ':') && is_digit_byte(left2)) return false;
  for (const std::string_view currency : {"\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5"}) {
    if (text_.substr(0, begin).ends_with(currency)) return false;
  }
  const char right = at(end), right2 = at(end + 1);
  if (is_word_byte(right) || right == '%' || (right == '*' && is_word_byte(right2))) return false;
  if (std::string_view(".-/,:").find(right) != std::string_view::npos && right != '\0' && is_alnum_byte(right2)) {
    return right == ',' ? !is_digit_byte(right2) : right == '.' && is_upper_byte(right2);  // a new sentence
  }
  const std::string_view rest = text_.substr(std::min(end, text_.size()), 4);
  for (const std::string_view unit : {"\xE2\x82\xAC", " \xE2\x82\xAC", "\xC2\xB0", " $"}) {
    if (rest.starts_with(unit)) return false;
  }
  return true;
}

// 2024-05-06 at the beginning: where it ends.
std::size_t PersonalScan::date_end(const DigitRegion& region) const {
  if (region.count < 3 || region.plus) return 0;
  const DigitGroup &year = region.groups[0], &month = region.groups[1], &day = region.groups[2];
  if (year.size() != 4 || month.size() != 2 || day.size() != 2 || month.gap != day.gap || month.gap == kSpace) return 0;
  const std::string_view century = text_.substr(year.begin, 2);
  return (century == "19" || century == "20") && text_[month.begin] <= '1' && text_[day.begin] <= '3' ? day.end - 1 : 0;
}

std::size_t PersonalScan::number(std::size_t i) {
  std::size_t run = i;
  while (run < text_.size() && is_digit_byte(text_[run])) ++run;
  if (before(i) == '%' && text_.substr(i, 2) == "40") return std::max(email(i - 1, 3), i + 1);
  // What is passed over in vain ends before its last digit: that may begin a pair with what follows, as in "85@".
  if (i < floor_) return run - 1;
  if (wants(PersonalKind::iban) && i >= 2 && is_letter_byte(text_[i - 1])) {
    if (const std::size_t end = iban(i); end != 0) return end;
  }
  if (wants(PersonalKind::ip)) {
    if (const std::size_t end = ip4(i); end != 0) return end;
  }
  if (word_before(i)) return run - 1;
  if (run - i <= 4) {  // alone: most numbers are
    const std::size_t gap = between_at(text_, run).size;
    if (gap == 0 || (!is_digit_byte(at(run + gap)) && between_at(text_, run + gap).size == 0)) return run - 1;
  }
  const DigitRegion region = region_at(i);
  std::size_t digits = 0;
  for (std::size_t g = 0; g < region.count; ++g) digits += region.groups[g].size();
  if (digits < 7) return region.end - 1;
  if (const std::size_t end = date_end(region); end != 0) return end;
  if (wants(PersonalKind::card)) {
    if (const std::size_t end = card(region); end != 0) return end;
  }
  if (wants(PersonalKind::phone)) {
    if (const std::size_t end = phone(region); end != 0) return end;
  }
  return region.end - 1;
}

// `i` is the first check digit.
std::size_t PersonalScan::iban(std::size_t i) {
  const char first = text_[i - 2], second = text_[i - 1];
  if (i - 2 < floor_ || word_before(i - 2) || is_lower_byte(first) != is_lower_byte(second)) return 0;
  const std::size_t length =
      is_letter_byte(first) ? account_length(static_cast<char>(first & ~32), static_cast<char>(second & ~32)) : 0;
  if (length == 0) return 0;
  char account[40];
  std::size_t size = 0, end = i - 2;
  for (bool blank = false; end < text_.size() && size < length; ++end) {
    const char c = text_[end];
    if (is_alnum_byte(c)) {
      account[size++] = static_cast<char>(is_lower_byte(c) ? c & ~32 : c);
      blank = false;
    } else if (c == ' ' && !blank && size >= 4) {
      blank = true;
    } else {
      return 0;
    }
  }
  if (size < length || is_word_byte(at(end))) return 0;
  unsigned remainder = 0;
  for (std::size_t k = 0; k < length; ++k) {
    const char c = account[(k + 4) % length];
    const unsigned value = is_digit_byte(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c - 'A') + 10;
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder == 1 ? add(PersonalKind::iban, i - 2, end) : 0;
}

std::size_t PersonalScan::card(const DigitRegion& region) {
  static constexpr std::string_view kGroupings[] = {"4444", "465", "464", "44443"};
  char digits[32];
  for (std::size_t g = 0; g < region.count; ++g) {
    const DigitGroup& head = region.groups[g];
    if (g > 0 && head.gap != kSpace) continue;
    std::size_t last = std::string_view::npos;
    if (head.size() >= 14) last = g;
    for (const std::string_view grouping : kGroupings) {
      if (g + grouping.size() > region.count) continue;
      bool fits = true;
      for (std::size_t k = 0; k < grouping.size() && fits; ++k) {
        const DigitGroup& group = region.groups[g + k];
        fits = group.size() == static_cast<std::size_t>(grouping[k] - '0') &&
               (k == 0 || (group.gap == region.groups[g + 1].gap && (group.gap == kSpace || group.gap == kHyphen)));
      }
      if (fits && (last == std::string_view::npos || g + grouping.size() - 1 > last)) {
        if (is_card(digits_of(region, g, g + grouping.size() - 1, digits))) last = g + grouping.size() - 1;
      }
    }
    if (last == std::string_view::npos || !is_card(digits_of(region, g, last, digits))) continue;
    if (last + 1 < region.count && (region.groups[last + 1].gap & (kSpace | kSlash)) == 0) continue;
    if (!stands_alone(head.begin, region.groups[last].end)) continue;
    return add(PersonalKind::card, head.begin, region.groups[last].end);
  }
  return 0;
}

}  // namespace fthost::text
