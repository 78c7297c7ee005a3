// HashIndex: 64-bit hashes to 32-bit numbers, in 12 bytes a slot. What a pass over millions of rows remembers of each.
// Equal hashes count as equal keys: among a million keys that is wrong once in some ten million passes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fthost::data {

class HashIndex {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFu;

  // The number that the key has already; kNone if it is new and now has `value`.
  std::uint32_t insert(std::uint64_t key, std::uint32_t value) {
    if ((size_ + 1) * 4 > keys_.size() * 3) grow();
    const std::size_t at = slot(key);
    if (values_[at] != kNone) return values_[at];
    keys_[at] = key;
    values_[at] = value;
    ++size_;
    return kNone;
  }

  // Brings near what insert() of this key is going to look at.
  void prefetch(std::uint64_t key) const {
    if (keys_.empty()) return;
    const std::size_t at = static_cast<std::size_t>(key ^ key >> 32) & (keys_.size() - 1);
    __builtin_prefetch(&keys_[at]);
    __builtin_prefetch(&values_[at]);
  }

  std::uint32_t find(std::uint64_t key) const { return keys_.empty() ? kNone : values_[slot(key)]; }
  void set(std::uint64_t key, std::uint32_t value) {
    if (insert(key, value) != kNone) values_[slot(key)] = value;
  }
  std::size_t size() const { return size_; }
  void clear() { *this = HashIndex(); }

 private:
  // Where the key is, or the free slot where it would go.
  std::size_t slot(std::uint64_t key) const {
    const std::size_t mask = keys_.size() - 1;
    std::size_t at = static_cast<std::size_t>(key ^ key >> 32) & mask;
    while (values_[at] != kNone && keys_[at] != key) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    std::vector<std::uint64_t> keys(keys_.empty() ? 64 : keys_.size() * 2);
    std::vector<std::uint32_t> values(keys.size(), kNone);
    keys.swap(keys_);
    values.swap(values_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (values[i] == kNone) continue;
      const std::size_t at = slot(keys[i]);
      keys_[at] = keys[i];
      values_[at] = values[i];
    }
  }

  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> values_;
  std::size_t size_ = 0;
};

}  // namespace fthost::data
