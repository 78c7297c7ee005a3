// Splitter: which rows train and which are held out. Seeded and sticky: a row of an earlier split never moves, new ones
// fill the parts, and one that is away for a time comes back to its part. One thread; keeps the ids and some 60 bytes
// a row.
//
// Shares are rounded by largest remainder over the whole, and each stratum gets its share rounded down or up (20 rows
// at 0.8 are 16 and 4, also when they are 18 and 2 of two ratings). The rows of a stratum are shuffled by a Random
// seeded with seed xor hash64(stratum), so that one stratum's rows do not stir another's. A group stays whole; its
// stratum is the one most of its rows have. The largest groups are placed first, each where most is missing.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "data/hash_index.hpp"
#include "data/json.hpp"

namespace fthost::data {

struct SplitOptions {
  struct Part {
    std::string name;
    double share;
  };
  // Two or three; the shares sum to 1. The first is what is trained on.
  std::vector<Part> parts = {{"train", 0.8}, {"validation", 0.2}};
  std::uint64_t seed = 0;
  // Shares do not count: of each group with two rows or more one goes to the second part (and, with three rows or more,
  // one to the third); all else is the first part's. For groups of paraphrases.
  bool one_per_group = false;
};

struct Split {
  struct Part {
    std::string name;
    std::vector<std::uint32_t> rows;  // ordinals of add(), ascending
    // Ids that the earlier split has in this part, and that are not to be split now: those of leave_out(), and those
    // that are no rows any more, whose place waits for them.
    std::vector<std::string> left_out;
  };
  struct Stratum {
    std::string value;
    std::vector<std::uint64_t> counts;  // a part each
  };
  std::vector<Part> parts;
  std::vector<Stratum> strata;        // by value
  std::uint64_t kept = 0, added = 0;  // rows that were in the earlier split, and that were not
  std::uint64_t gone = 0;             // ids of the earlier split that are no rows now
  std::uint64_t groups = 0;           // groups with two rows or more
  std::uint64_t leaking_groups = 0;   // in two parts, which only an earlier split can cause
  std::vector<std::string> warnings;  // sentences

  std::string_view id(std::uint32_t row) const;

 private:
  friend class Splitter;
  std::string ids_;
  std::vector<std::uint64_t> ends_;
};

class Splitter {
 public:
  static Result<Splitter> create(SplitOptions options);

  // An id of the earlier split and the part it is in; before the rows. A part that is not among the options' is an
  // error.
  Result<void> hold(std::string_view part, std::string_view id);
  // A row. Empty: in no group, a group of its own.
  void add(std::string_view id, std::string_view stratum = {}, std::string_view group = {});
  // A row that is there and not to be split now: it keeps the part of the earlier split, and so does its group.
  void leave_out(std::string_view id, std::string_view group = {});
  Split finish();

 private:
  static constexpr std::uint8_t kFree = 0xFF;
  struct Unit;  // what is placed as one: a row or a group
  explicit Splitter(SplitOptions options) : options_(std::move(options)) {}
  std::uint32_t group_ordinal(std::string_view group);
  std::vector<Unit> make_units();
  void place_by_share(std::vector<Unit>& units);
  void hold_out_one_per_group(std::vector<Unit>& units);
  std::vector<std::vector<double>> quotas(const std::vector<std::uint64_t>& sizes) const;
  void report(const std::vector<Unit>& units);

  SplitOptions options_;
  struct Held {
    std::string id;
    std::uint8_t part;
    bool seen = false;
  };
  Held* held(std::string_view id);
  std::vector<Held> held_;  // the earlier split
  HashIndex held_index_;    // id hash -> place in held_
  HashIndex strata_index_, groups_index_;
  std::vector<std::string> strata_;
  std::vector<std::uint32_t> row_stratum_, row_group_;  // row_group_: ordinal, or kNone
  std::vector<std::uint8_t> row_part_;
  std::vector<std::uint32_t> unit_rows_;            // rows, those of a unit together
  std::vector<std::uint8_t> group_part_;            // of groups with rows that are left out; shorter than the groups
  std::vector<std::vector<std::string>> left_out_;  // a part each
  std::uint64_t held_rows_ = 0;
  std::uint32_t group_count_ = 0;
  Split split_;
};

// The stratum that a value stands for: its key_text(). With `bounds` (ascending) numbers fall into buckets: bounds {5,
// 8} give "<5", "5..<8" and ">=8".
std::string stratum_of(const Value& value, std::span<const double> bounds = {});

}  // namespace fthost::data
