// Keys: by the prefixes of a table, private keys in PEM, JSON web tokens, and values that are called a password.
#include <algorithm>
#include <cmath>

#include "text/personal_scan.hpp"

namespace fthost::text {
namespace {

constexpr std::string_view kPemBegin = "-----BEGIN ";

bool is_base64_url(char c) { return is_word_byte(c) || c == '-'; }

std::string lowered_secret(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower_byte);
  return out;
}

struct Classes {
  bool lower = false, upper = false, digit = false, sign = false;
  int count() const { return lower + upper + digit + sign; }
};

Classes classes_of(std::string_view value) {
  Classes classes;
  for (const char c : value) {
    classes.lower |= is_lower_byte(c);
    classes.upper |= is_upper_byte(c);
    classes.digit |= is_digit_byte(c);
    classes.sign |= !is_word_byte(c) && c != '-' && c != '.' && static_cast<unsigned char>(c) < 0x80;
  }
  return classes;
}

// password_hash2, NEW_TOKEN: a name, of one case, that ends in two digits at most.
bool is_word_with_number(std::string_view value) {
  for (int digits = 0; digits < 2 && !value.empty() && is_digit_byte(value.back()); ++digits) value.remove_suffix(1);
  return std::all_of(value.begin(), value.end(), [](char c) { return is_lower_byte(c) || c == '_'; }) ||
         std::all_of(value.begin(), value.end(), [](char c) { return is_upper_byte(c) || c == '_'; });
}

}  // namespace

double byte_entropy(std::string_view text) {
  std::array<std::uint32_t, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double sum = 0;
  for (const std::uint32_t count : counts) {
    if (count > 0) sum -= count * std::log2(static_cast<double>(count) / static_cast<double>(text.size()));
  }
  return text.empty() ? 0 : sum / static_cast<double>(text.size());
}

bool PersonalScan::is_placeholder(std::string_view value) const {
  const std::string low = lowered_secret(value.substr(0, 200));
  return std::any_of(secrets_.placeholders.begin(), secrets_.placeholders.end(),
                     [&](const std::string& word) { return low.find(word) != kNowhere; });
}

std::size_t PersonalScan::key(std::size_t i, std::uint16_t pair) {
  for (const auto& anchor : finder_.anchors[finder_.buckets[pair]]) {
    if (i < floor_ + anchor.offset) continue;
    const std::size_t begin = i - anchor.offset;
    std::size_t end = 0;
    if (anchor.key == PersonalFinder::State::kPem)
      end = private_key(begin);
    else if (anchor.key == PersonalFinder::State::kJwt)
      end = web_token(begin);
    else
      end = key_of(secrets_.keys[anchor.key], begin);
    if (end != 0) return end;
  }
  return 0;
}

// Whatever key or token begins here.
std::size_t PersonalScan::known_key(std::size_t begin) {
  for (const auto& key : secrets_.keys) {
    if (const std::size_t end = key_of(key, begin); end != 0) return end;
  }
  return web_token(begin);
}

std::size_t PersonalScan::key_of(const SecretTable::State::Key& key, std::size_t begin) {
  if (text_.substr(begin, key.prefix.size()) != key.prefix) return 0;
  if (is_word_byte(key.prefix.front()) && word_before(begin)) return 0;
  const std::size_t from = begin + key.prefix.size();
  std::size_t end = from;
  while (end < text_.size() && end - from <= key.most + 1 && key.alphabet.has(text_[end])) ++end;
  while (end > from && (text_[end - 1] == '.' || (end - from > key.most && !is_alnum_byte(text_[end - 1])))) --end;
  const std::size_t size = end - from;
  if (size < key.least || size > key.most) return 0;
  if (is_alnum_byte(at(end))) return 0;
  const std::string_view tail = text_.substr(from, size);
  const Classes classes = classes_of(tail);
  if (classes.lower + classes.upper + classes.digit < 2 || byte_entropy(tail) < key.entropy) return 0;
  if (is_placeholder(tail)) return 0;
  if (key.keep_prefix) return add(PersonalKind::secret, from, end, key.name);
  return add(PersonalKind::secret, begin, end, key.name, key.prefix.size());
}

// From the line that begins it to the line that ends it; without that one, as far as its letters go.
std::size_t PersonalScan::private_key(std::size_t begin) {
  if (!text_.substr(begin).starts_with(kPemBegin)) return 0;
  const std::size_t name = begin + kPemBegin.size();
  const std::size_t dashes = text_.substr(0, std::min(text_.size(), name + 60)).find("-----", name);
  if (dashes == kNowhere) return 0;
  const std::string_view label = text_.substr(name, dashes - name);
  if (label.find("PRIVATE KEY") == kNowhere) return 0;
  std::size_t end = text_.find("-----END ", dashes + 5), body = end;
  const std::size_t next = text_.find(kPemBegin, dashes + 5);
  if (end != kNowhere && (next == kNowhere || next > end)) {
    const std::size_t close = text_.find("-----", end + 9);
    end = close == kNowhere || close - end > 70 ? text_.size() : close + 5;
  } else {
    end = dashes + 5;
    while (end < text_.size() &&
           (is_base64_url(text_[end]) || std::string_view("+/=\r\n\\ ").find(text_[end]) != kNowhere))
      ++end;
    body = end;
  }
  std::size_t letters = 0;
  for (const char c : text_.substr(dashes + 5, body - dashes - 5)) letters += is_alnum_byte(c) ? 1u : 0u;
  if (letters < 48) return 0;  // "-----BEGIN PRIVATE KEY-----\n...": how one looks
  return add(PersonalKind::secret, begin, end, "private_key", kPemBegin.size());
}

// Header, claims and signature, each base64url; the first two are JSON objects.
std::size_t PersonalScan::web_token(std::size_t begin) {
  if (!text_.substr(begin).starts_with("eyJ") || word_before(begin)) return 0;
  std::size_t at_byte = begin, sizes[3] = {};
  for (int part = 0; part < 3; ++part) {
    const std::size_t from = at_byte;
    while (at_byte < text_.size() && is_base64_url(text_[at_byte])) ++at_byte;
    sizes[part] = at_byte - from;
    if (part == 1 && text_.substr(from, 3) != "eyJ") return 0;
    if (part < 2 && at(at_byte++) != '.') return 0;
  }
  if (sizes[0] < 12 || sizes[1] < 8 || sizes[2] < 20) return 0;
  return add(PersonalKind::secret, begin, at_byte, "web_token", 3);
}

// `prose`: neither quotes nor an equals sign say that it is a value.
bool PersonalScan::password_like(const SecretTable::State::Assignment& rule, std::string_view value, bool prose) const {
  if (value.size() < rule.least || value.size() > rule.most) return false;
  static constexpr std::string_view kNotFirst = "$<{%([*/~.&@";
  if (kNotFirst.find(value.front()) != kNowhere || value.find("://") != kNowhere || value.find("${") != kNowhere ||
      value.find("{{") != kNowhere || value.find("...") != kNowhere || value.find('(') != kNowhere ||
      value.substr(1).starts_with(":\\"))
    return false;
  const Classes classes = classes_of(value);
  if (!(classes.lower || classes.upper) || !(classes.digit || classes.sign)) return false;
  if (prose && (!classes.digit || (classes.count() < 3 && value.size() < 16))) return false;
  return byte_entropy(value) >= rule.entropy && !is_placeholder(value);
}

// The rule in whose word the name ends that ends here.
const SecretTable::State::Assignment* PersonalScan::rule_before(std::string_view text, std::size_t end,
                                                                std::size_t floor) const {
  if (end < floor + 2) return nullptr;
  const char last[2] = {lower_byte(text[end - 2]), lower_byte(text[end - 1])};
  const std::uint16_t pair = PairFilter::pair(last);
  if ((finder_.word_ends[pair >> 6] >> (pair & 63) & 1) == 0) return nullptr;
  char name[32];
  std::size_t size = 0;
  for (; size < sizeof name && end - size > floor; ++size) {
    const char c = text[end - size - 1];
    if (!is_word_byte(c) && c != '-' && c != ' ' && static_cast<unsigned char>(c) < 0x80) break;
    name[sizeof name - size - 1] = c == '-' || c == ' ' ? '_' : lower_byte(c);
  }
  const std::string_view tail(name + sizeof name - size, size);
  for (const auto& rule : secrets_.assignments) {
    for (const std::string& word : rule.words) {
      if (tail.ends_with(word)) return &rule;
    }
  }
  return nullptr;
}

// The text is the value of what is called a password.
bool PersonalScan::whole() {
  if (about_.empty() || text_.empty() || !wants(PersonalKind::secret)) return false;
  const auto* const rule = rule_before(about_, about_.size(), 0);
  const bool blank = text_.find_first_of(" \t\n") != kNowhere;
  if (!rule || blank || !password_like(*rule, text_, false)) return false;
  if (known_key(0) == 0) add(PersonalKind::secret, 0, text_.size(), rule->name);
  return true;
}

// `sign` is = or :, of `width` bytes. Before it a name that ends in a word of the table, after it the value.
std::size_t PersonalScan::assignment(std::size_t sign, std::size_t width) {
  if (!wants(PersonalKind::secret)) return 0;
  std::size_t end = sign;
  while (end > floor_ && sign - end < 3 && std::string_view(" \"'`]*").find(text_[end - 1]) != kNowhere) --end;
  const SecretTable::State::Assignment* const rule = rule_before(text_, end, floor_);
  if (!rule) return 0;
  std::size_t from = sign + width;
  const bool equals = text_[sign] == '=' || at(from) == '=';
  if (text_[sign] == '=' && (at(from) == '=' || at(from) == '~')) return 0;  // a comparison
  while (from < text_.size() && from - sign < 6 && std::string_view(" =>*").find(text_[from]) != kNowhere) ++from;
  std::size_t stop = from;
  const char quote = at(from);
  const bool quoted = quote == '"' || quote == '\'' || quote == '`';
  if (quoted) {
    stop = text_.substr(0, std::min(text_.size(), from + 300)).find(quote, from + 1);
    ++from;
    if (stop == kNowhere || text_.substr(from, stop - from).find_first_of("\n ") != kNowhere) return 0;
    if (stop > from && text_[stop - 1] == '\\') --stop;
  } else {
    while (stop < text_.size() && stop - from <= rule->most && static_cast<unsigned char>(text_[stop]) > ' ' &&
           static_cast<unsigned char>(text_[stop]) < 0x80 &&
           std::string_view(",;()[]{}\"'<>`").find(text_[stop]) == kNowhere && !(equals && text_[stop] == '&') &&
           !(text_[stop] == '\\' && (at(stop + 1) == 'n' || at(stop + 1) == '"')))
      ++stop;
    while (stop > from && (text_[stop - 1] == '.' || text_[stop - 1] == '*' || text_[stop - 1] == ':')) --stop;
  }
  if (stop <= from) return 0;
  const std::string_view value = text_.substr(from, stop - from);
  // An unquoted name of a program's is no value: config.password2
  const std::size_t dot = value.find('.');
  const bool member = !quoted && dot != kNowhere && dot + 1 < value.size() && is_letter_byte(value[0]) &&
                      is_letter_byte(value[dot + 1]) &&
                      std::all_of(value.begin(), value.end(), [](char c) { return is_word_byte(c) || c == '.'; });
  const bool words = !quoted && value.find('_') != kNowhere && is_word_with_number(value);
  if (const std::size_t known = known_key(from); known != 0) return known;
  if (member || words || at(stop) == '(' || at(stop) == '[' || !password_like(*rule, value, !quoted && !equals))
    return 0;
  return add(PersonalKind::secret, from, stop, rule->name);
}

}  // namespace fthost::text
