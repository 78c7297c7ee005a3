#include "lua/limits.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "lua/error.hpp"
#include "lua/state.hpp"

namespace fthost::lua {

namespace {

constexpr int kCount = 1000;               // instructions between two looks at the clock
constexpr int kCleanupCount = 10'000'000;  // granted to a script that was interrupted, before it is told again,
constexpr Duration kCleanupTime = std::chrono::seconds(1);  // and time
constexpr int kCleanupStep = 10'000;                        // instructions between two looks at both
constexpr int kRefusals = 10;                               // of memory that a script may swallow
constexpr int kInterrupts = 3;                              // told so often, it is stopped
constexpr const char* kClosingSentence = "fthost: the script's finalizers (__gc) did not end; the process was ended\n";
constexpr std::size_t kSlack = 1 << 20;  // memory beyond the limit for unwinding

std::string seconds(Duration time) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", std::chrono::duration<double>(time).count());
  return text;
}

std::string bytes(std::size_t size) {
  char text[32];
  const double mb = static_cast<double>(size) / (1 << 20);
  std::snprintf(text, sizeof text, mb >= 1 ? "%.4g MB" : "%.3g MB", mb);
  return text;
}

}  // namespace

LimitControl::LimitControl(Clock& clock, const Limits& limits) : clock_(clock), limits_(limits) {
  if (limits_.time <= Duration::zero() && limits_.memory == 0) return;
  time_sentence_ = "fthost: the script did not stop at its time limit of " + seconds(limits_.time) +
                   " (--time-limit); the process was ended\n";
  memory_sentence_ = "fthost: the script did not stop at its memory limit of " + bytes(limits_.memory) +
                     " (--memory-limit); the process was ended\n";
  watchdog_.emplace(limits_.exit_status);
}

void* LimitControl::allocate(void* pointer, std::size_t old_size, std::size_t new_size) {
  if (new_size == 0) {
    std::free(pointer);
    used_ -= old_size;
    return nullptr;
  }
  if (new_size > old_size && limits_.memory != 0) {
    const std::size_t allowed = limits_.memory + (stop_ != Stop::none ? kSlack : 0), growth = new_size - old_size;
    // Lua collects everything and asks a second time for the same: only then is the answer definite.
    // Buffers ask once, and what they raise can be caught: whoever goes on like that does not mean to end.
    const Request request{pointer, old_size, new_size};
    if (last_refused_.new_size != 0 && request != last_refused_) ++swallowed_;
    if (growth > allowed || used_ > allowed - growth) {
      refused_ = true;
      if (request == last_refused_ || swallowed_ >= kRefusals) stop(Stop::memory);
      last_refused_ = request;
      return nullptr;
    }
    last_refused_ = {};
  }
  void* moved = std::realloc(pointer, new_size);
  if (moved) used_ += new_size - old_size;
  return moved;
}

void LimitControl::watch(lua_State* main) {
  if (limits_.time > Duration::zero()) lua_sethook(main, on_count, LUA_MASKCOUNT, kCount);
}

void LimitControl::begin(lua_State* main) {
  interrupted_ = end(main).interrupted;  // one that came early counts
  if (limits_.time > Duration::zero()) {
    deadline_ = clock_.now() + limits_.time;
    if (!clock_.is_manual()) watchdog_->arm(limits_.time + limits_.grace, time_sentence_.c_str());
  }
}

Ended LimitControl::end(lua_State* main) {
  Ended ended{stop_, exit_status_, interrupted(), refused_, std::move(place_)};
  if (watchdog_) watchdog_->disarm();
  deadline_.reset();
  stop_ = Stop::none;
  exit_status_ = 0;
  place_.clear();
  interrupted_ = false;
  interrupts_raised_ = 0;
  refused_ = false;
  swallowed_ = 0;
  last_refused_ = {};
  set_hook(main);
  return ended;
}

void LimitControl::last_grace() {
  if (watchdog_) watchdog_->arm(limits_.grace, kClosingSentence);
}

void LimitControl::stop(Stop reason, int exit_status) {
  if (stop_ != Stop::none) return;
  stop_ = reason;
  exit_status_ = exit_status;
  if (lua_State* L = running()) set_hook(L);
  if (watchdog_ && reason == Stop::time) watchdog_->arm_earlier(limits_.grace, time_sentence_.c_str());
  if (watchdog_ && reason == Stop::memory) watchdog_->arm_earlier(limits_.grace, memory_sentence_.c_str());
}

void LimitControl::set_place(std::string traceback) {
  if (place_.empty()) place_ = std::move(traceback);
}

Error LimitControl::error_of(Stop reason) const {
  switch (reason) {
    case Stop::time:
      return make_error(Code::limit, "the script ran longer than its time limit of " + seconds(limits_.time), {},
                        "raise it with --time-limit");
    case Stop::memory:
      return make_error(Code::limit, "the script needed more memory than its limit of " + bytes(limits_.memory), {},
                        "raise it with --memory-limit");
    case Stop::exit:
      return make_error(Code::cancelled, "the script called os.exit");
    default:
      return make_error(Code::cancelled, "interrupted");
  }
}

int LimitControl::halt(lua_State* L) {
  if (place_.empty()) place_ = traceback(L, 0);
  set_hook(L);
  if (lua_isyieldable(L)) return lua_yield(L, 0);
  raise(L, error_of(stop_));
}

void LimitControl::interrupt() {
  interrupted_.store(true, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (lua_State* L = running()) lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
}

void LimitControl::interrupt_delivered() {
  if (interrupts_raised_ == 0) told();
}

void LimitControl::told() {
  ++interrupts_raised_;
  cleanup_left_ = kCleanupCount;
  told_again_at_ = clock_.now() + kCleanupTime;
}

void LimitControl::on_count(lua_State* L, lua_Debug*) { State::from(L).limits().count(L); }

void LimitControl::count(lua_State* L) {
  if (stop_ == Stop::none && deadline_ && clock_.now() >= *deadline_) stop(Stop::time);
  if (stop_ == Stop::none && interrupted()) {
    if (interrupts_raised_ > 0 && cleanup_left_ > 0 && clock_.now() < told_again_at_) {
      cleanup_left_ -= kCleanupStep;
      set_hook(L);
      return;
    }
    if (interrupts_raised_ < kInterrupts) {
      told();
      set_hook(L);
      raise(L, make_error(Code::cancelled, "interrupted", position(L, 0)));
    }
    stop(Stop::interrupted);
  }
  if (stop_ != Stop::none) {
    halt(L);
    return;  // the hook has yielded
  }
  set_hook(L);
}

void LimitControl::set_hook(lua_State* L) const {
  if (stop_ != Stop::none) {
    lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
  } else if (interrupted()) {
    lua_sethook(L, on_count, LUA_MASKCOUNT, interrupts_raised_ == 0 ? 1 : kCleanupStep);
  } else if (limits_.time > Duration::zero()) {
    if (lua_gethookcount(L) != kCount || lua_gethook(L) != on_count) lua_sethook(L, on_count, LUA_MASKCOUNT, kCount);
  } else if (lua_gethook(L) == on_count) {
    lua_sethook(L, nullptr, 0, 0);
  }
}

lua_State* LimitControl::enter(lua_State* thread) {
  lua_State* before = running();
  running_.store(thread, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (urgent() && thread) set_hook(thread);
  return before;
}

void LimitControl::leave(lua_State* before) { enter(before); }

}  // namespace fthost::lua
