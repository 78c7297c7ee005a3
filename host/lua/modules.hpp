// require: ours, so that a module may wait while it loads, and so that it looks where scripts lie. "ft.split" is in the
// installed scripts; other names are looked for beside the script, then in the project, then (not in the sandbox)
// on Lua's own paths. Text only in the sandbox. Loop's thread, or the worker that owns the state.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>
#include "lua/lua.hpp"

#include "lua/task.hpp"

namespace fthost::lua {

struct Settings;

// The modules that are being loaded, and where this run looks for them.
class Modules {
 public:
  // Where the running script lies; searched first.
  void set_script_folder(std::filesystem::path folder) { script_folder_ = std::move(folder); }

  struct Loading {
    TaskId owner;
    std::vector<Completion> waiting;
  };
  std::map<std::string, Loading, std::less<>>& loading() { return loading_; }
  // The module has been loaded, or could not be: whoever waits for it looks again.
  void finish(const std::string& name);
  // A task has ended: what it was still loading is finished.
  void abandon(TaskId owner);

  // The file of a module, or an empty path; `tried` gets ", " and the path of every place looked at.
  std::filesystem::path find(const Settings& settings, const std::string& name, std::string& tried) const;

 private:
  std::filesystem::path script_folder_;
  std::map<std::string, Loading, std::less<>> loading_;
};

void replace_require(lua_State* L);

// __index of the ft table: loads scripts/ft/<name>.lua on first use, or says which function was meant.
int load_member(lua_State* L);

}  // namespace fthost::lua
