#include "data/key_index.hpp"

#include <algorithm>

namespace fthost::data {

bool KeyIndex::add(std::string_view key) {
  if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) return true;
  if (keys_.size() == kFree - 1) return false;
  keys_.emplace_back(key);
  return true;
}

bool KeyIndex::finish() {
  for (spread_ = 1; spread_ < 4096; ++spread_) {
    slots_.fill(kFree);
    std::size_t placed = 0;
    for (; placed < keys_.size(); ++placed) {
      std::uint8_t& at = slots_[slot(keys_[placed], spread_)];
      if (at != kFree) break;
      at = static_cast<std::uint8_t>(placed);
    }
    if (placed == keys_.size()) return true;
  }
  slots_.fill(kFree);
  return false;
}

std::uint64_t KeyIndex::present(const Value& object) const {
  std::uint64_t bits = 0;
  std::string scratch;
  for (Value member = object.first(); member; member = member.next()) bits |= bit(member.key().text(scratch));
  return bits;
}

}  // namespace fthost::data
