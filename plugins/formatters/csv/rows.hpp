// Rows of a table to records and back. One thread.
#pragma once

#include <ft/chat.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cells.hpp"
#include "columns.hpp"

namespace csv {

// The first cell that is not UTF-8; cells.size() where all are.
std::size_t first_invalid(const std::vector<std::string>& cells);

class RowReader {
 public:
  RowReader(std::vector<Column> columns, bool guard);
  // The record; empty where the row is refused.
  std::string read(const std::vector<std::string>& cells, ft::Notes& notes);
  // Columns that no row had a value in.
  std::vector<std::string> never_filled() const;

 private:
  struct Turn {
    std::string_view system, prompt, input, completion;
  };
  void read_cell(const Column& column, std::string_view text, Turn& turn, ft::Chat& chat, ft::Notes& notes);
  bool parse(std::string_view text, simdjson::dom::element& value);
  void place(const Turn& turn, ft::Chat& chat, ft::Notes& notes) const;

  std::vector<Column> columns_;
  bool guard_;
  std::string prompt_name_, completion_name_, messages_name_;
  ft::Fields metadata_;  // of this row
  simdjson::dom::parser parser_;
};

// Holds rows back until their columns are known: 32 MB of them, or all.
class RowWriter {
 public:
  explicit RowWriter(const Names& names);
  // These columns and no others.
  void fix(std::vector<Column> columns);

  // Takes a record apart; it counts once it is committed.
  void add(std::string_view record, ft::Notes& notes);
  void commit();
  bool ready() const { return fixed_ || held_ > kHold; }
  // Writes what is held, the header before the first. After it the columns are fixed.
  void flush(std::string& out, char delimiter, bool guard, bool bom);

 private:
  static constexpr std::size_t kHold = 32u << 20;
  using Cells = std::vector<std::pair<std::size_t, std::string>>;  // column, text

  bool has(Kind kind) const;
  bool has_column(std::string_view field) const;
  void add_field(std::string_view key, simdjson::dom::element value, ft::Notes& notes);
  void add_metadata(simdjson::dom::object metadata, ft::Notes& notes);
  void add_messages(const ft::Chat& chat, bool answered, ft::Notes& notes);
  // A cell of the row; false where the columns are fixed and have none for it.
  bool put(const Column& column, std::string text);

  const Names names_;
  std::vector<Column> columns_;  // in order of appearance; sorted once the header is written
  std::vector<Cells> rows_;
  std::vector<Column> new_columns_;  // of the row that is not committed
  Cells cells_;
  std::size_t held_ = 0;
  bool fixed_ = false, header_written_ = false;
  simdjson::dom::parser parser_;
};

}  // namespace csv
