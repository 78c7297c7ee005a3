// What differs between two JSON values, and between two versions of a dataset. One thread. Equality is of what is said:
// escapes, spacing and the order of keys do not matter; numbers count as they are written.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "data/snapshot.hpp"

namespace fthost::data {

// Two values that are not there are the same.
bool same_value(const Value& a, const Value& b);

struct FieldChange {
  std::string path;     // JSON pointer; "" is the whole value. Of what was removed: in the old value, else in the new
  Value before, after;  // none: was not there, is not there any more
};

// Appends the changes between two values, the smallest that say it. Of lists what is alike at both ends is left out;
// what is between goes by position. Keys in their order.
void append_changes(const Value& before, const Value& after, std::string path, std::vector<FieldChange>& changes);

struct RowChange {
  enum class Kind : std::uint8_t { added, removed, changed };
  Kind kind;
  std::string_view id;
  std::uint64_t line_a = 0, line_b = 0;  // 0: not there
  std::span<const FieldChange> fields;   // of an added or removed row one, the whole record
};
const char* kind_name(RowChange::Kind kind);

struct DiffOptions {
  std::vector<std::string> fields;      // JSON pointers of what counts; empty: everything
  std::unordered_set<std::string> ids;  // of the rows that count; empty: all
};

struct DiffCounts {
  std::uint64_t rows_a = 0, rows_b = 0;  // those that count
  std::uint64_t added = 0, removed = 0, changed = 0, equal = 0;
  std::uint64_t moved = 0;  // of those in both, the fewest whose move explains the order
  std::vector<bool> met;    // of each of the options' fields: whether a row that counts has it
  bool different() const { return added + removed + changed + moved > 0; }
};

using ChangeSink = std::function<Result<void>(const RowChange&)>;

// Added and changed rows in the order of `b`, then the removed ones in the order of `a`. `fd_a` is for Snapshot: 48 to
// 64 bytes are kept of a row of `a`, and some 25 to 40 of one of `b`.
Result<DiffCounts> diff_rows(RowReader& a, int fd_a, RowReader& b, const DiffOptions& options,
                             const Snapshot::Cancelled& cancelled, const ChangeSink& sink);

}  // namespace fthost::data
