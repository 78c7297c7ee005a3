// The cells of a CSV or TSV file as RFC 4180 has them: read row by row straight from the source, of which no more than
// one row is held, and written. One thread.
#pragma once

#include <cstdint>
#include <ft/formatter.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace csv {

// A sample in memory as a source.
class Memory {
 public:
  explicit Memory(std::string_view bytes) : left_(bytes) {}
  ft_source source() { return {sizeof(ft_source), ft::str("sample"), &left_, &Memory::read}; }

 private:
  static std::int64_t read(void* ctx, void* buffer, std::size_t capacity);
  std::string_view left_;
};

class Reader {
 public:
  enum class Next { row, end, bad };

  explicit Reader(ft::Source& source);
  // The beginning of the source that can be looked at before the first row is read: 64 kB, or all.
  std::string_view head() const { return view_; }
  void delimiter(char delimiter) { delimiter_ = delimiter; }

  // The next row that is not blank. `bad`: it has a quote that is not closed or that something follows, or it is too
  // large; reading goes on with the line after the one where that quote opened.
  Next next(std::vector<std::string>& cells);
  // Where the last row begins; where a bad one is bad.
  std::uint64_t line() const { return row_line_; }

  struct Problem {
    const char *code, *message, *hint;
    bool damaged = false;  // quotes are not balanced, so that rows may have been taken for one another
  };
  const Problem& problem() const { return problem_; }

 private:
  int peek();  // -1 at the end, and where the row is too large
  bool read_quoted(std::string& cell);
  void read_plain(std::string& cell);
  void take_row_end();
  Next recover(const Problem& problem, std::size_t from, std::uint64_t line);

  ft::Source& source_;
  std::string_view view_;  // source_.ahead(): begins with the row
  std::size_t at_ = 0, quote_at_ = 0;
  std::uint64_t line_ = 1, row_line_ = 1, newlines_ = 0, quote_line_ = 1;
  char delimiter_ = ',';
  bool too_large_ = false;
  Problem problem_{};
};

// Spreadsheets take a cell that begins with one of = + - @ tab CR for a formula. A guarded cell has an apostrophe
// before it; so has one that begins with apostrophes and then one of these, so that unguarded(guarded(x)) is x for
// every x.
bool needs_guard(std::string_view text);
std::string_view unguarded(std::string_view cell);

// Appends a cell, quoted where it must be.
void append_cell(std::string& out, std::string_view text, char delimiter, bool guard);

}  // namespace csv
