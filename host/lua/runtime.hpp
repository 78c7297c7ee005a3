// Runtime: runs a script as the root task of a Lua state, until it and everything it spawned has ended. On the loop's
// thread, which run_*() keeps turning; one script at a time.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/loop.hpp"
#include "lua/error.hpp"
#include "lua/scheduler.hpp"
#include "lua/state.hpp"

namespace fthost::lua {

// How a script ended.
struct Outcome {
  int exit_status = 0;         // what it returned or gave os.exit; else exit_status_of its error
  std::optional<Error> error;  // none: it succeeded, or left by os.exit
  std::string code;            // of the error, in the script's word: "error" for a plain string
  std::string traceback;       // of the error; may be empty
};

// 2 usage or configuration; 3 provider or network; 130 interrupted; else 1.
int exit_status_of(const Error& error);

class Runtime {
 public:
  // Throws Failure where the state cannot be made.
  Runtime(io::EventLoop& loop, Settings settings);
  ~Runtime();

  State& state() { return state_; }
  void open(Opener opener) { state_.open(opener); }

  // The script gets `args` as "..." and, with its name at 0, as the global `arg`. It ends with the exit status that it
  // returns: a whole number from 0 to 255, or false for 1; what else it returns is an error. Modules beside a file are
  // found by require.
  Outcome run_file(const std::filesystem::path& path, const std::vector<std::string>& args = {});
  Outcome run_string(std::string_view chunk, const std::string& name, const std::vector<std::string>& args = {});

  // As Ctrl-C does: cancels the root task and stops a busy loop. Async-signal-safe on the thread of the loop.
  void interrupt();

 private:
  // `push` pushes a function and its arguments.
  Outcome run(const std::function<void(lua_State*)>& push);
  void watch_interrupts();
  void root_ended(Task& root, TaskEnd end);
  Outcome outcome(const Ended& ended) const;

  io::EventLoop& loop_;
  State state_;
  Scheduler scheduler_;
  boost::asio::posix::stream_descriptor interrupts_;  // an eventfd
  TaskId root_;
  bool running_ = false;
  std::optional<TaskEnd> end_;
  int returned_ = 0;
  Caught caught_;
};

}  // namespace fthost::lua
