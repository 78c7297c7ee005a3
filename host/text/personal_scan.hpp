// PersonalScan: one text while it is searched. The finder's own: the pass is in personal.cpp, numbers in
// personal_numbers.cpp and personal_phones.cpp, keys in personal_secrets.cpp. One thread.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "text/pair_filter.hpp"
#include "text/personal.hpp"

namespace fthost::text {

inline constexpr std::size_t kNowhere = std::string_view::npos;

constexpr bool is_digit_byte(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper_byte(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower_byte(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_letter_byte(char c) { return is_upper_byte(c) || is_lower_byte(c); }
constexpr bool is_alnum_byte(char c) { return is_digit_byte(c) || is_letter_byte(c); }
constexpr bool is_word_byte(char c) { return is_alnum_byte(c) || c == '_'; }
constexpr char lower_byte(char c) { return is_upper_byte(c) ? static_cast<char>(c + ('a' - 'A')) : c; }

// Bits for each byte that may stand in a key.
struct ByteSet {
  std::array<std::uint64_t, 4> bits{};
  void add(unsigned char c) { bits[c >> 6] |= std::uint64_t{1} << (c & 63); }
  bool has(char c) const {
    const auto byte = static_cast<unsigned char>(c);
    return (bits[byte >> 6] >> (byte & 63) & 1) != 0;
  }
};

struct SecretTable::State {
  struct Key {
    std::string name, prefix;
    ByteSet alphabet;
    std::size_t least = 0, most = 0;  // of what follows the prefix
    double entropy = 0;
    bool keep_prefix = false;  // it stays: the span begins after it
  };
  struct Assignment {
    std::string name;
    std::vector<std::string> words;  // lower case, '_' between
    std::size_t least = 0, most = 0;
    double entropy = 0;
  };
  std::vector<Key> keys;
  std::vector<Assignment> assignments;
  std::vector<std::string> placeholders;  // lower case
};

// What a pair of bytes may be part of.
enum PersonalHit : std::uint8_t { kHitAt = 1, kHitDigits = 2, kHitAssign = 4, kHitKey = 8, kHitDot = 16 };

struct PersonalFinder::State {
  struct Anchor {
    std::uint32_t key;     // index into keys; kPem and kJwt beyond them
    std::uint32_t offset;  // of the pair within the prefix
  };
  static constexpr std::uint32_t kPem = ~0u, kJwt = ~0u - 1;

  SecretTable secrets;
  PersonalSet kinds = 0;
  PairFilter hits;                             // PersonalHit bits
  std::array<std::uint16_t, 65536> buckets{};  // by pair, where kHitKey: index into anchors
  std::vector<std::vector<Anchor>> anchors;
  std::array<std::uint64_t, 1024> word_ends{};  // the last two bytes of the words of assignments
};

// Digits with what stands between them. A gap is what precedes a group: a bit for each sort of character in it.
enum GapBit : std::uint8_t { kSpace = 1, kHyphen = 2, kDot = 4, kSlash = 8, kOpen = 16, kClose = 32 };
struct DigitGroup {
  std::size_t begin, end;
  std::uint8_t gap;  // before it; of the first: only kOpen
  std::size_t size() const { return end - begin; }
};
struct DigitRegion {
  static constexpr std::size_t kMost = 12;
  std::array<DigitGroup, kMost> groups;
  std::size_t count = 0;
  bool plus = false;
  std::size_t begin = 0, end = 0;  // with the plus and the bracket before it
};

class PersonalScan {
 public:
  PersonalScan(const PersonalFinder::State& finder, std::string_view text, std::string_view about,
               std::vector<PersonalSpan>& spans)
      : finder_(finder), secrets_(*finder.secrets.state_), text_(text), about_(about), spans_(spans) {}
  void run();

 private:
  // Each looks at a place, adds a span where there is one, and says where the pass goes on; 0: nothing was found.
  std::size_t look(std::size_t at, std::uint8_t hits, std::uint16_t pair);
  std::size_t email(std::size_t at, std::size_t width);
  std::size_t address(std::size_t colon);  // of a URL: a password in it
  std::size_t ip6(std::size_t colon);
  std::size_t ip4(std::size_t at);
  std::size_t number(std::size_t at);
  std::size_t iban(std::size_t at);
  std::size_t card(const DigitRegion& region);
  std::size_t phone(const DigitRegion& region);
  std::size_t key(std::size_t at, std::uint16_t pair);
  std::size_t known_key(std::size_t begin);
  std::size_t key_of(const SecretTable::State::Key& key, std::size_t begin);
  std::size_t private_key(std::size_t begin);
  std::size_t web_token(std::size_t begin);
  std::size_t assignment(std::size_t at, std::size_t width);
  const SecretTable::State::Assignment* rule_before(std::string_view text, std::size_t end, std::size_t floor) const;
  bool whole();

  DigitRegion region_at(std::size_t at) const;
  std::size_t date_end(const DigitRegion& region) const;
  std::string_view digits_of(const DigitRegion& region, std::size_t first, std::size_t last, char* out) const;
  // Of groups from `first`: the last of a number, or npos.
  std::size_t international(const DigitRegion& region) const;
  std::size_t national(const DigitRegion& region, std::size_t first) const;
  std::size_t labelled(const DigitRegion& region) const;
  bool is_labelled(std::size_t begin) const;
  bool stands_alone(std::size_t begin, std::size_t end) const;
  bool is_placeholder(std::string_view value) const;
  bool password_like(const SecretTable::State::Assignment& rule, std::string_view value, bool prose) const;

  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  char before(std::size_t i) const { return i > 0 ? text_[i - 1] : '\0'; }
  // A letter, digit or underscore before `i` that is no escape such as the n of "\n".
  bool word_before(std::size_t i) const;
  std::size_t add(PersonalKind kind, std::size_t begin, std::size_t end, std::string_view name = {},
                  std::size_t shown = 0);
  bool wants(PersonalKind kind) const { return (finder_.kinds & personal_bit(kind)) != 0; }

  const PersonalFinder::State& finder_;
  const SecretTable::State& secrets_;
  std::string_view text_, about_;
  std::vector<PersonalSpan>& spans_;
  std::size_t floor_ = 0;  // what stands before it has been judged
};

// Shannon entropy in bits a byte.
double byte_entropy(std::string_view text);

}  // namespace fthost::text
