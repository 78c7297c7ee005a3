// Which column of a file is which field of a record. Pure but for the notes.
#pragma once

#include <ft/plugin.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csv {

// What a cell is. `answers` is a text or messages as JSON; `other` a field of the record that no format knows.
enum class Kind {
  text,
  system,
  prompt,
  input,
  completion,
  messages,
  answers,
  boolean,
  number,
  tags,
  json,
  metadata,
  other
};

struct Column {
  std::string name;   // in the header
  std::string field;  // of the record, or a key of its metadata
  Kind kind = Kind::other;
  std::size_t rank = 0;  // the order in which columns are written
  bool filled = false;   // some row has a value
};

// The names that columns are given: by options, else the fields' own.
class Names {
 public:
  explicit Names(const ft::Config& config);

  // The columns of a header; null, and why not, where it cannot be one.
  struct Problem {
    std::string code, message, hint;
  };
  std::optional<std::vector<Column>> map(const std::vector<std::string>& header, Problem& problem) const;

  // The column that a field of a record is written to; null where its name would be read as another.
  std::optional<Column> column_of(std::string_view field) const;
  Column metadata_column(std::string_view key) const {
    return {std::string(key), std::string(key), Kind::metadata, kMetadata};
  }
  const std::vector<std::string>& metadata() const { return metadata_; }

 private:
  static constexpr std::size_t kOther = 1000, kMetadata = 2000;
  struct Given {
    std::string_view field;
    std::string name;
  };
  const std::string* given(std::string_view field) const;

  std::vector<Given> given_;
  std::vector<std::string> metadata_;
};

// "a, b" -> {"a", "b"}; empty items are left out.
std::vector<std::string> list_of(std::string_view text, std::string_view separators = ",");

}  // namespace csv
