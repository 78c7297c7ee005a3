#include "data/check.hpp"

#include <algorithm>

#include "data/json_text.hpp"

namespace fthost::data {

Checker::Checker(std::string file, CheckOptions options, std::vector<RuleTable> tables, FindingSink sink,
                 SeenContents* seen)
    : file_(std::move(file)),
      options_(std::move(options)),
      tables_(std::move(tables)),
      sink_(std::move(sink)),
      here_(options_, tables_),
      seen_(seen ? *seen : only_) {
  options_.prompts.list = options_.list;
  seen_.files.push_back({seen_.rows, file_, options_.list});
}

bool Checker::row(std::uint64_t number, std::string_view text) {
  row_.clear();
  row_.lines = 1;
  const bool good = here_.row(1, text, row_);
  const std::uint64_t valid = summary_.valid + row_.valid;
  add_from(row_, number - 1);
  return good && summary_.valid == valid;
}

void Checker::add(CheckedRows& rows) { add_from(rows, summary_.lines); }

// `before` lines come before the first of these.
void Checker::add_from(CheckedRows& rows, std::uint64_t before) {
  summary_.lines += rows.lines;
  summary_.rows += rows.rows;
  summary_.valid += rows.valid;
  summary_.bytes += rows.bytes;
  summary_.fixed_rows += rows.fixed_rows;
  for (const auto& [code, count] : rows.fixes) summary_.fixes[code] += count;
  objects_ += rows.objects;
  for (const auto& [rule, count] : rows.once) once_[rule] += count;
  const std::size_t known = rows.findings.size();
  bad_here_.clear();
  note_duplicates(rows, before);
  note_other_keys(rows, before);
  if (!rows.prompts.rows.empty()) {
    if (!prompts_) prompts_.emplace(options_.prompts);
    prompts_->add(rows.prompts, before, rows.findings);
  }
  if (rows.findings.size() > known) {
    std::stable_sort(rows.findings.begin(), rows.findings.end(), [](const Finding& a, const Finding& b) {
      return a.line != b.line ? a.line < b.line : a.severity < b.severity;
    });
  }
  for (Finding& finding : rows.findings) hand_over(finding, before);
  rows.findings.clear();
}

void Checker::hand_over(Finding& finding, std::uint64_t before) {
  finding.file = file_;
  if (finding.line > 0) finding.line += before;
  switch (finding.severity) {
    case Severity::error:
      ++summary_.errors;
      break;
    case Severity::warning:
      ++summary_.warnings;
      break;
    case Severity::info:
      ++summary_.infos;
      break;
  }
  ++summary_.by_code[finding.code];
  sink_(finding);
}

// A row gets an error here; it may have one already.
void Checker::note_invalid(const CheckedRows& rows, std::uint32_t line) {
  if (std::binary_search(rows.bad.begin(), rows.bad.end(), line) || !bad_here_.insert(line).second) return;
  --summary_.valid;
}

void Checker::note_duplicates(CheckedRows& rows, std::uint64_t before) {
  for (const auto& seen : rows.ids) ids_.prefetch(seen.hash);
  for (const auto& seen : rows.ids) {
    const std::uint32_t first = ids_.insert(seen.hash, static_cast<std::uint32_t>(before + seen.line));
    if (first == HashIndex::kNone) continue;
    if (!options_.sent) note_invalid(rows, seen.line);
    rows.findings.push_back({"duplicate_id", options_.sent ? Severity::warning : Severity::error, "", seen.line, "/id",
                             "", "the id " + std::string(seen.text) + " is that of " + row_name(first, options_.list),
                             "give it another, or remove it so that it gets one"});
  }
  const std::uint64_t others = seen_.files.back().before;
  for (const auto& seen : rows.contents) seen_.index.prefetch(seen.hash);
  for (const auto& seen : rows.contents) {
    seen_.rows = others + before + seen.line;
    const std::uint32_t first = seen_.index.insert(seen.hash, static_cast<std::uint32_t>(seen_.rows));
    if (first == HashIndex::kNone) continue;
    rows.findings.push_back({"duplicate_content", Severity::warning, "", seen.line, "", "",
                             "the same content as " + place_of(first),
                             "remove one of them, unless it is meant to count twice"});
  }
}

// Where a row is that has been seen before: in this file, or in one that came before it.
std::string Checker::place_of(std::uint64_t seen) const {
  std::size_t at = seen_.files.size() - 1;
  while (seen <= seen_.files[at].before) --at;
  const SeenContents::File& file = seen_.files[at];
  return row_name(seen - file.before, file.list) + (at + 1 < seen_.files.size() ? " of " + file.name : "");
}

void Checker::note_other_keys(CheckedRows& rows, std::uint64_t before) {
  for (const auto& keys : rows.keys) {
    std::size_t rule = keys.rule;
    auto table = tables_.begin();
    for (; rule >= table->key_rules(); ++table) rule -= table->key_rules();
    std::uint64_t row = 0;  // that has the value
    if (table->must_differ(rule)) {
      if (keys.rule >= unique_.size()) unique_.resize(keys.rule + 1);
      row = unique_[keys.rule].insert(keys.hash, static_cast<std::uint32_t>(before + keys.line));
      if (row == HashIndex::kNone) continue;
    } else {
      if (std::binary_search(rows.bad.begin(), rows.bad.end(), keys.line)) continue;  // it has been refused already
      if (keys.rule >= first_keys_.size()) first_keys_.resize(keys.rule + 1);
      auto& first = first_keys_[keys.rule];
      if (!first) first = keys.hash;
      if (keys.hash == *first) continue;
    }
    rows.findings.push_back(table->other_keys(rule, row > 0 ? row_name(row, options_.list) : ""));
    rows.findings.back().line = keys.line;
    if (rows.findings.back().severity == Severity::error) note_invalid(rows, keys.line);
  }
}

const CheckSummary& Checker::finish() {
  std::vector<Finding> findings;
  for (const RuleTable& table : tables_)
    table.check_file(objects_, summary_.bytes, options_.list, options_.sent, once_, findings);
  drop_repeated(findings, 0);
  for (Finding& finding : findings) hand_over(finding, 0);
  return summary_;
}

namespace {

// Lines of a block, until there are so many findings that they are better handed on.
constexpr std::size_t kManyFindings = 2000;

struct Piece {
  CheckedRows rows;
  std::size_t read = 0;  // bytes of the block that have been gone through, with those before
};

void check_piece(RowChecker& checker, const Block& block, Piece& piece) {
  piece.rows.clear();
  const std::size_t from = piece.read;
  if (from == 0 && block.marked) {
    piece.rows.findings.push_back({"byte_order_mark", Severity::warning, "", 1, "", "",
                                   "the file begins with a byte order mark", "remove it; some readers refuse it",
                                   true});
    if (checker.mends()) ++piece.rows.fixes["byte_order_mark"];
  }
  Block rest = block;
  rest.text.remove_prefix(from);
  const char* const begin = block.text.data();
  piece.rows.lines = for_each_line_and_end(rest, [&](std::uint64_t line, std::string_view text, std::string_view end) {
    checker.row(static_cast<std::uint32_t>(line + 1), text, piece.rows, end);
    piece.read = static_cast<std::size_t>(end.data() + end.size() - begin);
    return piece.rows.findings.size() < kManyFindings;
  });
  const std::size_t mark = block.marked ? 3 : 0;
  const std::uint64_t until = piece.read == block.text.size() ? block.size : piece.read + mark;
  piece.rows.bytes = until - (from == 0 ? 0 : from + mark);
}

}  // namespace

Result<void> check_blocks(BlockReader& reader, unsigned threads, const io::CancelToken& cancel, Checker& checker,
                          const std::function<Result<void>(std::string_view mended)>& after) {
  std::optional<RowChecker> rest;  // for blocks that were not gone through at once
  return for_each_block<Piece>(
      reader, threads, cancel,
      [&](unsigned) {
        return [rows = checker.row_checker()](const Block& block, Piece& piece) mutable {
          piece.read = 0;
          check_piece(rows, block, piece);
        };
      },
      [&](Piece& piece, const Block& block) -> Result<void> {
        if (checker.mends() && block.too_long)
          return make_error(Code::input, "a line is too long to be read, so the file cannot be mended", reader.name(),
                            "split the record, or look for a missing line end");
        for (;;) {
          checker.add(piece.rows);
          if (after) {
            if (auto done = after(piece.rows.fixed); !done) return done;
          }
          if (piece.read == block.text.size()) return {};
          if (!rest) rest.emplace(checker.row_checker());
          check_piece(*rest, block, piece);
        }
      });
}

}  // namespace fthost::data
