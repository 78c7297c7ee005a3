// fork and exec. Between the two only async-signal-safe calls: other threads of the host may hold any lock.
#include "io/process_spawn.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "io/process.hpp"

namespace fthost::io {

namespace {

enum class Stage : int { pid, fork, directory, streams, exec };

// What the child says through the report pipe before exec closes it. Smaller than PIPE_BUF: written whole.
struct Report {
  Stage stage;
  int value;  // errno; with Stage::pid the process id
};

// Everything the child needs, made before the fork.
struct Plan {
  std::string program;
  std::vector<char*> argv, envp;
  const char* directory = nullptr;
  std::array<int, 3> streams{};
  int report = -1;
  bool detached = false;
};

Result<Descriptor> above_standard(int fd) {
  if (fd < 0 || fd > 2) return Descriptor(fd);
  const int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  const int problem = errno;
  close(fd);
  if (moved < 0) return errno_error(problem, "cannot duplicate a descriptor", {});
  return Descriptor(moved);
}

// Both ends above the standard descriptors, so that dup2 in the child never meets its own source.
Result<std::pair<Descriptor, Descriptor>> make_pipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) {
    return errno_error(errno, "cannot make a pipe", {},
                       "close some programs, or raise the limit of open files (ulimit -n)");
  }
  auto first = above_standard(fds[0]);
  auto second = above_standard(fds[1]);
  if (!first) return first.error();
  if (!second) return second.error();
  return std::pair(std::move(*first), std::move(*second));
}

Result<Descriptor> open_stream(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0) return errno_error(errno, "cannot open it for a child process", path);
  return above_standard(fd);
}

bool is_program(const std::string& path) {
  struct stat about{};
  return access(path.c_str(), X_OK) == 0 && stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode);
}

Result<std::string> find_program(const std::string& name) {
  if (name.empty())
    return make_error(Code::input, "there is no program to run", {}, "give a path or a name as argv[0]");
  if (name.find('/') != std::string::npos) return name;
  const char* const variable = std::getenv("PATH");
  const std::string path = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find(':', start), path.size());
    const std::string folder = end > start ? path.substr(start, end - start) : ".";
    if (is_program(folder + "/" + name)) return folder + "/" + name;
    start = end + 1;
  }
  return make_error(Code::io, "there is no such program in PATH", name, "install it, or give its whole path");
}

std::vector<std::string> environment(const ProcessOptions& options) {
  const auto names = [](std::string_view entry, std::string_view name) {
    return entry.starts_with(name) && entry.substr(name.size()).starts_with('=');
  };
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const bool removed = std::any_of(options.env_removed.begin(), options.env_removed.end(),
                                     [&](const std::string& name) { return names(text, name); });
    const bool replaced = std::any_of(options.env.begin(), options.env.end(), [&](const std::string& added) {
      return names(text, std::string_view(added).substr(0, added.find('=')));
    });
    if (!removed && !replaced) result.emplace_back(text);
  }
  result.insert(result.end(), options.env.begin(), options.env.end());
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& text : strings) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// ---- in the child -----------------------------------------------------------------------------------------------

void say(const Plan& plan, Stage stage, int value) {
  const Report report{stage, value};
  while (write(plan.report, &report, sizeof report) < 0 && errno == EINTR) {
  }
}

[[noreturn]] void give_up(const Plan& plan, Stage stage) {
  say(plan, stage, errno);
  _exit(127);
}

void reset_signals() {
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &standard, nullptr);
}

void close_on_exec_from(unsigned first) {
  constexpr unsigned kCloseOnExec = 1u << 2;  // CLOSE_RANGE_CLOEXEC, Linux 5.11
  if (syscall(SYS_close_range, first, ~0u, kCloseOnExec) == 0) return;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const int end = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 1u << 20));
  for (int fd = static_cast<int>(first); fd < end; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

[[noreturn]] void run_child(const Plan& plan) {
  reset_signals();
  if (plan.detached) {
    const pid_t pid = fork();
    if (pid < 0) give_up(plan, Stage::fork);
    if (pid > 0) {
      say(plan, Stage::pid, pid);
      _exit(0);
    }
    setsid();
  } else {
    setpgid(0, 0);
  }
  if (plan.directory != nullptr && chdir(plan.directory) != 0) give_up(plan, Stage::directory);
  for (int i = 0; i < 3; ++i) {
    if (dup2(plan.streams[static_cast<std::size_t>(i)], i) < 0) give_up(plan, Stage::streams);
  }
  close_on_exec_from(3);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(plan.program.c_str(), plan.argv.data(), plan.envp.data());
  give_up(plan, Stage::exec);
}

// ---- in the host ------------------------------------------------------------------------------------------------

pid_t fork_quietly(const Plan& plan) {
  // No handler of the host may run in the child, so none may be called until it has dropped them.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid == 0) run_child(plan);
  const int problem = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = problem;
  return pid;
}

Error report_error(const Report& report, const Plan& plan) {
  if (report.stage == Stage::directory) return errno_error(report.value, "cannot enter the folder", plan.directory);
  if (report.stage != Stage::exec) return errno_error(report.value, "cannot start a process", plan.program);
  std::string hint;
  if (report.value == ENOENT) hint = "check the path, and the interpreter that its first line names";
  if (report.value == EACCES) hint = "it must be a file with permission to execute";
  if (report.value == ENOEXEC) hint = "it is no program; a script begins with a line like #!/bin/sh";
  return errno_error(report.value, "cannot run the program", plan.program, hint);
}

// Forks and waits until the program runs. The process id of what runs.
Result<pid_t> launch(const ProcessOptions& options, Plan& plan) {
  const std::string name = options.argv.empty() ? std::string() : options.argv.front();
  auto program = find_program(name);
  if (!program) return program.error();
  for (const auto* list : {&options.argv, &options.env}) {
    for (const std::string& text : *list) {
      if (text.find('\0') != std::string::npos) {
        return make_error(Code::input, "an argument or variable has a zero byte in it", name, "take it out");
      }
    }
  }
  plan.program = *program;
  std::vector<std::string> argv = options.argv;
  std::vector<std::string> envp = environment(options);
  plan.argv = pointers(argv);
  plan.envp = pointers(envp);
  if (!options.directory.empty()) plan.directory = options.directory.c_str();

  auto report_pipe = make_pipe();
  if (!report_pipe) return report_pipe.error();
  auto& [from_child, to_host] = *report_pipe;
  plan.report = to_host.get();
  const pid_t child = fork_quietly(plan);
  if (child < 0) return errno_error(errno, "cannot start a process", name, "the machine has too many; end some");
  to_host.reset();

  pid_t running = child;
  Report report{};
  bool failed = false;
  Report problem{};
  for (;;) {
    const ssize_t size = read(from_child.get(), &report, sizeof report);
    if (size < 0 && errno == EINTR) continue;
    if (size != static_cast<ssize_t>(sizeof report)) break;
    if (report.stage == Stage::pid) {
      running = report.value;
    } else {
      failed = true;
      problem = report;
    }
  }
  if (failed || plan.detached) {
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  if (failed) return report_error(problem, plan);
  return running;
}

void stop_blocking(const Descriptor& fd) { fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK); }

}  // namespace

Result<Descriptor> make_event() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return errno_error(errno, "cannot make an eventfd", {});
  return Descriptor(fd);
}

Result<ChildPipes> spawn_with_pipes(const ProcessOptions& options) {
  auto input = make_pipe();
  if (!input) return input.error();
  auto output = make_pipe();
  if (!output) return output.error();
  auto errors = make_pipe();
  if (!errors) return errors.error();
  Plan plan;
  plan.streams = {input->first.get(), output->second.get(), errors->second.get()};
  auto pid = launch(options, plan);
  if (!pid) return pid.error();

  ChildPipes child;
  child.pid = *pid;
  child.input = std::move(input->second);
  child.output = std::move(output->first);
  child.errors = std::move(errors->first);
  child.watch = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)));  // close-on-exec by itself
  stop_blocking(child.input);
  stop_blocking(child.output);
  stop_blocking(child.errors);
  return child;
}

Result<pid_t> spawn_detached(const ProcessOptions& options) {
  auto input = open_stream("/dev/null", O_RDONLY);
  if (!input) return input.error();
  auto output = options.output_file.empty() ? open_stream("/dev/null", O_WRONLY)
                                            : open_stream(options.output_file, O_WRONLY | O_CREAT | O_APPEND);
  if (!output) return output.error();
  Plan plan;
  plan.streams = {input->get(), output->get(), output->get()};
  plan.detached = true;
  return launch(options, plan);
}

}  // namespace fthost::io
