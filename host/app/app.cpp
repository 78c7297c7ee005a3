#include "app/app.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <sstream>

#include "app/options.hpp"
#include "app/paths.hpp"
#include "base/gate.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "data/jsonl_storage.hpp"
#include "io/files.hpp"
#include "io/http_client.hpp"
#include "io/loop.hpp"
#include "io/temporaries.hpp"
#include "io/terminal.hpp"
#include "io/workers.hpp"
#include "lua/host_info.hpp"
#include "lua/interrupt.hpp"
#include "lua/runtime.hpp"
#include "lua/status_line.hpp"
#include "plugin/conformance.hpp"
#include "plugin/registry.hpp"
#include "plugin/services.hpp"
#include "text/unicode.hpp"

namespace fthost::app {
namespace {

// For work to end that the script has left, and that an interrupt has.
constexpr auto kPatience = std::chrono::seconds(5), kInterruptedPatience = std::chrono::seconds(1);
constexpr std::size_t kSandboxMemory = std::size_t{1} << 30;  // where no --memory-limit is given

// With --json an error is the document.
void print_document(const Error& error, const std::string& code, std::FILE* to = stdout) {
  nlohmann::json fields = {{"code", code}, {"message", error.message}};
  if (!error.where.empty()) fields["where"] = error.where;
  if (!error.hint.empty()) fields["hint"] = error.hint;
  const std::string text =
      nlohmann::json{{"error", fields}}.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
  std::fprintf(to, "%s\n", text.c_str());
}

int fail(const Error& error, bool json = false) {
  if (json) print_document(error, code_name(error.code));
  std::fprintf(stderr, "fthost: %s\n", error.sentence().c_str());
  return lua::exit_status_of(error);
}

void add_folders(std::vector<std::string>& folders, const char* list) {
  std::istringstream words(list ? list : "");
  for (std::string folder; std::getline(words, folder, ':');) {
    if (!folder.empty()) folders.push_back(fs::absolute(folder).string());
  }
}

Result<fs::path> project_folder(const HostOptions& options) {
  std::error_code ec;
  const fs::path here = fs::current_path(ec);
  if (ec)
    return make_error(Code::io, "the current folder cannot be found: " + ec.message(), {}, "go to one that exists");
  if (options.project.empty()) return find_project(here);
  const fs::path folder = (here / options.project).lexically_normal();
  const std::string text = folder.string();
  return text.size() > 1 && text.ends_with('/') ? folder.parent_path() : folder;
}

// Everything that a command runs on, in the order in which it is built; it ends in the other.
struct Program {
  HostOptions options;
  Places places;
  fs::path project;
  bool trusted = false;
  SystemClock clock;
  io::EventLoop loop{clock};
  io::HttpClient http{loop};
  std::unique_ptr<plugin::Services> services;
  std::unique_ptr<plugin::Registry> registry;
  io::Workers workers;
  lua::HostInfo host;

  Result<void> prepare();
  int run();
};

Result<void> Program::prepare() {
  set_log_level(options.log);
  auto found = find_places();
  if (!found) return found.error();
  places = *found;
  auto folder = project_folder(options);
  if (!folder) return folder.error();
  project = *folder;
  auto user = read_user_config(places.user_config);
  if (!user) return user.error();
  auto folders = trusted_folders(places.user_config);
  if (!folders) return folders.error();
  trusted = std::find(folders->begin(), folders->end(), project.string()) != folders->end();

  plugin::Services::Options offered;
  offered.paths = {project.string(), (project / ".fthost").string(), places.helpers.string(), places.data.string()};
  offered.allowed_hosts = user->allowed_hosts;
  offered.secrets = user->secrets;
  offered.log_level = static_cast<std::int32_t>(options.log);
  offered.gate = Gate::open(project);
  if (options.sandbox) {
    Gate::Grants grants;
    grants.network = options.allow_network;
    grants.read_only = {".git", "fthost.json", "plugins", "commands"};  // jobs and journals of plugins lie in .fthost
    auto gate = Gate::sandbox(project, grants);
    if (!gate) return gate.error();
    offered.gate = *gate;
  }
  services = std::make_unique<plugin::Services>(http, std::move(offered));

  std::vector<std::string> plugin_folders;
  for (const auto& given : options.plugin_dirs) plugin_folders.push_back(fs::absolute(given).string());
  add_folders(plugin_folders, std::getenv("FTHOST_PLUGIN_PATH"));
  plugin_folders.push_back((places.user_data / "plugins").string());
  for (const auto& given : user->plugin_dirs) plugin_folders.push_back(given);
  if (trusted) plugin_folders.push_back((project / "plugins").string());
  plugin_folders.push_back(places.plugins.string());
  registry = std::make_unique<plugin::Registry>(*services, std::move(plugin_folders));
  registry->add_builtin(data::jsonl_storage_entry());

  host.version = FTHOST_VERSION;
  host.program = places.program.string();
  host.project_folder = project.string();
  host.scripts_folder = places.scripts.string();
  host.state_folder = (project / ".fthost").string();
  host.options_help = host_options_help();
  host.option_names = host_option_names();
  host.options = {{"project", project.string()}, {"json", options.json}, {"yes", options.yes}};
  host.project_trusted = trusted;
  host.trusted = [this] { return trusted_folders(places.user_config); };
  host.set_trusted = [this](bool yes) { return set_trusted(places.user_config, project, yes); };
  return {};
}

int Program::run() {
  lua::Settings settings;
  settings.limits.time = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.time_limit));
  settings.limits.memory = static_cast<std::size_t>(options.memory_limit * 1048576);
  settings.sandbox = options.sandbox;
  if (options.sandbox && settings.limits.memory == 0) settings.limits.memory = kSandboxMemory;
  settings.scripts = places.scripts;
  settings.project = project;
  settings.log = [](lua::LogLevel level, std::string_view text) {
    log_line(static_cast<LogLevel>(level), std::string(text));
  };
  settings.gate = Gate::open(fs::current_path());
  if (options.sandbox) {
    Gate::Grants grants;
    grants.network = options.allow_network;
    grants.readable = {places.scripts, places.data / "tokenizers"};
    auto gate = Gate::sandbox(project, grants);
    if (!gate) return fail(gate.error(), options.json);
    settings.gate = *gate;
  }

  lua::Outcome outcome;
  lua::StatusLine status(loop);                      // work that is left behind may hold it
  std::optional<lua::InterruptOnSignal> interrupts;  // until the workers have ended, too
  {
    lua::Runtime runtime(loop, std::move(settings));
    lua::State& state = runtime.state();
    state.provide(host);
    state.provide(loop);
    state.provide(workers);
    state.provide(*registry);
    const char* const terminal = std::getenv("TERM");
    if (!options.json && io::is_terminal(STDERR_FILENO) && !(terminal && std::string_view(terminal) == "dumb"))
      state.provide(status);
    for (const lua::Opener opener : {lua::open_cli, lua::open_flow, lua::open_fs, lua::open_host, lua::open_plugin,
                                     lua::open_term, lua::open_tokens}) {
      runtime.open(opener);
    }
    interrupts.emplace(runtime, std::initializer_list<int>{SIGINT, SIGTERM});
    outcome = runtime.run_file(places.scripts / "boot.lua", options.words);
    if (outcome.error && io::is_closed_output(*outcome.error)) {
      outcome.error.reset();
      outcome.exit_status = 128 + SIGPIPE;
    }
    if (outcome.error && options.json)
      print_document(*outcome.error, outcome.code, host.output_given_up ? stderr : stdout);
    std::fflush(stdout);
    if (outcome.error) {
      std::fprintf(stderr, "fthost: %s\n", text::sanitize_terminal(outcome.error->sentence(), true).c_str());
      const bool unexpected = outcome.code == "error" || outcome.code == "internal";
      const bool wanted =
          options.log == LogLevel::debug || ((host.script_loaded || unexpected) && outcome.exit_status != 130);
      if (wanted && !outcome.traceback.empty()) std::fprintf(stderr, "%s\n", outcome.traceback.c_str());
    }
  }
  http.shutdown();
  if (!workers.stop(outcome.exit_status == 130 ? kInterruptedPatience : kPatience)) {
    io::unlink_temporaries();
    std::fprintf(stderr, "fthost: work that did not end was left behind\n");
    std::fflush(nullptr);
    std::_Exit(outcome.exit_status ? outcome.exit_status : 1);
  }
  return outcome.exit_status;
}

// The child of ft.plugin.check: one JSON object a line. It leaves without waiting for what a plugin has left running.
int check_plugin(const std::string& path) {
  const auto report = [](const std::string& line) {
    std::fprintf(stdout, "%s\n", line.c_str());
    std::fflush(stdout);
  };
  const ft_entry* builtin = data::jsonl_storage_entry();
  const std::string builtin_name = std::string("storage/") + builtin->describe(0)->name;
  const int code =
      path == builtin_name ? plugin::run_conformance(builtin, report) : plugin::run_conformance(path, report);
  std::_Exit(code);
}

}  // namespace

int finish_output(int code) {
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
  pollfd output{STDOUT_FILENO, POLLOUT, 0};
  if (poll(&output, 1, 0) == 1 && (output.revents & POLLERR)) return code;  // a pipe whose reader has seen enough
  return fail(make_error(Code::io, "standard output could not be written", {}, "see that its disk is not full"));
}

int run(const std::vector<std::string>& arguments) {
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);  // writing says what is wrong
  bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
  try {
    if (arguments.size() == 2 && arguments[0] == "--check-plugin") return check_plugin(arguments[1]);
    auto options = parse_host_options(arguments);
    if (!options) return fail(options.error(), json);
    json = options->json;  // the word may have been the script's
    if (options->version) {
      std::puts("fthost " FTHOST_VERSION);
      return finish_output(0);
    }
    Program program;
    program.options = std::move(*options);
    if (auto prepared = program.prepare(); !prepared) return fail(prepared.error(), json);
    const int code = finish_output(program.run());
    if (program.loop.lookups() > 0) {  // nothing stops a name lookup, and the loop's end would wait for it
      std::fflush(nullptr);
      std::_Exit(code);
    }
    return code;
  } catch (const Failure& failure) {
    return fail(failure.error(), json);
  } catch (const std::exception& error) {
    return fail(make_error(Code::internal, error.what(), {}, "this is a defect of fthost"), json);
  }
}

}  // namespace fthost::app
