// Columns: what a plugin wants of each row, compiled once and cut out of a parsed row without copying. One thread.
#pragma once

#include <ft_plugin.h>

#include <memory_resource>
#include <span>
#include <string>
#include <vector>

#include "data/json.hpp"

namespace fthost::data {

class Columns {
 public:
  // FT_RAW: the slice as it stands. FT_TEXT: the decoded string, absent if the value is no string.
  explicit Columns(std::span<const ft_column> wanted);
  std::size_t size() const { return columns_.size(); }

  // Fills out[size()]. Slices point into the row's text; a string with escapes is decoded into `arena`.
  void cut(const Value& row, std::pmr::memory_resource& arena, ft_str* out) const;

 private:
  struct Column {
    std::string pointer;
    std::string key;  // of a pointer with one token; then `top` is true
    bool top, text;
  };
  std::vector<Column> columns_;
};

}  // namespace fthost::data
