// A record changed on two sides, brought together field by field. Pure functions.
//
// What one side changed is taken; what both changed alike is taken once. Where both changed the same field: `metadata`
// goes key by key; `tags` and `ratings` merge as sets, of ratings one a rater, the later; `validated` and `updated_at`
// take the later, `created_at` the earlier. Everything else, `messages` first of all, is one value, and two different
// ones are a conflict: half of each would be a conversation that nobody wrote.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/json.hpp"

namespace fthost::data {

enum class Side : std::uint8_t { none, ours, theirs };

struct MergedRecord {
  std::string text;                    // ours, with what theirs brings; in a conflict the value of `prefer`, else ours
  std::vector<std::string> conflicts;  // JSON pointers
};

// `base` is none where both sides added the record. Fields keep the order of `ours`, those of `theirs` alone follow;
// values keep their bytes.
MergedRecord merge_record(const Value& base, const Value& ours, const Value& theirs, Side prefer);

// Of two times (RFC 3339, or numbers): below, at or above 0, as `a` is earlier, at the same instant or later. False:
// one of them is no time.
bool compare_times(const Value& a, const Value& b, int& order);

}  // namespace fthost::data
