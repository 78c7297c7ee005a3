// Runs the conformance suite on one plugin, in a child process, and prints what it reports.
//   conformance_check PLUGIN                     exits 0 if the plugin conforms
//   conformance_check --fails CHECK TEXT PLUGIN  exits 0 if that check fails with a message that holds TEXT
// PLUGIN is a path, or builtin:jsonl. A check that ended the process has failed with the message "crashed".
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "data/jsonl_storage.hpp"
#include "plugin/conformance.hpp"

namespace {

// In the child: one line of report a check, to standard output.
int child(const std::string& plugin) {
  const auto report = [](const std::string& line) {
    std::fputs((line + "\n").c_str(), stdout);
    std::fflush(stdout);
  };
  if (plugin == "builtin:jsonl") return fthost::plugin::run_conformance(fthost::data::jsonl_storage_entry(), report);
  return fthost::plugin::run_conformance(plugin, report);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "--child") == 0) {
    const int verdict = child(argv[2]);
    if (verdict == 2) std::_Exit(2);  // a call has not returned: its thread still runs
    return verdict;
  }
  const bool fails = argc == 5 && std::strcmp(argv[1], "--fails") == 0;
  if (argc != 2 && !fails) {
    std::cerr << "usage: conformance_check [--fails CHECK TEXT] PLUGIN\n";
    return 2;
  }
  int ends[2];
  if (::pipe(ends) != 0) return 2;
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(ends[1], 1);
    ::close(ends[0]), ::close(ends[1]);
    ::execl("/proc/self/exe", argv[0], "--child", argv[argc - 1], static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(ends[1]);
  FILE* lines = ::fdopen(ends[0], "r");
  char* line = nullptr;
  std::size_t capacity = 0;
  std::string begun;  // a check without a verdict yet
  bool as_expected = false;
  std::size_t checks = 0;
  const auto verdict = [&](bool ok, const std::string& check, const std::string& message) {
    ++checks;
    std::cout << (ok ? "ok    " : "FAILED") << "  " << check << ": " << message << "\n";
    if (fails && !ok && check == argv[2] && message.find(argv[3]) != std::string::npos) as_expected = true;
  };
  while (lines && ::getline(&line, &capacity, lines) > 0) {
    const auto json = nlohmann::json::parse(line);
    begun = json["ok"].is_null() ? json["check"].get<std::string>() : "";
    if (begun.empty())
      verdict(json["ok"].get<bool>(), json["check"].get<std::string>(), json["message"].get<std::string>());
  }
  std::free(line);
  if (lines) std::fclose(lines);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (!begun.empty()) verdict(false, begun, "crashed");
  if (fails) {
    if (!as_expected) std::cerr << "expected the check " << argv[2] << " to fail with: " << argv[3] << "\n";
    return as_expected ? 0 : 1;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 && checks > 3 ? 0 : 1;
}
