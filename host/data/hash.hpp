// Hashes that are written to disk: XXH3, the same on every platform. Not for secrets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fthost::data {

struct Hash128 {
  std::uint64_t high = 0, low = 0;
  bool operator==(const Hash128& other) const = default;
};

std::uint64_t hash64(std::string_view bytes);  // XXH3, 64 bits
Hash128 hash128(std::string_view bytes);       // XXH3, 128 bits
std::string hex(std::uint64_t value);          // 16 digits, lower case
std::string hex(const Hash128& value);         // 32 digits, high half first

// Both halves of the product, one upon the other.
inline std::uint64_t fold64(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace fthost::data
