// Child processes, with /bin/sh as the child. Nothing here waits for time to pass.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "io/process.hpp"

using namespace fthost;
using io::CancelToken;
using io::Process;
using io::ProcessOptions;
using namespace std::string_literals;

namespace {

const CancelToken kNever;

ProcessOptions shell(const std::string& script) {
  ProcessOptions options;
  options.argv = {"/bin/sh", "-c", script};
  options.grace = std::chrono::milliseconds(1);
  return options;
}

std::unique_ptr<Process> started(const ProcessOptions& options) {
  auto process = Process::start(options);
  if (!process) throw Failure(process.error());
  return std::move(*process);
}

// All lines, each followed by "|".
std::string lines(Process& process) {
  std::string all, line;
  while (process.read_line(line, kNever).value()) all += line + "|";
  return all;
}

std::string failure(const ProcessOptions& options) {
  const auto process = Process::start(options);
  return process ? "it runs" : process.error().sentence();
}

struct TemporaryFolder {
  std::filesystem::path path;
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "fthost-process-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(process_lines_are_read_and_the_exit_code_is_told) {
  const auto process = started(shell("echo one; printf 'two\\n\\nthree'; echo lost >&2; exit 7"));
  BOOST_TEST(lines(*process) == "one|two||three|");
  BOOST_TEST(process->wait(kNever).value() == 7);
  BOOST_TEST(process->wait(kNever).value() == 7);
  BOOST_TEST(process->error_tail() == "lost\n");
}

BOOST_AUTO_TEST_CASE(process_is_written_to_and_answers) {
  ProcessOptions options;
  options.argv = {"cat"};  // found in PATH
  const auto process = started(options);
  std::string line;
  for (const char* text : {"hello", "world"}) {
    BOOST_TEST(process->write(std::string(text) + "\n", kNever).has_value());
    BOOST_TEST(process->read_line(line, kNever).value());
    BOOST_TEST(line == text);
  }
  process->close_input();
  BOOST_TEST(!process->read_line(line, kNever).value());
  BOOST_TEST(process->wait(kNever).value() == 0);
  BOOST_TEST(!process->write("x", kNever).has_value());
}

BOOST_AUTO_TEST_CASE(process_that_answers_while_it_is_written_to_does_not_block_us) {
  ProcessOptions options;
  options.argv = {"cat"};
  const auto process = started(options);
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += std::to_string(i) + "\n";  // far above what two pipes hold
  BOOST_TEST(process->write(text, kNever).has_value());
  process->close_input();
  std::string got, line;
  while (process->read_line(line, kNever).value()) got += line + "\n";
  BOOST_TEST((got == text));
}

BOOST_AUTO_TEST_CASE(process_output_is_kept_while_we_wait) {
  const auto process = started(shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done"));
  BOOST_TEST(process->wait(kNever).value() == 0);
  const std::string all = lines(*process);
  BOOST_TEST(all.size() == 208'890u);
  BOOST_TEST(all.ends_with("line 19999|"));
}

BOOST_AUTO_TEST_CASE(process_error_output_never_blocks_and_its_end_is_kept) {
  const auto process = started(shell("yes 0123456789abcde | head -c 1000000 >&2; echo the end >&2"));
  BOOST_TEST(process->wait(kNever).value() == 0);
  const std::string tail = process->error_tail();
  BOOST_TEST(tail.size() == Process::kErrorTail);
  BOOST_TEST(tail.ends_with("0123456789abcde\nthe end\n"));
}

BOOST_AUTO_TEST_CASE(process_killed_by_a_signal_tells_which) {
  BOOST_TEST(started(shell("kill -9 $$"))->wait(kNever).value() == 256 + SIGKILL);
}

BOOST_AUTO_TEST_CASE(process_that_cannot_start_says_why) {
  ProcessOptions options;
  options.argv = {"/does/not/exist"};
  BOOST_TEST(has(failure(options), "/does/not/exist: cannot run the program: No such file or directory"));
  options.argv = {"no-such-program-here"};
  BOOST_TEST(has(failure(options), "no such program in PATH"));
  options.argv = {"/etc/passwd"};
  BOOST_TEST(has(failure(options), "permission to execute"));
  options.argv = {};
  BOOST_TEST(has(failure(options), "no program to run"));
  options = shell("true");
  options.directory = "/does/not/exist";
  BOOST_TEST(has(failure(options), "cannot enter the folder"));
  options = shell("true");
  options.argv.push_back(std::string("a\0b", 3));
  BOOST_TEST(has(failure(options), "zero byte"));
  BOOST_TEST(waitpid(-1, nullptr, WNOHANG) == -1);
  BOOST_TEST(errno == ECHILD);
}

BOOST_AUTO_TEST_CASE(process_gets_its_folder_and_environment) {
  setenv("FTHOST_TEST_SECRET", "s3cret", 1);
  setenv("FTHOST_TEST_OLD", "old", 1);
  ProcessOptions options = shell("pwd; echo $A-$FTHOST_TEST_OLD-$FTHOST_TEST_SECRET-");
  options.directory = "/usr";
  options.env = {"A=b=c", "FTHOST_TEST_OLD=new"};
  options.env_removed = {"FTHOST_TEST_SECRET"};
  BOOST_TEST(lines(*started(options)) == "/usr|b=c-new--|");
}

BOOST_AUTO_TEST_CASE(process_inherits_no_descriptor_mask_or_handler) {
  const int leaked = open("/dev/null", O_RDONLY);  // not close-on-exec
  const int high = fcntl(leaked, F_DUPFD, 200);
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto old_pipe = std::signal(SIGPIPE, SIG_IGN);
  const auto process = started(shell("exec cat /proc/self/status"));
  const auto descriptors = started(shell("exec ls /proc/self/fd"));
  std::signal(SIGPIPE, old_pipe);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  close(leaked);
  close(high);
  const std::string status = lines(*process);
  for (const char* none : {"SigBlk:", "SigIgn:", "SigCgt:"}) BOOST_TEST(has(status, none + "\t0000000000000000|"s));
  BOOST_TEST(lines(*descriptors) == "0|1|2|3|");  // 3 is the folder that ls reads
}

BOOST_AUTO_TEST_CASE(process_that_reads_no_more_is_an_error_and_no_signal) {
  const auto process = started(shell("exec <&-; echo closed; exec sleep 1000"));
  std::string line;
  BOOST_TEST(process->read_line(line, kNever).value());
  const auto written = process->write("x", kNever);
  BOOST_REQUIRE(!written.has_value());
  BOOST_TEST(has(written.error().sentence(), "reads no more of its input"));
}

BOOST_AUTO_TEST_CASE(process_cancel_ends_every_wait_and_the_next_call_works) {
  const auto process = started(shell("echo ready; read x; echo $x; cat >/dev/null"));
  std::string line;
  BOOST_TEST(process->read_line(line, kNever).value());
  const auto cancelled = [&](auto call) {
    const CancelToken cancel;
    std::thread canceller([&] { cancel.cancel(); });
    const bool is_cancelled = call(cancel).error().code == Code::cancelled;
    canceller.join();
    return is_cancelled;
  };
  BOOST_TEST(cancelled([&](const CancelToken& cancel) { return process->read_line(line, cancel); }));
  BOOST_TEST(process->write("go on\n", kNever).has_value());
  BOOST_TEST(process->read_line(line, kNever).value());
  BOOST_TEST(line == "go on");

  ProcessOptions stopped = shell("echo ready; kill -STOP $$");
  stopped.grace = std::chrono::hours(1);
  const auto deaf = started(stopped);
  BOOST_TEST(deaf->read_line(line, kNever).value());
  const std::string much(8u << 20, 'x');
  BOOST_TEST(cancelled([&](const CancelToken& cancel) { return deaf->write(much, cancel); }));
  BOOST_TEST(cancelled([&](const CancelToken& cancel) { return deaf->wait(cancel); }));
  deaf->terminate();
  BOOST_TEST(deaf->wait(kNever).value() == 256 + SIGTERM);
}

BOOST_AUTO_TEST_CASE(process_terminate_asks_and_then_makes_it) {
  ProcessOptions polite = shell("trap 'echo asked; exit 5' TERM; echo ready; while :; do read x; done");
  polite.grace = std::chrono::hours(1);
  auto process = started(polite);
  std::string line;
  BOOST_TEST(process->read_line(line, kNever).value());
  process->terminate();
  BOOST_TEST(process->read_line(line, kNever).value());
  BOOST_TEST(line == "asked");
  BOOST_TEST(process->wait(kNever).value() == 5);

  process = started(shell("trap '' TERM; echo ready; while :; do read x; done"));
  BOOST_TEST(process->read_line(line, kNever).value());
  process->terminate();
  BOOST_TEST(process->wait(kNever).value() == 256 + SIGKILL);
}

BOOST_AUTO_TEST_CASE(process_end_takes_its_own_children_with_it) {
  auto process = started(shell("(trap '' TERM; echo child; while :; do read x; done) & echo parent; wait"));
  std::string line;
  BOOST_TEST(process->read_line(line, kNever).value());
  BOOST_TEST(process->read_line(line, kNever).value());
  process->terminate();
  // The output ends only when the last process that holds it is gone.
  BOOST_TEST(!process->read_line(line, kNever).value());
}

BOOST_AUTO_TEST_CASE(process_that_is_dropped_is_ended_and_leaves_no_zombie) {
  pid_t pid = 0;
  for (int i = 0; i < 20; ++i) pid = started(shell("trap '' TERM; while :; do read x; done"))->pid();
  BOOST_TEST(kill(pid, 0) == -1);
  BOOST_TEST(waitpid(-1, nullptr, WNOHANG) == -1);
  BOOST_TEST(errno == ECHILD);
}

BOOST_AUTO_TEST_CASE(process_that_leaves_its_output_to_others_can_still_be_waited_for) {
  auto process = started(shell("sleep 1000 & echo $!; exit 3"));
  std::string line;
  BOOST_TEST(process->read_line(line, kNever).value());
  BOOST_TEST(process->wait(kNever).value() == 3);
  process.reset();
  BOOST_TEST(kill(std::stoi(line), SIGKILL) == 0);
}

BOOST_AUTO_TEST_CASE(detached_process_is_nobodys_child_and_leads_a_session) {
  const TemporaryFolder folder;
  const std::filesystem::path output = folder.path / "output", ready = folder.path / "ready";
  mkfifo(ready.c_str(), 0600);
  ProcessOptions options = shell("cat; echo to output; echo to error >&2; cut -d' ' -f4-6 /proc/$$/stat; echo > ready");
  options.directory = folder.path;
  options.output_file = output;
  std::ofstream(output) << "before\n";
  const auto pid = io::start_detached(options);
  BOOST_REQUIRE(pid.has_value());
  std::ifstream(ready).get();  // blocks until the child has written all
  std::stringstream text;
  text << std::ifstream(output).rdbuf();
  std::string line;
  std::getline(text, line);
  BOOST_TEST(line == "before");
  std::getline(text, line);
  BOOST_TEST(line == "to output");
  std::getline(text, line);
  BOOST_TEST(line == "to error");
  pid_t parent = 0, group = 0, session = 0;
  text >> parent >> group >> session;
  BOOST_TEST(parent != getpid());
  BOOST_TEST(group == *pid);
  BOOST_TEST(session == *pid);
  BOOST_TEST(waitpid(-1, nullptr, WNOHANG) == -1);
  BOOST_TEST(errno == ECHILD);

  options.argv = {"/does/not/exist"};
  BOOST_TEST(has(io::start_detached(options).error().sentence(), "cannot run the program: No such file or directory"));
  options.output_file = "/does/not/exist";
  BOOST_TEST(has(io::start_detached(options).error().sentence(), "/does/not/exist"));
}
