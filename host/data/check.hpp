// Checker: one pass over rows that finds everything wrong with them: the host's own rules about structure, and the
// tables of plugins. One thread. Its memory grows only by 24 bytes a row, for duplicates.
//
// The host's findings: broken_json, invalid_utf8, not_an_object, too_deep, line_too_long, duplicate_key, no_messages,
// bad_messages, bad_message, unknown_role, bad_content, empty_content, bad_rating, bad_id, duplicate_id (errors);
// blank_line, duplicate_content, bad_field (warnings).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "data/finding.hpp"
#include "data/hash_index.hpp"
#include "data/json.hpp"
#include "data/jsonl_reader.hpp"
#include "data/record.hpp"
#include "data/rules.hpp"

namespace fthost::data {

struct CheckOptions {
  bool messages = true;    // rows are records: messages with known roles and content, a rating from 1 to 10
  bool duplicates = true;  // of ids and of content
};

struct CheckSummary {
  std::uint64_t rows = 0;   // lines that are not blank
  std::uint64_t valid = 0;  // rows without an error
  std::uint64_t bytes = 0;  // of all lines, with a newline each
  std::uint64_t errors = 0, warnings = 0, infos = 0;
  std::map<std::string, std::uint64_t> by_code;
};

class Checker {
 public:
  // `file` is what findings call it. The sink is called on this thread, in the order of lines; of a
  // row the errors come first.
  Checker(std::string file, CheckOptions options, std::vector<RuleTable> tables, FindingSink sink);
  // Findings point back to the checker, so it stays where it is.
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  // False if the line has an error.
  bool line(const Line& line);
  bool row(std::uint64_t number, std::string_view text);
  // What can be said only of the whole, and the totals. To be called once, last.
  const CheckSummary& finish();

 private:
  void report(std::string code, Severity severity, std::string path, std::string message, std::string hint = {});
  void pass_on(Finding finding);
  void hand_over();
  void check_row(std::string_view text);
  void check_messages();
  void check_message(const Value& message);
  void check_content(const Value& message, const Value& content);
  void check_keys(const Value& object);
  void check_rating();
  void check_fields();
  void check_duplicates();

  std::string file_;
  CheckOptions options_;
  std::vector<RuleTable> tables_;
  FindingSink sink_, table_sink_;
  std::vector<Finding> of_row_;
  CheckSummary summary_;
  std::uint64_t number_ = 0, object_rows_ = 0;
  bool line_failed_ = false;
  Document document_;
  ContentHasher hasher_;
  std::string scratch_;
  HashIndex ids_, contents_;
};

// What is wrong with a text that a Document has refused; file and line are the caller's to fill in.
Finding finding_of(const Problem& problem, std::string_view text);

// Every line of the reader. Stops with an error only where it cannot be read on.
Result<CheckSummary> check_lines(JsonlReader& reader, Checker& checker);

}  // namespace fthost::data
