#include "lua_fixture.hpp"

namespace {

using namespace fthost;
using namespace fthost::lua;
using test::check_fails;
using test::check_runs;
using test::Fixture;
using test::Folder;

Settings sandboxed(const Folder& folder) {
  Settings settings;
  settings.sandbox = true;
  settings.project = folder.path();
  settings.gate = Gate::sandbox(folder.path(), {}).value();
  return settings;
}

}  // namespace

BOOST_AUTO_TEST_CASE(sandbox_has_no_way_out) {
  const Folder folder, outside;
  outside.write("secret.lua", "return 'secret'");
  std::filesystem::create_symlink(outside.path() / "secret.lua", folder.path() / "link.lua");
  std::filesystem::create_symlink(outside.path(), folder.path() / "linked");
  Fixture fixture(sandboxed(folder));
  const std::string there = (outside.path() / "secret.lua").string();
  for (const std::string& attempt : std::vector<std::string>{
           "io.open('/etc/passwd')",
           "os.execute('true')",
           "os.remove('x')",
           "os.rename('x', 'y')",
           "os.tmpname()",
           "os.exit(0)",
           "os.getenv('HOME')",
           "os.setlocale('C')",
           "debug.getregistry()",
           "debug.getinfo(1)",
           "debug.sethook()",
           "debug.getmetatable('').__index.dump(print)",
           "package.loadlib('libc.so.6', '*')",
           "package.searchers[3]('x')",
           "package.searchpath('x', '/etc/?')",
           "package.cpath = '/tmp/?.so' require 'x'",
           "require 'io'.open('x')",
           "io.popen('true')",
           "io.lines('x')",
           "io.input('/etc/passwd')",
           "io.output('x')",
           "io.tmpfile()",
           "require 'debug'.getregistry()",
           "package.loaded.io.open('x')",
           "package.loaded.os.execute('true')",
           "package.loaded.package.loadlib('x', '*')",
           "package.loaded._G.io.open('x')",
           "string.dump(function() end)",
           "('x').dump(function() end)",
           "assert(load('\\27Lua'))",
           "assert(load('\\27Lua', 'x', 'b'))",
           "assert(load('\\27Lua', 'x', 'bt', {}))",
           "assert(load(function() return '\\27Lua' end))",
           "dofile('" + there + "')",
           "assert(loadfile('" + there + "'))",
           "dofile('../" + outside.path().filename().string() + "/secret.lua')",
           "dofile('link.lua')",
           "dofile('linked/secret.lua')",
           "dofile()",
           "require 'link'",
           "require 'linked.secret'",
           "require '../secret'",
           "require '/etc/passwd'",
           "collectgarbage('stop')",
           "collectgarbage('generational')",
           "getmetatable(_G).__index = nil x = y",
           "setmetatable(_G, nil)",
           "getmetatable(ft.null).__tostring = 1",
       }) {
    BOOST_TEST_CONTEXT(attempt) {
      const Outcome outcome = fixture.run("local r = (function() " + attempt + " end)() ");
      BOOST_TEST(outcome.error.has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(sandbox_keeps_what_is_harmless) {
  const Folder folder;
  folder.write("part.lua", "return {name = 'part', args = ...}");
  folder.write("lib/deep.lua", "return 'deep'");
  folder.write("waits.lua", "require('ft').sleep(0) return 'waited', 2");
  Fixture fixture(sandboxed(folder));
  check_runs(fixture, R"(
    assert(require('part').name == 'part' and require('part').args == 'part' and require 'lib.deep' == 'deep')
    local a, b = dofile('waits.lua')
    assert(a == 'waited' and b == 2)
    assert(loadfile('lib/deep.lua')() == 'deep')
    assert(load('return 1 + 1')() == 2)
    assert(load('return x', 'c', 't', {x = 5})() == 5)
    assert(select(2, pcall(load('return x', 'c', 't', nil))):find('attempt to index'))
    local parts = {'return ', '7'}
    assert(load(function() return table.remove(parts, 1) end)() == 7)
    assert(load('syntax error here') == nil)
    assert(type(os.time()) == 'number' and type(os.clock()) == 'number' and os.date('!%Y', 0) == '1970')
    assert(debug.traceback('x'):find('stack traceback'))
    assert(collectgarbage('count') > 0 and collectgarbage() == 0)
    assert(select('#', string.format('%d', 3)) == 1 and utf8.char(233) == 'é' and math.type(1) == 'integer')
    assert(ft.map({1, 2}, function(x) return x + 1 end)[2] == 3)
  )");
}

BOOST_AUTO_TEST_CASE(sandbox_has_strict_globals) {
  const Folder folder;
  Fixture fixture(sandboxed(folder));
  check_fails(fixture, "counter = 1", "assignment to the undeclared global \"counter\"; write \"local\" before it");
  check_fails(fixture, "function helper() end", "assignment to the undeclared global \"helper\"");
  check_fails(fixture, "print(misspelt)", "there is no global \"misspelt\"");
  check_runs(fixture,
             "print = print assert(arg[0] == 'test.lua') rawset(_G, 'declared', 1) declared = 2 assert(declared == 2)");
}

BOOST_AUTO_TEST_CASE(sandbox_is_pcall_proof_and_has_limits) {
  const Folder folder;
  Settings settings = sandboxed(folder);
  settings.limits.time = std::chrono::seconds(1);
  settings.limits.memory = 8 << 20;
  Fixture fixture(settings);
  check_fails(fixture, "ft.advance(2) while true do pcall(function() while true do end end) end", "time limit of 1 s");
  check_fails(fixture, "local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end",
              "limit of 8 MB");
}

BOOST_AUTO_TEST_CASE(trusted_script_has_all_of_lua) {
  Fixture fixture;
  check_runs(fixture, R"(
    assert(io.open and os.getenv('PATH') and debug.getinfo(1) and package.loadlib and string.dump)
    global_name = 1
    assert(load(string.dump(function() return 7 end))() == 7)
    assert(not pcall(require, 'no.such.module.anywhere'))
  )");
}
