#include <thread>

#include "lua_fixture.hpp"

using namespace fthost;
using namespace fthost::lua;
using test::check_fails;
using test::check_runs;
using test::Fixture;

BOOST_FIXTURE_TEST_CASE(ten_thousand_tasks_run_and_end, Fixture) {
  check_runs(*this, R"(
    local ended, most, live = 0, 0, 0
    ft.scope(function(scope)
      for i = 1, 10000 do
        scope:spawn(function(number)
          live = live + 1
          if live > most then most = live end
          ft.sleep(number % 7)
          live = live - 1
          ended = ended + number
        end, i)
      end
      for _ = 1, 7 do ft.sleep(0) ft.advance(1) end
    end)
    assert(ended == 10000 * 10001 // 2 and most == 10000 and live == 0)
  )");
}

BOOST_FIXTURE_TEST_CASE(sleep_follows_the_clock, Fixture) {
  check_runs(*this, R"(
    local order = {}
    ft.scope(function(scope)
      for _, seconds in ipairs{3, 1, 2} do
        scope:spawn(function() ft.sleep(seconds) order[#order + 1] = seconds end)
      end
      ft.sleep(0)
      for step = 1, 3 do
        assert(#order == step - 1)
        ft.advance(1)
        ft.sleep(0) ft.sleep(0)
      end
    end)
    assert(table.concat(order) == '123' and ft.clock() == 3.0 and ft.now() == 3.0)
  )");
}

BOOST_FIXTURE_TEST_CASE(map_keeps_the_order_and_the_concurrency, Fixture) {
  check_runs(*this, R"(
    local items, live, most = {}, 0, 0
    for i = 1, 500 do items[i] = i end
    local results = ft.map(items, {concurrency = 64}, function(item, index)
      assert(item == index)
      live = live + 1
      most = math.max(most, live)
      for _ = 1, (item * 7919) % 5 do ft.sleep(0) end
      live = live - 1
      return item * 2
    end)
    assert(#results == 500 and most == 64)
    for i = 1, 500 do assert(results[i] == i * 2) end
    assert(#ft.map({}, print) == 0 and ft.json.encode(ft.map({}, print)) == '[]')
    assert(ft.map({5}, function(x) return x end)[1] == 5)
  )");
}

BOOST_FIXTURE_TEST_CASE(first_error_of_map_cancels_the_rest, Fixture) {
  check_runs(*this, R"(
    local started, cancelled = 0, 0
    local items = {}
    for i = 1, 200 do items[i] = i end
    local ok, err = pcall(ft.map, items, {concurrency = 64}, function(item)
      started = started + 1
      if item == 10 then ft.sleep(0) error('item ' .. item) end
      local _, why = pcall(ft.hold, 'held ' .. item)
      if why.code == 'cancelled' then cancelled = cancelled + 1 end
      error(why)
    end)
    assert(not ok and err.message == 'item 10', tostring(err))
    assert(started == 64 and cancelled == 63)
  )");
  BOOST_TEST(cancels == 63);
}

BOOST_FIXTURE_TEST_CASE(scope_returns_what_its_function_returns_after_all_have_ended, Fixture) {
  check_runs(*this, R"(
    local ended = false
    local a, b = ft.scope(function(scope)
      scope:spawn(function() ft.sleep(0) ft.sleep(0) ended = true end)
      return 1, 'two'
    end)
    assert(a == 1 and b == 'two' and ended)
  )");
}

BOOST_FIXTURE_TEST_CASE(error_of_a_child_cancels_siblings_and_is_raised_from_the_scope, Fixture) {
  check_runs(*this, R"(
    local seen = {}
    local ok, err = pcall(ft.scope, function(scope)
      scope:spawn(function()
        local cleanup <close> = setmetatable({}, {__close = function(_, why) seen.closed = why.code end})
        ft.hold('never')
      end)
      scope:spawn(function() ft.sleep(0) error('child') end)
      seen.body = select(2, pcall(ft.hold, 'body')).code
      seen.swallowed = true
    end)
    assert(not ok and err.message == 'child' and err.where == 'test.lua:8', tostring(err))
    assert(seen.closed == 'cancelled' and seen.body == 'cancelled' and seen.swallowed)
  )");
  BOOST_TEST(cancels == 2);
}

BOOST_FIXTURE_TEST_CASE(error_of_the_body_cancels_children_that_have_not_started, Fixture) {
  check_runs(*this, R"(
    local ran = false
    local ok, err = pcall(ft.scope, function(scope)
      scope:spawn(function() ran = true end)
      error('body')
    end)
    assert(not ok and err.message == 'body' and not ran)
  )");
}

BOOST_FIXTURE_TEST_CASE(scope_cancel_ends_it_without_an_error, Fixture) {
  check_runs(*this, R"(
    local task
    local result = ft.scope(function(scope)
      task = scope:spawn(ft.hold, 'x')
      ft.sleep(0)
      assert(task:status() == 'running')
      scope:cancel()
      ft.hold('y')
    end)
    assert(result == nil and task:status() == 'cancelled')
    local none, err = ft.try(task.wait, task)
    assert(none == nil and err.code == 'cancelled')
  )");
  BOOST_TEST(cancels == 1);
  BOOST_TEST(!operations.contains("y"));  // what waits in a cancelled scope is not started
}

BOOST_FIXTURE_TEST_CASE(nested_scopes_are_cancelled_to_the_innermost, Fixture) {
  check_runs(*this, R"(
    local ends = {}
    local function nest(depth)
      ft.scope(function(scope)
        scope:spawn(function()
          local _ <close> = setmetatable({}, {__close = function() ends[#ends + 1] = depth end})
          if depth == 5 then ft.hold('deep') else nest(depth + 1) end
        end)
      end)
    end
    local ok, err = pcall(ft.scope, function(scope)
      scope:spawn(nest, 1)
      for _ = 1, 20 do ft.sleep(0) end
      assert(ft.held() == 1)
      error('enough')
    end)
    assert(not ok and err.message == 'enough')
    assert(table.concat(ends) == '54321')
  )");
  BOOST_TEST(cancels == 1);
}

BOOST_FIXTURE_TEST_CASE(task_handles_give_results_status_and_errors, Fixture) {
  check_runs(*this, R"(
    ft.scope(function(scope)
      local task = scope:spawn(function(a, b) ft.sleep(0) return a + b, 'x' end, 2, 3)
      assert(task:status() == 'running')
      local sum, x = task:wait()
      assert(sum == 5 and x == 'x' and task:status() == 'done')
      assert(task:wait() == 5)
      local other = scope:spawn(ft.hold, 'other')
      ft.sleep(0)
      other:cancel()
      assert(ft.try(other.wait, other) == nil and other:status() == 'cancelled')
    end)
  )");
}

BOOST_FIXTURE_TEST_CASE(ended_scope_takes_no_more_tasks, Fixture) {
  check_fails(*this, "local kept ft.scope(function(scope) kept = scope end) kept:spawn(print)", "this scope has ended");
}

BOOST_FIXTURE_TEST_CASE(tasks_that_wait_for_each_other_are_refused, Fixture) {
  check_fails(*this, R"(
    ft.scope(function(scope)
      local a, b
      a = scope:spawn(function() ft.sleep(0) b:wait() end)
      b = scope:spawn(function() ft.sleep(0) a:wait() end)
    end))",
              "would never end");
  check_fails(*this, R"(
    ft.scope(function(scope)
      local a
      a = scope:spawn(function() ft.scope(function(inner) inner:spawn(function() a:wait() end) end) end)
    end))",
              "would never end");
}

BOOST_FIXTURE_TEST_CASE(timeout_cancels_what_takes_too_long, Fixture) {
  check_runs(*this, R"(
    assert(ft.timeout(5, function(x) ft.sleep(0) return x end, 'in time') == 'in time')
    local closed
    local ok, err
    ft.scope(function(scope)
      scope:spawn(function()
        ok, err = pcall(ft.timeout, 5, function()
          local _ <close> = setmetatable({}, {__close = function(_, why) closed = why.code end})
          ft.hold('slow')
        end)
      end)
      for _ = 1, 4 do ft.sleep(0) end
      ft.advance(4.999)
      ft.sleep(0) ft.sleep(0)
      assert(ok == nil)
      ft.advance(0.001)
    end)
    assert(ok == false and err.code == 'timeout' and closed == 'cancelled')
    assert(err.message == 'it took longer than 5 s', err.message)
  )");
  BOOST_TEST(cancels == 1);
  check_fails(*this, "ft.timeout(0, print)", "above zero");
  check_fails(*this, "ft.timeout(3, function() error('own') end)", "own");
}

BOOST_FIXTURE_TEST_CASE(late_finish_is_refused, Fixture) {
  check_runs(*this, R"(
    ft.scope(function(scope)
      local task = scope:spawn(function()
        pcall(ft.hold, 'first')
      end)
      ft.sleep(0)
      task:cancel()
      for _ = 1, 3 do ft.sleep(0) end
      assert(task:status() == 'done')
      ft.release('first', 1)
      ft.sleep(0)
      local again = scope:spawn(function() return ft.hold('second') end)
      ft.sleep(0)
      ft.release('second', 2)
      assert(again:wait() == 2)
    end)
  )");
  BOOST_TEST(pushed == 1);
  BOOST_TEST(cancels == 1);
}

BOOST_FIXTURE_TEST_CASE(only_the_first_finish_counts, Fixture) {
  runtime->open([](lua_State* L) {
    set_functions(L, "ft", {{"twice", fthost::lua::test::bound([](lua_State* S) {
                               return await(S, [](Completion done) {
                                 done.finish([](lua_State* T) {
                                   lua_pushliteral(T, "first");
                                   return 1;
                                 });
                                 done.fail(make_error(Code::internal, "second"));
                               });
                             })}});
  });
  check_runs(*this, "assert(ft.twice() == 'first') ft.sleep(0)");
}

BOOST_FIXTURE_TEST_CASE(operation_that_is_dropped_is_an_error, Fixture) {
  runtime->open([](lua_State* L) {
    set_functions(L, "ft",
                  {{"drop", fthost::lua::test::bound([](lua_State* S) { return await(S, [](Completion) {}); })}});
  });
  check_fails(*this, "ft.drop()", "the operation ended without a result");
}

BOOST_FIXTURE_TEST_CASE(operation_that_cannot_start_raises_and_leaves_the_task_usable, Fixture) {
  runtime->open([](lua_State* L) {
    set_functions(L, "ft", {{"broken", fthost::lua::test::bound([](lua_State* S) {
                               return await(S, [](Completion) { throw Failure(make_error(Code::io, "cannot start")); });
                             })}});
  });
  check_runs(*this, "local _, err = ft.try(ft.broken) assert(err.message == 'cannot start') ft.sleep(0) ft.sleep(0)");
}

BOOST_FIXTURE_TEST_CASE(results_come_from_other_threads, Fixture) {
  static std::vector<std::thread> threads;
  runtime->open([](lua_State* L) {
    set_functions(L, "ft", {{"work", fthost::lua::test::bound([](lua_State* S) {
                               const auto number = check_integer(S, 1, "number");
                               return await(S, [number](Completion done) {
                                 threads.emplace_back([number, done] {
                                   done.finish([number](lua_State* T) {
                                     lua_pushinteger(T, number * number);
                                     return 1;
                                   });
                                 });
                               });
                             })}});
  });
  check_runs(*this, R"(
    local items = {}
    for i = 1, 50 do items[i] = i end
    for i, square in ipairs(ft.map(items, {concurrency = 8}, ft.work)) do assert(square == i * i) end
  )");
  for (auto& each : threads) each.join();
  threads.clear();
}

BOOST_FIXTURE_TEST_CASE(result_after_the_runtime_is_gone_is_dropped, Fixture) {
  const Outcome outcome =
      run("pcall(ft.scope, function(scope) scope:spawn(ft.hold, 'kept') ft.sleep(0) error('end') end)");
  BOOST_TEST(!outcome.error);
  BOOST_REQUIRE(operations.count("kept") == 1);
  runtime.reset();
  operations.at("kept").finish([this](lua_State*) { return ++pushed; });
  operations.clear();
  loop.post([this] { loop.stop(); });
  loop.run();
  BOOST_TEST(pushed == 0);
}

BOOST_FIXTURE_TEST_CASE(cancel_that_is_swallowed_closes_the_task_at_its_third_wait, Fixture) {
  check_runs(*this, R"(
    local waits, closed = 0, false
    local task
    ft.scope(function(scope)
      task = scope:spawn(function()
        local _ <close> = setmetatable({}, {__close = function() closed = true end})
        while true do
          waits = waits + 1
          pcall(ft.hold, 'again')
        end
      end)
      ft.sleep(0)
      task:cancel()
    end)
    assert(waits == 3 and closed and task:status() == 'cancelled', waits)
  )");
}

BOOST_FIXTURE_TEST_CASE(closing_hard_reaches_the_coroutines_within, Fixture) {
  check_runs(*this, R"(
    local closed = {}
    local function guard(name) return setmetatable({}, {__close = function() closed[#closed + 1] = name end}) end
    ft.scope(function(scope)
      local task = scope:spawn(function()
        local _ <close> = guard('task')
        local co = coroutine.create(function()
          local _ <close> = guard('coroutine')
          while true do pcall(ft.hold, 'again') end
        end)
        coroutine.resume(co)
      end)
      ft.sleep(0)
      task:cancel()
    end)
    assert(table.concat(closed, ' ') == 'coroutine task', table.concat(closed, ' '))
  )");
}

BOOST_FIXTURE_TEST_CASE(try_lets_a_cancel_pass, Fixture) {
  check_runs(*this, R"(
    local reached = false
    ft.scope(function(scope)
      local task = scope:spawn(function() ft.try(ft.hold, 'x') reached = true end)
      ft.sleep(0)
      task:cancel()
    end)
    assert(not reached)
  )");
}

BOOST_FIXTURE_TEST_CASE(close_handlers_may_wait_when_an_error_leaves_a_task, Fixture) {
  check_runs(*this, R"(
    local waited = false
    pcall(ft.scope, function()
      local _ <close> = setmetatable({}, {__close = function() ft.sleep(0) waited = true end})
      error('leaving')
    end)
    assert(waited)
  )");
}

BOOST_FIXTURE_TEST_CASE(waits_where_lua_cannot_yield_are_refused_in_a_sentence, Fixture) {
  const std::string sentence = "ft.sleep cannot wait here; Lua cannot pause inside table.sort";
  check_fails(*this, "table.sort({3, 2, 1}, function() ft.sleep(0) end)", sentence);
  check_fails(*this, "string.gsub('x', '.', function() ft.sleep(0) end)", sentence);
  check_fails(*this, "tostring(setmetatable({}, {__tostring = function() ft.sleep(0) end}))", sentence);
  check_fails(*this, "table.sort({3, 2, 1}, coroutine.wrap(function() ft.sleep(0) end))", sentence);
  check_fails(*this, "table.sort({3, 2, 1}, function() ft.scope(print) end)", "ft.scope cannot wait here");
  check_runs(*this,
             "local t = setmetatable({}, {__index = function(_, key) ft.sleep(0) return key end}) assert(t.x == 'x')");
  check_runs(*this, "ft.sleep(0)");
}

BOOST_FIXTURE_TEST_CASE(state_without_tasks_refuses_to_wait, Fixture) {
  State worker(clock, {});
  const Result<void> result = worker.run([](lua_State* L) {
    if (luaL_dostring(L, "require('ft').sleep(1)") != LUA_OK) lua_error(L);
  });
  BOOST_REQUIRE(!result);
  BOOST_TEST(result.error().message == "ft.sleep cannot wait here: this code has no tasks");
}

BOOST_FIXTURE_TEST_CASE(runtime_runs_many_scripts_one_after_the_other, Fixture) {
  for (int i = 0; i < 50; ++i) {
    check_runs(*this, "ft.scope(function(scope) for i = 1, 10 do scope:spawn(ft.sleep, 0) end end)");
    check_fails(*this, "ft.scope(function(scope) scope:spawn(ft.hold, 'x' .. ft.held()) ft.sleep(0) error('no') end)",
                "no");
  }
}
