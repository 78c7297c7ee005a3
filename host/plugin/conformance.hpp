// The conformance suite: does a plugin keep the contract of ft_plugin.h? It runs plugin code that may crash or hang, so
// it is for a process of its own: `fthost plugin check` starts one and reads the report.
//
// The suite is hermetic: files only in a temporary folder, ft.http/1 and ft.process/1 answer FT_E_IO, no key is set.
#pragma once

#include <ft_plugin.h>

#include <functional>
#include <string>

#include "base/time.hpp"

namespace fthost::plugin {

// One JSON object a call, on one line: {"check": name, "ok": null | true | false, "message": text}.
// null: the check has begun. One that has begun and gets no verdict has ended the process: it crashed.
using ConformanceReport = std::function<void(const std::string& line)>;

struct ConformanceOptions {
  Duration patience = std::chrono::seconds(2);  // how long a cancelled call may take to return
  Duration limit = std::chrono::minutes(2);     // how long any other call may take
};

// Runs every check of every plugin in the file. 0: it conforms; 1: some check has failed; 2: a call has not returned,
// its thread still runs, and the process must leave by std::_Exit. Blocks; any thread.
//
// A configuration is made of the schema's defaults. A required property without one gets a fresh path in the temporary
// folder if its format is "path" or its name is path, file, folder or journal, else the first of its enum or examples.
// Every path lies in the temporary folder.
int run_conformance(const std::string& path, const ConformanceReport& report, const ConformanceOptions& options = {});

// The same for a plugin that is linked in; without the check of the file's symbols.
int run_conformance(const ft_entry* entry, const ConformanceReport& report, const ConformanceOptions& options = {});

}  // namespace fthost::plugin
