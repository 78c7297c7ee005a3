#include "lua/modules.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "io/files.hpp"
#include "lua/binding.hpp"
#include "lua/error.hpp"
#include "lua/scheduler.hpp"
#include "lua/state.hpp"

namespace fthost::lua {

namespace fs = std::filesystem;

namespace {

// "a.b" as a relative path "a/b"; empty for a name that is no module of ours.
fs::path relative_path(const std::string& name) {
  fs::path path;
  std::stringstream parts(name);
  for (std::string part; std::getline(parts, part, '.');) {
    const bool plain =
        std::all_of(part.begin(), part.end(), [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
    if (part.empty() || !plain) return {};
    path /= part;
  }
  return name.empty() || name.back() == '.' ? fs::path() : path;
}

bool is_library(const std::string& name) { return name.starts_with("ft."); }

// Asks the searchers of package.searchers (the name is at 1), which a trusted script may have extended.
// Pushes what they found, or nothing.
bool push_foreign_loader(lua_State* L, std::string& tried) {
  lua_getglobal(L, "package");
  if (lua_getfield(L, -1, "searchers") != LUA_TTABLE) return false;
  const int searchers = lua_gettop(L);
  for (lua_Integer i = 2; lua_rawgeti(L, searchers, i) == LUA_TFUNCTION; ++i) {  // the first, preload, has been asked
    lua_pushvalue(L, 1);
    lua_call(L, 1, 2);
    if (lua_isfunction(L, -2)) return true;
    if (lua_isstring(L, -2)) tried += lua_tostring(L, -2);
    lua_settop(L, searchers);
  }
  return false;
}

bool push_preloaded(lua_State* L, const std::string& name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  if (lua_getfield(L, -1, name.c_str()) != LUA_TFUNCTION) return false;
  lua_pushliteral(L, ":preload:");
  return true;
}

bool push_file_loader(lua_State* L, const fs::path& path) {
  if (path.empty()) return false;
  const std::string text = io::read_file(path).value(), chunk = "@" + path.string();
  const char* mode = State::from(L).settings().sandbox ? "t" : "bt";
  if (luaL_loadbufferx(L, text.data(), text.size(), chunk.c_str(), mode) != LUA_OK) lua_error(L);  // names the line
  lua_pushstring(L, path.c_str());
  return true;
}

// Pushes the function that makes the module, and what it gets besides the name.
void push_loader(lua_State* L, const std::string& name) {
  State& state = State::from(L);
  const int base = lua_gettop(L);
  std::string tried;
  const bool found = push_preloaded(L, name) ||
                     push_file_loader(L, state.modules().find(state.settings(), name, tried)) ||
                     (!state.settings().sandbox && !is_library(name) && push_foreign_loader(L, tried));
  if (!found) {
    throw Failure(make_error(
        Code::config, "module \"" + name + "\" is not found", {},
        tried.empty() ? "a module's name is words with dots between, such as lib.text" : "looked for" + tried));
  }
  lua_rotate(L, base + 1, 2);
  lua_settop(L, base + 2);
}

// 1 name, 2 message handler, 3 what the loader got besides the name, 4 its result or the error.
int module_done(lua_State* L, int status, lua_KContext) {
  const char* name = lua_tostring(L, 1);
  State::from(L).modules().finish(name);
  if (status != LUA_OK && status != LUA_YIELD) return lua_error(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (!lua_isnil(L, 4)) {
    lua_pushvalue(L, 4);
    lua_setfield(L, 5, name);
  }
  if (lua_getfield(L, 5, name) == LUA_TNIL) {  // else the module has set it itself
    lua_pushboolean(L, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, 5, name);
  }
  lua_pushvalue(L, 3);
  return 2;
}

int require_module(lua_State* L) {
  const std::string name(check_string(L, 1, "module name"));
  lua_settop(L, 1);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, 2, name.c_str()) != LUA_TNIL) return 1;
  lua_settop(L, 1);

  State& state = State::from(L);
  auto& loading = state.modules().loading();
  if (const auto found = loading.find(name); found != loading.end()) {
    if (!state.scheduler() || state.scheduler()->would_deadlock(found->second.owner)) {
      std::string names;
      for (const auto& [each, unused] : loading) names += (names.empty() ? "" : ", ") + each;
      throw Failure(make_error(Code::config, "module \"" + name + "\" requires itself, perhaps through another", {},
                               "being loaded: " + names));
    }
    return await(L, [&](Completion done) {
      state.scheduler()->note_wait(found->second.owner);
      found->second.waiting.push_back(std::move(done));
    });
  }

  lua_pushcfunction(L, message_handler);
  push_loader(L, name);
  loading[name].owner = state.scheduler() ? state.scheduler()->current_id() : TaskId{};
  lua_insert(L, 3);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 3);
  return module_done(L, lua_pcallk(L, 2, 1, 2, 0, module_done), 0);
}

int member_loaded(lua_State* L, int, lua_KContext) {
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 3);
  lua_rawset(L, 1);
  return 1;
}

}  // namespace

void Modules::finish(const std::string& name) {
  const auto found = loading_.find(name);
  if (found == loading_.end()) return;
  const std::vector<Completion> waiting = std::move(found->second.waiting);
  loading_.erase(found);
  for (const Completion& each : waiting) {
    each.finish([](lua_State* L) {
      lua_settop(L, 1);
      return require_module(L);
    });
  }
}

void Modules::abandon(TaskId owner) {
  for (auto at = loading_.begin(); at != loading_.end();) {
    const std::string name = at->first;
    const bool mine = at->second.owner == owner;
    ++at;
    if (mine) finish(name);
  }
}

fs::path Modules::find(const Settings& settings, const std::string& name, std::string& tried) const {
  const fs::path relative = relative_path(name);
  if (relative.empty()) return {};
  std::vector<fs::path> roots;
  if (is_library(name)) {
    roots = {settings.scripts};
  } else {
    roots = {script_folder_, settings.project};
  }
  for (const fs::path& root : roots) {
    if (root.empty()) continue;
    for (const char* form : {".lua", "/init.lua"}) {
      const fs::path path = root / (relative.string() + form);
      std::error_code ec;
      if (!fs::is_regular_file(path, ec)) {
        tried += (tried.empty() ? " " : ", ") + path.string();
        continue;
      }
      if (settings.sandbox && !is_library(name)) {
        const auto real = resolve_links(path), folder = resolve_links(root);
        if (!real || !folder || !is_inside(*folder, *real) || !settings.gate.path(path.string(), Access::read))
          throw Failure(make_error(Code::config, "module \"" + name + "\" is a link out of its folder", path.string(),
                                   "the sandbox follows no such links"));
      }
      return path;
    }
  }
  return {};
}

void replace_require(lua_State* L) {
  lua_getglobal(L, "_G");
  set_functions(L, "_G", {{"require", entry<require_module>}});
  lua_pop(L, 1);
}

int load_member(lua_State* L) {
  const std::string name(check_string(L, 2, "name"));
  State& state = State::from(L);
  std::string tried;
  if (!state.settings().scripts.empty() && !state.modules().find(state.settings(), "ft." + name, tried).empty()) {
    lua_settop(L, 2);
    lua_pushcfunction(L, entry<require_module>);
    lua_pushstring(L, ("ft." + name).c_str());
    lua_callk(L, 1, 1, 0, member_loaded);
    return member_loaded(L, LUA_OK, 0);
  }
  std::vector<std::string_view> known;
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING) known.emplace_back(lua_tostring(L, -1));
  }
  const std::string_view meant = nearest(name, known);
  throw Failure(make_error(Code::input, "there is no ft." + name, {},
                           meant.empty() ? "" : "did you mean ft." + std::string(meant) + "?"));
}

}  // namespace fthost::lua
