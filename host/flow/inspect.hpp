// Looking at rows: how many, what they are, what is wrong with them, and how they are divided.
#pragma once

#include <string>
#include <vector>

#include "data/split.hpp"
#include "flow/formats.hpp"
#include "flow/source.hpp"

namespace fthost::flow {

Result<Json> count(const Source& source, const io::CancelToken& cancel);

// A record for a script's tables. What they would change (a whole number beyond 64 bits, a key that stands twice) is an
// Error that names the record and the place.
Result<Json> as_table(const data::Value& record, std::string_view id);

// The rows themselves; for scripts that want tables. 100,000 rows cost their size in memory several times.
Result<Json> records(const Source& source, const io::CancelToken& cancel);

// What of a split's options says how rows are divided.
struct SplitPlan {
  data::SplitOptions options;
  std::string by, group;  // keys; empty: none
};
Result<SplitPlan> split_plan(const Json& options);

// [{value, counts[]}], the first thousand: a field may have a value of its own in every row.
Json strata_json(const data::Split& split);

// Tells a splitter of an earlier split: {parts, left_out} or the parts alone, each a list of ids.
Result<void> hold_previous(data::Splitter& splitter, const Json& previous);

// Options: train, test, seed, by, group, holdout, previous (a split, or its parts). {rows, broken, parts{train,
// validation, test}, left_out{…}, kept, deviation, equal_apart, warnings[], …} as run_pipeline's split, parts being
// ids; left_out: ids of the previous split that are there and that the filter leaves out.
Result<Json> split(const Source& source, const Json& options, const io::CancelToken& cancel);

}  // namespace fthost::flow
