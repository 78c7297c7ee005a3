// RecordFiles: the records of files in any format, in one pass. Rows of chat messages, one a line, are read as they
// stand and on several threads; other formats pass through their plugin. Blocking; constant memory.
#pragma once

#include <functional>
#include <string>

#include "base/gate.hpp"
#include "data/json.hpp"
#include "flow/formats.hpp"
#include "flow/notes.hpp"

namespace fthost::flow {

struct RecordFiles {
  std::string path;    // a file, a folder, a pattern or "-"
  std::string format;  // empty where it is to be recognised
  Json format_options = Json::object();
  Gate gate = Gate::open();
};

using TakeRecord = std::function<void(const data::Value& record)>;

// `make(thread)` gives what records are handed to on that thread, from 0 to `threads` - 1; it is asked again for every
// file. A row that is none is a finding.
Result<void> for_each_record(plugin::Registry& registry, const RecordFiles& files, unsigned threads,
                             const io::CancelToken& cancel, Notes& notes,
                             const std::function<TakeRecord(unsigned thread)>& make);

}  // namespace fthost::flow
