// EqualRows: rows that hold the same, of which a split may train on one and hold out the other. One thread; 16 bytes a
// row.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/hash_index.hpp"

namespace fthost::flow {

class EqualRows {
 public:
  // `content`: hash of what the row holds.
  void add(std::uint32_t row, std::uint64_t content) {
    const std::uint32_t first = contents_.insert(content, row);
    if (first != data::HashIndex::kNone) repeats_.push_back({row, first});
  }
  // How many rows are in another part than the first row like them; part(row) names where a row went, or nowhere (-1).
  template <class Part>
  std::uint64_t apart(Part part) const {
    std::uint64_t count = 0;
    for (const auto& [row, first] : repeats_) {
      const int here = part(row), there = part(first);
      count += here >= 0 && there >= 0 && here != there;
    }
    return count;
  }
  static std::string warning(std::uint64_t apart) {
    return (apart == 1 ? "1 row is" : std::to_string(apart) + " rows are") +
           " in another part than a row that holds the same; fthost dedupe removes such rows";
  }

 private:
  data::HashIndex contents_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> repeats_;
};

}  // namespace fthost::flow
