#include "lua/handle.hpp"
#include "lua_fixture.hpp"

namespace {

using namespace fthost;
using namespace fthost::lua;
using test::check_fails;
using test::check_runs;
using test::Fixture;

struct Counter {
  static inline int alive = 0;
  int value;
  explicit Counter(int start) : value(start) { ++alive; }
  ~Counter() { --alive; }
};

int new_counter(lua_State* L) {
  push_handle<Counter>(L, 0, static_cast<int>(luaL_optinteger(L, 1, 0)));
  return 1;
}
int counter_add(lua_State* L) {
  lua_pushinteger(
      L, check_handle<Counter>(L, 1, "counter").value += static_cast<int>(check_integer(L, 2, "amount", 0, 100)));
  return 1;
}
int counter_length(lua_State* L) {
  lua_pushinteger(L, check_handle<Counter>(L, 1, "counter").value);
  return 1;
}
int with_options(lua_State* L) {
  const Options options(L, 1, {"near", "seed", "by"});
  lua_pushnumber(L, options.number("near", 0.5));
  lua_pushinteger(L, options.integer("seed", 7, 1, 10));
  lua_pushstring(L, options.string("by", "none").c_str());
  return 3;
}
int fail_plainly(lua_State*) { throw std::runtime_error("a plain exception"); }
int fail_fully(lua_State*) {
  Error error = make_error(Code::retry, "the server is busy", "https://a.example", "try again");
  error.details = R"({"http_status": 503})";
  throw Failure(error);
}

struct Bound : Fixture {
  Bound() {
    runtime->open([](lua_State* L) {
      define_handle<Counter>(L, "ft.counter", {{"add", entry<counter_add>}}, {{"__len", entry<counter_length>}});
      set_functions(L, "ft",
                    {{"counter", entry<new_counter>},
                     {"options", entry<with_options>},
                     {"fail_plainly", entry<fail_plainly>},
                     {"fail_fully", entry<fail_fully>}});
    });
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(arguments_are_checked_by_name, Bound) {
  check_fails(*this, "ft.sleep('x')", "test.lua:1: ft.sleep: the seconds must be a number, not a string");
  check_fails(*this, "ft.sleep()", "must be a number, not nothing");
  check_fails(*this, "ft.sleep(0/0)", "must be a finite number");
  check_fails(*this, "ft.sleep(-1)", "must be zero or more, not -1");
  check_fails(*this, "ft.counter(1):add(101)",
              "ft.counter.add: the amount must be a whole number from 0 to 100, not 101");
  check_fails(*this, "ft.counter(1):add(1.5)", "must be a whole number from 0 to 100, not 1.5");
  check_fails(*this, "ft.map({}, {concurrency = 0}, print)",
              "option concurrency must be a whole number from 1 to 4096, not 0");
}

BOOST_FIXTURE_TEST_CASE(unknown_option_names_the_nearest, Bound) {
  check_fails(*this, "ft.options{saed = 1}", "ft.options: unknown option \"saed\"; did you mean \"seed\"?");
  check_fails(*this, "ft.options{enormous = 1}", "known are by, near, seed");
  check_fails(*this, "ft.options{[1] = 1}", "unknown option \"1\"");
  check_fails(*this, "ft.options{near = '1'}", "option near must be a number, not \"1\"");
  check_fails(*this, "ft.options{seed = 11}", "option seed must be a whole number from 1 to 10, not 11");
  check_fails(*this, "ft.options('near')", "the options must be a table, not a string");
  check_runs(*this,
             "local a, b, c = ft.options{by = 'x', seed = 3} assert(a == 0.5 and b == 3 and c == 'x') ft.options()");
}

BOOST_FIXTURE_TEST_CASE(unknown_function_of_ft_names_the_nearest, Bound) {
  check_fails(*this, "ft.slep(1)", "there is no ft.slep; did you mean ft.sleep?");
}

BOOST_FIXTURE_TEST_CASE(handles_have_methods_by_type, Bound) {
  check_runs(*this,
             "local c = ft.counter(2) assert(c:add(3) == 5 and #c == 5) assert(getmetatable(c) == 'ft.counter')");
  check_fails(*this, "ft.counter():ad(1)", "ft.counter has no method \"ad\"; did you mean \"add\"?");
  check_fails(*this, "ft.counter().add(ft.null, 1)", "the counter must be of type ft.counter, not ft.null");
  check_fails(*this, "ft.counter().add(io.stdout, 1)", "of type ft.counter");
}

BOOST_AUTO_TEST_CASE(handles_are_destroyed_once) {
  Counter::alive = 0;
  {
    Bound bound;
    check_runs(bound,
               "local c = ft.counter() local add, gc = c.add, debug.getmetatable(c).__gc gc(c) gc(c) "
               "local ok, err = pcall(add, c, 1) assert(not ok) c = nil "
               "for i = 1, 10 do ft.counter(i) end collectgarbage() collectgarbage()");
    BOOST_TEST(Counter::alive == 0);
    check_runs(bound, "kept = ft.counter()");
    BOOST_TEST(Counter::alive == 1);
  }
  BOOST_TEST(Counter::alive == 0);
}

BOOST_FIXTURE_TEST_CASE(exceptions_become_error_tables, Bound) {
  check_runs(*this, R"(
    local ok, err = pcall(ft.fail_fully)
    assert(not ok and err.code == 'retry' and err.retryable and err.where == 'https://a.example')
    assert(err.hint == 'try again' and err.details.http_status == 503 and err.message == 'the server is busy')
    assert(tostring(err) == 'https://a.example: the server is busy; try again')
    local _, plain = pcall(function() ft.fail_plainly() end)
    assert(plain.code == 'internal' and plain.message == 'a plain exception' and plain.where:find('test.lua:%d+'))
  )");
  const Outcome outcome = check_fails(*this, "ft.fail_fully()", "the server is busy");
  BOOST_TEST(outcome.exit_status == 3);
  BOOST_TEST(outcome.code == "retry");
  BOOST_TEST(outcome.error->details == R"({"http_status":503})");
}
