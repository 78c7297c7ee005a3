#include "lua/runtime.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <system_error>

#include "lua/binding.hpp"
#include "lua/error.hpp"
#include "lua/interrupt.hpp"
#include "lua/modules.hpp"
#include "lua/scope.hpp"

namespace fthost::lua {

namespace fs = std::filesystem;

namespace {

int make_eventfd() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

// Pushes the arguments and sets the global `arg`, past the check of strict globals.
void push_arguments(lua_State* L, const std::string& name, const std::vector<std::string>& args) {
  luaL_checkstack(L, static_cast<int>(args.size()) + 8, "too many arguments");
  lua_pushglobaltable(L);
  lua_pushliteral(L, "arg");
  lua_createtable(L, static_cast<int>(args.size()), 1);
  lua_pushlstring(L, name.data(), name.size());
  lua_rawseti(L, -2, 0);
  lua_Integer index = 0;
  for (const std::string& each : args) {
    lua_pushlstring(L, each.data(), each.size());
    lua_rawseti(L, -2, ++index);
  }
  lua_rawset(L, -3);
  lua_pop(L, 1);
  for (const std::string& each : args) lua_pushlstring(L, each.data(), each.size());
}

// What a script returns as an exit code: a whole number from 0 to 255; nothing and true are 0, false is 1.
std::optional<int> exit_code(lua_State* L, int index) {
  if (lua_isnil(L, index)) return 0;
  if (lua_isboolean(L, index)) return lua_toboolean(L, index) ? 0 : 1;
  int exact = 0;
  const lua_Integer code = lua_type(L, index) == LUA_TNUMBER ? lua_tointegerx(L, index, &exact) : 0;
  if (exact == 0 || code < 0 || code > 255) return std::nullopt;
  return static_cast<int>(code);
}

std::string number_text(lua_State* L, int index) {
  if (lua_isinteger(L, index)) return std::to_string(lua_tointeger(L, index));
  std::ostringstream text;
  text << lua_tonumber(L, index);
  return text.str();
}

// "script.lua:12" of a traceback's first line that has one: functions in C come before it.
std::string first_place(const std::string& trace) {
  std::istringstream lines(trace);
  for (std::string line; std::getline(lines, line);) {
    const std::string place = line.substr(0, line.find(" in "));
    const auto colon = place.rfind(':');
    if (colon != place.npos && place.find_first_not_of("0123456789", colon + 1) == place.npos) return place;
  }
  return {};
}

}  // namespace

int exit_status_of(const Error& error) {
  switch (error.code) {
    case Code::config:
    case Code::unsupported:
      return 2;
    case Code::auth:
    case Code::retry:
    case Code::timeout:
      return 3;
    case Code::io:
      return error.details.find("http_status") != std::string::npos ? 3 : 1;
    default:
      return 1;
  }
}

Runtime::Runtime(io::EventLoop& loop, Settings settings)
    : loop_(loop),
      state_(loop.clock(), std::move(settings)),
      scheduler_(loop, state_),
      interrupts_(loop.context(), make_eventfd()) {
  scheduler_.on_root_end = [this](Task& root, TaskEnd end) { root_ended(root, end); };
  watch_interrupts();
}

Runtime::~Runtime() { forget_interrupts(*this); }

void Runtime::watch_interrupts() {
  interrupts_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code ec) {
    if (ec) return;  // the runtime is gone
    std::uint64_t count;
    [[maybe_unused]] const auto got = read(interrupts_.native_handle(), &count, sizeof count);
    if (state_.limits().interrupted() && scheduler_.find(root_)) {
      scheduler_.cancel(root_);
      state_.limits().interrupt_delivered();
    }
    watch_interrupts();
  });
}

void Runtime::interrupt() {
  const int kept = errno;
  state_.limits().interrupt();
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(interrupts_.native_handle(), &one, sizeof one);
  errno = kept;
}

void Runtime::root_ended(Task& root, TaskEnd end) {
  end_ = end;
  returned_ = 0;
  caught_ = {};
  if (end == TaskEnd::failed) {
    lua_xmove(root.thread, state_.main(), 1);
    caught_ = describe_protected(state_.main());
  } else if (end == TaskEnd::done && root.shared->results > 0) {
    const int first = lua_gettop(root.thread) - root.shared->results + 1;
    if (const auto code = exit_code(root.thread, first)) {
      returned_ = *code;
    } else {
      end_ = TaskEnd::failed;
      const std::string shown = lua_type(root.thread, first) == LUA_TNUMBER
                                    ? number_text(root.thread, first)
                                    : std::string("a ") + luaL_typename(root.thread, first);
      caught_ = {make_error(Code::input, "the script returned " + shown + ", which is no exit code", {},
                            "return a whole number from 0 to 255, true or false, or nothing"),
                 code_name(Code::input),
                 {},
                 0};
    }
  }
  loop_.stop();
}

Outcome Runtime::run(const std::function<void(lua_State*)>& push) {
  if (running_) throw Failure(make_error(Code::internal, "a script is running already"));
  struct Running {
    bool& flag;
    explicit Running(bool& f) : flag(f) { flag = true; }
    ~Running() { flag = false; }
  } running{running_};

  LimitControl& limits = state_.limits();
  limits.begin(state_.main());
  std::optional<io::EventLoop::TimerId> timer;
  if (const auto deadline = limits.deadline()) {
    timer = loop_.after(*deadline - loop_.clock().now(), [this] {
      state_.limits().stop(Stop::time);
      scheduler_.halt();
    });
  }
  end_.reset();
  const Result<void> begun = state_.protect([&](lua_State* L) {
    push(L);
    root_ = scheduler_.spawn(L, lua_gettop(L) - 1, nullptr);
  });
  if (begun) {
    while (!end_) loop_.run();
  } else {
    end_ = TaskEnd::failed;
    caught_ = Caught{begun.error(), "error", {}, 0};
  }
  if (timer) loop_.cancel(*timer);
  root_ = {};
  return outcome(limits.end(state_.main()));
}

Outcome Runtime::outcome(const Ended& ended) const {
  Outcome result;
  const auto fail = [&result](Error error, int status, const std::string& code, const std::string& trace) {
    result.exit_status = status;
    result.error = std::move(error);
    result.code = code;
    result.traceback = trace;
  };
  const auto limit = [&](Stop reason) {
    Error error = state_.limits().error_of(reason);
    error.where = first_place(ended.place);
    fail(std::move(error), state_.settings().limits.exit_status, code_name(Code::limit), ended.place);
  };
  if (ended.reason == Stop::time || ended.reason == Stop::memory) {
    limit(ended.reason);
  } else if (ended.reason == Stop::exit) {
    result.exit_status = ended.exit_status;
  } else if (ended.interrupted) {
    fail(make_error(Code::cancelled, "interrupted"), 130, code_name(Code::cancelled), caught_.traceback);
  } else if (end_ == TaskEnd::failed && ended.refused && caught_.error.message == "not enough memory") {
    limit(Stop::memory);
  } else if (end_ == TaskEnd::failed) {
    fail(caught_.error, caught_.exit_status > 0 ? caught_.exit_status : exit_status_of(caught_.error), caught_.code,
         caught_.traceback);
  } else {
    result.exit_status = returned_;
  }
  return result;
}

Outcome Runtime::run_file(const fs::path& path, const std::vector<std::string>& args) {
  std::error_code ec;
  const fs::path absolute = fs::absolute(path, ec);
  state_.modules().set_script_folder(ec ? fs::path() : absolute.parent_path());
  return run([&](lua_State* L) {
    const char* mode = state_.settings().sandbox ? "t" : "bt";
    errno = 0;
    const int status = luaL_loadfilex(L, path.c_str(), mode);
    if (status == LUA_ERRFILE) throw Failure(errno_error(errno, "open the script", path.string()));
    if (status != LUA_OK) lua_error(L);
    push_arguments(L, path.string(), args);
  });
}

Outcome Runtime::run_string(std::string_view chunk, const std::string& name, const std::vector<std::string>& args) {
  return run([&](lua_State* L) {
    const char* mode = state_.settings().sandbox ? "t" : "bt";
    if (luaL_loadbufferx(L, chunk.data(), chunk.size(), ("@" + name).c_str(), mode) != LUA_OK) lua_error(L);
    push_arguments(L, name, args);
  });
}

}  // namespace fthost::lua
