// Two versions of a dataset that come from the same third one, row by row. One thread; what is kept of each row is what
// Snapshot keeps.
//
// The rows stand in the order of ours. A row that theirs added follows the one that it follows there, after what ours
// added at the same place. A row that one side removed goes, unless the other changed it. Rows that nobody or only ours
// changed keep their bytes, the blank lines around them too.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "data/merge.hpp"
#include "data/snapshot.hpp"

namespace fthost::data {

struct RowConflict {
  enum class Kind : std::uint8_t { changed, added, removed_by_ours, removed_by_theirs };
  Kind kind;
  std::string id;
  std::uint64_t line_ours = 0, line_theirs = 0;  // 0: not there
  std::vector<std::string> paths;                // JSON pointers; empty: the row as a whole
  std::string_view base, ours, theirs;           // the rows; empty: not there
};
const char* kind_name(RowConflict::Kind kind);

struct MergeCounts {
  std::uint64_t rows = 0;     // written
  std::uint64_t kept = 0;     // as ours has them
  std::uint64_t taken = 0;    // as theirs has them, where ours did not change them
  std::uint64_t merged = 0;   // of both
  std::uint64_t added = 0;    // by theirs
  std::uint64_t removed = 0;  // by theirs
  std::uint64_t conflicts = 0;
};

struct MergeSinks {
  std::function<Result<void>(std::string_view bytes)> write;
  std::function<Result<void>(const RowConflict&)> conflict;
};

// With a side to prefer a conflict is still told, and resolved: the field, or the row's presence, is that side's.
// Without, the row is written as ours has it.
Result<MergeCounts> merge_rows(Snapshot& base, Snapshot& ours, Snapshot& theirs, Side prefer, const MergeSinks& sinks,
                               const Snapshot::Cancelled& cancelled);

}  // namespace fthost::data
