// How much of some rows is in others: of a test file in what was trained on, of one part of a split in another.
// Blocking; in memory are some 16 bytes a known row, with `near` 300 to 1,200 more.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "flow/pipeline.hpp"

namespace fthost::flow {

// Rows of a file ("-" is standard input), or of a storage.
struct LeakageRequest {
  std::string path, known;
  std::optional<Source> source, known_source;
  DedupeRequest dedupe;
  unsigned threads = 0;
};

// {rows, known_rows, exact, near, broken, known_broken, without_text?, known_without_text?, hashing?, shown[{line,
// known_line, similarity, id?, known_id?}], findings[]}: rows being those that are looked for in the known ones, ids
// those of storages. `near` as in DedupeRequest.
Result<Json> find_leakage(const LeakageRequest& request, const io::CancelToken& cancel);

}  // namespace fthost::flow
