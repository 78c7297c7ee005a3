#include "data/near.hpp"

#include <cmath>

#include "data/hash.hpp"

namespace fthost::data {

double Bands::compared(double similarity) const { return 1 - std::pow(1 - std::pow(similarity, rows), bands); }

Bands bands_for(double threshold, unsigned permutations) {
  Bands best{permutations, 1};
  for (unsigned rows = 2; rows <= permutations; ++rows) {
    const Bands bands{permutations / rows, rows};
    if (bands.compared(threshold) >= kCompared) best = bands;
  }
  return best;
}

NearIndex::NearIndex(double threshold, const MinHashOptions& options)
    : threshold_(threshold),
      permutations_(options.permutations),
      bands_(bands_for(threshold, options.permutations)),
      latest_(bands_.bands),
      earlier_(bands_.bands) {}

std::uint64_t NearIndex::key(Signature signature, unsigned band, std::uint64_t guard) const {
  const auto* const begin = reinterpret_cast<const char*>(signature.data() + std::size_t{band} * bands_.rows);
  const std::uint64_t hash = hash64({begin, bands_.rows * sizeof(std::uint16_t)});
  return guard == 0 ? hash : fold64(hash ^ guard, 0x9E3779B97F4A7C15u);
}

NearIndex::Match NearIndex::find(Signature signature) const {
  Match best;
  visit(signature, 0, [&](std::uint32_t text, double s) {
    if (s > best.similarity || (s == best.similarity && text < best.text)) best = {text, s};
  });
  return best;
}

void NearIndex::add(Signature signature, std::uint64_t guard) {
  signatures_.insert(signatures_.end(), signature.begin(), signature.end());
  for (unsigned band = 0; band < bands_.bands; ++band) {
    const std::uint64_t hash = key(signature, band, guard);
    earlier_[band].push_back(latest_[band].find(hash));
    latest_[band].set(hash, count_);
  }
  ++count_;
}

}  // namespace fthost::data
