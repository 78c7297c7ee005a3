#include "data/near.hpp"

#include <cmath>

#include "data/hash.hpp"

namespace fthost::data {

Bands bands_for(double threshold, unsigned permutations) {
  constexpr int kSteps = 200;
  Bands best;
  double least = 2;
  for (unsigned bands = 1; bands <= permutations; ++bands) {
    for (unsigned rows = 1; rows * bands <= permutations; ++rows) {
      double missed = 0, needless = 0;
      for (int i = 0; i < kSteps; ++i) {
        const double s = (i + 0.5) / kSteps;
        const double compared = 1 - std::pow(1 - std::pow(s, rows), bands);
        if (s >= threshold)
          missed += (1 - compared) / kSteps;
        else
          needless += compared / kSteps;
      }
      if (missed + needless < least) {
        least = missed + needless;
        best = {bands, rows};
      }
    }
  }
  return best;
}

NearIndex::NearIndex(double threshold, const MinHashOptions& options)
    : threshold_(threshold),
      permutations_(options.permutations),
      bands_(bands_for(threshold, options.permutations)),
      latest_(bands_.bands),
      earlier_(bands_.bands) {}

std::uint64_t NearIndex::key(std::span<const std::uint16_t> signature, unsigned band) const {
  const auto* const begin = reinterpret_cast<const char*>(signature.data() + std::size_t{band} * bands_.rows);
  return hash64({begin, bands_.rows * sizeof(std::uint16_t)});
}

NearIndex::Match NearIndex::find(std::span<const std::uint16_t> signature) const {
  Match best;
  visit(signature, [&](std::uint32_t text, double s) {
    if (s > best.similarity || (s == best.similarity && text < best.text)) best = {text, s};
  });
  return best;
}

void NearIndex::add(std::span<const std::uint16_t> signature) {
  signatures_.insert(signatures_.end(), signature.begin(), signature.end());
  for (unsigned band = 0; band < bands_.bands; ++band) {
    const std::uint64_t hash = key(signature, band);
    earlier_[band].push_back(latest_[band].find(hash));
    latest_[band].set(hash, count_);
  }
  ++count_;
}

}  // namespace fthost::data
