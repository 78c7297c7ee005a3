// Personal data and secrets in a text: where e-mail addresses, phone numbers, payment cards, bank accounts, IP
// addresses and keys stand. One pass that stops only at pairs of bytes with which one of them can begin. Finders are
// immutable once made: any thread. Text need not be valid UTF-8; a span never cuts a character.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace fthost::text {

enum class PersonalKind : std::uint8_t { email, phone, card, iban, ip, secret };
inline constexpr std::size_t kPersonalKinds = 6;
const char* personal_name(PersonalKind kind);  // "email", "phone", ...
std::optional<PersonalKind> personal_kind(std::string_view name);

// A set of kinds, a bit each.
using PersonalSet = unsigned;
constexpr PersonalSet personal_bit(PersonalKind kind) { return 1u << static_cast<unsigned>(kind); }
inline constexpr PersonalSet kAllPersonal = (1u << kPersonalKinds) - 1;
// All but IP addresses: code and logs are full of them, and few say who somebody is.
inline constexpr PersonalSet kDefaultPersonal = kAllPersonal & ~personal_bit(PersonalKind::ip);

struct PersonalSpan {
  PersonalKind kind;
  std::size_t begin, end;  // bytes
  std::string_view name;   // of a secret: which; lives as long as the finder
  std::uint32_t shown;     // bytes at its beginning that are no secret: the prefix of a key
};

// Which keys there are is data: {"schema_version": 1,
//   "keys": [{"name", "prefix", "alphabet": "A-Za-z0-9_-", "length": [20, 60], "entropy": 3.0, "keep_prefix": false}],
//   "assignments": [{"name", "words": ["password"], "length": [6, 128], "entropy": 2.5}],
//   "placeholders": ["example"], "off": ["name"]}.
// `length` is of what follows the prefix, or of the value; `entropy` its least Shannon entropy in bits a byte. A value
// that contains a placeholder, in whatever case, is none. All parts may be left out.
class SecretTable {
 public:
  SecretTable();
  // What is in `base` counts too, but for keys and assignments of a name that is in this table or in its "off".
  // `where` is for messages.
  static Result<SecretTable> load(std::string_view json, const std::string& where, const SecretTable& base = {});

  struct State;  // the finder's own

 private:
  friend class PersonalFinder;
  friend class PersonalScan;
  std::shared_ptr<const State> state_;
};

class PersonalFinder {
 public:
  explicit PersonalFinder(SecretTable secrets = {}, PersonalSet kinds = kDefaultPersonal);
  ~PersonalFinder();
  PersonalFinder(PersonalFinder&&) noexcept;
  PersonalFinder& operator=(PersonalFinder&&) noexcept;

  // Replaces `spans` by those of the text, in order; none overlaps another. `about` is what the text is called where it
  // comes from, such as its JSON key: a bare number under "phone" is one, and so is what stands under "password".
  void find(std::string_view text, std::vector<PersonalSpan>& spans, std::string_view about = {}) const;

  struct State;

 private:
  std::unique_ptr<const State> state_;
};

// What may be shown of a value that was found: "j***@***.com", "+49***67", "ghp_***". Never the value.
std::string personal_mask(const PersonalSpan& span, std::string_view value);

// The value without what may differ between two spellings of it: case of addresses, separators of numbers.
std::string personal_value(PersonalKind kind, std::string_view value);

}  // namespace fthost::text
