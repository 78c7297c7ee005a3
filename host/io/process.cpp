// Reading, writing and waiting by poll(2), with an eventfd that a cancel writes to; and the thread that watches.
#include "io/process.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <optional>

namespace fthost::io {

namespace {

constexpr std::size_t kRead = 64u << 10;
constexpr std::size_t kMaxPipe = 1u << 20;
constexpr int kWithoutPidfd = 20;  // milliseconds between two looks at a child, on kernels without pidfd

void signal_event(const Descriptor& event) { eventfd_write(event.get(), 1); }

void clear_event(const Descriptor& event) {
  eventfd_t value;
  eventfd_read(event.get(), &value);
}

// write(2) whose EPIPE does not come with a signal, whatever the host does about SIGPIPE.
ssize_t write_quietly(int fd, std::string_view bytes) {
  sigset_t pipe_signal, before, pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  sigpending(&pending);
  const ssize_t count = ::write(fd, bytes.data(), bytes.size());
  const int problem = errno;
  if (count < 0 && problem == EPIPE && sigismember(&pending, SIGPIPE) == 0) {
    const timespec now{};
    sigtimedwait(&pipe_signal, nullptr, &now);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = problem;
  return count;
}

}  // namespace

Result<pid_t> start_detached(const ProcessOptions& options) { return spawn_detached(options); }

Result<std::unique_ptr<Process>> Process::start(const ProcessOptions& options) {
  auto exited = make_event();
  if (!exited) return exited.error();
  auto control = make_event();
  if (!control) return control.error();
  auto cancelled = make_event();
  if (!cancelled) return cancelled.error();
  auto child = spawn_with_pipes(options);
  if (!child) return child.error();
  const pid_t pid = child->pid;
  try {
    return std::unique_ptr<Process>(
        new Process(options, std::move(*child), std::move(*exited), std::move(*control), std::move(*cancelled)));
  } catch (const std::system_error& problem) {  // no thread to watch it
    kill(-pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return make_error(Code::io, std::string("cannot watch a child process: ") + problem.what(), options.argv.front(),
                      "the machine has too many threads; end some programs");
  }
}

Process::Process(const ProcessOptions& options, ChildPipes child, Descriptor exited, Descriptor control,
                 Descriptor cancelled)
    : name_(options.argv.front()),
      grace_(options.grace),
      child_(std::move(child)),
      exited_(std::move(exited)),
      control_(std::move(control)),
      cancelled_(std::move(cancelled)) {
  // The host's signals are for its own threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    watcher_ = std::thread([this] { supervise(); });
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Process::~Process() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  terminate();
  signal_event(control_);
  watcher_.join();
}

Error Process::cancelled_error() const { return make_error(Code::cancelled, "cancelled", name_); }

// Waits until `fd` (-1: none) or, with room for it, the output is ready. false: cancelled.
bool Process::poll_for(int fd, short events, const CancelToken& cancel, bool& ready, bool& output) {
  const CancelRegistration registration = cancel.on_cancel([this] { signal_event(cancelled_); });
  const bool listen = !output_ended_ && output_.size() - offset_ < kMaxUnread;
  pollfd fds[3] = {{fd, events, 0}, {listen ? child_.output.get() : -1, POLLIN, 0}, {cancelled_.get(), POLLIN, 0}};
  for (;;) {
    if (cancel.cancelled()) return false;
    if (::poll(fds, 3, -1) < 0) continue;  // EINTR
    if (fds[2].revents != 0) clear_event(cancelled_);
    ready = fds[0].revents != 0;
    output = fds[1].revents != 0;
    if (ready || output) return !cancel.cancelled();
  }
}

// One read of what is there. false: the end, or nothing yet.
bool Process::read_output() {
  if (offset_ > 0 && offset_ >= output_.size() / 2) {
    output_.erase(0, offset_);
    searched_ -= offset_;
    offset_ = 0;
  }
  const std::size_t before = output_.size();
  output_.resize(before + kRead);
  ssize_t count;
  do {
    count = ::read(child_.output.get(), output_.data() + before, kRead);
  } while (count < 0 && errno == EINTR);
  if (count == 0 || (count < 0 && errno != EAGAIN)) output_ended_ = true;
  output_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return count > 0;
}

Result<void> Process::write(std::string_view bytes, const CancelToken& cancel) {
  while (!bytes.empty()) {
    if (cancel.cancelled()) return cancelled_error();
    if (!child_.input) return make_error(Code::internal, "its standard input has been closed", name_);
    const ssize_t count = write_quietly(child_.input.get(), bytes);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
      continue;
    }
    if (errno == EPIPE) {
      const std::string tail = error_tail();
      return make_error(Code::io, "the program reads no more of its input", name_,
                        tail.empty() ? "it has ended" : "look at what it wrote to standard error");
    }
    if (errno != EAGAIN && errno != EINTR) return errno_error(errno, "cannot write to the program", name_);
    bool ready = false, output = false;
    if (!poll_for(child_.input.get(), POLLOUT, cancel, ready, output)) return cancelled_error();
    if (output) read_output();
  }
  return {};
}

void Process::close_input() { child_.input.reset(); }

Result<bool> Process::read_line(std::string& line, const CancelToken& cancel) {
  for (;;) {
    if (cancel.cancelled()) return cancelled_error();
    const std::size_t end = output_.find('\n', searched_);
    if (end != std::string::npos || (output_ended_ && offset_ < output_.size())) {
      const std::size_t stop = std::min(end, output_.size());
      line.assign(output_, offset_, stop - offset_);
      offset_ = searched_ = std::min(stop + 1, output_.size());
      return true;
    }
    searched_ = output_.size();
    if (output_ended_) return false;
    if (output_.size() - offset_ > kMaxLine) {
      return make_error(Code::limit, "the program writes a line longer than " + std::to_string(kMaxLine) + " bytes",
                        name_, "check that it writes text");
    }
    if (read_output() || output_ended_) continue;
    const CancelRegistration registration = cancel.on_cancel([this] { signal_event(cancelled_); });
    pollfd fds[2] = {{child_.output.get(), POLLIN, 0}, {cancelled_.get(), POLLIN, 0}};
    if (::poll(fds, 2, -1) > 0 && fds[1].revents != 0) clear_event(cancelled_);
  }
}

Result<int> Process::wait(const CancelToken& cancel) {
  close_input();
  for (;;) {
    bool ready = false, output = false;
    if (!poll_for(exited_.get(), POLLIN, cancel, ready, output)) return cancelled_error();
    if (output) read_output();
    if (!ready) continue;
    std::lock_guard lock(mutex_);
    if (exit_code_ >= 0) return exit_code_;
    return make_error(Code::internal, "the exit code is lost: something else in the host waited for this child", name_,
                      "nothing may ignore SIGCHLD or wait for any child");
  }
}

std::string Process::error_tail() const {
  std::lock_guard lock(mutex_);
  return error_tail_.size() > kErrorTail ? error_tail_.substr(error_tail_.size() - kErrorTail) : error_tail_;
}

void Process::terminate() {
  std::lock_guard lock(mutex_);
  if (reaped_ || terminating_) return;
  terminating_ = true;
  kill(-child_.pid, SIGTERM);
  kill(-child_.pid, SIGCONT);  // a stopped one would not see it
  signal_event(control_);
}

// ---- the watching thread ----------------------------------------------------------------------------------------

void Process::supervise() {
  using SteadyClock = std::chrono::steady_clock;  // of the machine: the grace time is about a real process
  std::optional<SteadyClock::time_point> kill_at;
  bool killed = false, running = true, errors = true;
  while (running || errors) {
    int timeout = running && !child_.watch ? kWithoutPidfd : -1;
    if (kill_at && !killed) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*kill_at - SteadyClock::now()).count();
      const int until_kill = static_cast<int>(std::max<std::int64_t>(left, 0));
      timeout = timeout < 0 ? until_kill : std::min(timeout, until_kill);
    }
    pollfd fds[3] = {{control_.get(), POLLIN, 0},
                     {running ? child_.watch.get() : -1, POLLIN, 0},
                     {errors ? child_.errors.get() : -1, POLLIN, 0}};
    if (::poll(fds, 3, timeout) < 0) continue;  // EINTR
    if (fds[0].revents != 0) clear_event(control_);
    if (errors && fds[2].revents != 0) errors = drain_errors();
    if (running && reap()) {
      running = false;
      if (errors) errors = drain_errors();
      signal_event(exited_);
    }
    std::lock_guard lock(mutex_);
    if (running && terminating_ && !kill_at) kill_at = SteadyClock::now() + grace_;
    if (running && kill_at && !killed && SteadyClock::now() >= *kill_at) {
      killed = true;
      kill(-child_.pid, SIGKILL);
    }
    if (!running && closing_) return;  // whoever still holds its standard error is none of ours
  }
}

// Reads what is there, but no more than a pipe holds: a child that never stops writing must not keep us here.
// false: the end.
bool Process::drain_errors() {
  char bytes[4096];
  for (std::size_t done = 0; done < kMaxPipe; done += sizeof bytes) {
    const ssize_t count = ::read(child_.errors.get(), bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 && errno == EAGAIN;
    std::lock_guard lock(mutex_);
    error_tail_.append(bytes, static_cast<std::size_t>(count));
    if (error_tail_.size() > 2 * kErrorTail) error_tail_.erase(0, error_tail_.size() - kErrorTail);
  }
  return true;
}

// true: it has ended, and no zombie is left. Signals are sent under the same lock, so never to a stranger's number.
bool Process::reap() {
  siginfo_t info{};
  const bool ours = waitid(P_PID, static_cast<id_t>(child_.pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
  if (ours && info.si_pid == 0) return false;
  std::lock_guard lock(mutex_);
  if (ours && terminating_) kill(-child_.pid, SIGKILL);  // what is left of its group, while the number is still its own
  int status = 0;
  pid_t waited;
  do {
    waited = waitpid(child_.pid, &status, 0);
  } while (waited < 0 && errno == EINTR);
  if (waited == child_.pid) exit_code_ = WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
  reaped_ = true;
  return true;
}

}  // namespace fthost::io
