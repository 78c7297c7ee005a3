// One rule against one value. A rule that holds costs lookups only; text is made when it is broken.
#include "data/rules_run.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "data/json_text.hpp"

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

bool matches_one(const std::vector<Scalar>& values, const Value& value) {
  return std::any_of(values.begin(), values.end(), [&](const Scalar& scalar) { return scalar.matches(value); });
}

// Four characters for each three bytes, the last of them perhaps '='.
bool is_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return false;
  if (text.ends_with('=')) text.remove_suffix(text.ends_with("==") ? 2 : 1);
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
}

// Whether its JSON text as a string is what the rule asks for.
bool mends_as_text(const Rule& rule, const Value& value) {
  if (value.is(Kind::string)) return false;
  return std::all_of(rule.checks.begin(), rule.checks.end(), [&](const Check& check) {
    return check.test != Test::json || (kind_bits(value) & check.kinds) != 0;
  });
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

void RuleRun::rule(const Rule& rule, const Value& at) {
  rule_ = &rule;
  for (const Condition& condition : rule.when) {
    if (!holds(condition, at)) return;
  }
  rule.field.visit(at, [&](const Value& value) {
    for (const Check& check : rule.checks) this->check(check, value);
  });
}

bool RuleRun::holds(const Condition& condition, const Value& at) {
  bool is_one = false;
  if (condition.values.empty()) {
    condition.where.visit(at, [&](const Value& value) { is_one = is_one || !value.is(Kind::null); });
    return is_one == condition.present;
  }
  condition.where.visit(at, [&](const Value& value) { is_one = is_one || matches_one(condition.values, value); });
  return is_one;
}

void RuleRun::report(const Value& at, const std::string& key, std::size_t count, Value target) {
  if (rule_->once) {
    once_.push_back(rule_);
    return;
  }
  if (findings_->size() >= limit_) {
    ++skipped_;
    skipped_error_ = skipped_error_ || rule_->severity == Severity::error;
    return;
  }
  Finding finding{rule_->code, rule_->severity, "", 0, row_->pointer_of(at), *provider_, rule_->message, rule_->hint};
  for (std::string* text : {&finding.message, &finding.hint}) {
    replace_all(*text, "{count}", std::to_string(count));
    replace_all(*text, "{key}", key);
    replace_all(*text, "{value}", shown(at));
  }
  if (!target) target = at;
  finding.fixable = rule_->fix != FixKind::none && (rule_->fix != FixKind::stringify || mends_as_text(*rule_, target));
  if (edits_ != nullptr && finding.fixable) {
    switch (rule_->fix) {
      case FixKind::none:
        break;
      case FixKind::remove:
        edits_->remove(target);
        break;
      case FixKind::set:
        edits_->replace(target, rule_->fix_value);
        break;
      case FixKind::stringify: {
        std::string compact;
        append_compact(compact, target);
        edits_->replace(target, json_string(compact));
        break;
      }
    }
  }
  if (!rule_->unless.empty()) doubtful_.emplace_back(findings_->size(), rule_);
  findings_->push_back(std::move(finding));
}

void RuleRun::settle(std::vector<Finding>& findings) {
  if (doubtful_.empty()) return;
  const auto begin = findings.begin() + static_cast<std::ptrdiff_t>(row_begin_);
  std::vector<std::size_t> taken_back;
  for (const auto& [place, rule] : doubtful_) {
    const bool said = std::any_of(begin, findings.end(), [&unless = rule->unless](const Finding& finding) {
      return contains(unless, finding.code);
    });
    if (said) taken_back.push_back(place);
  }
  for (std::size_t i = taken_back.size(); i-- > 0;)
    findings.erase(findings.begin() + static_cast<std::ptrdiff_t>(taken_back[i]));
}

// The string under the rule's key, decoded, or an empty one.
std::string_view RuleRun::tag(const Value& element) {
  const Value value = element.find(rule_->key);
  return value.is(Kind::string) ? value.text(scratch_) : std::string_view();
}

void RuleRun::check(const Check& check, const Value& value) {
  looked_ = looked_ || (check.reads_text() && !check.finds_its_own());
  switch (check.test) {
    case Test::type:
      if ((kind_bits(value) & check.kinds) == 0) report(value);
      return;
    case Test::in:
      if (!matches_one(check.values, value)) report(value);
      return;
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
    case Test::count_at: {
      std::size_t count = 0;
      check.from.visit(value, [&](const Value& found) { count += matches_one(check.values, found); });
      if (count < check.low || count > check.high) report(value, {}, count);
      return;
    }
    case Test::says:
      if (!says(check, value)) report(value);
      return;
    case Test::only: {
      if (!value.is(Kind::string)) return;
      const std::string_view text = value.text(scratch_);
      const auto known = [&](char c) {
        return static_cast<unsigned char>(c) < 128 && check.characters[static_cast<unsigned char>(c)];
      };
      if (!std::all_of(text.begin(), text.end(), known)) report(value);
      return;
    }
    case Test::base64: {
      if (!value.is(Kind::string)) return;
      const std::string_view text = value.text(scratch_);
      if (!is_base64(text.substr(std::min(text.size(), text.find(',') + 1)))) report(value);
      return;
    }
    case Test::differ: {
      const Value from = check.from.first(value), to = check.to.first(value);
      if (!from || !to) return;
      looked_ = true;
      if (hasher_.hash(from) == hasher_.hash(to)) report(to);
      return;
    }
    case Test::rows:
    case Test::bytes:
    case Test::lines:
    case Test::same_keys:
    case Test::same_value:
    case Test::unique_value:
      return;  // about the file
  }
}

void RuleRun::check_keys(const Check& check, const Value& object) {
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

bool RuleRun::says(const Check& check, const Value& value) {
  if (value.is(Kind::string)) return !is_blank(value.text(scratch_));
  if (!value.is(Kind::array)) return true;
  for (Value item = value.first(); item; item = item.next()) {
    const Value text = item.is(Kind::string) ? item : check.from.first(item);
    if (!text.is(Kind::string) || !is_blank(text.text(scratch_))) return true;
  }
  return false;
}

void RuleRun::check_list(const Check& check, const Value& list) {
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
        const auto rule = check.follows.find(here);
        if (rule != check.follows.end() && !contains(rule->second, before)) report_tag(item);
        before = here;
      }
      return;
    }
    case Test::unique: {
      std::unordered_set<std::string> seen;
      for (Value item = list.first(); item; item = item.next()) {
        check.from.visit(item, [&](const Value& value) {
          looked_ = true;
          // The text "5" and the number 5 are two.
          if (!seen.insert(value.is(Kind::string) ? '"' + value.text() : std::string(value.raw())).second)
            report(value);
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
void RuleRun::report_tag(const Value& element) {
  const Value value = element.find(rule_->key);
  report(value ? value : element, rule_->key, 0, element);
}

void RuleRun::check_order(const Check& check, const Value& list) {
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

void RuleRun::check_references(const Check& check, const Value& list) {
  std::unordered_map<std::string, std::pair<Value, bool>> declared;  // and whether it was repeated
  for (Value item = list.first(); item; item = item.next()) {
    check.from.visit(item, [&](const Value& value) {
      looked_ = true;
      const auto found = value.is(Kind::string) ? declared.find(value.text()) : declared.end();
      if (found != declared.end()) {
        found->second.second = true;
      } else if (check.test == Test::references) {
        report(value);
      }
    });
    if (check.test == Test::answered && !item.next()) break;  // nothing can follow the last
    check.to.visit(item, [&](const Value& value) {
      looked_ = true;
      if (!value.is(Kind::string)) return;
      const auto [known, is_new] = declared.try_emplace(value.text(), value, false);
      if (!is_new && known->second.second) known->second = {value, false};  // one that is open stays so
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

}  // namespace fthost::data
