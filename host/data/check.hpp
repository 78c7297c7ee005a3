// Checker: what is wrong with a whole file or dataset. Takes what RowCheckers have found in the order of the rows, adds
// what can be said only across rows (duplicates, counts), and hands findings on as they come. One thread. Its memory
// grows by 16 to 32 bytes a row for duplicates of content, and as much for each id.
//
// The host's findings: broken_json, invalid_utf8, not_an_object, too_deep, line_too_long, duplicate_key, no_messages,
// bad_messages, bad_message, unknown_role, bad_content, empty_content, bad_rating, bad_id, duplicate_id (errors);
// blank_line, byte_order_mark, duplicate_content, bad_field, same_answers, more_findings (warnings); and
// inconsistent_answers (a warning) of rows whose prompts a probe has signed. What several tables give one code at one
// place of a row is said once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.hpp"
#include "data/blocks.hpp"
#include "data/hash_index.hpp"
#include "data/row_check.hpp"

namespace fthost::data {

struct CheckSummary {
  std::uint64_t lines = 0;
  std::uint64_t rows = 0;   // lines that are not blank
  std::uint64_t valid = 0;  // rows without an error
  std::uint64_t bytes = 0;  // of all lines, as they lie
  std::uint64_t errors = 0, warnings = 0, infos = 0;
  std::map<std::string, std::uint64_t> by_code;
  std::uint64_t fixed_rows = 0;                // changed or dropped by mending
  std::map<std::string, std::uint64_t> fixes;  // findings that mending has done away with, by code
};

// Contents of several files that are checked one after the other, so that equal rows of two are found.
struct SeenContents {
  struct File {
    std::uint64_t before;  // rows of the files before it
    std::string name;
    bool list;
  };
  HashIndex index;
  std::vector<File> files;
  std::uint64_t rows = 0;
};

class Checker {
 public:
  // `file` is what findings call it. The sink is called on this thread, in the order of lines; of a row the errors come
  // first. `seen`: of the files before it, which outlives the checker; none: it is the only one.
  Checker(std::string file, CheckOptions options, std::vector<RuleTable> tables, FindingSink sink,
          SeenContents* seen = nullptr);

  // A line with its number, checked here. False if it has an error.
  bool row(std::uint64_t number, std::string_view text);
  // Rows that follow those before them. Empties the list of findings.
  void add(CheckedRows& rows);
  // What can be said only of the whole, and the totals. To be called once, last.
  const CheckSummary& finish();
  const CheckSummary& summary() const { return summary_; }  // so far

  // For who checks rows elsewhere.
  RowChecker row_checker() const { return RowChecker(options_, tables_); }
  bool mends() const { return options_.fix; }

 private:
  void add_from(CheckedRows& rows, std::uint64_t before);
  void note_duplicates(CheckedRows& rows, std::uint64_t before);
  void note_other_keys(CheckedRows& rows, std::uint64_t before);
  std::string place_of(std::uint64_t seen) const;
  void note_invalid(const CheckedRows& rows, std::uint32_t line);
  void hand_over(Finding& finding, std::uint64_t before);

  std::string file_;
  CheckOptions options_;
  std::vector<RuleTable> tables_;
  FindingSink sink_;
  RowChecker here_;
  CheckedRows row_;
  CheckSummary summary_;
  std::uint64_t objects_ = 0;
  std::vector<std::optional<std::uint64_t>> first_keys_;  // of each rule that compares them
  OnceCounts once_;
  std::unordered_set<std::uint32_t> bad_here_;  // lines of the rows being added that have got an error
  HashIndex ids_;
  SeenContents only_;
  SeenContents& seen_;
  std::vector<HashIndex> unique_;       // of each rule whose values must differ
  std::optional<PromptIndex> prompts_;  // once there are some
};

// All of a source, on several threads; finish() is left to the caller. `after` is called as rows have been added, with
// these lines once mended, where the options ask for that; an error that it gives ends the pass.
Result<void> check_blocks(BlockReader& reader, unsigned threads, const io::CancelToken& cancel, Checker& checker,
                          const std::function<Result<void>(std::string_view mended)>& after = {});

}  // namespace fthost::data
