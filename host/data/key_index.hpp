// KeyIndex: a fixed set of words, up to 254, numbered; finding a word takes one look and one comparison. The first 64
// have bits, so that one look at each member of an object tells which are there. Immutable once finished.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/json.hpp"

namespace fthost::data {

class KeyIndex {
 public:
  KeyIndex() { slots_.fill(kFree); }

  // False where there is no room for it.
  bool add(std::string_view key);
  // After the last add(). False where no way was found to keep the words apart: then nothing is found.
  bool finish();

  std::optional<std::size_t> number(std::string_view key) const {
    const std::uint8_t at = slots_[slot(key, spread_)];
    return at != kFree && keys_[at] == key ? std::optional<std::size_t>(at) : std::nullopt;
  }
  // 0: it has none.
  std::uint64_t bit(std::string_view key) const {
    const auto at = number(key);
    return at && *at < 64 ? std::uint64_t{1} << *at : 0;
  }
  // The bits of an object's members.
  std::uint64_t present(const Value& object) const;
  bool empty() const { return keys_.empty(); }

 private:
  static constexpr std::uint8_t kFree = 0xFF;
  static constexpr std::size_t kSlots = 1024;
  static std::size_t slot(std::string_view key, unsigned spread) {
    if (key.empty()) return 0;
    const unsigned first = static_cast<unsigned char>(key.front()), last = static_cast<unsigned char>(key.back()),
                   middle = static_cast<unsigned char>(key[key.size() / 2]);
    return (key.size() * 7 + first * spread + last * (spread >> 3 | 1) + middle * (spread >> 1 | 1)) & (kSlots - 1);
  }

  std::vector<std::string> keys_;
  unsigned spread_ = 1;  // for which no two keys share a slot
  std::array<std::uint8_t, kSlots> slots_;
};

}  // namespace fthost::data
