// NearIndex: which of many texts are nearly equal, by their MinHash signatures. Signatures are cut into bands; texts
// that share a band are compared (locality-sensitive hashing: Indyk and Motwani, 1998), so most pairs never are. Of two
// texts of similarity s the chance to be compared is 1 - (1 - s^rows)^bands; bands and rows are chosen so that the
// chances of missing a pair above the threshold and of comparing one below it sum to the least.
// One thread. Keeps the signature and 4 bytes a band of each text, and 12 bytes and more a band of each that is new.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/hash_index.hpp"
#include "data/minhash.hpp"

namespace fthost::data {

struct Bands {
  unsigned bands = 0, rows = 0;
};
Bands bands_for(double threshold, unsigned permutations);

class NearIndex {
 public:
  // threshold: 0 < t <= 1.
  NearIndex(double threshold, const MinHashOptions& options);

  struct Match {
    std::uint32_t text = HashIndex::kNone;  // none: nothing that is near enough
    double similarity = 0;
  };
  // Of the texts that were added before the nearest one at the threshold or above; of equals the earliest that is
  // compared.
  Match find(std::span<const std::uint16_t> signature) const;
  // Calls fn(text, similarity) for each of them that is at the threshold or above; once for each band that they share.
  template <class Fn>
  void visit(std::span<const std::uint16_t> signature, Fn&& fn) const {
    for (unsigned band = 0; band < bands_.bands; ++band) {
      std::uint32_t text = latest_[band].find(key(signature, band));
      for (std::size_t seen = 0; text != HashIndex::kNone && seen < kMostOfBucket; ++seen) {
        const double s = similarity(signature, this->signature(text));
        if (s >= threshold_) fn(text, s);
        text = earlier_[band][text];
      }
    }
  }
  // The next text, numbered from 0.
  void add(std::span<const std::uint16_t> signature);

  const Bands& bands() const { return bands_; }
  std::size_t size() const { return count_; }

 private:
  static constexpr std::size_t kMostOfBucket = 256;  // that are compared of one bucket, the latest
  std::uint64_t key(std::span<const std::uint16_t> signature, unsigned band) const;
  std::span<const std::uint16_t> signature(std::uint32_t text) const {
    return std::span(signatures_).subspan(std::size_t{text} * permutations_, permutations_);
  }

  double threshold_;
  unsigned permutations_;
  Bands bands_;
  std::uint32_t count_ = 0;
  std::vector<std::uint16_t> signatures_;
  std::vector<HashIndex> latest_;                    // of each band: key -> the latest text that has it
  std::vector<std::vector<std::uint32_t>> earlier_;  // of each band: a text -> the one before it of the same key
};

}  // namespace fthost::data
