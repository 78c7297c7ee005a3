#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "io/files.hpp"
#include "lua/interrupt.hpp"
#include "lua_fixture.hpp"

namespace {

using namespace fthost;
using namespace fthost::lua;
using test::check_fails;
using test::check_runs;
using test::Fixture;

Settings limited(double seconds, std::size_t memory = 0) {
  Settings settings;
  settings.limits.time = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  settings.limits.memory = memory;
  return settings;
}

// Each script tries to outlive its limit. `spend` moves the clock past it.
const char* const kStubborn[] = {
    "spend() while true do end",
    "spend() while true do pcall(function() while true do end end) end",
    "spend() local function again() pcall(again) return again() end again()",
    "spend() while true do xpcall(function() while true do end end, function() while true do end end) end",
    "spend() local co = coroutine.wrap(function() while true do pcall(function() while true do end end) end end) while "
    "true do pcall(co) end",
    "local co = coroutine.create(function() while true do coroutine.yield() end end) spend() while true do "
    "coroutine.resume(co) end",
    "spend() while true do ft.try(function() while true do end end) end",
    "spend() while true do pcall(table.sort, {3, 2, 1}, function() while true do end end) end",
    "spend() while true do pcall(string.gsub, 'xxx', '.', function() while true do end end) end",
    "spend() local t = setmetatable({}, {__index = function() while true do end end}) while true do pcall(function() "
    "return t.x end) end",
    "spend() while true do pcall(function() local _ <close> = setmetatable({}, {__close = function() while true do end "
    "end}) error('x') end) end",
    "spend() while true do pcall(load, function() while true do end end) end",
    "spend() ft.scope(function(s) s:spawn(function() while true do pcall(function() while true do end end) end end) "
    "pcall(ft.hold, 'x') while true do end end)",
    "while true do spend() ft.sleep(0.6) end",
    "spend() pcall(ft.hold, 'x') while true do end",
};

// What a child process that must not come back has written and how it has ended.
struct ChildEnd {
  int status = 0;
  std::string errors;
};

ChildEnd in_child(const std::function<void()>& work) {
  int pipe_ends[2];
  BOOST_REQUIRE(pipe(pipe_ends) == 0);
  const pid_t child = fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    dup2(pipe_ends[1], STDERR_FILENO);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    work();
    _exit(0);
  }
  close(pipe_ends[1]);
  ChildEnd ended;
  char buffer[4096];
  for (ssize_t got; (got = read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
    ended.errors.append(buffer, static_cast<std::size_t>(got));
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
  return ended;
}

// Runs a script on the real clock in a child that only the watchdog can end.
ChildEnd watched(const std::string& script, Limits limits) {
  return in_child([&] {
    SystemClock clock;
    io::EventLoop loop(clock);
    Settings settings;
    settings.limits = limits;
    Runtime runtime(loop, settings);
    runtime.run_string(script, "test.lua");
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(time_limit_ends_every_loop) {
  for (const char* script : kStubborn) {
    BOOST_TEST_CONTEXT(script) {
      Fixture fixture(limited(1));
      const Outcome outcome =
          check_fails(fixture, std::string("local function spend() ft.advance(2) end ") + script,
                      "the script ran longer than its time limit of 1 s; raise it with --time-limit");
      BOOST_TEST(outcome.code == "limit");
      BOOST_TEST(outcome.exit_status == 1);
      // The state is good for another script.
      check_runs(fixture, "ft.sleep(0) for i = 1, 10000 do pcall(error) end");
    }
  }
}

BOOST_AUTO_TEST_CASE(time_limit_says_where_the_script_was) {
  Fixture fixture(limited(1));
  const Outcome outcome = check_fails(fixture, "ft.advance(2)\nlocal function spin()\nwhile true do end\nend\nspin()",
                                      "test.lua:3: the script ran longer");
  BOOST_TEST(outcome.traceback.find("test.lua:3 in function 'spin'") != std::string::npos, outcome.traceback);
  BOOST_TEST(outcome.traceback.find("test.lua:5 in the main chunk") != std::string::npos, outcome.traceback);
}

BOOST_AUTO_TEST_CASE(script_within_its_time_is_left_alone) {
  Fixture fixture(limited(10));
  check_runs(fixture, "ft.advance(9) for i = 1, 100000 do end ft.sleep(0)");
  check_runs(fixture, "ft.advance(9) for i = 1, 100000 do end ft.sleep(0)");
  check_fails(fixture, "debug.sethook()", "debug.sethook is in use by --time-limit");
}

BOOST_AUTO_TEST_CASE(script_that_only_waits_is_ended_by_the_loop) {
  Fixture fixture(limited(5));
  fixture.loop.after(std::chrono::seconds(5), [] {});
  fixture.loop.post([&] { fixture.loop.post([&] { fixture.clock.advance(std::chrono::seconds(5)); }); });
  const Outcome outcome =
      check_fails(fixture, "\nft.hold('forever')", "test.lua:2: the script ran longer than its time limit of 5 s");
  BOOST_TEST(fixture.cancels == 1);
}

BOOST_AUTO_TEST_CASE(memory_limit_ends_a_script_also_inside_pcall) {
  for (const char* script : {
           "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end",
           "while true do pcall(function() local t = {} while true do t[#t + 1] = {} end end) end",
           "local co = coroutine.wrap(function() while true do pcall(function() local t = {} while true do t[#t + 1] = "
           "{} end end) end end) while true do pcall(co) end",
           "local t = {} while true do pcall(function() while true do t[#t + 1] = 'x' .. #t end end) end",
           "local t = {} for i = 1, 1e9 do t[i] = i end",
           "local function deep(n) local a, b, c, d = {}, {}, {}, {} return deep(n + 1) + #a + #b + #c + #d end while "
           "true do pcall(function() local s = 'x' while true do s = s .. s end end) pcall(deep, 1) end",
           "ft.scope(function(s) s:spawn(function() local t = {} while true do t[#t + 1] = {} end end) while true do "
           "pcall(ft.sleep, 0) end end)",
           "local s = ('x'):rep(100) while true do s = s .. s end",
           "local s = ('x'):rep(1e9)",
       }) {
    BOOST_TEST_CONTEXT(script) {
      Fixture fixture(limited(0, 8 << 20));
      const Outcome outcome = check_fails(
          fixture, script, "the script needed more memory than its limit of 8 MB; raise it with --memory-limit");
      BOOST_TEST(outcome.code == "limit");
      BOOST_TEST(fixture.runtime->state().limits().used() < std::size_t(10) << 20);
      check_runs(fixture, "collectgarbage() local t = {} for i = 1, 1000 do t[i] = {} end ft.sleep(0)");
    }
  }
}

BOOST_AUTO_TEST_CASE(request_that_is_refused_and_survived_is_no_failure) {
  Fixture fixture(limited(0, 8 << 20));
  check_runs(fixture, "assert(not pcall(string.rep, 'x', 1e10)) ft.sleep(0) assert(not pcall(string.rep, 'x', 1e10))");
}

BOOST_AUTO_TEST_CASE(garbage_does_not_count_against_the_memory_limit) {
  Fixture fixture(limited(0, 4 << 20));
  check_runs(fixture, "for i = 1, 2000 do local s = ('x'):rep(100000) .. i end");
}

BOOST_AUTO_TEST_CASE(state_counts_all_memory_of_lua) {
  Fixture fixture;
  check_runs(fixture, "kept = ('x'):rep(1000000)");
  BOOST_TEST(fixture.runtime->state().limits().used() > 1000000u);
  check_runs(fixture, "kept = nil collectgarbage() collectgarbage()");
  BOOST_TEST(fixture.runtime->state().limits().used() < 500000u);
}

BOOST_AUTO_TEST_CASE(worker_state_keeps_its_limits) {
  ManualClock clock;
  State state(clock, limited(1, 8 << 20));
  const auto run = [&](const char* script) {
    return state.run([&](lua_State* L) {
      clock.advance(std::chrono::milliseconds(1));
      if (luaL_loadstring(L, script) != LUA_OK) lua_error(L);
      lua_call(L, 0, 0);
    });
  };
  state.provide(clock);
  state.open([](lua_State* L) {
    set_functions(L, "ft", {{"spend", fthost::lua::test::bound([](lua_State* S) {
                               State::from(S).need<ManualClock>().advance(std::chrono::seconds(2));
                               return 0;
                             })}});
  });
  BOOST_TEST(run("local x = 1").has_value());
  const auto late = run("require('ft').spend() while true do pcall(function() while true do end end) end");
  BOOST_REQUIRE(!late);
  BOOST_TEST(late.error().message == "the script ran longer than its time limit of 1 s");
  const auto big = run("while true do pcall(function() local t = {} while true do t[#t + 1] = {} end end) end");
  BOOST_REQUIRE(!big);
  BOOST_TEST(big.error().message == "the script needed more memory than its limit of 8 MB");
  BOOST_TEST(run("local x = 1").has_value());
}

BOOST_AUTO_TEST_CASE(watchdog_ends_what_no_hook_reaches) {
  Limits limits;
  limits.time = std::chrono::milliseconds(20);
  limits.grace = std::chrono::milliseconds(100);
  limits.exit_status = 77;
  for (const char* script : {
           "setmetatable({}, {__gc = function() while true do end end}) collectgarbage()",
           "string.find(('a'):rep(100000), ('a*'):rep(30) .. 'b')",
           "setmetatable({}, {__gc = function() while true do pcall(error) end end}) ",  // when the state is closed
       }) {
    BOOST_TEST_CONTEXT(script) {
      const ChildEnd ended = watched(script, limits);
      BOOST_TEST(ended.status == 77);
      BOOST_TEST(ended.errors.starts_with("fthost: the script"), ended.errors);
      BOOST_TEST(ended.errors.ends_with("the process was ended\n"), ended.errors);
    }
  }
}

BOOST_AUTO_TEST_CASE(watchdog_ends_a_finalizer_past_the_memory_limit) {
  Limits limits;
  limits.memory = 4 << 20;
  limits.grace = std::chrono::milliseconds(100);
  limits.exit_status = 78;
  const ChildEnd ended = watched(
      "setmetatable({}, {__gc = function() while true do pcall(function() local t = {} while true do t[#t + 1] = {} "
      "end end) end end}) collectgarbage()",
      limits);
  BOOST_TEST(ended.status == 78);
  BOOST_TEST(ended.errors ==
             "fthost: the script did not stop at its memory limit of 4 MB (--memory-limit); the process was ended\n");
}

BOOST_AUTO_TEST_CASE(watchdog_leaves_a_script_that_comes_out) {
  Limits limits;
  limits.time = std::chrono::milliseconds(20);
  limits.grace = std::chrono::seconds(60);
  const ChildEnd ended = watched("while true do pcall(function() while true do end end) end", limits);
  BOOST_TEST(ended.status == 0);
  BOOST_TEST(ended.errors == "");
}

BOOST_FIXTURE_TEST_CASE(interrupt_cancels_a_script_that_waits, Fixture) {
  loop.post([&] { loop.post([&] { runtime->interrupt(); }); });
  Outcome outcome = check_fails(*this, R"(
    local cleaned
    local ok, err = pcall(function()
      local _ <close> = setmetatable({}, {__close = function() cleaned = true for i = 1, 100000 do end end})
      ft.hold('forever')
    end)
    ft.log('info', err.code, err.message, cleaned)
    error(err))",
                                "interrupted");
  BOOST_TEST(outcome.exit_status == 130);
  BOOST_REQUIRE(logged.size() == 1);
  BOOST_TEST(logged[0] == "cancelled interrupted true");
  // It concerns that script only.
  check_runs(*this, "for i = 1, 100000 do end ft.sleep(0)");
}

BOOST_FIXTURE_TEST_CASE(interrupt_stops_busy_loops, Fixture) {
  runtime->open([](lua_State* L) {
    set_functions(L, "ft", {{"signal", fthost::lua::test::bound([](lua_State*) {
                               std::raise(SIGUSR1);
                               return 0;
                             })}});
  });
  for (const char* script : {
           "ft.signal() while true do end",
           "ft.signal() while true do pcall(function() while true do end end) end",
           "local co = coroutine.wrap(function() ft.signal() while true do end end) co()",
           "local co = coroutine.wrap(function() ft.signal() end) co() while true do end",
           "ft.scope(function(s) s:spawn(function() ft.signal() while true do pcall(function() while true do end end) "
           "end end) ft.hold('x') end)",
           "ft.signal() return 0",
       }) {
    BOOST_TEST_CONTEXT(script) {
      const InterruptOnSignal guard(*runtime, {SIGUSR1});
      operations.clear();
      const Outcome outcome = check_fails(*this, script, "interrupted");
      BOOST_TEST(outcome.exit_status == 130);
    }
  }
  check_runs(*this, "for i = 1, 100000 do end ft.sleep(0)");
}

BOOST_AUTO_TEST_CASE(an_interrupt_after_the_runtime_leaves_no_temporary_file) {
  const test::Folder folder;
  const ChildEnd ended = in_child([&] {
    auto fixture = std::make_unique<Fixture>();
    const InterruptOnSignal guard(*fixture->runtime, {SIGUSR1});
    const auto file = io::AtomicFile::create(folder.path() / "out");
    if (!file) _exit(3);
    fixture.reset();
    std::raise(SIGUSR1);
  });
  BOOST_TEST(ended.status == 130);
  BOOST_TEST(ended.errors.find("interrupted") != std::string::npos);
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(second_interrupt_ends_the_process) {
  const ChildEnd ended = in_child([] {
    Fixture fixture;
    const InterruptOnSignal guard(*fixture.runtime, {SIGUSR1});
    for (;;) std::raise(SIGUSR1);  // those that follow at once are one with the first
  });
  BOOST_TEST(ended.status == 130);
  BOOST_TEST(ended.errors.find("interrupted twice") != std::string::npos);
}
