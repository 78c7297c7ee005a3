// RuleRun: the rules of tables against one row after the other. One thread.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/edit.hpp"
#include "data/finding.hpp"
#include "data/json.hpp"
#include "data/record.hpp"
#include "data/rules_table.hpp"

namespace fthost::data {

class RuleRun {
 public:
  // The row that is looked at from here on, and where findings about it go.
  void begin(const Document& row, const std::string& provider, std::vector<Finding>& findings, Edits* edits) {
    row_ = &row;
    provider_ = &provider;
    findings_ = &findings;
    edits_ = edits;
  }
  // `at` is the value that the rule's `at` names.
  void rule(const Rule& rule, const Value& at);
  // Since the last begin_row(): whether a rule that reads text found some to look at, and what rules with `once` found.
  // The row's findings are those from `begin` on; beyond the `limit` first of the list they are counted, not kept.
  void begin_row(std::size_t begin, std::size_t limit) {
    looked_ = false;
    row_begin_ = begin;
    limit_ = limit;
    once_.clear();
    doubtful_.clear();
  }
  std::size_t take_skipped(bool& error) {
    error = error || skipped_error_;
    skipped_error_ = false;
    return std::exchange(skipped_, 0);
  }
  // Takes back what rules with `unless` have found in the row, where one of the codes that they name is among the rest.
  void settle(std::vector<Finding>& findings);
  bool looked_at_text() const { return looked_; }
  const std::vector<const Rule*>& once() const { return once_; }
  static bool holds(const Condition& condition, const Value& at);

 private:
  // `target` is what the rule's fix is about: the value, or the element that it says something of.
  void report(const Value& at, const std::string& key = {}, std::size_t count = 0, Value target = {});
  void report_tag(const Value& element);
  std::string_view tag(const Value& element);
  void check(const Check& check, const Value& value);
  void check_keys(const Check& check, const Value& object);
  void check_list(const Check& check, const Value& list);
  void check_order(const Check& check, const Value& list);
  void check_references(const Check& check, const Value& list);
  bool says(const Check& check, const Value& value);

  const Document* row_ = nullptr;
  const std::string* provider_ = nullptr;
  std::vector<Finding>* findings_ = nullptr;
  Edits* edits_ = nullptr;
  const Rule* rule_ = nullptr;
  bool looked_ = false, skipped_error_ = false;
  std::size_t limit_ = std::numeric_limits<std::size_t>::max(), skipped_ = 0, row_begin_ = 0;
  std::vector<const Rule*> once_;
  std::vector<std::pair<std::size_t, const Rule*>> doubtful_;  // findings of rules with `unless`, by their place
  Document nested_;                                            // JSON within strings
  ContentHasher hasher_;
  std::string scratch_;
};

}  // namespace fthost::data
