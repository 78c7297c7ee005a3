// The compiled form of a rule table: rules_load.cpp reads the rules, rules.cpp lays them out by place, rules_run.cpp
// runs one. Immutable once loaded.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/key_index.hpp"
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
  count_at,
  says,
  only,
  base64,
  differ,
  rows,
  bytes,
  lines,
  same_keys,
  same_value,
  unique_value
};

struct Check {
  Test test = Test::type;
  std::uint32_t kinds = 0;                                                  // type, json: bits of kind_bit
  double number = 0;                                                        // min, max, ...
  std::uint64_t low = 0, high = std::numeric_limits<std::uint64_t>::max();  // count_of, count_at, rows, bytes
  std::vector<Scalar> values;                                               // in, count_at
  std::vector<std::string> words;                                           // keys, roles, prefixes; order: cycle
  std::vector<std::string> leading, ignored;                                // order
  std::array<bool, 128> characters{};                                       // only
  std::map<std::string, std::vector<std::string>, std::less<>> follows;     // after
  Pattern from, to;  // references, answered, differ; unique, count_at, says: from

  // Its outcome depends on more of a string than whether it is blank or a known word.
  bool reads_text() const {
    return test == Test::max_bytes || test == Test::min_length || test == Test::max_length || test == Test::prefix ||
           test == Test::json || test == Test::only || test == Test::base64 || finds_its_own();
  }
  // Looks at values below the one that it is given, which may have none.
  bool finds_its_own() const {
    return test == Test::unique || test == Test::references || test == Test::answered || test == Test::differ;
  }
};

struct Condition {
  Pattern where;
  std::vector<Scalar> values;  // one of these; empty: presence decides
  bool present = true;
};

// What mends a value that breaks a rule.
enum class FixKind : std::uint8_t { none, remove, set, stringify };

struct Rule {
  std::string code, message, hint;
  Severity severity = Severity::error;
  FixKind fix = FixKind::none;
  std::string fix_value;  // set: JSON
  Pattern at, field;
  std::vector<Condition> when;
  std::string key = "role";
  std::vector<std::string> unless;  // codes: where one of them is found in the row (or file), this is not said
  std::vector<Check> checks;
  bool about_file = false;
  bool once = false;        // what it finds is counted and told of the whole file
  bool reads_text = false;  // its outcome depends on more of a string than whether it is blank or a known word
};

inline constexpr std::uint32_t kIntegerBit = 1u << 6;
inline std::uint32_t kind_bit(Kind kind) { return 1u << static_cast<unsigned>(kind); }
// All the bits that describe a value: an integer is a number too.
inline std::uint32_t kind_bits(const Value& value) {
  return kind_bit(value.kind()) | (value.integer() ? kIntegerBit : 0);
}

// A place in rows, with the rules that look at it and the places below.
struct RuleNode {
  struct Asked {
    Rule rule;
    std::vector<std::uint64_t> needs;  // of each at least one bit must be present, or the rule has nothing to check
  };
  struct Child {
    std::string key;
    std::size_t index = 0;  // the key as an index of a list
    bool is_index = false;
    std::uint64_t bit = 0;  // 0: look for it
    std::unique_ptr<RuleNode> node;
  };
  std::vector<Asked> rules;
  std::vector<Child> children;
  std::unique_ptr<RuleNode> each;  // of a list's elements or an object's members
  KeyIndex keys;
  bool reads_text = false;  // a rule here or below looks at what a shape does not tell
};

struct RuleTable::State {
  std::string provider;
  RuleNode root;
  std::vector<Rule> file_rules;  // rows, bytes, lines
  std::vector<Rule> key_rules;   // same_keys, same_value, unique_value: one test each
};

Result<std::vector<Rule>> load_rules(std::string_view json, const std::string& owner);

}  // namespace fthost::data
