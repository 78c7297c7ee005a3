#include "lua_fixture.hpp"

namespace {

using namespace fthost;
using namespace fthost::lua;
using test::check_fails;
using test::check_runs;
using test::Fixture;
using test::Folder;

// A project, installed scripts and a script in a folder of its own.
struct Places {
  Folder scripts, project, own;
  Settings settings() const {
    Settings settings;
    settings.scripts = scripts.path();
    settings.project = project.path();
    return settings;
  }
};

Outcome run_file(Fixture& fixture, const std::filesystem::path& path) { return fixture.runtime->run_file(path, {"a"}); }

void check_file(Fixture& fixture, const std::filesystem::path& path) {
  const Outcome outcome = run_file(fixture, path);
  BOOST_TEST(!outcome.error, (outcome.error ? outcome.error->sentence() + "\n" + outcome.traceback : std::string()));
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(modules_are_found_by_place, Places) {
  scripts.write("ft/split.lua", "return {name = ...}");
  scripts.write("other.lua", "return 'not for scripts'");
  project.write("shared.lua", "return 'project'");
  project.write("both.lua", "return 'project'");
  own.write("both.lua", "return 'own'");
  own.write("lib/init.lua", "return select(2, ...)");
  const auto main = own.write("main.lua", R"(#!/usr/bin/env fthost run
    local ft = require 'ft'
    assert(require 'ft.split'.name == 'ft.split' and require 'ft.split' == require 'ft.split')
    assert(ft.split == require 'ft.split')
    assert(require 'shared' == 'project' and require 'both' == 'own')
    local value, where = require 'lib'
    assert(value == where and where:find('lib/init.lua'))
    local ok, err = pcall(require, 'other')
    assert(not ok and err.message == 'module "other" is not found' and err.hint:find('other.lua'), tostring(err))
    local ok, err = pcall(require, 'ft.nothing')
    assert(not ok and err.message == 'module "ft.nothing" is not found')
    assert(... == 'a' and arg[1] == 'a'))");
  Fixture fixture(settings());
  check_file(fixture, main);
}

BOOST_FIXTURE_TEST_CASE(module_may_wait_while_it_loads_and_is_loaded_once, Places) {
  own.write("slow.lua", "loads = (loads or 0) + 1 require('ft').sleep(0) require('ft').sleep(0) return {}");
  const auto main = own.write("main.lua", R"(
    local ft = require 'ft'
    local found = ft.map({1, 2, 3, 4, 5}, function() return require 'slow' end)
    for i = 2, 5 do assert(found[i] == found[1]) end
    assert(loads == 1, loads))");
  Fixture fixture(settings());
  check_file(fixture, main);
}

BOOST_FIXTURE_TEST_CASE(module_that_fails_can_be_tried_again, Places) {
  own.write("fragile.lua",
            "attempts = (attempts or 0) + 1 require('ft').sleep(0) if attempts < 3 then error('attempt ' .. attempts) "
            "end return attempts");
  const auto main = own.write("main.lua", R"(
    local ft = require 'ft'
    local none, err = ft.try(require, 'fragile')
    assert(none == nil and err.message == 'attempt 1' and err.where:find('fragile.lua:1') and err.traceback:find('fragile.lua:1'))
    local results = ft.map({1, 2, 3}, function() return (ft.try(require, 'fragile')) or 'failed' end)
    assert(results[1] == 'failed' and results[2] == 3 and results[3] == 3, table.concat(results, ' ')))");
  Fixture fixture(settings());
  check_file(fixture, main);
}

BOOST_FIXTURE_TEST_CASE(modules_that_require_each_other_are_refused, Places) {
  own.write("one.lua", "require('ft').sleep(0) return require 'two'");
  own.write("two.lua", "require('ft').sleep(0) return require 'one'");
  own.write("self.lua", "return require 'self'");
  own.write("child.lua", "require('ft').scope(function(s) s:spawn(require, 'child') end)");
  const auto main = own.write("main.lua", R"(
    local ft = require 'ft'
    local function refused(name)
      local none, err = ft.try(require, name)
      assert(none == nil and err.message:find('requires itself'), tostring(err))
    end
    refused 'one' refused 'self' refused 'child'
    ft.scope(function(s) s:spawn(refused, 'one') s:spawn(ft.try, require, 'two') end))");
  Fixture fixture(settings());
  check_file(fixture, main);
}

BOOST_FIXTURE_TEST_CASE(task_that_is_closed_while_it_loads_leaves_the_module_to_others, Places) {
  own.write(
      "held.lua",
      "local ft = require 'ft' if not released then while true do pcall(ft.hold, 'held') end end return 'loaded'");
  const auto main = own.write("main.lua", R"(
    local ft = require 'ft'
    ft.scope(function(scope)
      local first = scope:spawn(require, 'held')
      ft.sleep(0)
      local second = scope:spawn(require, 'held')
      ft.sleep(0)
      released = true
      first:cancel()
      assert(second:wait() == 'loaded')
    end))");
  Fixture fixture(settings());
  check_file(fixture, main);
}

BOOST_FIXTURE_TEST_CASE(module_reports_its_syntax_error, Places) {
  own.write("broken.lua", "\nlocal = 1");
  const auto main = own.write("main.lua", "require 'broken'");
  Fixture fixture(settings());
  const Outcome outcome = run_file(fixture, main);
  BOOST_REQUIRE(outcome.error);
  BOOST_TEST(outcome.error->where.find("broken.lua:2") != std::string::npos, outcome.error->where);
}

BOOST_FIXTURE_TEST_CASE(require_follows_preload_and_searchers_of_lua, Places) {
  Fixture fixture(settings());
  own.write("found/by_path.lua", "return 'by path'");
  check_runs(fixture,
             "package.preload.virtual = function(name) ft.sleep(0) return name .. '!' end assert(require 'virtual' == "
             "'virtual!') "
             "package.path = '" +
                 own.path().string() +
                 "/found/?.lua' assert(require 'by_path' == 'by path') "
                 "package.loaded.given = 7 assert(require 'given' == 7)");
}

BOOST_FIXTURE_TEST_CASE(missing_script_is_an_error_with_its_path, Places) {
  Fixture fixture(settings());
  const Outcome outcome = run_file(fixture, own.path() / "nothing.lua");
  BOOST_REQUIRE(outcome.error);
  BOOST_TEST(outcome.error->where == (own.path() / "nothing.lua").string());
  BOOST_TEST(outcome.error->message == "open the script: No such file or directory");
}
