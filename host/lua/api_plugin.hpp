// The handle that scripts hold on an instance of a plugin; api_flow.cpp takes it as an argument too.
#pragma once

#include <memory>
#include "lua/lua.hpp"

#include "io/workers.hpp"
#include "plugin/registry.hpp"

namespace fthost::lua {

class PluginHandle {
 public:
  PluginHandle(io::Workers& workers, std::shared_ptr<plugin::Instance> instance)
      : workers_(workers), instance_(std::move(instance)) {}
  PluginHandle(const PluginHandle&) = delete;
  PluginHandle& operator=(const PluginHandle&) = delete;
  ~PluginHandle() { release(); }

  // Throws once it has been closed.
  const std::shared_ptr<plugin::Instance>& instance() const;
  // Gives the instance up; the last one to do so ends it, on a worker.
  void release();

 private:
  io::Workers& workers_;
  std::shared_ptr<plugin::Instance> instance_;
};

// The instance of the handle at `index`, of this kind. Throws what a script can read.
std::shared_ptr<plugin::Instance> check_instance(lua_State* L, int index, ft_kind kind, const char* what);

// ft.plugin.check(path), in api_plugin_check.cpp.
int plugin_check(lua_State* L);

}  // namespace fthost::lua
