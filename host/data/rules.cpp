// A table's rules lie in a tree by the place they look at, so that a row is walked once whatever the number of rules.
#include "data/rules.hpp"

#include <algorithm>
#include <utility>

#include "data/hash.hpp"
#include "data/rules_run.hpp"
#include "data/rules_table.hpp"
#include "data/shape.hpp"

namespace fthost::data {

namespace {

// The keys of the object at its place that a rule cannot do without: of each list one.
std::vector<std::vector<std::string>> needs_of(const Rule& rule) {
  std::vector<std::vector<std::string>> needs;
  for (const Condition& condition : rule.when) {
    const auto key = condition.where.first_key();
    if (key && condition.present) needs.push_back({std::string(*key)});
  }
  if (const auto key = rule.field.first_key()) needs.push_back({std::string(*key)});
  const bool only_refuses = std::all_of(rule.checks.begin(), rule.checks.end(),
                                        [](const Check& check) { return check.test == Test::refused; });
  if (!rule.field.text().empty() || !only_refuses) return needs;
  needs.emplace_back();
  for (const Check& check : rule.checks)
    needs.back().insert(needs.back().end(), check.words.begin(), check.words.end());
  return needs;
}

// Its bits, or 0 where one of the keys has none.
std::uint64_t bits_of(const std::vector<std::string>& keys, const KeyIndex& index) {
  std::uint64_t bits = 0;
  for (const std::string& key : keys) {
    const std::uint64_t bit = index.bit(key);
    if (bit == 0) return 0;
    bits |= bit;
  }
  return bits;
}

RuleNode& node_at(RuleNode& root, const Pattern& pattern) {
  RuleNode* node = &root;
  for (const Pattern::Token& token : pattern.tokens()) {
    if (token.any) {
      if (!node->each) node->each = std::make_unique<RuleNode>();
      node = node->each.get();
      continue;
    }
    auto child = std::find_if(node->children.begin(), node->children.end(),
                              [&](const RuleNode::Child& one) { return one.key == token.key; });
    if (child == node->children.end()) {
      node->children.push_back({token.key, token.index, token.is_index, 0, std::make_unique<RuleNode>()});
      child = node->children.end() - 1;
    }
    node = child->node.get();
  }
  return *node;
}

// Numbers the keys once all rules are in their places.
void finish(RuleNode& node) {
  for (RuleNode::Child& child : node.children) node.keys.add(child.key);
  for (const RuleNode::Asked& asked : node.rules) {
    for (const auto& keys : needs_of(asked.rule)) {
      for (const std::string& key : keys) node.keys.add(key);
    }
  }
  node.keys.finish();
  for (RuleNode::Asked& asked : node.rules) {
    for (const auto& keys : needs_of(asked.rule)) {
      if (const std::uint64_t bits = bits_of(keys, node.keys); bits != 0) asked.needs.push_back(bits);
    }
    node.reads_text |= asked.rule.reads_text;
  }
  for (RuleNode::Child& child : node.children) {
    child.bit = node.keys.bit(child.key);
    finish(*child.node);
    node.reads_text |= child.node->reads_text;
  }
  if (!node.each) return;
  finish(*node.each);
  node.reads_text |= node.each->reads_text;
}

void visit(const RuleNode& node, const Value& value, RuleRun& run, bool only_text) {
  if (only_text && !node.reads_text) return;
  const bool object = value.is(Kind::object);
  const std::uint64_t present = object && !node.keys.empty() ? node.keys.present(value) : 0;
  for (const RuleNode::Asked& asked : node.rules) {
    bool may_fail = !only_text || asked.rule.reads_text;
    for (const std::uint64_t bits : asked.needs) may_fail = may_fail && (!object || (present & bits) != 0);
    if (may_fail) run.rule(asked.rule, value);
  }
  for (const RuleNode::Child& child : node.children) {
    if (object) {
      if (child.bit != 0 && (present & child.bit) == 0) continue;
      if (const Value member = value.find(child.key)) visit(*child.node, member, run, only_text);
    } else if (child.is_index && value.is(Kind::array)) {
      if (const Value element = value.at(child.index)) visit(*child.node, element, run, only_text);
    }
  }
  if (!node.each) return;
  for (Value child = value.first(); child; child = child.next()) visit(*node.each, child, run, only_text);
}

Finding finding_about_file(const Rule& rule, const std::string& provider, const std::string& count) {
  Finding finding{rule.code, rule.severity, "", 0, "", provider, rule.message, rule.hint};
  for (std::string* text : {&finding.message, &finding.hint}) {
    for (std::size_t at = 0; (at = text->find("{count}", at)) != std::string::npos; at += count.size())
      text->replace(at, 7, count);
  }
  return finding;
}

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

RuleTable::RuleTable(std::shared_ptr<const State> state) : state_(std::move(state)) {}

Result<RuleTable> RuleTable::load(std::string_view json, std::string provider, const std::string& owner) {
  auto rules = load_rules(json, owner);
  if (!rules) return rules.error();
  auto state = std::make_shared<State>();
  state->provider = std::move(provider);
  for (Rule& rule : *rules) {
    if (rule.about_file) {
      // A rule may hold tests of both kinds.
      const auto compares = [](const Check& check) { return check.test >= Test::same_keys; };
      for (const Check& check : rule.checks) {
        if (!compares(check)) continue;
        state->key_rules.push_back(rule);
        state->key_rules.back().checks = {check};
      }
      std::erase_if(rule.checks, compares);
      if (!rule.checks.empty()) state->file_rules.push_back(std::move(rule));
    } else {
      RuleNode& node = node_at(state->root, rule.at);
      node.rules.push_back({std::move(rule), {}});
    }
  }
  finish(state->root);
  return RuleTable(std::move(state));
}

void RuleTable::check_row(const Document& row, RuleRun& run, std::vector<Finding>& findings, Edits* edits,
                          bool only_text) const {
  run.begin(row, state_->provider, findings, edits);
  visit(state_->root, row.root(), run, only_text);
}

namespace {

void add_scalars(const std::vector<Scalar>& values, const Pattern& where, Shapes& shapes) {
  for (const Scalar& value : values) {
    if (value.kind == Kind::string) shapes.add_word(value.text);
    if (value.kind != Kind::number) continue;
    if (const auto key = where.last_key())
      shapes.add_numeric_key(*key);
    else
      shapes.all_numbers_count();
  }
}

void add_rule(const Rule& rule, Shapes& shapes) {
  const Pattern& where = rule.field.text().empty() ? rule.at : rule.field;
  for (const Condition& condition : rule.when) add_scalars(condition.values, condition.where, shapes);
  for (const Check& check : rule.checks) {
    add_scalars(check.values, check.test == Test::count_at ? check.from : where, shapes);
    if (check.test == Test::min || check.test == Test::max) add_scalars({Scalar{Kind::number, "", 0}}, where, shapes);
    const bool compares = check.test == Test::first || check.test == Test::last || check.test == Test::count_of ||
                          check.test == Test::order;
    if (compares) {
      for (const auto* words : {&check.words, &check.leading, &check.ignored}) {
        for (const std::string& word : *words) shapes.add_word(word);
      }
    }
    for (const auto& [word, before] : check.follows) {
      shapes.add_word(word);
      for (const std::string& one : before) shapes.add_word(one);
    }
  }
}

void add_rules(const RuleNode& node, Shapes& shapes) {
  for (const RuleNode::Asked& asked : node.rules) add_rule(asked.rule, shapes);
  for (const RuleNode::Child& child : node.children) add_rules(*child.node, shapes);
  if (node.each) add_rules(*node.each, shapes);
}

}  // namespace

void RuleTable::add_to(Shapes& shapes) const { add_rules(state_->root, shapes); }

std::size_t RuleTable::key_rules() const { return state_->key_rules.size(); }

std::optional<std::uint64_t> RuleTable::keys_hash(std::size_t number, const Document& row) const {
  const Rule& rule = state_->key_rules[number];
  std::string scratch;
  if (rule.checks.front().test != Test::same_keys) {
    const Value at = rule.at.first(row.root());
    for (const Condition& condition : rule.when) {
      if (!at || !RuleRun::holds(condition, at)) return {};
    }
    const Value value = at ? rule.field.first(at) : at;
    if (!value) return {};
    return value.is(Kind::string) ? hash64(value.text(scratch)) : ~hash64(value.raw());
  }
  const std::vector<std::string>& words = rule.checks.front().words;
  std::uint64_t sum = 1;
  for (Value member = row.root().first(); member; member = member.next()) {
    const std::string_view key = member.key().text(scratch);
    if (words.empty() || std::find(words.begin(), words.end(), key) != words.end()) sum += hash64(key);
  }
  return sum;
}

bool RuleTable::must_differ(std::size_t rule) const {
  return state_->key_rules[rule].checks.front().test == Test::unique_value;
}

Finding RuleTable::other_keys(std::size_t number, const std::string& first) const {
  const Rule& rule = state_->key_rules[number];
  Finding finding = finding_about_file(rule, state_->provider, first);
  finding.path = rule.at.text() + rule.field.text();
  return finding;
}

namespace {

void add_once(const RuleNode& node, const std::string& provider, const OnceCounts& once,
              std::vector<Finding>& findings) {
  for (const RuleNode::Asked& asked : node.rules) {
    const auto found = once.find(&asked.rule);
    if (found != once.end())
      findings.push_back(finding_about_file(asked.rule, provider, std::to_string(found->second)));
  }
  for (const RuleNode::Child& child : node.children) add_once(*child.node, provider, once, findings);
  if (node.each) add_once(*node.each, provider, once, findings);
}

}  // namespace

void RuleTable::check_file(std::uint64_t rows, std::uint64_t bytes, bool list, bool sent, const OnceCounts& once,
                           std::vector<Finding>& findings) const {
  add_once(state_->root, state_->provider, once, findings);
  for (const Rule& rule : state_->file_rules) {
    for (const Check& check : rule.checks) {
      const std::uint64_t count = check.test == Test::rows ? rows : bytes;
      if (check.test == Test::lines ? !list : count >= check.low && count <= check.high) continue;
      const bool said = std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
        return std::find(rule.unless.begin(), rule.unless.end(), finding.code) != rule.unless.end();
      });
      if (said) continue;
      findings.push_back(finding_about_file(rule, state_->provider, std::to_string(count)));
      const bool may_grow = check.test == Test::rows && !sent && !state_->provider.empty();
      if (may_grow && findings.back().severity == Severity::error) findings.back().severity = Severity::warning;
    }
  }
}

}  // namespace fthost::data
