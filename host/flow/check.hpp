// Checking: what is wrong with files or with the records of a storage, by the host's rules, those of plugins and those
// of a profile, and by what is looked at only when asked for.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "flow/check_tiers.hpp"
#include "flow/formats.hpp"
#include "flow/source.hpp"

namespace fthost::flow {

struct CheckRequest {
  std::vector<std::string> formats;  // whose rules apply; for a file the first is its format, none: it is recognised
  Json format_options = Json::object();  // of a file's format
  std::string provider;                  // only its formats (named so, or with that and a hyphen before) are asked
  Json rules = Json::array();            // a further table, of the caller's own
  CheckTiers tiers;
  unsigned threads = 0;                                                    // 0: as many as the machine has
  std::uint64_t max_findings = std::numeric_limits<std::uint64_t>::max();  // to be listed; all are counted
  bool stream = false;   // the report goes to standard output as one JSON document, findings as they come
  bool grouped = false;  // equal findings are one, with a count
  std::string mended;    // where to write the file once mended, "-" is standard output; empty: nowhere
};

// {rows, valid, invalid, errors, warnings, summary{code: n}, findings[] or groups[], tokens}; with `stream` neither is
// kept. A finding has the record's id where it is about one; a group is a finding with count and lines[].
Result<Json> check_rows(plugin::Registry& registry, const Source& source, const CheckRequest& request,
                        const io::CancelToken& cancel);

// The same for files in some format, as they lie, and {format, why, losses, fixed{path, rows, by_code}} of one file, or
// files[{file, format, why, rows, valid, errors, warnings}] of several. A file of JSON rows is read once, in blocks, on
// several threads; of another format what it decodes to is checked. Of several files one that cannot be read is a
// finding.
Result<Json> check_files(plugin::Registry& registry, const std::vector<std::string>& files, const CheckRequest& request,
                         const io::CancelToken& cancel);

}  // namespace fthost::flow
