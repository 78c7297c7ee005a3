// What the nouns of the Lua API need to know of the program, and the openers that the application calls: State::provide
// a HostInfo, an io::EventLoop, io::Workers and a plugin::Registry first.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>
#include "lua/lua.hpp"

#include "base/result.hpp"

namespace fthost::lua {

struct HostInfo {
  std::string version;
  std::string program;                    // absolute path of fthost itself
  std::string project_folder;             // absolute; where fthost.json is or would be
  std::string scripts_folder;             // share/fthost/scripts
  std::string state_folder;               // <project>/.fthost
  std::string options_help;               // of the host's own options, for --help
  std::vector<std::string> option_names;  // of the same, without "--"
  nlohmann::ordered_json options;         // {project, json, yes}
  bool project_trusted = false;
  bool output_given_up = false;  // standard output has rows: what --json says goes to standard error
  bool script_loaded = false;    // set by ft.host.script: a person's own script runs, whose traceback is of use
  std::function<Result<std::vector<std::string>>()> trusted;
  std::function<Result<void>(bool)> set_trusted;  // of the project's folder
};

void open_cli(lua_State* L);     // ft.cli
void open_flow(lua_State* L);    // ft.flow
void open_fs(lua_State* L);      // ft.fs
void open_host(lua_State* L);    // ft.host, ft.config, ft.id, ft.timestamp
void open_plugin(lua_State* L);  // ft.plugin
void open_term(lua_State* L);    // ft.term, ft.text
void open_tokens(lua_State* L);  // ft.text.encoding; after open_term

}  // namespace fthost::lua
