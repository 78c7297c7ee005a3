// The pass over a text, and what it stops at: e-mail and IP addresses, passwords in URLs.
#include "text/personal.hpp"

#include <algorithm>
#include <array>

#include "text/personal_scan.hpp"

namespace fthost::text {
namespace {

constexpr std::array<const char*, kPersonalKinds> kNames = {"email", "phone", "card", "iban", "ip", "secret"};

// Endings of file names that look like the end of a host's name. Those that are countries too ("md", "rs") are not
// here.
constexpr std::string_view kFileEndings[] = {"bmp", "cfg",  "class", "conf", "cpp",  "css", "csv",  "exe",  "gif",
                                             "gz",  "hpp",  "html",  "ico",  "ini",  "jar", "java", "jpeg", "jpg",
                                             "js",  "json", "jsx",   "log",  "lua",  "pdf", "php",  "png",  "rb",
                                             "svg", "toml", "tsx",   "txt",  "webp", "yaml"};

bool is_one_of(std::string_view word, const auto& list) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower_byte);
  return out;
}

// The lead byte of a letter of the scripts that put blanks between words: Latin, Greek, Cyrillic. Two bytes each.
bool is_letter_lead(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0xC3 && byte <= 0xD4;
}
bool is_trail(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

bool is_local(char c) {
  return is_alnum_byte(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%' || c == '\'';
}

// The labels of a host's name with an ending that could be one; nothing for "2.1", "x.png" and what has no dot.
bool is_host_name(std::string_view host) {
  const std::size_t dot = host.rfind('.');
  if (dot == std::string_view::npos || host.find("..") != std::string_view::npos) return false;
  if (host.front() == '.' || host.front() == '-' || host.find("-.") != std::string_view::npos) return false;
  const std::string ending = lowered(host.substr(dot + 1));
  if (ending.size() < 2 || ending.size() > 24) return false;
  const bool letters = std::none_of(ending.begin(), ending.end(), [](char c) { return is_digit_byte(c) || c == '-'; });
  if (!letters && !ending.starts_with("xn--")) return false;
  if (is_one_of(std::string_view(ending), kFileEndings)) return false;
  // v1.2.rc: a version
  std::string_view first = host.substr(0, host.find('.'));
  if (first.starts_with('v')) first.remove_prefix(1);
  const auto all_digits = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), is_digit_byte);
  };
  const std::string_view rest = host.substr(host.find('.') + 1);
  return !(all_digits(first) && is_digit_byte(rest.front()));
}

}  // namespace

const char* personal_name(PersonalKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

std::optional<PersonalKind> personal_kind(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<PersonalKind>(found - kNames.begin());
}

std::size_t PersonalScan::add(PersonalKind kind, std::size_t begin, std::size_t end, std::string_view name,
                              std::size_t shown) {
  if (wants(kind)) spans_.push_back({kind, begin, end, name, static_cast<std::uint32_t>(shown)});
  floor_ = end;
  return end;
}

bool PersonalScan::word_before(std::size_t i) const {
  if (i == 0 || !is_word_byte(text_[i - 1])) return false;
  const bool escape = i >= 2 && text_[i - 2] == '\\' && std::string_view("nrtbfv").find(text_[i - 1]) < 6;
  return !escape;
}

void PersonalScan::run() {
  if (whole()) return;
  for (std::size_t i = 0; (i = finder_.hits.next(text_, i)) < text_.size();) {
    const std::uint16_t pair = PairFilter::pair(text_.data() + i);
    i = std::max(i + 1, look(i, finder_.hits.at(pair), pair));
  }
}

std::size_t PersonalScan::look(std::size_t i, std::uint8_t hits, std::uint16_t pair) {
  std::size_t next = 0;
  if ((hits & kHitKey) != 0 && (next = key(i, pair)) != 0) return next;
  if ((hits & kHitAt) != 0 && (next = email(i + 1, 1)) != 0) return next;
  if ((hits & kHitAssign) != 0) {
    const bool wide = at(i) == '\xBC';  // the second byte of a full-width colon
    const std::size_t sign = wide ? i : i + 1;
    if (!wide && at(sign) == ':') {
      if ((next = address(sign)) != 0) return next;
      if (wants(PersonalKind::ip) && (next = ip6(sign)) != 0) return next;
    }
    if ((!wide || before(i) == '\xEF') && (next = assignment(wide ? i - 1 : sign, wide ? 3 : 1)) != 0) return next;
  }
  if ((hits & kHitDot) != 0 && (next = ip4(i)) != 0) return next;
  if ((hits & kHitDigits) != 0) return number(i);
  return 0;
}

std::size_t PersonalScan::email(std::size_t sign, std::size_t width) {
  if (!wants(PersonalKind::email)) return 0;
  std::size_t begin = sign;
  while (begin > floor_ && sign - begin < 96) {
    if (is_local(text_[begin - 1])) {
      --begin;
    } else if (begin >= floor_ + 2 && is_trail(text_[begin - 1]) && is_letter_lead(text_[begin - 2])) {
      begin -= 2;
    } else {
      break;
    }
  }
  std::string_view local = text_.substr(begin, sign - begin);
  const auto cut = [&](std::size_t bytes) {
    local.remove_prefix(bytes);
    begin += bytes;
  };
  if (begin > 0 && text_[begin - 1] == '\\' && local.size() > 1 && std::string_view("nrt").find(local.front()) < 3)
    cut(1);
  if (const std::size_t dots = local.rfind(".."); dots != std::string_view::npos) cut(dots + 2);
  // %3Auser%40host: what was escaped before it
  for (std::size_t i = local.size(); i-- > 0;) {
    if (local[i] == '%') {
      cut(std::min(i + 3, local.size()));
      break;
    }
  }
  while (!local.empty() && std::string_view(".-'_+").find(local.front()) != std::string_view::npos) cut(1);
  if (local.empty() || local.size() > 64 || local.back() == '.' || before(begin) == '@') return 0;
  if (local == "this" || local == "super" || local.ends_with(".git")) return 0;

  const std::size_t host = sign + width;
  std::size_t end = host;
  while (end < text_.size() && end - host < 254) {
    const char c = text_[end];
    if (is_alnum_byte(c) || c == '-' || c == '.') {
      ++end;
    } else if (is_letter_lead(c) && end + 1 < text_.size() && is_trail(text_[end + 1])) {
      end += 2;
    } else {
      break;
    }
  }
  while (end > host && (text_[end - 1] == '.' || text_[end - 1] == '-')) --end;
  std::string_view name = text_.substr(host, end - host);
  if (name.empty()) return 0;
  const std::size_t ending = name.rfind('.') + 1;
  if (const std::size_t hyphen = name.find('-', ending);
      hyphen != std::string_view::npos && ending > 0 && !name.substr(ending).starts_with("xn--")) {
    name = name.substr(0, hyphen);  // "…@host.com-style"
    end = host + hyphen;
  }
  if (!is_host_name(name)) return 0;
  const char after = at(end);
  if (after == '(' || after == '@' || is_word_byte(after)) {
    if (after != '_' || is_word_byte(at(end + 1))) return 0;
  }
  // host:path is where a repository or a copy lies
  if (after == ':' && (local == "git" || at(end + 1) == '/' || at(end + 1) == '~')) return 0;
  return add(PersonalKind::email, begin, end);
}

// scheme://user:password@host. Whatever stands before the @ is no e-mail address.
std::size_t PersonalScan::address(std::size_t colon) {
  if (at(colon + 1) != '/' || at(colon + 2) != '/' || !is_alnum_byte(before(colon))) return 0;
  const std::size_t begin = colon + 3;
  const std::size_t limit = std::min(text_.size(), begin + 400);
  std::size_t end = begin, sign = 0;
  for (; end < limit; ++end) {
    const char c = text_[end];
    if (static_cast<unsigned char>(c) <= ' ' || std::string_view("/?#\"'`<>\\").find(c) != std::string_view::npos)
      break;
    if (c == '@') sign = end;
  }
  if (sign == 0) return 0;
  const std::size_t second = text_.substr(begin, sign - begin).find(':');
  floor_ = sign + 1;
  if (second == std::string_view::npos) return floor_;
  const std::size_t from = begin + second + 1;
  const std::string_view password = text_.substr(from, sign - from);
  const std::string low = lowered(password);
  static constexpr std::string_view kWords[] = {"pass",     "password", "passwd", "pwd",  "pw",    "secret",
                                                "passwort", "token",    "key",    "user", "admin", "root"};
  const bool named = is_one_of(std::string_view(low), kWords) || low.find("xxx") != std::string::npos ||
                     low.find("your") != std::string::npos || low.find("...") != std::string::npos;
  const bool written =
      password.size() >= 3 && std::string_view("$<[{*%(").find(password.front()) == std::string_view::npos;
  if (!named && written) add(PersonalKind::secret, from, sign, "url_password");
  return sign + 1;
}

std::size_t PersonalScan::ip4(std::size_t i) {
  std::size_t begin = i;
  while (begin > floor_ && is_digit_byte(text_[begin - 1])) --begin;
  std::size_t at_byte = begin;
  unsigned parts[4] = {};
  for (unsigned part = 0; part < 4; ++part) {
    if (part > 0 && at(at_byte++) != '.') return 0;
    const std::size_t from = at_byte;
    while (is_digit_byte(at(at_byte)) && at_byte - from < 4)
      parts[part] = parts[part] * 10 + static_cast<unsigned>(text_[at_byte++] - '0');
    const std::size_t digits = at_byte - from;
    if (digits == 0 || digits > 3 || parts[part] > 255 || (digits > 1 && text_[from] == '0')) return 0;
  }
  if (word_before(begin) || before(begin) == '.' || before(begin) == '-' || is_word_byte(at(at_byte))) return 0;
  if ((at(at_byte) == '.' || at(at_byte) == '-') && is_alnum_byte(at(at_byte + 1))) return 0;
  const bool nobody = parts[0] == 0 || parts[0] == 127 || parts[0] > 239;
  const bool outline = parts[0] < 10 && parts[1] < 10 && parts[2] < 10 && parts[3] < 10 && parts[0] != parts[1];
  const bool registered = parts[0] == 2 && parts[1] == 5;  // an object identifier: 2.5.4.3
  if (nobody || outline || registered) return 0;
  const std::string lead = lowered(text_.substr(begin > 12 ? begin - 12 : 0, std::min<std::size_t>(begin, 12)));
  for (const std::string_view word : {"version", "release", "build", "section", "chapter"}) {
    if (lead.find(word) != std::string::npos) return 0;
  }
  return add(PersonalKind::ip, begin, at_byte);
}

// Addresses of the Internet, of a site or a link; "::1" and what could be a scope of a program are none.
std::size_t PersonalScan::ip6(std::size_t colon) {
  const auto is_hex = [](char c) { return is_digit_byte(c) || (lower_byte(c) >= 'a' && lower_byte(c) <= 'f'); };
  std::size_t begin = colon, end = colon;
  while (begin > floor_ && colon - begin < 4 && is_hex(text_[begin - 1])) --begin;
  while (end < text_.size() && end - begin < 40 && (is_hex(text_[end]) || text_[end] == ':')) ++end;
  while (end > begin && text_[end - 1] == ':') --end;
  if (colon - begin != 4 || word_before(begin) || before(begin) == ':' || is_word_byte(at(end)) || end <= colon)
    return 0;
  const char first = lower_byte(text_[begin]), second = lower_byte(text_[begin + 1]);
  if (first != '2' && first != '3' && !(first == 'f' && (second == 'c' || second == 'd' || second == 'e'))) return 0;
  std::size_t groups = 0, longest = 0, doubles = 0;
  for (std::size_t i = begin; i < end;) {
    std::size_t stop = i;
    while (stop < end && text_[stop] != ':') ++stop;
    longest = std::max(longest, stop - i);
    if (stop == i)
      ++doubles;
    else
      ++groups;
    i = stop + 1;
  }
  const bool whole = groups == 8 && doubles == 0, shortened = groups >= 2 && groups < 8 && doubles == 1;
  if (longest > 4 || !(whole || shortened)) return 0;
  return add(PersonalKind::ip, begin, end);
}

PersonalFinder::~PersonalFinder() = default;
PersonalFinder::PersonalFinder(PersonalFinder&&) noexcept = default;
PersonalFinder& PersonalFinder::operator=(PersonalFinder&&) noexcept = default;

void PersonalFinder::find(std::string_view text, std::vector<PersonalSpan>& spans, std::string_view about) const {
  spans.clear();
  PersonalScan(*state_, text, about, spans).run();
}

std::string personal_mask(const PersonalSpan& span, std::string_view value) {
  const auto digits = [&](std::size_t last) {
    std::string all;
    for (const char c : value) {
      if (is_digit_byte(c)) all += c;
    }
    return all.size() > last ? all.substr(all.size() - last) : std::string();
  };
  switch (span.kind) {
    case PersonalKind::email: {
      std::size_t size = 1;
      while (size < value.size() && is_trail(value[size])) ++size;
      return std::string(value.substr(0, size)) + "***@***" +
             std::string(value.substr(std::min(value.rfind('.'), value.size())));
    }
    case PersonalKind::phone:
      return (value.starts_with('+') ? std::string(value.substr(0, 2)) : std::string()) + "***" + digits(2);
    case PersonalKind::card:
      return "***" + digits(4);
    case PersonalKind::iban:
      return std::string(value.substr(0, 2)) + "***" + std::string(value.substr(value.size() - 2));
    case PersonalKind::ip:
      return std::string(value.substr(0, value.find_first_of(".:"))) + ".***";
    case PersonalKind::secret:
      break;
  }
  return std::string(value.substr(0, span.shown)) + "***";
}

std::string personal_value(PersonalKind kind, std::string_view value) {
  std::string out;
  if (kind == PersonalKind::secret) return std::string(value);
  for (const char c : value) {
    const bool number = kind == PersonalKind::phone || kind == PersonalKind::card;
    if (number ? is_digit_byte(c) : kind != PersonalKind::iban || is_alnum_byte(c)) out += lower_byte(c);
  }
  const bool abroad = kind == PersonalKind::phone && value.find('+') < 3;
  if (kind == PersonalKind::phone && out.starts_with("00")) return "+" + out.substr(2);
  return abroad ? "+" + out : out;
}

}  // namespace fthost::text
