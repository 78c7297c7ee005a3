#include "text/distance_stripe.hpp"

#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace fthost::text {
namespace {

std::int64_t vertical_sum(const Stripe& stripe, const std::uint64_t* plus, const std::uint64_t* minus) {
  std::int64_t sum = 0;
  for (std::size_t block = 0; block < stripe.blocks; ++block) {
    const std::uint64_t rows = block + 1 == stripe.blocks ? stripe.last_rows : ~std::uint64_t{0};
    sum += std::popcount(plus[block] & rows) - std::popcount(minus[block] & rows);
  }
  return sum;
}

#if defined(__x86_64__)

// Four blocks a vector, as a wave front: at step t the block in lane l is in column t - l, so that what it hands down
// is ready for lane l + 1 one step later. `Groups` vectors are stacked, the wave running on from one into the next.
template <int Groups>
[[gnu::target("avx2")]] std::int64_t stripe_avx2(const Stripe& stripe) {
  constexpr int kLanes = 4 * Groups;
  const __m256i ones = _mm256_set1_epi64x(-1);
  const __m256i lane = _mm256_setr_epi64x(0, 1, 2, 3);
  // Vertical differences; carries from the block above; masks of the last three columns, still wanted by lanes 1 to 3.
  __m256i plus[Groups], minus[Groups], in_plus[Groups], in_minus[Groups], ago1[Groups], ago2[Groups], ago3[Groups];
#pragma GCC unroll 2  // unrolled, the state lives in registers
  for (int g = 0; g < Groups; ++g) {
    plus[g] = ones;
    minus[g] = in_plus[g] = in_minus[g] = ago1[g] = ago2[g] = ago3[g] = _mm256_setzero_si256();
  }
  const auto count = static_cast<std::ptrdiff_t>(stripe.column_count);
  for (std::ptrdiff_t t = 0; t < count + kLanes - 1; ++t) {
    const std::uint8_t edge = t < count ? stripe.edge[t] : 0;
    __m256i down_plus = _mm256_zextsi128_si256(_mm_cvtsi32_si128(edge & 1));
    __m256i down_minus = _mm256_zextsi128_si256(_mm_cvtsi32_si128(edge >> 1));
#pragma GCC unroll 2
    for (int g = 0; g < Groups; ++g) {
      const std::size_t symbol = stripe.columns[t - 4 * g];
      const __m256i now = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(stripe.masks + symbol * kLanes + 4 * g));
      const __m256i match =
          _mm256_blend_epi32(_mm256_blend_epi32(_mm256_blend_epi32(now, ago1[g], 0x0C), ago2[g], 0x30), ago3[g], 0xC0);
      ago3[g] = ago2[g];
      ago2[g] = ago1[g];
      ago1[g] = now;

      const __m256i vp = plus[g], vn = minus[g];
      const __m256i from_plus = _mm256_blend_epi32(in_plus[g], down_plus, 0x03);
      const __m256i from_minus = _mm256_blend_epi32(in_minus[g], down_minus, 0x03);
      const __m256i equal = _mm256_or_si256(match, from_minus);
      const __m256i carry = _mm256_xor_si256(_mm256_add_epi64(_mm256_and_si256(equal, vp), vp), vp);
      const __m256i diagonal = _mm256_or_si256(_mm256_or_si256(carry, equal), vn);
      const __m256i row_plus = _mm256_or_si256(vn, _mm256_xor_si256(_mm256_or_si256(diagonal, vp), ones));
      const __m256i row_minus = _mm256_and_si256(diagonal, vp);
      const __m256i shifted_plus = _mm256_or_si256(_mm256_add_epi64(row_plus, row_plus), from_plus);
      const __m256i shifted_minus = _mm256_or_si256(_mm256_add_epi64(row_minus, row_minus), from_minus);
      const __m256i vertical = _mm256_or_si256(match, vn);
      plus[g] = _mm256_or_si256(shifted_minus, _mm256_xor_si256(_mm256_or_si256(vertical, shifted_plus), ones));
      minus[g] = _mm256_and_si256(shifted_plus, vertical);
      if (t >= count) {  // lanes that are through with the text keep their state
        const __m256i going = _mm256_cmpgt_epi64(lane, _mm256_set1_epi64x(t - count - 4 * g));
        plus[g] = _mm256_blendv_epi8(vp, plus[g], going);
        minus[g] = _mm256_blendv_epi8(vn, minus[g], going);
      }
      // What lane 3 hands down is for lane 0 of the next vector, at the next step.
      const __m256i out_plus = _mm256_permute4x64_epi64(_mm256_srli_epi64(row_plus, 63), 0x93);
      const __m256i out_minus = _mm256_permute4x64_epi64(_mm256_srli_epi64(row_minus, 63), 0x93);
      down_plus = in_plus[g];
      down_minus = in_minus[g];
      in_plus[g] = out_plus;
      in_minus[g] = out_minus;
    }
    stripe.edge[t - (kLanes - 1)] =
        static_cast<std::uint8_t>(_mm_cvtsi128_si32(_mm256_castsi256_si128(in_plus[Groups - 1])) |
                                  _mm_cvtsi128_si32(_mm256_castsi256_si128(in_minus[Groups - 1])) << 1);
  }
  alignas(32) std::uint64_t last_plus[kLanes], last_minus[kLanes];
  for (int g = 0; g < Groups; ++g) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(last_plus + 4 * g), plus[g]);
    _mm256_store_si256(reinterpret_cast<__m256i*>(last_minus + 4 * g), minus[g]);
  }
  return vertical_sum(stripe, last_plus, last_minus);
}

std::int64_t stripe_by_vector(const Stripe& stripe) {
  return stripe.blocks <= 4 ? stripe_avx2<1>(stripe) : stripe_avx2<2>(stripe);
}

#endif

}  // namespace

std::int64_t stripe_by_block(const Stripe& stripe) {
  std::uint64_t plus[kStripeBlocks], minus[kStripeBlocks] = {};
  for (std::uint64_t& rows : plus) rows = ~std::uint64_t{0};
  for (std::size_t column = 0; column < stripe.column_count; ++column) {
    const std::uint64_t* match = stripe.masks + stripe.columns[column] * stripe.width();
    std::uint64_t in_plus = stripe.edge[column] & 1, in_minus = stripe.edge[column] >> 1;
    for (std::size_t block = 0; block < stripe.blocks; ++block) {
      const std::uint64_t vp = plus[block], vn = minus[block];
      const std::uint64_t equal = match[block] | in_minus;
      const std::uint64_t diagonal = (((equal & vp) + vp) ^ vp) | equal | vn;
      const std::uint64_t row_plus = vn | ~(diagonal | vp);
      const std::uint64_t row_minus = diagonal & vp;
      const std::uint64_t shifted_plus = row_plus << 1 | in_plus;
      const std::uint64_t shifted_minus = row_minus << 1 | in_minus;
      const std::uint64_t vertical = match[block] | vn;
      plus[block] = shifted_minus | ~(vertical | shifted_plus);
      minus[block] = shifted_plus & vertical;
      in_plus = row_plus >> 63;
      in_minus = row_minus >> 63;
    }
    stripe.edge[column] = static_cast<std::uint8_t>(in_plus | in_minus << 1);
  }
  return vertical_sum(stripe, plus, minus);
}

StripeFunction stripe_function() {
#if defined(__x86_64__)
  static const bool vectors = __builtin_cpu_supports("avx2");
  if (vectors) return &stripe_by_vector;
#endif
  return &stripe_by_block;
}

}  // namespace fthost::text
