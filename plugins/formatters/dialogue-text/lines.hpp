// The text itself: reading lines into blocks and printing blocks as lines. One thread.
#pragma once

#include <cstdint>
#include <ft/plugin.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace dialogue {

struct Block {
  std::string role;  // "system", "user" or "assistant"
  std::string text;
  std::string dynamic;  // what stands behind the marker; only in the first block
  bool marker = false;
  std::uint64_t line = 0;  // of its header
};

bool blank(std::string_view line);
// The role of a header line ("User:", white space behind it allowed), or empty.
std::string_view header_role(std::string_view line);

// Removes the blank lines around a text; those inside stay.
void trim_blank_lines(std::string& text);
// What printing and reading again makes of a text: no carriage returns at line ends, no blank lines around it.
void clean(std::string& text);
// Two texts as one, a newline between them where both are there.
std::string joined(const std::string& first, const std::string& second);

// Reads a file line by line and reports what is wrong with it.
class Reader {
 public:
  explicit Reader(const ft::Call& call) : call_(call) {}
  void line(std::string_view line, std::uint64_t number);
  // The blocks, or nothing where the file was refused.
  std::vector<Block> finish();

 private:
  void refuse(std::uint64_t line, std::string_view code, const std::string& message, std::string_view hint);
  void merge_neighbours();

  const ft::Call& call_;
  std::vector<Block> blocks_;
  std::uint64_t last_line_ = 0;
  bool good_ = true;
};

// The file: headers, bodies with a backslash before each line that would read as a header or the marker.
std::string print(const std::vector<Block>& blocks);

}  // namespace dialogue
