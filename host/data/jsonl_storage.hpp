// The built-in storage "jsonl": JsonlStore behind the boundary that every storage plugin has, so that the registry and
// the conformance suite see no difference. config: {"path": folder of the files, "journal": folder of journals, locks}.
#pragma once

#include <ft_plugin.h>

namespace fthost::data {

// Static; the same pointer every time.
const ft_entry* jsonl_storage_entry();

}  // namespace fthost::data
