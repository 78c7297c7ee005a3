#include "cells.hpp"

#include <algorithm>

namespace csv {
namespace {

constexpr std::size_t kHead = 64u << 10;
constexpr std::string_view kFormula = "=+-@\t\r";

constexpr Reader::Problem kOpen{"open_quote", "a quote opens in this line and is not closed",
                                "close it; a quote inside a quoted cell is written twice", true};
constexpr Reader::Problem kAfter{"bad_quote",
                                 "a quoted cell opens in this line, and something follows its closing quote",
                                 "a quote inside a quoted cell is written twice"};
constexpr Reader::Problem kAfterLines{"bad_quote",
                                      "a quote opens in this line, and something follows the next quote, lines below",
                                      "close it; a quote inside a quoted cell is written twice", true};
constexpr Reader::Problem kLarge{"line_too_long", "the row is larger than 64 MB and was not read",
                                 "split the record, or look for a missing line end"};

}  // namespace

std::int64_t Memory::read(void* ctx, void* buffer, std::size_t capacity) {
  std::string_view& left = *static_cast<std::string_view*>(ctx);
  const std::size_t size = std::min(capacity, left.size());
  left.copy(static_cast<char*>(buffer), size);
  left.remove_prefix(size);
  return static_cast<std::int64_t>(size);
}

Reader::Reader(ft::Source& source) : source_(source) {
  while (source_.ahead().size() < kHead && source_.more()) {  // a byte order mark has gone then
  }
  view_ = source_.ahead();
}

int Reader::peek() {
  while (at_ >= view_.size()) {
    too_large_ = view_.size() > ft::Source::kLineLimit;
    if (too_large_) return -1;
    const bool more = source_.more();
    view_ = source_.ahead();  // it has moved even where nothing came
    if (!more) return -1;
  }
  return static_cast<unsigned char>(view_[at_]);
}

Reader::Next Reader::next(std::vector<std::string>& cells) {
  for (;;) {
    row_line_ = line_;
    at_ = newlines_ = 0;
    if (peek() < 0) return Next::end;
    std::size_t count = 0;
    for (;; ++at_) {
      if (count == cells.size()) cells.emplace_back();
      std::string& cell = cells[count++];
      cell.clear();
      if (peek() != '"')
        read_plain(cell);
      else if (!read_quoted(cell))
        return recover(peek() < 0                             ? kOpen
                       : quote_line_ == row_line_ + newlines_ ? kAfter
                                                              : kAfterLines,
                       quote_at_, quote_line_);
      if (peek() != delimiter_) break;
    }
    if (too_large_) return recover(kLarge, 0, row_line_);
    take_row_end();
    cells.resize(count);
    const auto blank = [](const std::string& cell) { return cell.find_first_not_of(" \t") == std::string::npos; };
    if (!std::all_of(cells.begin(), cells.end(), blank)) return Next::row;
  }
}

bool Reader::read_quoted(std::string& cell) {
  quote_at_ = at_++;
  quote_line_ = row_line_ + newlines_;
  for (;;) {
    if (peek() < 0) return false;
    const std::size_t end = std::min(view_.find('"', at_), view_.size());
    const std::string_view piece = view_.substr(at_, end - at_);
    cell += piece;
    newlines_ += static_cast<std::uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
    at_ = end;
    if (end == view_.size()) continue;
    ++at_;
    const int after = peek();
    if (after != '"') return after < 0 || after == delimiter_ || after == '\r' || after == '\n';
    cell += '"';
    ++at_;
  }
}

void Reader::read_plain(std::string& cell) {
  while (peek() >= 0) {
    std::size_t end = at_;
    while (end < view_.size() && view_[end] != delimiter_ && view_[end] != '\r' && view_[end] != '\n') ++end;
    cell += view_.substr(at_, end - at_);
    at_ = end;
    if (end < view_.size()) return;
  }
}

void Reader::take_row_end() {
  const int end = peek();
  if (end >= 0) {
    ++at_;
    ++newlines_;
    if (end == '\r' && peek() == '\n') ++at_;
  }
  source_.skip(at_);
  view_ = source_.ahead();
  line_ += newlines_;
}

// Goes on behind the line that holds `from`.
Reader::Next Reader::recover(const Problem& problem, std::size_t from, std::uint64_t line) {
  problem_ = problem;
  row_line_ = line;
  line_ = line + 1;
  for (;;) {
    const std::size_t end = view_.find_first_of("\r\n", from);
    source_.skip(std::min(end, view_.size()));
    view_ = source_.ahead();
    if (end != std::string_view::npos) break;
    from = 0;
    const bool more = source_.more();
    view_ = source_.ahead();
    if (!more) return Next::bad;
  }
  at_ = newlines_ = 0;
  too_large_ = false;
  take_row_end();
  line_ = line + 1;
  return Next::bad;
}

bool needs_guard(std::string_view text) {
  const std::size_t first = text.find_first_not_of('\'');
  return first != std::string_view::npos && kFormula.find(text[first]) != std::string_view::npos;
}

std::string_view unguarded(std::string_view cell) {
  if (cell.starts_with('\'') && needs_guard(cell)) cell.remove_prefix(1);
  return cell;
}

void append_cell(std::string& out, std::string_view text, char delimiter, bool guard) {
  const bool guarded = guard && needs_guard(text);
  const auto must_be_quoted = [&](char c) { return c == delimiter || c == '"' || c == '\r' || c == '\n'; };
  const bool blanks_at_ends =
      !text.empty() && (text.front() == ' ' || text.back() == ' ' || text.front() == '\t' || text.back() == '\t');
  const bool quoted = blanks_at_ends || std::any_of(text.begin(), text.end(), must_be_quoted);
  if (quoted) out += '"';
  if (guarded) out += '\'';
  for (std::size_t begin = 0;;) {
    const std::size_t quote = std::min(text.find('"', begin), text.size());
    out += text.substr(begin, quote - begin);
    if (quote == text.size()) break;
    out += "\"\"";
    begin = quote + 1;
  }
  if (quoted) out += '"';
}

}  // namespace csv
