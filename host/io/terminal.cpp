#include "io/terminal.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

namespace fthost::io {

bool is_terminal(int fd) { return isatty(fd) == 1; }

int terminal_width() {
  for (const int fd : {STDERR_FILENO, STDOUT_FILENO}) {
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  if (const char* columns = std::getenv("COLUMNS")) {
    const int value = std::atoi(columns);
    if (value > 0) return value;
  }
  return 80;
}

namespace {

// Standard input, which the process has once: one thread at a time reads it, and keeps here what it has read too far.
struct Input {
  std::mutex mutex;
  std::condition_variable free;
  bool taken = false;
  std::string unread;  // of the thread that has taken it
};

class Turn {
 public:
  Turn(Input& input, const CancelToken& cancel) : input_(input) {
    const auto woken = cancel.on_cancel([this] {
      const std::lock_guard lock(input_.mutex);
      input_.free.notify_all();
    });
    std::unique_lock lock(input_.mutex);
    input_.free.wait(lock, [&] { return !input_.taken || cancel.cancelled(); });
    mine_ = !cancel.cancelled();
    if (mine_) input_.taken = true;
  }
  ~Turn() {
    if (!mine_) return;
    const std::lock_guard lock(input_.mutex);
    input_.taken = false;
    input_.free.notify_all();
  }
  Turn(const Turn&) = delete;
  bool mine() const { return mine_; }

 private:
  Input& input_;
  bool mine_;
};

}  // namespace

Result<bool> read_input_line(std::string& line, const CancelToken& cancel) {
  static Input input;
  const Turn turn(input, cancel);
  if (!turn.mine()) return make_error(Code::cancelled, "cancelled");
  std::string& unread = input.unread;
  const int wake = eventfd(0, EFD_CLOEXEC);
  if (wake < 0) return errno_error(errno, "eventfd", "standard input");
  Result<bool> result = false;
  {
    const auto woken = cancel.on_cancel([wake] {
      const std::uint64_t one = 1;
      (void)!write(wake, &one, sizeof one);
    });
    for (;;) {
      if (const auto newline = unread.find('\n'); newline != std::string::npos) {
        line.assign(unread, 0, newline);
        unread.erase(0, newline + 1);
        if (line.ends_with('\r')) line.pop_back();
        result = true;
        break;
      }
      pollfd waits[2] = {{STDIN_FILENO, POLLIN, 0}, {wake, POLLIN, 0}};
      if (poll(waits, 2, -1) < 0 && errno != EINTR) {
        result = errno_error(errno, "poll", "standard input");
        break;
      }
      if (cancel.cancelled()) {
        result = make_error(Code::cancelled, "cancelled");
        break;
      }
      if (waits[0].revents == 0) continue;
      char buffer[4096];
      const ssize_t got = read(STDIN_FILENO, buffer, sizeof buffer);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) {
        result = errno_error(errno, "read", "standard input");
        break;
      }
      if (got == 0) {
        result = !unread.empty();
        line = std::move(unread);
        unread.clear();
        break;
      }
      unread.append(buffer, static_cast<std::size_t>(got));
    }
  }
  close(wake);
  return result;
}

}  // namespace fthost::io
