// String distances: Levenshtein in bit-parallel form, and the nearest of some names for "did you mean". Pure, any
// thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fthost::text {

// What one edit changes. Bytes that are not UTF-8 count as U+FFFD, except where bytes are the unit.
enum class Unit { code_points, utf16, bytes };

struct Distance {
  std::size_t edits = 0;  // insertions, deletions and substitutions, 1 each
  std::size_t length_a = 0, length_b = 0;
  // 1 - edits / the longer length; two empty texts are equal, 1.
  double similarity() const;
};

// Exact, in time O(shorter / 64 * longer) and memory O(a + b). G. Myers 1999 with H. Hyyrö's blocks (2003).
Distance levenshtein(std::string_view a, std::string_view b, Unit unit);

// Index of the candidate that a person most likely meant, by Damerau-Levenshtein distance (optimal string alignment,
// case ignored): at most a third of the name's code points may differ, at least one. Ties go to the earlier. Nothing is
// near: none.
std::optional<std::size_t> nearest(std::string_view name, std::span<const std::string> candidates);

}  // namespace fthost::text
