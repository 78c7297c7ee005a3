// ListLines: a file that is one JSON list, as lines: one for each of its elements, for whatever reads lines. It looks
// at brackets, quotes and commas alone; what an element holds is left to the reader. One thread. Memory: some
// kilobytes, and four bytes an element.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/finding.hpp"

namespace fthost::data {

class ListLines {
 public:
  // Bytes of the file read into the buffer; 0 at the end; < 0: an error, which read() gives back.
  using Pull = std::function<std::int64_t(void* buffer, std::size_t capacity)>;
  explicit ListLines(Pull pull) : pull_(std::move(pull)) {}

  std::int64_t read(void* buffer, std::size_t capacity);
  // Where in the file the element begins: its line, from 1. Elements count from 1, as the lines that they become.
  std::uint64_t line_of(std::uint64_t element) const {
    return element == 0 || element > lines_.size() ? 0 : lines_[element - 1];
  }
  // A finding about such a line becomes one about the element: its path begins with the element's index, from 0.
  void place(Finding& finding) const;
  // What is wrong between the elements, as far as it has been read: commas, the list's end, what follows it.
  const std::vector<Finding>& findings() const { return findings_; }

 private:
  enum class State : std::uint8_t { begin, wanted, element, scalar, ended, after, over };
  static constexpr std::size_t kMost = 1000;  // findings that are kept

  bool between(char c);
  bool within(char c);
  void begin_element();
  void wrong(std::string message, std::string hint);

  Pull pull_;
  State state_ = State::begin;
  bool after_comma_ = false, quoted_ = false, escaped_ = false;
  bool end_due_ = false;  // of a line
  std::size_t depth_ = 0;
  std::uint64_t line_ = 1;
  std::vector<std::uint32_t> lines_;
  std::vector<Finding> findings_;
  std::string in_;
  std::size_t taken_ = 0;
};

}  // namespace fthost::data
