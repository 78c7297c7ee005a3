// EqualRows: rows that hold the same, of which a split may train on one and hold out the other. One thread; 16 bytes a
// row.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
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
  // How many rows hold what a row of an earlier part holds; part(row): 0 for train, then what is held out, or -1.
  template <class Part>
  std::uint64_t apart(Part part) const {
    std::unordered_map<std::uint32_t, int> earliest;  // part, of all rows like a first one
    const auto note = [&](std::uint32_t first, int here) {
      if (here < 0) return;
      const auto [at, is_new] = earliest.try_emplace(first, here);
      at->second = std::min(at->second, here);
    };
    for (const auto& [row, first] : repeats_) {
      note(first, part(row));
      note(first, part(first));
    }
    std::uint64_t count = 0;
    const auto is_known = [&](std::uint32_t first, int here) { return here >= 0 && here > earliest.at(first); };
    for (const auto& [row, first] : repeats_) count += is_known(first, part(row));
    for (const auto& [first, lowest] : earliest) count += part(first) > lowest;
    return count;
  }
  static std::string warning(std::uint64_t apart) {
    return (apart == 1 ? "1 row that is held out holds" : std::to_string(apart) + " rows that are held out hold") +
           " the same as a row of train or of an earlier part; fthost dedupe removes such rows";
  }

 private:
  data::HashIndex contents_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> repeats_;
};

}  // namespace fthost::flow
