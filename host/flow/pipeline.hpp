// Pipeline: filter, dedupe and split of a file of JSON rows, planned as one: a first pass over the file decides about
// every row, a second one copies the rows' bytes into the files that were asked for. Nothing is in memory but, for each
// row, a few bytes and what duplicates are known by (24 to 48 bytes; with `near` some 300 to 1,200 more).
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/gate.hpp"
#include "data/minhash.hpp"
#include "data/split.hpp"
#include "flow/source.hpp"

namespace fthost::flow {

struct DedupeRequest {
  double near = 0;  // similarity from which two rows count as one, above 0 and up to 1; 0: equal content only
  data::MinHashOptions hashing;
  bool ids = false;        // the report lists the ids of what is removed
  std::size_t shown = 20;  // clusters, and rows of each, that the report lists
};

struct PipelineRequest {
  std::string path;              // a file or "-", of one JSON object a line
  std::optional<Source> source;  // or the records of a storage
  Filter where;
  std::optional<DedupeRequest> dedupe;
  struct Split {
    data::SplitOptions options;
    std::string by, group;  // fields; empty: none
    double near = 0;        // rows this alike are one group
    data::MinHashOptions hashing;
    std::optional<Json> previous;  // an earlier split, or its parts
    bool ids = false;              // the report lists the parts' ids
  };
  std::optional<Split> split;
  std::map<std::string, std::string> outputs;  // part -> file; without a split the part "kept"
  std::string removed;                         // where rows go that dedupe removes; empty: nowhere
  unsigned threads = 0;                        // 0: as many as the machine has
};

// How near rows are looked for: {threshold, shingle, permutations, bands, rows_a_band, compared_at_threshold}; the last
// is the chance that a pair exactly at the threshold is compared.
Json hashing_json(double near, const data::MinHashOptions& options);

// {rows, kept, broken, filtered, without_text?, hashing?, findings[], dedupe{removed, exact, near, clusters, ids?,
// shown[{line, size, removed[{line, similarity}]}]}, split{parts{name: rows}, ids?, strata[], kept, gone, groups,
// leaking_groups, deviation, equal_apart, warnings[]}, written{part: path}}; without_text, the rows that have nothing
// to be near by, and hashing where `near` is asked for. The similarity is that to the row which stays. Rows count
// broken ones, too, which are in no file. Files are there as a whole or not at all; where no row can be read none is
// written.
Result<Json> run_pipeline(const PipelineRequest& request, const io::CancelToken& cancel);

}  // namespace fthost::flow
