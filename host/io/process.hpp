// Process: a child program with pipes, from start to the end of its life; start_detached() for one that outlives us.
// One thread at a time uses a Process; terminate() and error_tail() may come from any. Every child is reaped, always:
// a thread of its own watches each one, reads its standard error and ends it when asked to.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "io/cancel.hpp"
#include "io/process_spawn.hpp"

namespace fthost::io {

struct ProcessOptions {
  std::vector<std::string> argv;         // argv[0]: a path (from `directory`, if relative) or a name to find in PATH
  std::vector<std::string> env;          // NAME=VALUE, added to the host's environment or in place of it
  std::vector<std::string> env_removed;  // names of the host's environment that the child does not get
  std::string directory;                 // empty: the host's
  std::string output_file;               // start_detached(): standard output and error are appended; empty: dropped
  Duration grace = std::chrono::seconds(2);  // from TERM to KILL
};

// Starts a program as nobody's child, with /dev/null as its input. Its process id, which is also that of its session
// and process group.
Result<pid_t> start_detached(const ProcessOptions& options);

class Process {
 public:
  static constexpr std::size_t kErrorTail = 8u << 10;
  static constexpr std::size_t kMaxUnread = 16u << 20;  // of output, while we write or wait
  static constexpr std::size_t kMaxLine = 64u << 20;

  // The child leads a process group of its own. Blocks until the program runs, or could not be run.
  static Result<std::unique_ptr<Process>> start(const ProcessOptions& options);
  ~Process();  // as terminate(), and waits for the end
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return child_.pid; }

  // All of it, to standard input. Output that the child writes meanwhile is kept for read_line().
  Result<void> write(std::string_view bytes, const CancelToken& cancel);
  void close_input();

  // The next line of standard output without its newline; the last one need not have one. false: the end.
  Result<bool> read_line(std::string& line, const CancelToken& cancel);

  // Closes the input and waits for the end: 0 to 255, or 256 + signal. Output is kept for read_line(), up to
  // kMaxUnread bytes; a child that writes more must be read first.
  Result<int> wait(const CancelToken& cancel);

  // The last bytes of standard error so far; all that the child itself wrote, once wait() has returned.
  std::string error_tail() const;

  // Asks the child's process group to end (TERM), and makes it (KILL) after the grace time. Does not wait.
  void terminate();

 private:
  Process(const ProcessOptions& options, ChildPipes child, Descriptor exited, Descriptor control, Descriptor cancelled);
  Error cancelled_error() const;
  bool poll_for(int fd, short events, const CancelToken& cancel, bool& ready, bool& output);
  bool read_output();
  void supervise();
  bool drain_errors();
  bool reap();

  const std::string name_;
  const Duration grace_;
  ChildPipes child_;
  Descriptor exited_;     // readable for good once the child is reaped
  Descriptor control_;    // tells the watching thread that something below has changed
  Descriptor cancelled_;  // tells the thread that uses us

  std::string output_;  // read, not handed out yet, from offset_ on
  std::size_t offset_ = 0;
  std::size_t searched_ = 0;  // no newline before here
  bool output_ended_ = false;

  mutable std::mutex mutex_;
  bool reaped_ = false;
  bool terminating_ = false;
  bool closing_ = false;
  int exit_code_ = -1;  // not known
  std::string error_tail_;
  std::thread watcher_;
};

}  // namespace fthost::io
