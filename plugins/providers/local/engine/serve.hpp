// serve: JSON lines in, JSON lines out, one chat request after the other. The answering thread is the caller's; another
// only reads lines, so that a cancel reaches the request that runs.
#pragma once

#include <filesystem>
#include <istream>
#include <ostream>

namespace fthost::engine {

// Returns the exit code: 0 after a shutdown or the end of the input, 1 where the model cannot be loaded.
int serve(const std::filesystem::path& model, int threads, std::istream& in, std::ostream& out);

}  // namespace fthost::engine
