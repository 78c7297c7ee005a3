// Personal data and secrets out of rows: a file of lines into another, a dataset into a file, or in place. Blocking.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/gate.hpp"
#include "flow/notes.hpp"
#include "flow/source.hpp"

namespace fthost::flow {

struct RedactRequest {
  std::string path;    // a file of lines or "-"; empty: the source's records
  std::string output;  // a file or "-"; empty: nothing is written, only counted
  std::string report;  // a file of lines {line, path, kind, name, masked, placeholder}; empty: none
  std::vector<std::string> kinds;
  std::vector<std::pair<std::string, std::string>> secrets;  // tables of keys: where each is from, its JSON
  std::string style = "numbered";                            // numbered, keyed, masked
  std::string key;                                           // of style keyed; empty: a new one that nobody knows
  bool all_fields = false, strict = false;
};

// {rows, broken, changed, replaced{kind: n}, left{kind: n}, errors, findings, path, written, refused}; where no row
// could be read nothing is written. Lines that are no JSON object are findings and are not written: what they hold
// cannot be told. With `strict` there is then no file at all.
Result<Json> redact_file(const RedactRequest& request, const io::CancelToken& cancel);

// The same for records. With `apply` the changed ones are put back; one that somebody changes meanwhile is a conflict.
Result<Json> redact_records(const RedactRequest& request, const Source& source, bool apply,
                            const io::CancelToken& cancel);

}  // namespace fthost::flow
