// The compiled form of a rule table, shared by rules_load.cpp, which makes it, and rules.cpp, which runs it.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "data/pattern.hpp"
#include "data/rules.hpp"

namespace fthost::data {

// A JSON value without children, decoded.
struct Scalar {
  Kind kind = Kind::null;
  std::string text;  // strings: decoded; booleans: as they stand
  double number = 0;
  bool matches(const Value& value) const;
};

enum class Test : std::uint8_t {
  type,
  in,
  max_bytes,
  min,
  max,
  min_length,
  max_length,
  non_empty,
  prefix,
  json,
  min_count,
  max_count,
  required,
  any_of,
  allowed,
  refused,
  at_most_one,
  first,
  last,
  count_of,
  order,
  after,
  unique,
  references,
  answered,
  rows,
  bytes,
  same_keys
};

struct Check {
  Test test = Test::type;
  std::uint32_t kinds = 0;                                                  // type, json: bits of kind_bit
  double number = 0;                                                        // min, max, ...
  std::uint64_t low = 0, high = std::numeric_limits<std::uint64_t>::max();  // count_of, rows, bytes
  std::vector<Scalar> values;                                               // in
  std::vector<std::string> words;                                           // keys, roles, prefixes; order: cycle
  std::vector<std::string> leading, ignored;                                // order
  std::map<std::string, std::vector<std::string>> follows;                  // after
  Pattern from, to;                                                         // references, answered; unique: from
};

struct Condition {
  Pattern where;
  std::vector<Scalar> values;  // one of these; empty: presence decides
  bool present = true;
};

struct Rule {
  std::string code, message, hint;
  Severity severity = Severity::error;
  Pattern at, field;
  std::vector<Condition> when;
  std::string key = "role";
  std::vector<Check> checks;
  bool about_file = false;
};

inline constexpr std::uint32_t kIntegerBit = 1u << 6;
inline std::uint32_t kind_bit(Kind kind) { return 1u << static_cast<unsigned>(kind); }
// All the bits that describe a value: an integer is a number too.
inline std::uint32_t kind_bits(const Value& value) {
  return kind_bit(value.kind()) | (value.integer() ? kIntegerBit : 0);
}

// Rules that look at the same place, so that it is found once a row.
struct RuleGroup {
  Pattern at;
  std::vector<Rule> rules;
};

struct RuleTable::State {
  std::string provider;
  std::vector<RuleGroup> groups;
  std::vector<Rule> file_rules;
  Document nested;                // JSON within strings
  std::vector<std::string> keys;  // of the first row, for same_keys
  bool has_keys = false, wants_keys = false;
};

Result<std::vector<Rule>> load_rules(std::string_view json, const std::string& owner);

}  // namespace fthost::data
