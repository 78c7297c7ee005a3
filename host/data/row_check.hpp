// RowChecker: everything that is wrong with one row, by itself: its structure, and the rules of plugins' tables. One
// thread has one; what concerns several rows (duplicates, counts) is left to Checker, which gets what is noted here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/edit.hpp"
#include "data/finding.hpp"
#include "data/json.hpp"
#include "data/jsonl_reader.hpp"
#include "data/prompts.hpp"
#include "data/record.hpp"
#include "data/rules.hpp"
#include "data/rules_run.hpp"
#include "data/shape.hpp"

namespace fthost::data {

struct CheckedRows;
// A further look at a row that is an object. `found` takes findings without file and line. One thread's.
using RowProbe =
    std::function<void(std::uint32_t line, const Document& row, CheckedRows& rows, const FindingSink& found)>;

struct CheckOptions {
  bool messages = true;         // messages with known roles and content, a rating from 1 to 10
  bool messages_needed = true;  // a row without messages is wrong
  bool duplicates = true;       // of ids and of content
  bool fix = false;             // note what each row is once mended
  bool list = false;            // rows are the elements of one list
  bool sent = false;            // a provider is to get them: what it would not refuse is a warning
  std::size_t line_limit = JsonlReader::kLineLimit;
  std::function<RowProbe()> probe = {};  // makes one for a thread; none: no further look
  PromptOptions prompts = {};            // for a probe that signs prompts
};

// What was found in some rows. Lines count from where these rows begin.
struct CheckedRows {
  struct Seen {
    std::uint64_t hash;
    std::uint32_t line;
    std::string_view text;  // of an id: its JSON, good as long as the rows
  };
  struct Keys {
    std::uint64_t hash;
    std::uint32_t line, rule;  // which of the tables' rules that compare keys
  };
  std::uint64_t lines = 0;         // blank ones too
  std::uint64_t rows = 0;          // lines that are not blank
  std::uint64_t objects = 0;       // rows that are JSON objects
  std::uint64_t valid = 0;         // rows without an error
  std::uint64_t bytes = 0;         // of all lines, as they lie
  std::vector<Finding> findings;   // by line; of a line the worst first
  std::vector<std::uint32_t> bad;  // lines with an error, ascending
  std::vector<Seen> ids, contents;
  std::vector<Keys> keys;
  SignedPrompts prompts;  // of a probe that signs them
  OnceCounts once;
  std::string fixed;                           // the lines once mended, where that was asked for
  std::uint64_t fixed_rows = 0;                // those that were changed or dropped
  std::map<std::string, std::uint64_t> fixes;  // findings that were mended, by code

  void clear();
};

class RowChecker {
 public:
  RowChecker(CheckOptions options, std::vector<RuleTable> tables);

  // A line, blank or not; adds to `out`. False if it has an error. The text must outlive `out`'s use. `end`: what ends
  // the line, which it keeps when it is mended.
  bool row(std::uint32_t line, std::string_view text, CheckedRows& out, std::string_view end = "\n");
  bool mends() const { return options_.fix; }

 private:
  void report(std::string code, Severity severity, std::string path, std::string message, std::string hint = {});
  void found(Finding finding);
  bool end_row(std::size_t first_finding, std::uint32_t line);
  void too_long();
  void mend(std::string_view text, std::string_view end, std::size_t first_finding);
  void check_object(std::uint32_t line, std::size_t first_finding);
  void remember(std::uint64_t shape);
  void check_messages();
  void check_message(const Value& message);
  void check_content(const Value& message, const Value& content);
  void check_keys(const Value& object);
  void check_all_keys(const Value& value);
  Severity of_own_fields() const { return options_.sent ? Severity::warning : Severity::error; }
  void check_rating();
  void check_fields();
  void check_answers();
  void check_id();
  void note_identity(std::uint32_t line);

  CheckOptions options_;
  std::vector<RuleTable> tables_;
  CheckedRows* out_ = nullptr;
  Document document_, mended_;
  RuleRun run_;
  Shapes shapes_;
  Edits edits_;
  RowProbe probe_;
  std::size_t limit_ = 0,
              skipped_ = 0;  // findings of the row that are kept, as the list's size, and those that are not
  bool skipped_error_ = false;
  ContentHasher hasher_;
  std::string scratch_;
};

// What is wrong with a text that a Document has refused; file and line are the caller's to fill in.
Finding finding_of(const Problem& problem, std::string_view text);
Finding line_too_long(std::size_t limit);

// The findings from `first` on, which are of one row or of a file: the worst first, and of those that several owners of
// rules give one code at one place only the first.
void drop_repeated(std::vector<Finding>& findings, std::size_t first);

}  // namespace fthost::data
