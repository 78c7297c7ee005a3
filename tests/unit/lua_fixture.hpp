// What the tests of the Lua runtime share: a runtime on a clock that the script itself moves, and operations that end
// when the script says so.
#pragma once

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lua/binding.hpp"
#include "lua/error.hpp"
#include "lua/runtime.hpp"

namespace fthost::lua::test {

// A folder of its own, removed at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "fthost-lua-XXXXXX").string();
    path_ = std::filesystem::canonical(mkdtemp(name.data()));
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path write(const std::string& name, const std::string& text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

 private:
  std::filesystem::path path_;
};

struct Fixture {
  explicit Fixture(Settings settings = {}) : loop(clock) {
    settings.log = [this](LogLevel, std::string_view text) { logged.emplace_back(text); };
    runtime = std::make_unique<Runtime>(loop, std::move(settings));
    runtime->state().provide(*this);
    runtime->open([](lua_State* L) {
      set_functions(
          L, "ft",
          {{"advance", entry<advance>}, {"hold", entry<hold>}, {"release", entry<release>}, {"held", entry<held>}});
    });
  }

  Outcome run(const std::string& script, const std::vector<std::string>& args = {}) {
    return runtime->run_string("local ft = require 'ft' " + script, "test.lua", args);
  }

  // ft.advance(seconds): moves the clock; what is due runs once the script waits.
  static int advance(lua_State* L) {
    State::from(L).need<Fixture>().clock.advance(check_seconds(L, 1, "seconds"));
    return 0;
  }
  // ft.hold(name): waits until ft.release(name, value); a cancel is counted.
  static int hold(lua_State* L) {
    auto& self = State::from(L).need<Fixture>();
    const std::string name(check_string(L, 1, "name"));
    return await(
        L, [&](Completion done) { self.operations.emplace(name, std::move(done)); }, [&self] { ++self.cancels; });
  }
  static int release(lua_State* L) {
    auto& self = State::from(L).need<Fixture>();
    const auto found = self.operations.find(std::string(check_string(L, 1, "name")));
    if (found == self.operations.end()) throw Failure(make_error(Code::input, "nothing is held"));
    const auto value = luaL_optinteger(L, 2, 0);
    found->second.finish([&self, value](lua_State* S) {
      ++self.pushed;
      lua_pushinteger(S, value);
      return 1;
    });
    self.operations.erase(found);
    return 0;
  }
  // ft.held(): how many operations are held.
  static int held(lua_State* L) {
    lua_pushinteger(L, static_cast<lua_Integer>(State::from(L).need<Fixture>().operations.size()));
    return 1;
  }

  ManualClock clock;
  io::EventLoop loop;
  std::vector<std::string> logged;
  std::map<std::string, Completion> operations;
  int cancels = 0, pushed = 0;
  std::unique_ptr<Runtime> runtime;
};

// The lua_CFunction of a lambda without captures.
template <class F>
int call_lambda(lua_State* L) {
  return call_body(L, +F{});
}
template <class F>
lua_CFunction bound(F) {
  return call_lambda<F>;
}

// The script succeeds; its asserts are the test.
inline void check_runs(Fixture& fixture, const std::string& script) {
  const Outcome outcome = fixture.run(script);
  BOOST_TEST(!outcome.error, (outcome.error ? outcome.error->sentence() + "\n" + outcome.traceback : std::string()));
  BOOST_TEST(outcome.exit_status == 0);
}

// The script fails with a sentence that contains `part`.
inline Outcome check_fails(Fixture& fixture, const std::string& script, const std::string& part) {
  Outcome outcome = fixture.run(script);
  BOOST_REQUIRE(outcome.error);
  BOOST_TEST(outcome.error->sentence().find(part) != std::string::npos, outcome.error->sentence());
  return outcome;
}

}  // namespace fthost::lua::test
