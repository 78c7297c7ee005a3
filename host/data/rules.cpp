// Runs a rule table over rows. A rule that holds costs lookups only; text is made when one is broken.
#include "data/rules.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "data/json_text.hpp"
#include "data/rules_table.hpp"

namespace fthost::data {

namespace {

constexpr std::size_t kShown = 60;  // bytes of a value in a message

std::string shown(const Value& value) {
  std::string text = value.is(Kind::string) ? value.text() : std::string(value.raw());
  if (text.size() > kShown) {
    std::size_t end = kShown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
    text += "…";
  }
  return text;
}

void replace_all(std::string& text, std::string_view from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// One row under one table.
class Run {
 public:
  Run(const Document& row, const std::string& provider, Document& nested, const FindingSink& sink)
      : row_(row), provider_(provider), nested_(nested), sink_(sink) {}

  void rule(const Rule& rule, const Value& at) {
    rule_ = &rule;
    for (const Condition& condition : rule.when) {
      if (!holds(condition, at)) return;
    }
    rule.field.visit(at, [&](const Value& value) {
      for (const Check& check : rule.checks) this->check(check, value);
    });
  }

 private:
  static bool holds(const Condition& condition, const Value& at) {
    const Value value = condition.where.first(at);
    if (condition.values.empty()) return static_cast<bool>(value) == condition.present;
    return value && std::any_of(condition.values.begin(), condition.values.end(),
                                [&](const Scalar& scalar) { return scalar.matches(value); });
  }

  void report(const Value& at, const std::string& key = {}, std::size_t count = 0) {
    Finding finding{rule_->code, rule_->severity, "", 0, row_.pointer_of(at), provider_, rule_->message, rule_->hint};
    for (std::string* text : {&finding.message, &finding.hint}) {
      replace_all(*text, "{count}", std::to_string(count));
      replace_all(*text, "{key}", key);
      replace_all(*text, "{value}", shown(at));
    }
    sink_(finding);
  }

  // The string under the rule's key, decoded, or an empty one.
  std::string_view tag(const Value& element) {
    const Value value = element.find(rule_->key);
    return value.is(Kind::string) ? value.text(scratch_) : std::string_view();
  }

  void check(const Check& check, const Value& value) {
    switch (check.test) {
      case Test::type:
        if ((kind_bits(value) & check.kinds) == 0) report(value);
        return;
      case Test::in: {
        const auto same = [&](const Scalar& scalar) { return scalar.matches(value); };
        if (std::none_of(check.values.begin(), check.values.end(), same)) report(value);
        return;
      }
      case Test::max_bytes:
        if (static_cast<double>(value.raw().size()) > check.number) report(value, {}, value.raw().size());
        return;
      case Test::min:
      case Test::max:
        if (!value.is(Kind::number)) return;
        if (check.test == Test::min ? value.number() < check.number : value.number() > check.number) report(value);
        return;
      case Test::min_length:
      case Test::max_length: {
        if (!value.is(Kind::string)) return;
        const std::size_t length = value.characters();
        const double number = static_cast<double>(length);
        if (check.test == Test::min_length ? number < check.number : number > check.number) report(value, {}, length);
        return;
      }
      case Test::non_empty:
        if (value.is(Kind::string) ? is_blank(value.text(scratch_))
                                   : (value.is(Kind::array) || value.is(Kind::object)) && value.empty()) {
          report(value);
        }
        return;
      case Test::prefix: {
        if (!value.is(Kind::string)) return;
        const std::string_view text = value.text(scratch_);
        const auto begins = [&](const std::string& prefix) { return text.starts_with(prefix); };
        if (std::none_of(check.words.begin(), check.words.end(), begins)) report(value);
        return;
      }
      case Test::json:
        if (!value.is(Kind::string)) return;
        if (!nested_.parse(value.text(scratch_)) || (kind_bits(nested_.root()) & check.kinds) == 0) report(value);
        return;
      case Test::min_count:
      case Test::max_count: {
        if (!value.is(Kind::array) && !value.is(Kind::object)) return;
        const std::size_t count = value.size();
        const double number = static_cast<double>(count);
        if (check.test == Test::min_count ? number < check.number : number > check.number) report(value, {}, count);
        return;
      }
      case Test::required:
      case Test::any_of:
      case Test::allowed:
      case Test::refused:
      case Test::at_most_one:
        if (value.is(Kind::object)) check_keys(check, value);
        return;
      case Test::first:
      case Test::last:
      case Test::count_of:
      case Test::order:
      case Test::after:
      case Test::unique:
      case Test::references:
      case Test::answered:
        if (value.is(Kind::array)) check_list(check, value);
        return;
      case Test::rows:
      case Test::bytes:
      case Test::same_keys:
        return;  // about the file
    }
  }

  void check_keys(const Check& check, const Value& object) {
    std::size_t present = 0;
    for (const std::string& word : check.words) {
      const Value member = object.find(word);
      switch (check.test) {
        case Test::required:
          if (!member) report(object, word);
          break;
        case Test::any_of:
          present += member && !member.is(Kind::null);
          break;
        case Test::at_most_one:
          present += static_cast<bool>(member);
          break;
        case Test::refused:
          if (member) report(member, word);
          break;
        default:
          break;
      }
    }
    if (check.test == Test::any_of && present == 0) report(object, check.words.front());
    if (check.test == Test::at_most_one && present > 1) report(object, check.words.front(), present);
    if (check.test != Test::allowed) return;
    std::string scratch;
    for (Value member = object.first(); member; member = member.next()) {
      const std::string_view key = member.key().text(scratch);
      if (!contains(check.words, key)) report(member, std::string(key));
    }
  }

  void check_list(const Check& check, const Value& list) {
    switch (check.test) {
      case Test::first:
        if (const Value first = list.first(); first && !contains(check.words, tag(first))) report_tag(first);
        return;
      case Test::last: {
        Value last;
        for (Value item = list.first(); item; item = item.next()) last = item;
        if (last && !contains(check.words, tag(last))) report_tag(last);
        return;
      }
      case Test::count_of: {
        std::size_t count = 0;
        for (Value item = list.first(); item; item = item.next()) count += contains(check.words, tag(item));
        if (count < check.low || count > check.high) report(list, {}, count);
        return;
      }
      case Test::order:
        check_order(check, list);
        return;
      case Test::after: {
        std::string before;
        for (Value item = list.first(); item; item = item.next()) {
          const std::string_view here = tag(item);
          const auto rule = check.follows.find(std::string(here));
          if (rule != check.follows.end() && !contains(rule->second, before)) report_tag(item);
          before = here;
        }
        return;
      }
      case Test::unique: {
        std::unordered_set<std::string> seen;
        for (Value item = list.first(); item; item = item.next()) {
          check.from.visit(item, [&](const Value& value) {
            if (!seen.insert(value.is(Kind::string) ? value.text() : std::string(value.raw())).second) report(value);
          });
        }
        return;
      }
      case Test::references:
      case Test::answered:
        check_references(check, list);
        return;
      default:
        return;
    }
  }

  // The finding is about the element's key where it has one, so that {value} is its word.
  void report_tag(const Value& element) {
    const Value value = element.find(rule_->key);
    report(value ? value : element, rule_->key);
  }

  void check_order(const Check& check, const Value& list) {
    bool leading_seen = false;
    std::size_t turn = 0;
    for (Value item = list.first(); item; item = item.next()) {
      const std::string_view here = tag(item);
      if (contains(check.ignored, here)) continue;
      if (turn == 0 && !leading_seen && contains(check.leading, here)) {
        leading_seen = true;
        continue;
      }
      if (here != check.words[turn % check.words.size()]) {
        report_tag(item);
        return;  // what follows is out of step anyway
      }
      ++turn;
    }
  }

  void check_references(const Check& check, const Value& list) {
    std::unordered_map<std::string, std::pair<Value, bool>> declared;  // and whether it was repeated
    for (Value item = list.first(); item; item = item.next()) {
      check.from.visit(item, [&](const Value& value) {
        const auto found = value.is(Kind::string) ? declared.find(value.text()) : declared.end();
        if (found != declared.end()) {
          found->second.second = true;
        } else if (check.test == Test::references) {
          report(value);
        }
      });
      if (check.test == Test::answered && !item.next()) break;  // nothing can follow the last
      check.to.visit(item, [&](const Value& value) {
        if (value.is(Kind::string)) declared.insert_or_assign(value.text(), std::pair(value, false));
      });
    }
    if (check.test != Test::answered) return;
    std::vector<Value> open;
    for (const auto& [id, state] : declared) {
      if (!state.second) open.push_back(state.first);
    }
    std::sort(open.begin(), open.end(), [](const Value& a, const Value& b) { return a.index() < b.index(); });
    for (const Value& value : open) report(value);
  }

  const Document& row_;
  const std::string& provider_;
  Document& nested_;
  const FindingSink& sink_;
  const Rule* rule_ = nullptr;
  std::string scratch_;
};

}  // namespace

bool Scalar::matches(const Value& value) const {
  if (value.kind() != kind) return false;
  switch (kind) {
    case Kind::string:
      return value.equals(text);
    case Kind::boolean:
      return value.raw() == text;
    case Kind::number:
      return value.number() == number;
    default:
      return true;
  }
}

RuleTable::RuleTable(std::unique_ptr<State> state) : state_(std::move(state)) {}
RuleTable::RuleTable(RuleTable&&) noexcept = default;
RuleTable& RuleTable::operator=(RuleTable&&) noexcept = default;
RuleTable::~RuleTable() = default;

Result<RuleTable> RuleTable::load(std::string_view json, std::string provider, const std::string& owner) {
  auto rules = load_rules(json, owner);
  if (!rules) return rules.error();
  auto state = std::make_unique<State>();
  state->provider = std::move(provider);
  for (Rule& rule : *rules) {
    if (rule.about_file) {
      for (const Check& check : rule.checks) state->wants_keys |= check.test == Test::same_keys;
      state->file_rules.push_back(std::move(rule));
      continue;
    }
    const auto same = [&](const RuleGroup& group) { return group.at == rule.at; };
    auto group = std::find_if(state->groups.begin(), state->groups.end(), same);
    if (group == state->groups.end()) group = state->groups.insert(group, RuleGroup{rule.at, {}});
    group->rules.push_back(std::move(rule));
  }
  return RuleTable(std::move(state));
}

void RuleTable::check_row(const Document& row, const FindingSink& sink) {
  Run run(row, state_->provider, state_->nested, sink);
  for (const RuleGroup& group : state_->groups) {
    group.at.visit(row.root(), [&](const Value& value) {
      for (const Rule& rule : group.rules) run.rule(rule, value);
    });
  }
  if (!state_->wants_keys) return;
  std::vector<std::string> keys;
  for (Value member = row.root().first(); member; member = member.next()) keys.push_back(member.key().text());
  std::sort(keys.begin(), keys.end());
  if (!state_->has_keys) {
    state_->has_keys = true;
    state_->keys = std::move(keys);
    return;
  }
  if (keys == state_->keys) return;
  for (const Rule& rule : state_->file_rules) {
    for (const Check& check : rule.checks) {
      if (check.test != Test::same_keys) continue;
      sink(Finding{rule.code, rule.severity, "", 0, "", state_->provider, rule.message, rule.hint});
    }
  }
}

void RuleTable::check_file(std::uint64_t rows, std::uint64_t bytes, const FindingSink& sink) {
  for (const Rule& rule : state_->file_rules) {
    for (const Check& check : rule.checks) {
      if (check.test == Test::same_keys) continue;
      const std::uint64_t count = check.test == Test::rows ? rows : bytes;
      if (count >= check.low && count <= check.high) continue;
      Finding finding{rule.code, rule.severity, "", 0, "", state_->provider, rule.message, rule.hint};
      for (std::string* text : {&finding.message, &finding.hint}) {
        replace_all(*text, "{count}", std::to_string(count));
      }
      sink(finding);
    }
  }
}

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::info:
      return "info";
  }
  return "error";
}

std::string to_json(const Finding& finding) {
  std::string json =
      "{\"code\":" + json_string(finding.code) + ",\"severity\":\"" + severity_name(finding.severity) + "\"";
  json += ",\"file\":" + json_string(finding.file) + ",\"line\":" + std::to_string(finding.line);
  json += ",\"path\":" + json_string(finding.path) + ",\"provider\":" + json_string(finding.provider);
  json += ",\"message\":" + json_string(finding.message) + ",\"hint\":" + json_string(finding.hint) + "}";
  return json;
}

}  // namespace fthost::data
