// Finding: one thing that is wrong with a row or a file, said for a person and marked for a program.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace fthost::data {

enum class Severity : std::uint8_t { error, warning, info };
const char* severity_name(Severity severity);

struct Finding {
  std::string code;  // stable, lower case with underscores: "unknown_role"
  Severity severity = Severity::error;
  std::string file;        // as it was named; may be empty
  std::uint64_t line = 0;  // from 1; 0: the file as a whole
  std::string path;        // JSON pointer into the row; empty: the row as a whole
  std::string provider;    // the plugin whose rule it is; empty: the host's own
  std::string message;     // what is wrong
  std::string hint;        // what to do; may be empty
  bool fixable = false;    // there is a change that mends it and loses nothing
};

// Where the rows of findings are, as their messages say it: "line 7", or "the element /6" of a list.
inline std::string row_name(std::uint64_t number, bool element) {
  return element ? "the element /" + std::to_string(number - 1) : "line " + std::to_string(number);
}

using FindingSink = std::function<void(const Finding& finding)>;

// {"code", "severity", "file", "line", "path", "provider", "message", "hint", "fixable"} without a newline.
std::string to_json(const Finding& finding);

}  // namespace fthost::data
