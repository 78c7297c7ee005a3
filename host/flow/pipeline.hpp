// Pipeline: filter, dedupe and split of a file of JSON rows, planned as one: a first pass over the file decides about
// every row, a second one copies the rows' bytes into the files that were asked for. Nothing is in memory but, for each
// row, a few bytes and what duplicates are known by (24 to 48 bytes; with `near` some 300 to 900 more).
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
  bool ids = false;  // the report lists the ids of what is removed
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

// {rows, kept, broken, filtered, findings[], dedupe{removed, exact, near, clusters, ids?, shown[{line, removed[{line,
// similarity}]}]}, split{parts{name: rows}, ids?, strata[], kept, gone, groups, leaking_groups, deviation, equal_apart,
// warnings[]},
// written{part: path}}. Rows that cannot be read are named and in no file. Files are there as a whole or not at all.
Result<Json> run_pipeline(const PipelineRequest& request, const io::CancelToken& cancel);

}  // namespace fthost::flow
