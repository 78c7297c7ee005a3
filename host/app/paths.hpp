// Where things are: the program and what is installed with it, the project, the user's own configuration.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace fthost::app {

namespace fs = std::filesystem;

struct Places {
  fs::path program;      // absolute path of fthost
  fs::path scripts;      // share/fthost/scripts
  fs::path data;         // share/fthost
  fs::path plugins;      // lib/fthost/plugins
  fs::path helpers;      // libexec/fthost
  fs::path user_config;  // $XDG_CONFIG_HOME/fthost
  fs::path user_data;    // $XDG_DATA_HOME/fthost
};

// From the running program's own path, so that an installation works from any prefix.
Result<Places> find_places();

// The folder with fthost.json at or above `from`; `from` itself where there is none.
fs::path find_project(const fs::path& from);

// The user's own configuration, <user_config>/config.json: {"allowed_hosts": […], "plugin_dirs": […]}, and keys.env.
struct UserConfig {
  std::vector<std::string> allowed_hosts;  // where keys may be sent besides the hosts that a plugin names
  std::vector<std::string> plugin_dirs;
  std::map<std::string, std::string> secrets;  // of keys.env, NAME=VALUE a line, readable by the user alone
};
Result<UserConfig> read_user_config(const fs::path& folder);

// The folders whose own plugins and commands count, in <user_config>/trusted.json.
Result<std::vector<std::string>> trusted_folders(const fs::path& user_config);
Result<void> set_trusted(const fs::path& user_config, const fs::path& folder, bool trusted);

}  // namespace fthost::app
