// ft.plugin.check: the conformance suite on one plugin, in a child process, so that a plugin that crashes or hangs
// takes down only that.
#include <nlohmann/json.hpp>

#include "io/process.hpp"
#include "lua/api_plugin.hpp"
#include "lua/async.hpp"
#include "lua/binding.hpp"
#include "lua/host_info.hpp"
#include "lua/state.hpp"

namespace fthost::lua {

// ft.plugin.check(path): {ok, checks = {{check, ok, message}}, crashed}. `path` is a .so, or KIND/NAME of a built-in.
int plugin_check(lua_State* L) {
  const std::string given(check_string(L, 1, "path"));
  State& state = State::from(L);
  const HostInfo& host = state.need<HostInfo>();
  std::string path = given;
  if (given.ends_with(".so")) {
    auto allowed = state.gate().path(given, Access::read);
    if (!allowed) throw Failure(allowed.error());
    path = allowed->string();
  }
  if (auto allowed = state.gate().process(host.program); !allowed) throw Failure(allowed.error());
  return run_json(L, {}, [program = host.program, path](const io::CancelToken& cancel) -> Result<Json> {
    io::ProcessOptions options;
    options.argv = {program, "--check-plugin", path};
    auto started = io::Process::start(options);
    if (!started) return started.error();
    io::Process& child = **started;
    Json report{{"ok", true}, {"path", path}, {"checks", Json::array()}};
    std::string line, begun;  // the check that has no verdict yet
    for (;;) {
      auto more = child.read_line(line, cancel);
      if (!more) return more.error();
      if (!*more) break;
      Json check = Json::parse(line, nullptr, false);
      if (!check.is_object() || !check.contains("ok")) continue;
      if (check["ok"].is_null()) {
        begun = check.value("check", "");
        continue;
      }
      begun.clear();
      if (!check["ok"].get<bool>()) report["ok"] = false;
      report["checks"].push_back(std::move(check));
    }
    auto code = child.wait(cancel);
    if (!code) return code.error();
    if (*code >= 256) {
      report["ok"] = false;
      report["crashed"] = "the plugin crashed" + (begun.empty() ? std::string() : " in the check \"" + begun + "\"") +
                          " (signal " + std::to_string(*code - 256) + ")";
    } else if (*code != 0) {
      std::string tail = child.error_tail();
      while (!tail.empty() && tail.back() == '\n') tail.pop_back();
      if (report["ok"].get<bool>())
        report["crashed"] =
            "the check ended with exit code " + std::to_string(*code) + (tail.empty() ? "" : ": " + tail);
      report["ok"] = false;
    }
    return report;
  });
}

}  // namespace fthost::lua
