#include "lua_fixture.hpp"

using namespace fthost;
using namespace fthost::lua;
using test::check_fails;
using test::check_runs;
using test::Fixture;

BOOST_FIXTURE_TEST_CASE(plain_errors_get_place_and_traceback, Fixture) {
  const Outcome outcome = check_fails(
      *this, "\nlocal function inner() error('boom') end\nlocal function outer() inner() return 1 end\nouter()",
      "test.lua:2: boom");
  BOOST_TEST(outcome.code == "error");
  BOOST_TEST(outcome.exit_status == 1);
  BOOST_TEST(outcome.error->where == "test.lua:2");
  BOOST_TEST(outcome.error->message == "boom");
  BOOST_TEST(outcome.traceback.find("test.lua:2 in upvalue") == std::string::npos);
  BOOST_TEST(outcome.traceback.find("test.lua:2 in function 'inner'") != std::string::npos, outcome.traceback);
  BOOST_TEST(outcome.traceback.find("test.lua:3 in function 'outer'") != std::string::npos, outcome.traceback);
  BOOST_TEST(outcome.traceback.find("test.lua:4 in the main chunk") != std::string::npos, outcome.traceback);
}

BOOST_FIXTURE_TEST_CASE(deep_traceback_is_shortened, Fixture) {
  const Outcome outcome = check_fails(
      *this, "local function down(n) if n == 0 then error('deep') end down(n - 1) return 1 end down(100)", "deep");
  BOOST_TEST(outcome.traceback.find("levels left out") != std::string::npos, outcome.traceback);
  BOOST_TEST(std::count(outcome.traceback.begin(), outcome.traceback.end(), '\n') < 30);
}

BOOST_FIXTURE_TEST_CASE(stack_overflow_is_an_error_with_a_traceback, Fixture) {
  const Outcome outcome = check_fails(*this, "local function down() return 1 + down() end down()", "stack overflow");
  BOOST_TEST(!outcome.traceback.empty());
}

BOOST_FIXTURE_TEST_CASE(error_objects_pass_unchanged, Fixture) {
  check_runs(*this, R"(
    local mine = {answer = 42}
    local ok, err = pcall(error, mine)
    assert(not ok and err == mine)
    local value, caught = ft.try(error, mine)
    assert(value == nil and caught == mine)
    local ok2, passed = pcall(ft.scope, function() error(mine) end)
    assert(not ok2 and passed == mine and mine.traceback == nil)
  )");
  check_fails(*this, "error({answer = 42})", "the error object is a table");
  check_fails(*this, "error(nil)", "an error without a message");
  check_fails(*this, "error(setmetatable({}, {__tostring = function() return 'my own words' end}))", "my own words");
  check_fails(*this, "error(setmetatable({}, {__tostring = function() error('worse') end}))",
              "the error object's own __tostring failed");
}

BOOST_FIXTURE_TEST_CASE(error_tables_of_scripts_carry_code_and_exit_status, Fixture) {
  Outcome outcome = check_fails(*this, "error(ft.error{code = 'config', message = 'no base model', hint = 'set one'})",
                                "no base model; set one");
  BOOST_TEST(outcome.exit_status == 2);
  BOOST_TEST((outcome.error->code == Code::config));
  BOOST_TEST(!outcome.traceback.empty());
  outcome = check_fails(*this, "error(ft.error{code = 'gate', message = 'refused', exit = 7})", "refused");
  BOOST_TEST(outcome.exit_status == 7);
  BOOST_TEST(outcome.code == "gate");
  check_fails(*this, "error(ft.error{code = 'config'})", "the field message must be a text");
}

BOOST_FIXTURE_TEST_CASE(try_returns_values_or_nil_and_error, Fixture) {
  check_runs(*this, R"(
    local a, b, c = ft.try(function(...) return ... end, 1, nil, 3)
    assert(a == 1 and b == nil and c == 3)
    local none, err = ft.try(function() local x = nil; return x.y end)
    assert(none == nil and err.code == 'error' and err.message:find("attempt to index a nil value"))
    assert(err.where == 'test.lua:4' and err.traceback:find('test.lua:4'))
    local _, nothing = ft.try(error)
    assert(nothing.message == 'an error without a message')
    local waited = ft.try(function() ft.sleep(0) return 'after a wait' end)
    assert(waited == 'after a wait')
    local _, late = ft.try(function() ft.sleep(0) error('late') end)
    assert(late.message == 'late' and late.traceback ~= nil)
  )");
}

BOOST_FIXTURE_TEST_CASE(syntax_error_names_its_line, Fixture) {
  const Outcome outcome = check_fails(*this, "\n\nlocal = 3", "test.lua:3: ");
  BOOST_TEST(outcome.exit_status == 1);
}

BOOST_FIXTURE_TEST_CASE(script_returns_its_exit_status, Fixture) {
  BOOST_TEST(run("return 4").exit_status == 4);
  BOOST_TEST(run("return false").exit_status == 1);
  BOOST_TEST(run("return true").exit_status == 0);
  BOOST_TEST(run("ft.sleep(0) return 5").exit_status == 5);
  BOOST_TEST(run("return 255").exit_status == 255);
  BOOST_TEST(run("return 2.0").exit_status == 2);
  for (const char* code : {"return 256", "return -1", "return 2.5", "return 's'", "return {}", "return 0/0"}) {
    const Outcome outcome = run(code);
    BOOST_TEST(outcome.exit_status == 1, code);
    BOOST_REQUIRE(outcome.error);
    BOOST_TEST(outcome.error->message.ends_with("which is no exit code"));
  }
  BOOST_TEST(run("error(setmetatable({message = 'm', exit = 256}, nil))").exit_status == 1);
}

BOOST_FIXTURE_TEST_CASE(arguments_reach_the_script, Fixture) {
  BOOST_TEST(run("local a, b = ... return (a == 'x' and b == 'y' and arg[0] == 'test.lua' and #arg == 2) and 0 or 1",
                 {"x", "y"})
                 .exit_status == 0);
}

BOOST_FIXTURE_TEST_CASE(os_exit_ends_the_script_past_every_pcall, Fixture) {
  BOOST_TEST(run("os.exit(3)").exit_status == 3);
  const Outcome outcome = run("pcall(function() pcall(os.exit, 5) end) while true do pcall(error) end");
  BOOST_TEST(outcome.exit_status == 5);
  BOOST_TEST(!outcome.error);
  BOOST_TEST(run("ft.scope(function(s) s:spawn(function() os.exit(6) end) ft.hold('x') end) error('not reached')")
                 .exit_status == 6);
  BOOST_TEST(run("table.sort({3, 2, 1}, function() os.exit(false) end)").exit_status == 1);
  BOOST_TEST(run("return 0").exit_status == 0);
}

BOOST_FIXTURE_TEST_CASE(errors_of_finalizers_are_logged, Fixture) {
  check_runs(*this, "setmetatable({}, {__gc = function() error('in gc') end}) collectgarbage()");
  BOOST_REQUIRE(logged.size() == 1);
  BOOST_TEST(logged[0].find("in gc") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(log_joins_its_parts, Fixture) {
  check_runs(*this, "ft.log('info', 'rows', 3, true)");
  BOOST_REQUIRE(logged.size() == 1);
  BOOST_TEST(logged[0] == "rows 3 true");
  check_fails(*this, "ft.log('loud', 'x')", "there is no level \"loud\"");
}
