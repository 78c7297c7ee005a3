#include "app/paths.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "io/files.hpp"
#include "plugin/schema.hpp"

namespace fthost::app {
namespace {

using Json = nlohmann::ordered_json;

// $name/fthost, or ~/fallback/fthost.
fs::path user_folder(const char* name, const char* fallback) {
  if (const char* value = std::getenv(name); value && *value == '/') return fs::path(value) / "fthost";
  const char* home = std::getenv("HOME");
  return fs::path(home && *home ? home : "/") / fallback / "fthost";
}

Result<Json> read_json(const fs::path& path, const char* schema_text) {
  auto text = io::read_file(path);
  if (!text) return text.error();
  Json json = Json::parse(*text, nullptr, false);
  if (json.is_discarded()) return make_error(Code::config, "is not JSON", path.string(), "mend it, or move it away");
  auto schema = plugin::parse_schema(schema_text, path.string());
  if (!schema) return schema.error();
  return plugin::apply_schema(*schema, json, path.string(), "");
}

Result<std::map<std::string, std::string>> read_keys(const fs::path& path) {
  std::map<std::string, std::string> keys;
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) return keys;
  if (info.st_mode & 077) {
    return make_error(Code::config, "others can read your keys", path.string(), "chmod 600 " + path.string());
  }
  auto text = io::read_file(path);
  if (!text) return text.error();
  std::istringstream lines(*text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const auto equals = line.find('=');
    if (equals == std::string::npos || equals == 0) {
      return make_error(Code::config, "is not NAME=VALUE", path.string() + ":" + std::to_string(number),
                        "one key a line");
    }
    keys[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return keys;
}

}  // namespace

Result<Places> find_places() {
  std::error_code ec;
  const fs::path program = fs::read_symlink("/proc/self/exe", ec);
  if (ec) return make_error(Code::io, "the program cannot find itself: " + ec.message(), "/proc/self/exe");
  const fs::path prefix = program.parent_path().parent_path();
  Places places;
  places.program = program;
  places.data = prefix / "share/fthost";
  places.scripts = places.data / "scripts";
  places.plugins = prefix / "lib/fthost/plugins";
  places.helpers = prefix / "libexec/fthost";
  places.user_config = user_folder("XDG_CONFIG_HOME", ".config");
  places.user_data = user_folder("XDG_DATA_HOME", ".local/share");
  if (!fs::exists(places.scripts / "boot.lua", ec)) {
    return make_error(Code::config, "the scripts that belong to fthost are not there", places.scripts.string(),
                      "install fthost again");
  }
  return places;
}

fs::path find_project(const fs::path& from) {
  std::error_code ec;
  for (fs::path folder = from;; folder = folder.parent_path()) {
    if (fs::exists(folder / "fthost.json", ec)) return folder;
    if (folder == folder.parent_path()) return from;
  }
}

Result<UserConfig> read_user_config(const fs::path& folder) {
  UserConfig config;
  std::error_code ec;
  if (const fs::path path = folder / "config.json"; fs::exists(path, ec)) {
    auto json = read_json(path, R"({"type":"object","additionalProperties":false,"properties":{
      "allowed_hosts":{"type":"array","items":{"type":"string"},"default":[]},
      "plugin_dirs":{"type":"array","items":{"type":"string"},"default":[]}}})");
    if (!json) return json.error();
    config.allowed_hosts = (*json)["allowed_hosts"].get<std::vector<std::string>>();
    config.plugin_dirs = (*json)["plugin_dirs"].get<std::vector<std::string>>();
  }
  auto keys = read_keys(folder / "keys.env");
  if (!keys) return keys.error();
  config.secrets = std::move(*keys);
  return config;
}

Result<std::vector<std::string>> trusted_folders(const fs::path& user_config) {
  std::error_code ec;
  const fs::path path = user_config / "trusted.json";
  if (!fs::exists(path, ec)) return std::vector<std::string>();
  auto json =
      read_json(path, R"({"type":"object","additionalProperties":false,"required":["schema_version"],"properties":{
    "schema_version":{"type":"integer","enum":[1]},"folders":{"type":"array","items":{"type":"string"},"default":[]}}})");
  if (!json) return json.error();
  return (*json)["folders"].get<std::vector<std::string>>();
}

Result<void> set_trusted(const fs::path& user_config, const fs::path& folder, bool trusted) {
  auto folders = trusted_folders(user_config);
  if (!folders) return folders.error();
  folders->erase(std::remove(folders->begin(), folders->end(), folder.string()), folders->end());
  if (trusted) folders->push_back(folder.string());
  if (auto made = io::ensure_folder(user_config); !made) return made.error();
  return io::write_atomic(user_config / "trusted.json",
                          Json{{"schema_version", 1}, {"folders", *folders}}.dump(2) + "\n");
}

}  // namespace fthost::app
