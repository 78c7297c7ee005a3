#include "lua_fixture.hpp"

using namespace fthost::lua;
using test::check_fails;
using test::check_runs;
using test::Fixture;

BOOST_FIXTURE_TEST_CASE(waits_pass_through_nested_coroutines, Fixture) {
  check_runs(*this, R"(
    local function nest(depth)
      if depth == 0 then return ft.hold('inner') end
      local co = coroutine.create(function(x) local got = nest(x - 1) coroutine.yield(got + 1) return 'end' end)
      local ok, value = coroutine.resume(co, depth)
      assert(ok and coroutine.status(co) == 'suspended', value)
      local ok2, last = coroutine.resume(co)
      assert(ok2 and last == 'end' and coroutine.status(co) == 'dead')
      return value
    end
    ft.scope(function(scope)
      local task = scope:spawn(nest, 20)
      ft.sleep(0)
      ft.release('inner', 100)
      assert(task:wait() == 120)
    end)
  )");
}

BOOST_FIXTURE_TEST_CASE(wrapped_iterators_may_wait, Fixture) {
  check_runs(*this, R"(
    local function pages(count)
      return coroutine.wrap(function()
        for page = 1, count do
          ft.sleep(0)
          for item = 1, 3 do coroutine.yield(page, item) end
        end
      end)
    end
    local sum, others = 0, 0
    ft.scope(function(scope)
      scope:spawn(function() for _ = 1, 5 do ft.sleep(0) others = others + 1 end end)
      for page, item in pages(4) do sum = sum + page * item end
    end)
    assert(sum == 60 and others == 5)
  )");
}

BOOST_FIXTURE_TEST_CASE(waits_pass_through_pcall_in_coroutines, Fixture) {
  check_runs(*this, R"(
    local co = coroutine.wrap(function()
      local ok, err = pcall(function() ft.sleep(0) error('after', 0) end)
      coroutine.yield(err)
      error({code = 'mine'})
    end)
    assert(co() == 'after')
    local ok, err = pcall(co)
    assert(not ok and err.code == 'mine')
  )");
}

BOOST_FIXTURE_TEST_CASE(coroutine_that_waits_is_nobody_elses, Fixture) {
  check_runs(*this, R"(
    local co = coroutine.create(function() return ft.hold('x') end)
    ft.scope(function(scope)
      local first = scope:spawn(function() return select(2, coroutine.resume(co)) end)
      ft.sleep(0)
      assert(coroutine.status(co) == 'normal')
      local ok, why = coroutine.resume(co)
      assert(not ok and why == 'cannot resume a coroutine that waits for an operation')
      assert(not pcall(coroutine.close, co))
      ft.release('x', 9)
      assert(first:wait() == 9 and coroutine.status(co) == 'dead')
    end)
  )");
}

BOOST_FIXTURE_TEST_CASE(cancel_reaches_into_a_coroutine, Fixture) {
  check_runs(*this, R"(
    local seen
    ft.scope(function(scope)
      local task = scope:spawn(function()
        local co = coroutine.wrap(function() local _, err = pcall(ft.hold, 'x') seen = err.code error(err) end)
        co()
      end)
      ft.sleep(0)
      task:cancel()
      ft.sleep(0)
      assert(task:status() == 'cancelled')
    end)
    assert(seen == 'cancelled')
  )");
}

BOOST_FIXTURE_TEST_CASE(tasks_are_not_coroutines_of_scripts, Fixture) {
  check_fails(*this, "coroutine.yield(1)", "coroutine.yield outside a coroutine");
  check_fails(*this, "pcall(coroutine.yield) coroutine.yield()", "to let other tasks run, call ft.sleep(0)");
  check_runs(*this, R"(
    local me, main = coroutine.running()
    assert(not main and coroutine.status(me) == 'running' and coroutine.isyieldable())
    ft.scope(function(scope)
      local ok, why = coroutine.resume(me)
      assert(not ok and why == 'cannot resume a task')
      assert(coroutine.status(me) == 'normal' and not pcall(coroutine.close, me))
    end)
  )");
}

BOOST_FIXTURE_TEST_CASE(coroutine_library_is_as_in_the_manual, Fixture) {
  check_runs(*this, R"(
    local co = coroutine.create(function(a, b)
      local c = coroutine.yield(a + b)
      local d, e = coroutine.yield(c * 2)
      return d, e
    end)
    local function same(a, b) assert(table.concat(a, ',') == b, table.concat(a, ',')) end
    same({select(2, coroutine.resume(co, 1, 2))}, '3')
    same({select(2, coroutine.resume(co, 10))}, '20')
    same({select(2, coroutine.resume(co, 'x', 'y'))}, 'x,y')
    local ok, why = coroutine.resume(co)
    assert(not ok and why == 'cannot resume dead coroutine')
    local self
    self = coroutine.wrap(function() return self() end)
    local ok, why = pcall(self)
    assert(not ok and why:find('cannot resume non%-suspended coroutine'))
    local closed = false
    local pending = coroutine.create(function()
      local _ <close> = setmetatable({}, {__close = function() closed = true end})
      coroutine.yield()
    end)
    coroutine.resume(pending)
    assert(coroutine.close(pending) and closed and coroutine.status(pending) == 'dead')
    local failing = coroutine.create(function()
      local _ <close> = setmetatable({}, {__close = function() error('in close', 0) end})
      coroutine.yield()
    end)
    coroutine.resume(failing)
    local ok, why = coroutine.close(failing)
    assert(ok == false and why == 'in close')
    local gen = coroutine.wrap(function() error('x') end)
    local ok, why = pcall(gen)
    assert(not ok and why:find('test.lua:%d+: test.lua:%d+: x') or why:find('test.lua:%d+: x'), why)
    local ok, why = pcall(gen)
    assert(not ok and why:find('cannot resume dead coroutine'))
    assert(not pcall(coroutine.resume, 1) and not pcall(coroutine.wrap, 1))
    local many = coroutine.wrap(function(...) return select('#', ...) end)
    assert(many(table.unpack({}, 1, 500)) == 500)
  )");
}

BOOST_FIXTURE_TEST_CASE(coroutines_nest_to_the_limit_of_lua, Fixture) {
  check_runs(*this, R"(
    local function nest(depth)
      local ok, err = coroutine.resume(coroutine.create(function() return nest(depth + 1) end))
      if not ok then return depth, err end
      return err
    end
    local depth = nest(0)
    assert(depth > 100, depth)
    ft.sleep(0)
  )");
}
