// State: one Lua state with its libraries, limits and sandbox. The script's state lives on the loop's thread and has a
// Scheduler; a worker's state for row functions has none. Only the owning thread touches it, but for interrupt().
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include "lua/lua.hpp"

#include "base/gate.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "lua/limits.hpp"
#include "lua/watchdog.hpp"

namespace fthost::lua {

class Scheduler;
class Modules;

using fthost::LogLevel;

struct Settings {
  Limits limits;
  bool sandbox = false;           // libraries and globals as section "Sandbox" of docs/lua.md says
  Gate gate = Gate::open();       // asked by every binding, in the sandbox and out of it
  std::filesystem::path scripts;  // the installed scripts: require "ft.split" is scripts/ft/split.lua
  std::filesystem::path project;  // searched by require after the script's own folder; may be empty
  std::function<void(LogLevel, std::string_view)> log;  // ft.log and Lua's warnings; empty: log_line
};

// A function that adds to the ft table, which lies on top of the stack. One for each api_<noun>.cpp.
using Opener = void (*)(lua_State* L);

class State {
 public:
  // Throws Failure where the state cannot be made.
  State(Clock& clock, Settings settings);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  static State& from(lua_State* L);

  lua_State* main() { return main_; }
  Clock& clock() { return clock_; }
  const Settings& settings() const { return settings_; }
  const Gate& gate() const { return settings_.gate; }
  LimitControl& limits() { return limits_; }
  const LimitControl& limits() const { return limits_; }
  Modules& modules() { return *modules_; }
  Scheduler* scheduler() { return scheduler_; }
  void set_scheduler(Scheduler* scheduler) { scheduler_ = scheduler; }
  void log(LogLevel level, std::string_view text) const;

  void open(Opener opener);  // throws Failure

  // Runs `fn` on the main Lua thread, protected: what it raises or throws is the result. protect() is for the host's
  // own work; run() counts it against the limits, as a row function or a Lua plugin needs.
  Result<void> protect(const std::function<void(lua_State*)>& fn);
  Result<void> run(const std::function<void(lua_State*)>& fn);

  // lua_resume, with the running thread known to the limits. `from` may be null.
  int resume(lua_State* thread, lua_State* from, int argument_count, int* result_count);
  // Ends a thread that is not running: its pending to-be-closed variables are closed. Leaves the error object, if any.
  int close(lua_State* thread);

  // What bindings need of the host: provide once, find anywhere. The object outlives the state.
  template <class T>
  void provide(T& service) {
    services_[&service_key<T>] = &service;
  }
  template <class T>
  T& need() const {
    if (T* const service = find<T>()) return *service;
    throw Failure(make_error(Code::unsupported, "this part of the host is not available here"));
  }
  template <class T>
  T* find() const {
    const auto found = services_.find(&service_key<T>);
    return found == services_.end() ? nullptr : static_cast<T*>(found->second);
  }

 private:
  template <class T>
  static inline char service_key = 0;

  // A finalizer's error arrives this way, in pieces.
  static void warn(void* ud, const char* message, int to_continue);

  Clock& clock_;
  Settings settings_;
  std::unique_ptr<Modules> modules_;
  std::map<const void*, void*> services_;
  Scheduler* scheduler_ = nullptr;
  LimitControl limits_;
  lua_State* main_ = nullptr;
  std::string warning_;
};

}  // namespace fthost::lua
