// ft.host: what commands need to know of the program that runs them. ft.config: values against a JSON Schema.
// ft.id, ft.timestamp: names and times for files.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "io/files.hpp"
#include "lua/async.hpp"
#include "lua/binding.hpp"
#include "lua/host_info.hpp"
#include "lua/modules.hpp"
#include "lua/state.hpp"
#include "plugin/schema.hpp"

namespace fthost::lua {
namespace {

HostInfo& host_of(lua_State* L) { return State::from(L).need<HostInfo>(); }

int push_text(lua_State* L, const std::string& text) {
  lua_pushlstring(L, text.data(), text.size());
  return 1;
}

int host_version(lua_State* L) { return push_text(L, host_of(L).version); }
int host_project_folder(lua_State* L) { return push_text(L, host_of(L).project_folder); }
int host_scripts_folder(lua_State* L) { return push_text(L, host_of(L).scripts_folder); }
int host_state_folder(lua_State* L) { return push_text(L, host_of(L).state_folder); }
int host_options_help(lua_State* L) { return push_text(L, host_of(L).options_help); }

int host_project_trusted(lua_State* L) {
  lua_pushboolean(L, host_of(L).project_trusted);
  return 1;
}

// ft.host.options(): {project, json, yes}
int host_options(lua_State* L) {
  push_json(L, host_of(L).options);
  return 1;
}

// ft.host.env(name): an environment variable, or nil. In the sandbox only what says how to print.
int host_env(lua_State* L) {
  const std::string name(check_string(L, 1, "name"));
  static const std::set<std::string> kHarmless = {"NO_COLOR", "TERM", "COLUMNS", "LANG"};
  const char* value =
      State::from(L).settings().sandbox && !kHarmless.contains(name) ? nullptr : std::getenv(name.c_str());
  if (!value) {
    lua_pushnil(L);
    return 1;
  }
  return push_text(L, value);
}

std::filesystem::path readable(lua_State* L, const std::filesystem::path& given) {
  auto path = State::from(L).gate().path(given.string(), Access::read);
  if (!path) throw Failure(path.error());
  return *path;
}

// Pushes the chunk of a file, which messages call `shown`.
void load_chunk(lua_State* L, const std::filesystem::path& path, const std::string& shown) {
  auto text = io::read_file(path);
  if (!text) throw Failure(text.error());
  std::string_view code = *text;
  if (code.starts_with('#')) code.remove_prefix(std::min(code.find('\n'), code.size()));  // #!: the newline stays
  const std::string name = "@" + shown;
  if (luaL_loadbufferx(L, code.data(), code.size(), name.c_str(), "t") != LUA_OK) {
    const char* message = lua_tostring(L, -1);
    throw Failure(make_error(Code::input, message ? message : "cannot be loaded"));
  }
}

// ft.host.load(path): the chunk of a command or profile.
int host_load(lua_State* L) {
  const std::filesystem::path path(check_string(L, 1, "path"));
  load_chunk(L, readable(L, path), path.string());
  return 1;
}

// ft.host.script(path, args): the chunk of a person's script; `arg` and require's first folder become the script's.
int host_script(lua_State* L) {
  const std::filesystem::path path(check_string(L, 1, "path"));
  check_table(L, 2, "args");
  // A person types it where he is; the sandbox counts other paths from the project.
  const std::filesystem::path real = readable(L, std::filesystem::absolute(path));
  std::error_code ec;
  if (!std::filesystem::exists(real, ec))
    throw Failure(make_error(Code::config, "there is no such script", path.string(), "check the path"));
  State::from(L).modules().set_script_folder(real.parent_path());
  lua_newtable(L);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 0);
  for (lua_Integer i = 1; lua_rawgeti(L, 2, i) != LUA_TNIL; ++i) lua_rawseti(L, -2, i);
  lua_pop(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_insert(L, -2);
  lua_pushliteral(L, "arg");
  lua_insert(L, -2);
  lua_rawset(L, -3);
  lua_pop(L, 1);
  load_chunk(L, real, path.string());
  host_of(L).script_loaded = true;
  return 1;
}

// ft.host.trusted(): the folders that the user trusts. Not from a sandbox.
int host_trusted(lua_State* L) {
  if (State::from(L).settings().sandbox)
    throw Failure(make_error(Code::config, "a sandboxed script cannot ask what is trusted"));
  auto folders = host_of(L).trusted();
  if (!folders) throw Failure(folders.error());
  push_json(L, Json(*folders));
  return 1;
}

// ft.host.set_trusted(yes): whether the project's folder is. Not from a sandbox.
int host_set_trusted(lua_State* L) {
  if (State::from(L).settings().sandbox)
    throw Failure(make_error(Code::config, "a sandboxed script cannot change what is trusted"));
  auto done = host_of(L).set_trusted(lua_toboolean(L, 1) != 0);
  if (!done) throw Failure(done.error());
  return 0;
}

// ft.host.give_up_output(): standard output has rows from here on; an error's document goes to standard error.
int host_give_up_output(lua_State* L) {
  State::from(L).need<HostInfo>().output_given_up = true;
  return 0;
}

// ft.config.check(value, schema, what): the value with its defaults, or an error that names `what` and the path.
int config_check(lua_State* L) {
  const Json value = to_json(L, 1);
  check_table(L, 2, "schema");
  const std::string what(check_string(L, 3, "what"));
  auto schema = plugin::parse_schema(to_json(L, 2).dump(), what);
  if (!schema) throw Failure(schema.error());
  auto checked = plugin::apply_schema(*schema, value.is_array() && value.empty() ? Json::object() : value, what, "");
  if (!checked) throw Failure(checked.error());
  push_json(L, *checked);
  return 1;
}

// ft.id(): 10 characters of [a-z0-9], at random.
int new_id(lua_State* L) {
  static constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::string id;
  for (int i = 0; i < 10; ++i) id.push_back(kAlphabet[random() % 36]);
  return push_text(L, id);
}

// ft.timestamp(): the time now, in UTC: "2026-11-21T08:30:00Z".
int timestamp(lua_State* L) { return push_text(L, format_utc(State::from(L).clock().wall())); }

}  // namespace

void open_host(lua_State* L) {
  lua_newtable(L);
  set_functions(L, "ft.host",
                {{"version", entry<host_version>},
                 {"project_folder", entry<host_project_folder>},
                 {"scripts_folder", entry<host_scripts_folder>},
                 {"state_folder", entry<host_state_folder>},
                 {"options", entry<host_options>},
                 {"options_help", entry<host_options_help>},
                 {"project_trusted", entry<host_project_trusted>},
                 {"env", entry<host_env>},
                 {"load", entry<host_load>},
                 {"script", entry<host_script>},
                 {"trusted", entry<host_trusted>},
                 {"set_trusted", entry<host_set_trusted>},
                 {"give_up_output", entry<host_give_up_output>}});
  lua_setfield(L, -2, "host");
  lua_newtable(L);
  set_functions(L, "ft.config", {{"check", entry<config_check>}});
  lua_setfield(L, -2, "config");
  set_functions(L, "ft", {{"id", entry<new_id>}, {"timestamp", entry<timestamp>}});
}

}  // namespace fthost::lua
