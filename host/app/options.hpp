// The host's own options, through Boost.Program_options; what is left is the command and its words.
#pragma once

#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"

namespace fthost::app {

struct HostOptions {
  std::string project;                   // --project DIR; empty: found from the current folder
  std::vector<std::string> plugin_dirs;  // --plugin-dir DIR, searched first
  bool json = false;
  bool yes = false;
  bool sandbox = false;
  bool allow_network = false;  // in the sandbox
  double time_limit = 0;       // seconds; 0: none
  double memory_limit = 0;     // megabytes (2^20 bytes) of the scripts' memory; 0: none
  bool version = false;        // print it and end
  LogLevel log = LogLevel::warning;
  std::vector<std::string> words;  // COMMAND and what follows it
};

// They may stand before or after the command, but after `run SCRIPT` everything belongs to the script, and so does
// everything after "--".
Result<HostOptions> parse_host_options(const std::vector<std::string>& arguments);

// Their part of --help, and their names without "--".
std::string host_options_help();
std::vector<std::string> host_option_names();

}  // namespace fthost::app
