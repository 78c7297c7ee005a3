// Compiles a rule table. A table is written by a plugin's author: every mistake is an error that names rule and
// keyword.
#include <algorithm>
#include <array>
#include <stdexcept>

#include "data/json_text.hpp"
#include "data/rules_table.hpp"

namespace fthost::data {

namespace {

// Carried up to load_rules, which adds the table and the rule.
struct Mistake : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Keyword {
  const char* name;
  Test test;
};

constexpr std::array<Keyword, 36> kTests = {{
    {"type", Test::type},
    {"in", Test::in},
    {"max_bytes", Test::max_bytes},
    {"min", Test::min},
    {"max", Test::max},
    {"min_length", Test::min_length},
    {"max_length", Test::max_length},
    {"non_empty", Test::non_empty},
    {"prefix", Test::prefix},
    {"json", Test::json},
    {"min_count", Test::min_count},
    {"max_count", Test::max_count},
    {"required", Test::required},
    {"any_of", Test::any_of},
    {"allowed", Test::allowed},
    {"refused", Test::refused},
    {"at_most_one", Test::at_most_one},
    {"first", Test::first},
    {"last", Test::last},
    {"count_of", Test::count_of},
    {"order", Test::order},
    {"after", Test::after},
    {"unique", Test::unique},
    {"references", Test::references},
    {"answered", Test::answered},
    {"count_at", Test::count_at},
    {"says", Test::says},
    {"only", Test::only},
    {"base64", Test::base64},
    {"differ", Test::differ},
    {"rows", Test::rows},
    {"bytes", Test::bytes},
    {"lines", Test::lines},
    {"same_keys", Test::same_keys},
    {"same_value", Test::same_value},
    {"unique_value", Test::unique_value},
}};
constexpr std::array<const char*, 11> kOthers = {"code",  "severity", "message", "hint", "at",    "when",
                                                 "field", "key",      "fix",     "once", "unless"};

std::string string_of(const Value& value, const std::string& keyword) {
  if (!value.is(Kind::string)) throw Mistake(keyword + " must be a string");
  return value.text();
}

double number_of(const Value& value, const std::string& keyword) {
  if (!value.is(Kind::number)) throw Mistake(keyword + " must be a number");
  return value.number();
}

std::uint64_t count_of(const Value& value, const std::string& keyword) {
  if (!value.integer() || value.number() < 0) throw Mistake(keyword + " must be a whole number, 0 or more");
  return static_cast<std::uint64_t>(value.number());
}

std::vector<std::string> strings_of(const Value& value, const std::string& keyword) {
  if (!value.is(Kind::array) || value.empty()) throw Mistake(keyword + " must be a list of strings, not empty");
  std::vector<std::string> strings;
  for (Value item = value.first(); item; item = item.next()) strings.push_back(string_of(item, keyword + "'s items"));
  return strings;
}

Pattern pattern_of(const Value& value, const std::string& keyword) {
  try {
    return Pattern(string_of(value, keyword));
  } catch (const std::invalid_argument& problem) {
    throw Mistake(keyword + ": " + problem.what());
  }
}

Scalar scalar_of(const Value& value, const std::string& keyword) {
  Scalar scalar{value.kind(), "", 0};
  switch (value.kind()) {
    case Kind::string:
      scalar.text = value.text();
      break;
    case Kind::boolean:
      scalar.text = value.raw();
      break;
    case Kind::number:
      scalar.number = value.number();
      break;
    case Kind::null:
      break;
    default:
      throw Mistake(keyword + " compares with strings, numbers, booleans and null only");
  }
  return scalar;
}

std::vector<Scalar> scalars_of(const Value& value, const std::string& keyword) {
  std::vector<Scalar> scalars;
  if (!value.is(Kind::array)) return {scalar_of(value, keyword)};
  for (Value item = value.first(); item; item = item.next()) scalars.push_back(scalar_of(item, keyword));
  if (scalars.empty()) throw Mistake(keyword + " has an empty list");
  return scalars;
}

std::uint32_t kinds_of(const Value& value, const std::string& keyword) {
  const auto bit = [&](const std::string& name) {
    for (const Kind kind : {Kind::null, Kind::boolean, Kind::number, Kind::string, Kind::array, Kind::object}) {
      if (name == kind_name(kind)) return kind_bit(kind);
    }
    if (name == "integer") return kIntegerBit;
    if (name == "any" && keyword == "json") return ~0u;
    throw Mistake(keyword + ": unknown type \"" + name + "\"");
  };
  if (value.is(Kind::string)) return bit(value.text());
  std::uint32_t kinds = 0;
  for (const std::string& name : strings_of(value, keyword)) kinds |= bit(name);
  return kinds;
}

// The members of an object, each of which must be one of `known`.
template <class Fn>
void members_of(const Value& value, const std::string& keyword, std::initializer_list<const char*> known, Fn&& fn) {
  if (!value.is(Kind::object)) throw Mistake(keyword + " must be an object");
  for (Value member = value.first(); member; member = member.next()) {
    const std::string name = member.key().text();
    const bool is_known = std::any_of(known.begin(), known.end(), [&](const char* one) { return name == one; });
    if (known.size() > 0 && !is_known) throw Mistake(keyword + " has no " + json_string(name));
    fn(name, member);
  }
}

// "a-z0-9_-": ranges, and characters for themselves; a hyphen at the end is one.
std::array<bool, 128> characters_of(const std::string& text) {
  std::array<bool, 128> characters{};
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool range = at + 2 < text.size() && text[at + 1] == '-';
    const auto first = static_cast<unsigned char>(text[at]), last = static_cast<unsigned char>(text[at + range * 2]);
    if (first >= 128 || last >= 128 || last < first) throw Mistake("only has ASCII, and ranges that ascend");
    for (unsigned one = first; one <= last; ++one) characters[one] = true;
    at += range * 2;
  }
  if (text.empty()) throw Mistake("only needs characters");
  return characters;
}

void must_be_true(const Value& value, const std::string& keyword) {
  if (value.raw() != "true") throw Mistake(keyword + " must be true, or be left out");
}

Check check_of(Test test, const Value& value, const std::string& keyword) {
  Check check;
  check.test = test;
  switch (test) {
    case Test::type:
    case Test::json:
      check.kinds = kinds_of(value, keyword);
      break;
    case Test::in:
      check.values = scalars_of(value, keyword);
      break;
    case Test::min:
    case Test::max:
      check.number = number_of(value, keyword);
      break;
    case Test::max_bytes:
    case Test::min_length:
    case Test::max_length:
    case Test::min_count:
    case Test::max_count:
      check.number = static_cast<double>(count_of(value, keyword));
      break;
    case Test::non_empty:
    case Test::base64:
    case Test::lines:
    case Test::same_value:
    case Test::unique_value:
      must_be_true(value, keyword);
      break;
    case Test::same_keys:
      if (value.is(Kind::array))
        check.words = strings_of(value, keyword);
      else
        must_be_true(value, keyword);
      break;
    case Test::prefix:
    case Test::required:
    case Test::any_of:
    case Test::allowed:
    case Test::refused:
    case Test::at_most_one:
    case Test::first:
    case Test::last:
      check.words = strings_of(value, keyword);
      break;
    case Test::count_of:
      members_of(value, keyword, {"values", "min", "max"}, [&](const std::string& name, const Value& member) {
        if (name == "values") check.words = strings_of(member, "count_of.values");
        if (name == "min") check.low = count_of(member, "count_of.min");
        if (name == "max") check.high = count_of(member, "count_of.max");
      });
      if (check.words.empty()) throw Mistake("count_of needs values");
      break;
    case Test::count_at:
      members_of(value, keyword, {"at", "values", "min", "max"}, [&](const std::string& name, const Value& member) {
        if (name == "at") check.from = pattern_of(member, "count_at.at");
        if (name == "values") check.values = scalars_of(member, "count_at.values");
        if (name == "min") check.low = count_of(member, "count_at.min");
        if (name == "max") check.high = count_of(member, "count_at.max");
      });
      if (check.values.empty() || check.from.text().empty()) throw Mistake("count_at needs at and values");
      break;
    case Test::rows:
    case Test::bytes:
      members_of(value, keyword, {"min", "max"}, [&](const std::string& name, const Value& member) {
        (name == "min" ? check.low : check.high) = count_of(member, keyword + "." + name);
      });
      break;
    case Test::order:
      members_of(value, keyword, {"leading", "cycle", "ignore"}, [&](const std::string& name, const Value& member) {
        (name == "leading" ? check.leading
         : name == "cycle" ? check.words
                           : check.ignored) = strings_of(member, "order." + name);
      });
      if (check.words.empty()) throw Mistake("order needs a cycle");
      break;
    case Test::after:
      members_of(value, keyword, {}, [&](const std::string& name, const Value& member) {
        check.follows[name] = strings_of(member, "after." + name);
      });
      break;
    case Test::only:
      check.characters = characters_of(string_of(value, keyword));
      break;
    case Test::unique:
    case Test::says:
      check.from = pattern_of(value, keyword);
      break;
    case Test::references:
    case Test::answered:
    case Test::differ:
      members_of(value, keyword, {"from", "to"}, [&](const std::string& name, const Value& member) {
        (name == "from" ? check.from : check.to) = pattern_of(member, keyword + "." + name);
      });
      if (check.from.text().empty() || check.to.text().empty()) throw Mistake(keyword + " needs from and to");
      break;
  }
  return check;
}

std::vector<Condition> conditions_of(const Value& value) {
  std::vector<Condition> conditions;
  members_of(value, "when", {}, [&](const std::string& name, const Value& member) {
    Condition condition;
    condition.where = pattern_of(member.key(), "when's pointer");
    if (member.is(Kind::object)) {
      members_of(member, "when", {"present"}, [&](const std::string&, const Value& present) {
        if (!present.is(Kind::boolean)) throw Mistake("when." + name + ".present must be true or false");
        condition.present = present.raw() == "true";
      });
    } else {
      condition.values = scalars_of(member, "when." + name);
    }
    conditions.push_back(std::move(condition));
  });
  return conditions;
}

// A single word in braces is a placeholder; other braces are text.
void check_placeholders(const std::string& text) {
  for (std::size_t open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    const std::string_view rest = std::string_view(text).substr(open + 1);
    const std::string_view word = rest.substr(0, rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"));
    if (word.empty() || !rest.substr(word.size()).starts_with('}')) continue;
    if (word != "value" && word != "key" && word != "count") {
      throw Mistake("a message may hold {value}, {key} and {count}, not {" + std::string(word) + "}");
    }
  }
}

void read_fix(Rule& rule, const Value& value) {
  if (value.is(Kind::object)) {
    members_of(value, "fix", {"set"}, [&](const std::string&, const Value& to) { rule.fix_value = to.raw(); });
    if (rule.fix_value.empty()) throw Mistake("fix needs a value to set");
    rule.fix = FixKind::set;
    return;
  }
  const std::string word = string_of(value, "fix");
  if (word != "remove" && word != "stringify") throw Mistake("fix must be remove, stringify or {\"set\": value}");
  rule.fix = word == "remove" ? FixKind::remove : FixKind::stringify;
}

Rule rule_of(const Value& value) {
  if (!value.is(Kind::object)) throw Mistake("must be an object");
  Rule rule;
  bool has_severity = false, has_place = false;
  for (Value member = value.first(); member; member = member.next()) {
    const std::string name = member.key().text();
    if (name == "code") {
      rule.code = string_of(member, name);
    } else if (name == "severity") {
      const std::string severity = string_of(member, name);
      for (const Severity one : {Severity::error, Severity::warning, Severity::info}) {
        if (severity != severity_name(one)) continue;
        rule.severity = one;
        has_severity = true;
      }
      if (!has_severity) throw Mistake("severity must be error, warning or info");
    } else if (name == "message") {
      rule.message = string_of(member, name);
    } else if (name == "hint") {
      rule.hint = string_of(member, name);
    } else if (name == "at" || name == "field") {
      (name == "at" ? rule.at : rule.field) = pattern_of(member, name);
      has_place = true;
    } else if (name == "when") {
      rule.when = conditions_of(member);
      has_place = true;
    } else if (name == "key") {
      rule.key = string_of(member, name);
    } else if (name == "unless") {
      rule.unless = strings_of(member, name);
    } else if (name == "once") {
      must_be_true(member, name);
      rule.once = true;
    } else if (name == "fix") {
      read_fix(rule, member);
    } else {
      const auto* known =
          std::find_if(kTests.begin(), kTests.end(), [&](const Keyword& one) { return name == one.name; });
      if (known == kTests.end()) {
        std::string names;
        for (const char* one : kOthers) names += std::string(names.empty() ? "" : ", ") + one;
        for (const Keyword& one : kTests) names += std::string(", ") + one.name;
        throw Mistake("unknown keyword " + json_string(name) + "; known are " + names);
      }
      rule.checks.push_back(check_of(known->test, member, name));
      rule.reads_text |= rule.checks.back().reads_text();
      rule.about_file |= known->test >= Test::rows;
    }
  }
  if (rule.code.empty()) throw Mistake("needs a code");
  if (!has_severity) throw Mistake("needs a severity");
  if (rule.message.empty()) throw Mistake("needs a message");
  if (rule.checks.empty()) throw Mistake("tests nothing");
  if (!rule.unless.empty() && (rule.fix != FixKind::none || rule.once))
    throw Mistake("unless goes neither with fix nor with once");
  check_placeholders(rule.message);
  check_placeholders(rule.hint);
  const bool all_about_file =
      std::all_of(rule.checks.begin(), rule.checks.end(), [](const Check& check) { return check.test >= Test::rows; });
  const bool of_values = std::all_of(rule.checks.begin(), rule.checks.end(), [](const Check& check) {
    return check.test == Test::same_value || check.test == Test::unique_value;
  });
  if (rule.about_file && ((has_place && !of_values) || rule.once || !all_about_file)) {
    throw Mistake("is about the file (rows, bytes, lines, same_keys) and cannot look into rows too");
  }
  return rule;
}

}  // namespace

Result<std::vector<Rule>> load_rules(std::string_view json, const std::string& owner) {
  Document document;
  if (!document.parse(json)) return make_error(Code::config, "the rule table: " + document.problem().message, owner);
  if (!document.root().is(Kind::array)) return make_error(Code::config, "the rule table must be a list", owner);
  std::vector<Rule> rules;
  for (Value item = document.root().first(); item; item = item.next()) {
    try {
      rules.push_back(rule_of(item));
    } catch (const Mistake& mistake) {
      std::string place = "rule " + std::to_string(rules.size() + 1);
      if (const Value code = item.find("code"); code.is(Kind::string)) place += " (" + code.text() + ")";
      return make_error(Code::config, place + ": " + mistake.what(), owner);
    }
  }
  return rules;
}

}  // namespace fthost::data
