// Opens a plugin's shared library and checks what it says of itself before any of its code runs. Libraries are
// never unloaded: threads and static objects of a plugin may outlive every instance.
#pragma once

#include <ft_plugin.h>

#include <string>

#include "base/result.hpp"

namespace fthost::plugin {

const char* kind_name(std::uint32_t kind);  // "scorer"; "unknown" for another number
Result<ft_kind> parse_kind(const std::string& name);

// The entry of a library whose ABI, descriptors and schemas have been checked. Any thread; a path is opened once.
Result<const ft_entry*> load_library(const std::string& path);

// The checks alone: also for plugins that are linked in.
Result<void> check_entry(const ft_entry* entry, const std::string& path);

// What is wrong with the table of functions that `create` gave for a plugin of this kind; empty: nothing.
std::string table_problem(std::uint32_t kind, const void* table);

}  // namespace fthost::plugin
