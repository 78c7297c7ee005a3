#include "base/log.hpp"

#include <unistd.h>

#include <atomic>

namespace fthost {
namespace {

std::atomic<int> least{static_cast<int>(LogLevel::warning)};

const char* level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug: ";
    case LogLevel::info:
      return "";
    case LogLevel::warning:
      return "warning: ";
    default:
      return "error: ";
  }
}

}  // namespace

void set_log_level(LogLevel level) { least = static_cast<int>(level); }
LogLevel log_level() { return static_cast<LogLevel>(least.load()); }

void log_line(LogLevel level, const std::string& text) {
  if (static_cast<int>(level) < least) return;
  const std::string line = std::string("fthost: ") + level_name(level) + text + "\n";
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t n = write(STDERR_FILENO, line.data() + done, line.size() - done);
    if (n <= 0) return;
    done += static_cast<std::size_t>(n);
  }
}

}  // namespace fthost
