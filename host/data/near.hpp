// NearIndex: which of many texts are nearly equal, by their MinHash signatures. Signatures are cut into bands; texts
// that share a band are compared (locality-sensitive hashing: Indyk and Motwani, 1998), so most pairs never are. Of two
// texts of similarity s the chance to be compared is 1 - (1 - s^rows)^bands, which grows with s. A band has the most
// rows, and so the fewest needless comparisons, at which that is kCompared or more for a pair at the threshold.
// One thread. Keeps the signature and 4 bytes a band of each text, and 12 bytes and more a band of each that is new.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/hash_index.hpp"
#include "data/minhash.hpp"

namespace fthost::data {

constexpr double kCompared = 0.95;

struct Bands {
  unsigned bands = 0, rows = 0;
  // The chance that two texts of this similarity are compared.
  double compared(double similarity) const;
};
// With so few permutations that no bands reach kCompared: one row a band.
Bands bands_for(double threshold, unsigned permutations);

class NearIndex {
 public:
  // threshold: 0 < t <= 1.
  NearIndex(double threshold, const MinHashOptions& options);

  using Signature = std::span<const std::uint16_t>;
  struct Match {
    std::uint32_t text = HashIndex::kNone;  // none: nothing that is near enough
    double similarity = 0;
  };
  // Of the texts that were added before the nearest one at the threshold or above; of equals the earliest that is
  // compared.
  Match find(Signature signature) const;
  // Calls fn(text, similarity) for each of them that is at the threshold or above; once for each band that they share.
  // Only texts that were added with the same `guard` are compared.
  template <class Fn>
  void visit(Signature signature, std::uint64_t guard, Fn&& fn) const {
    for (unsigned band = 0; band < bands_.bands; ++band) latest_[band].prefetch(key(signature, band, guard));
    for (unsigned band = 0; band < bands_.bands; ++band) {
      std::uint32_t text = latest_[band].find(key(signature, band, guard));
      for (std::size_t seen = 0; text != HashIndex::kNone && seen < kMostOfBucket; ++seen) {
        const double s = similarity(signature, this->signature(text));
        if (s >= threshold_) fn(text, s);
        text = earlier_[band][text];
      }
    }
  }
  // The next text, numbered from 0.
  void add(Signature signature, std::uint64_t guard = 0);

  Signature signature(std::uint32_t text) const {
    return Signature(signatures_).subspan(std::size_t{text} * permutations_, permutations_);
  }
  const Bands& bands() const { return bands_; }
  std::size_t size() const { return count_; }

 private:
  static constexpr std::size_t kMostOfBucket = 256;  // that are compared of one bucket, the latest
  std::uint64_t key(Signature signature, unsigned band, std::uint64_t guard) const;

  double threshold_;
  unsigned permutations_;
  Bands bands_;
  std::uint32_t count_ = 0;
  std::vector<std::uint16_t> signatures_;
  std::vector<HashIndex> latest_;                    // of each band: key -> the latest text that has it
  std::vector<std::vector<std::uint32_t>> earlier_;  // of each band: a text -> the one before it of the same key
};

}  // namespace fthost::data
