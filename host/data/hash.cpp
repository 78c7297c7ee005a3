#include "data/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>
#if __has_include(<xxh_x86dispatch.h>) && defined(__x86_64__)
#undef XXH_PUBLIC_API  // the library's own, not inline
#define XXH_PUBLIC_API
#define XXH_DISPATCH_DISABLE_REPLACE
#include <xxh_x86dispatch.h>
#define FTHOST_XXH3(name) name##_dispatch
#else
#define FTHOST_XXH3(name) name
#endif

namespace fthost::data {

namespace {
// Above so many bytes XXH3 works on stripes, and the library's choice by the processor's width is worth a call.
constexpr std::size_t kStripes = XXH3_MIDSIZE_MAX;
}  // namespace

std::uint64_t hash64(std::string_view bytes) {
  return bytes.size() <= kStripes ? XXH3_64bits(bytes.data(), bytes.size())
                                  : FTHOST_XXH3(XXH3_64bits)(bytes.data(), bytes.size());
}

Hash128 hash128(std::string_view bytes) {
  const XXH128_hash_t hash = bytes.size() <= kStripes ? XXH3_128bits(bytes.data(), bytes.size())
                                                      : FTHOST_XXH3(XXH3_128bits)(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

std::string hex(std::uint64_t value) {
  std::string text(16, '0');
  for (int i = 15; i >= 0; --i, value >>= 4) text[static_cast<std::size_t>(i)] = "0123456789abcdef"[value & 15];
  return text;
}

std::string hex(const Hash128& value) { return hex(value.high) + hex(value.low); }

}  // namespace fthost::data
