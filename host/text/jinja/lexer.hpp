// Lexer: a template's source as tokens, with Jinja's white-space control (trim_blocks and lstrip_blocks on). One
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/jinja/value.hpp"

namespace fthost::text::jinja {

struct Token {
  enum class Kind { text, output_begin, output_end, block_begin, block_end, name, string, integer, real, symbol, end };
  Kind kind = Kind::end;
  std::string text;  // of text and string: what it means; of name and symbol: as written
  Value number;      // of integer and real
  int line = 1;
};

// Throws TemplateError, with the line in *line. The last token is `end`.
std::vector<Token> tokenize(std::string_view source, int* line);

}  // namespace fthost::text::jinja
