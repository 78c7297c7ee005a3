// Random: the worker's own generator (xoshiro256++ seeded by splitmix64), so that a seed gives the same shuffle,
// weights and dropout with every compiler and libtorch. A value; one owner.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace fthost::engine {

class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (auto& word : state_) {
      seed += 0x9E3779B97F4A7C15u;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
      word = z ^ (z >> 31);
    }
  }

  std::uint64_t next() {
    const auto rotate = [](std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); };
    const std::uint64_t result = rotate(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  // In [0, 1), 24 bits: exact in a float.
  float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24f; }

  // In [0, limit), limit > 0, without modulo bias.
  std::uint64_t below(std::uint64_t limit) {
    const std::uint64_t threshold = (0 - limit) % limit;
    for (;;) {
      const std::uint64_t value = next();
      if (value >= threshold) return value % limit;
    }
  }

  float normal() {
    double u = 0, v = 0, s = 0;
    do {
      u = 2.0 * uniform() - 1.0;
      v = 2.0 * uniform() - 1.0;
      s = u * u + v * v;
    } while (s >= 1.0 || s == 0.0);
    return static_cast<float>(u * std::sqrt(-2.0 * std::log(s) / s));
  }

  std::vector<std::size_t> permutation(std::size_t count) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
    return order;
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace fthost::engine
