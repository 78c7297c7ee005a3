// The one way to log: a line on standard error. Any thread. Never a secret, never instead of an Error.
#pragma once

#include <string>

namespace fthost {

enum class LogLevel { debug = 0, info = 1, warning = 2, error = 3, off = 4 };

void set_log_level(LogLevel level);  // the least that is printed; warning at the start
LogLevel log_level();

// "fthost: warning: text\n", in one write.
void log_line(LogLevel level, const std::string& text);

}  // namespace fthost
