// Versions of a dataset beside each other: what differs, and two made into one. Files of lines, plain or compressed, or
// standard input; only plain files can be read again, so what else is read is kept in a temporary file. Of a row some
// 60 bytes stay in memory, whatever its size.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "data/merge.hpp"
#include "io/cancel.hpp"

namespace fthost::flow {

using Json = nlohmann::ordered_json;

struct DiffRequest {
  std::string a, b;  // files; one of them may be "-"
  std::vector<std::string> fields,
      ids;                // what counts; none: everything. A field is a JSON pointer, or "metadata.topic"
  std::size_t limit = 0;  // of `changes` in the answer
  std::string document;   // a file, or "-" for standard output: gets the answer as JSON, with every change
};
// {a, b, rows{a, b}, added, removed, changed, moved, equal, errors, findings[], changes[{id, kind, line_a, line_b,
// fields[{path, old, new}]}]}. In the answer `old` and `new` are JSON text, in the document JSON; what was not there is
// left out. The document is written once all is known: after an error there is none.
Result<Json> diff_files(const DiffRequest& request, const io::CancelToken& cancel);

struct MergeRequest {
  std::string base, ours, theirs;  // files
  std::string output;              // a file, which may be one of them, or "-"
  std::string name;                // what messages call them; empty: by their own names
  // The file that lists conflicts; empty: none. Without conflicts, or where a version is broken, an earlier merge's
  // list is removed; any other file stays, and is an error where there are conflicts to list.
  std::string conflicts;
  data::Side prefer = data::Side::none;
};
// {output, rows{base, ours, theirs, output}, kept, taken, merged, added, removed, conflicts, resolved, report?,
// conflict_rows[{id, kind, line_ours, line_theirs, paths}]}, of the rows the first hundred. A line that is no record in
// any of the three is an error, and nothing is written.
Result<Json> merge_files(const MergeRequest& request, const io::CancelToken& cancel);

}  // namespace fthost::flow
