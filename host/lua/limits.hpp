// The limits of one Lua state: an allocator that counts, a hook that stops scripts past their time or on Ctrl-C, and a
// watchdog for what no hook reaches. The owning thread's, but for interrupt(), which a signal handler may call.
//
// A stop is final: from then on every instruction of Lua leads out. A hook yields where it can, which no pcall sees,
// and raises where it cannot; whoever resumes a thread closes it when it comes back stopped.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include "lua/lua.hpp"

#include "base/result.hpp"
#include "base/time.hpp"
#include "lua/watchdog.hpp"

namespace fthost::lua {

struct Limits {
  Duration time{0};                          // 0: none; by the Clock
  std::size_t memory = 0;                    // bytes of the Lua heap; 0: none
  Duration grace = std::chrono::seconds(2);  // real time to come out after a limit before the process is ended
  int exit_status = 1;                       // of a process that the watchdog ends
};

enum class Stop { none, time, memory, interrupted, exit };

// What happened between begin() and end().
struct Ended {
  Stop reason = Stop::none;
  int exit_status = 0;       // of Stop::exit
  bool interrupted = false;  // also where the script ended by itself after an interrupt
  bool refused = false;      // the memory limit refused an allocation, perhaps one that nobody missed
  std::string place;         // traceback of what was stopped; may be empty
};

class LimitControl {
 public:
  LimitControl(Clock& clock, const Limits& limits);

  // For lua_newstate; `ud` is the State, whose limits these are.
  void* allocate(void* pointer, std::size_t old_size, std::size_t new_size);
  std::size_t used() const { return used_; }

  // The time between counts. Once it has ended, a stop is told and forgotten.
  void begin(lua_State* main);
  Ended end(lua_State* main);
  // Gives what remains (closing the state) the grace period, if there are limits.
  void last_grace();
  std::optional<TimePoint> deadline() const { return deadline_; }

  Stop stopped() const { return stop_; }
  void stop(Stop reason, int exit_status = 0);
  // Where the script was when it was stopped without running; the first one told counts.
  void set_place(std::string traceback);
  Error error_of(Stop reason) const;

  // In a C function or a hook of a stopped state: leads out. `return halt(L)`.
  int halt(lua_State* L);

  // Async-signal-safe on the owning thread. The running script gets the error `cancelled`; if it goes on regardless
  // it gets it again, and then a stop.
  void interrupt();
  bool interrupted() const { return interrupted_.load(std::memory_order_relaxed); }
  // The loop has told the script by other means: leave it time to clean up.
  void interrupt_delivered();

  // Around lua_resume: the thread that runs from now on. Returns the one before.
  lua_State* enter(lua_State* thread);
  void leave(lua_State* before);
  lua_State* running() const { return running_.load(std::memory_order_relaxed); }

  // A thread that the limits watch from its creation (its coroutines inherit it).
  void watch(lua_State* main);

 private:
  static void on_count(lua_State* L, lua_Debug*);
  void count(lua_State* L);
  void set_hook(lua_State* L) const;
  // The script has been told of the interrupt: it gets time to clean up.
  void told();
  bool urgent() const { return stop_ != Stop::none || interrupted(); }

  Clock& clock_;
  Limits limits_;
  std::optional<TimePoint> deadline_;
  std::atomic<lua_State*> running_{nullptr};
  std::atomic<bool> interrupted_{false};
  int interrupts_raised_ = 0, cleanup_left_ = 0;
  TimePoint told_again_at_{};
  Stop stop_ = Stop::none;
  int exit_status_ = 0;
  std::string place_;

  std::size_t used_ = 0;
  bool refused_ = false;
  int swallowed_ = 0;  // refusals after which the script went on
  struct Request {
    void* pointer = nullptr;
    std::size_t old_size = 0, new_size = 0;
    bool operator==(const Request&) const = default;
  } last_refused_;

  std::optional<Watchdog> watchdog_;  // where there are limits
  std::string time_sentence_, memory_sentence_;
};

}  // namespace fthost::lua
