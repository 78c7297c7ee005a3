#include "lua/status_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "io/progress.hpp"
#include "io/terminal.hpp"

namespace fthost::lua {
namespace {

constexpr auto kSoon = std::chrono::milliseconds(500), kOften = std::chrono::milliseconds(100);

void print(const std::string& text) {
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

std::string megabytes(std::uint64_t bytes) { return std::to_string((bytes + 500'000) / 1'000'000); }

// "▕██████      ▏" of so many cells.
std::string bar_of(double share, int cells) {
  const int full = static_cast<int>(share * cells);
  std::string bar = "▕";
  for (int i = 0; i < cells; ++i) bar += i < full ? "█" : " ";
  return bar + "▏";
}

}  // namespace

std::shared_ptr<void> StatusLine::begin() {
  const std::lock_guard lock(mutex_);
  if (active_++ == 0) {
    done_ = io::progress().done;
    total_ = io::progress().total;
    hidden_ = false;
    if (!waiting_) wait(kSoon);
  }
  return {this, [](StatusLine* line) { line->end(); }};
}

void StatusLine::end() {
  const std::lock_guard lock(mutex_);
  if (--active_ == 0) clear();
}

void StatusLine::hide() {
  const std::lock_guard lock(mutex_);
  hidden_ = active_ > 0;
  clear();
}

void StatusLine::clear() {
  if (drawn_) print("\r\x1b[2K");
  drawn_ = false;
}

void StatusLine::wait(Duration delay) {
  waiting_ = true;
  loop_.after(delay, [this] {
    const std::lock_guard lock(mutex_);
    waiting_ = false;
    if (active_ == 0) return;
    if (!hidden_) draw();
    wait(kOften);
  });
}

void StatusLine::draw() {
  const std::uint64_t done = io::progress().done - done_, total = io::progress().total - total_;
  if (total == 0) return;
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const std::string percent = std::to_string(static_cast<int>(share * 100));
  const std::string tail = " " + megabytes(std::min(done, total)) + " of " + megabytes(total) + " MB";
  const int room = io::terminal_width() - 8 - static_cast<int>(tail.size());
  std::string line = std::string(3 - percent.size(), ' ') + percent + "% ";
  if (room >= 8) line += bar_of(share, std::min(room, 40));
  print("\r\x1b[2K" + line + tail);
  drawn_ = true;
}

}  // namespace fthost::lua
