#include "lua/state.hpp"

#include <cstdio>
#include <cstdlib>

#include "lua/api.hpp"
#include "lua/binding.hpp"
#include "lua/coroutines.hpp"
#include "lua/error.hpp"
#include "lua/libraries.hpp"
#include "lua/modules.hpp"
#include "lua/row_view.hpp"
#include "lua/value.hpp"

namespace fthost::lua {

namespace {

void* allocate(void* ud, void* pointer, std::size_t old_size, std::size_t new_size) {
  // Without a pointer Lua passes the kind of object for the old size.
  return static_cast<State*>(ud)->limits().allocate(pointer, pointer ? old_size : 0, new_size);
}

int panic(lua_State* L) {
  const char* text = lua_tostring(L, -1);
  std::fprintf(stderr, "fthost: an error of Lua outside a protected call: %s\n", text ? text : "(no text)");
  std::abort();
}

int run_function(lua_State* L) {
  const auto& fn = *static_cast<const std::function<void(lua_State*)>*>(lua_touserdata(L, 1));
  lua_settop(L, 0);
  fn(L);
  return 0;
}

}  // namespace

State::State(Clock& clock, Settings settings)
    : clock_(clock),
      settings_(std::move(settings)),
      modules_(std::make_unique<Modules>()),
      limits_(clock, settings_.limits) {
  main_ = lua_newstate(allocate, this);
  if (!main_)
    throw Failure(make_error(Code::limit, "there is not enough memory for a Lua state", {}, "raise --memory-limit"));
  lua_atpanic(main_, panic);
  lua_setwarnf(main_, warn, this);
  const auto made = protect([this](lua_State* L) {
    define_errors(L);
    define_values(L);
    define_row_views(L);
    open_libraries(L, settings_);
    replace_coroutines(L);
    replace_require(L);
    open_ft(L);
    if (settings_.sandbox) make_globals_strict(L);
  });
  if (!made) {
    lua_close(main_);
    throw Failure(made.error());
  }
  limits_.watch(main_);
}

State::~State() {
  limits_.last_grace();
  lua_close(main_);
}

State& State::from(lua_State* L) {
  void* ud = nullptr;
  lua_getallocf(L, &ud);
  return *static_cast<State*>(ud);
}

void State::warn(void* ud, const char* message, int to_continue) {
  auto& state = *static_cast<State*>(ud);
  state.warning_ += message;
  if (to_continue) return;
  if (state.warning_[0] != '@') state.log(LogLevel::warning, state.warning_);  // '@': a control message such as "@on"
  state.warning_.clear();
}

void State::log(LogLevel level, std::string_view text) const {
  if (settings_.log) return settings_.log(level, text);
  log_line(level, std::string(text));
}

void State::open(Opener opener) {
  protect([opener](lua_State* L) {
    push_ft(L);
    opener(L);
  }).value();
}

Result<void> State::protect(const std::function<void(lua_State*)>& fn) {
  lua_State* L = main_;
  Result<void> result;
  lua_State* before = limits_.enter(L);
  const int top = lua_gettop(L);
  // Two slots and no allocation: LUA_MINSTACK is there, and a light function needs no memory.
  lua_pushcfunction(L, message_handler);
  lua_pushcfunction(L, entry<run_function>);
  lua_pushlightuserdata(L, const_cast<void*>(static_cast<const void*>(&fn)));
  if (lua_pcall(L, 1, 0, top + 1) != LUA_OK) {
    result = describe_protected(L).error;
  }
  lua_settop(L, top);
  limits_.leave(before);
  return result;
}

Result<void> State::run(const std::function<void(lua_State*)>& fn) {
  limits_.begin(main_);
  Result<void> result = protect(fn);
  const Ended ended = limits_.end(main_);
  if (ended.reason == Stop::none) return result;
  Error error = limits_.error_of(ended.reason);
  error.where = ended.place.substr(0, ended.place.find(" in "));
  return error;
}

int State::resume(lua_State* thread, lua_State* from, int argument_count, int* result_count) {
  lua_State* before = limits_.enter(thread);
  const int status = lua_resume(thread, from, argument_count, result_count);
  limits_.leave(before);
  return status;
}

int State::close(lua_State* thread) {
  lua_State* before = limits_.enter(thread);
#if LUA_VERSION_RELEASE_NUM >= 50406
  const int status = lua_closethread(thread, nullptr);
#else
  const int status = lua_resetthread(thread);
#endif
  limits_.leave(before);
  return status;
}

}  // namespace fthost::lua
