// The terminal, if there is one: its width, and lines that a person types. Reading blocks and belongs on a worker.
#pragma once

#include <string>

#include "base/result.hpp"
#include "io/cancel.hpp"

namespace fthost::io {

bool is_terminal(int fd);

// Columns of the terminal at standard error or output; else $COLUMNS, else 80.
int terminal_width();

// The next line of standard input without its newline; false at its end. Any thread: each waits for its turn.
Result<bool> read_input_line(std::string& line, const CancelToken& cancel);

}  // namespace fthost::io
