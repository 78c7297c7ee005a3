// ft-engine: the local training worker. argv -> one command -> exit code: 0 done, 1 failed, 2 usage, 130 cancelled.
#include <malloc.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "jobs.hpp"
#include "model_folder.hpp"
#include "serve.hpp"

namespace {

constexpr const char* kUsage =
    "usage: ft-engine train JOBDIR\n"
    "       ft-engine pretrain JOBDIR\n"
    "       ft-engine serve --model DIR [--threads N]\n"
    "       ft-engine merge --model DIR --adapter DIR --output DIR\n";

int usage(const std::string& problem) {
  std::cerr << "ft-engine: " << problem << "\n" << kUsage;
  return 2;
}

int run(const std::vector<std::string>& arguments) {
  using namespace fthost::engine;
  if (arguments.empty()) return usage("a command is missing");
  const std::string& command = arguments[0];
  if (command == "--help" || command == "-h" || command == "help") {
    std::cout << kUsage;
    return 0;
  }
  if (command == "train" || command == "pretrain") {
    if (arguments.size() != 2) return usage(command + " takes one job folder");
    return command == "train" ? run_train(arguments[1]) : run_pretrain(arguments[1]);
  }
  if (command != "serve" && command != "merge") return usage("there is no command \"" + command + "\"");
  std::map<std::string, std::string> options;
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    const bool known = arguments[i] == "--model" || (command == "serve" && arguments[i] == "--threads") ||
                       (command == "merge" && (arguments[i] == "--adapter" || arguments[i] == "--output"));
    if (!known) return usage("there is no option \"" + arguments[i] + "\"");
    if (i + 1 == arguments.size()) return usage(arguments[i] + " needs a value");
    options[arguments[i]] = arguments[i + 1];
  }
  if (options.count("--model") == 0) return usage("--model is missing");
  if (command == "serve") {
    const std::string& text = options.emplace("--threads", "1").first->second;
    char* end = nullptr;
    const long threads = std::strtol(text.c_str(), &end, 10);
    if (*end != '\0' || threads < 1 || threads > 1024)
      return usage("--threads: \"" + text + "\" is not a number from 1 to 1024");
    std::ios::sync_with_stdio(false);
    return serve(options["--model"], static_cast<int>(threads), std::cin, std::cout);
  }
  for (const char* needed : {"--adapter", "--output"})
    if (options.count(needed) == 0) return usage(std::string(needed) + " is missing");
  if (auto done = merge_adapter(options["--model"], options["--adapter"], options["--output"]); !done) {
    std::cerr << "ft-engine: " << done.error().sentence() << "\n";
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  // Buffers of a step come and go in the same sizes: keep their pages instead of asking the kernel for zeroed ones
  // again.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2147483647);
  try {
    return run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::cerr << "ft-engine: " << error.what() << "\n";
    return 1;
  }
}
