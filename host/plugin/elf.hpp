// The dynamic symbol table of a shared library, read from the file: what it really exports. Pure function, any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace fthost::plugin {

// Names of the symbols that a 64-bit ELF file of this machine's byte order defines for others, sorted.
Result<std::vector<std::string>> exported_symbols(const std::string& path);

}  // namespace fthost::plugin
