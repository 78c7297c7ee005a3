// The program: the host's options, the wiring of loop, workers, plugins and Lua, and the exit code.
#pragma once

#include <string>
#include <vector>

namespace fthost::app {

// Exit: 0 done; 1 the work says no; 2 usage or configuration; 3 the provider or the network failed; 130 interrupted.
int run(const std::vector<std::string>& arguments);

// The end of standard output: `code`, or a sentence and 1 where not all of it could be written.
int finish_output(int code);

}  // namespace fthost::app
