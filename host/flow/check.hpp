// Checking: what is wrong with a file or with the records of a storage, by the host's rules and those of plugins.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "flow/formats.hpp"
#include "flow/source.hpp"

namespace fthost::flow {

struct CheckRequest {
  std::vector<std::string> formats;  // whose rules apply; for a file the first is its format, none: it is recognised
  std::string provider;              // only its formats (named so, or with that and a hyphen before) are asked
  Json rules = Json::array();        // a further table, of the caller's own
  unsigned threads = 0;              // 0: as many as the machine has
  std::uint64_t max_findings = std::numeric_limits<std::uint64_t>::max();  // to be listed; all are counted
  bool stream = false;  // the report goes to standard output as one JSON document, findings as they come
  std::string mended;   // where to write the file once mended; empty: nowhere
};

// {rows, valid, invalid, errors, warnings, findings[], summary{code: n}}; with `stream` the findings are not kept. A
// finding has the record's id where it is about one.
Result<Json> check_rows(plugin::Registry& registry, const Source& source, const CheckRequest& request,
                        const io::CancelToken& cancel);

// The same for a file in some format, as it lies, and {format, losses, fixed{rows, by_code}}. A file of JSON rows is
// read once, in blocks, on several threads; of another format what it decodes to is checked.
Result<Json> check_file(plugin::Registry& registry, const std::string& file, const CheckRequest& request,
                        const io::CancelToken& cancel);

}  // namespace fthost::flow
