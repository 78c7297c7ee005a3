// Trains a byte-level BPE tokenizer on texts and writes it as a tokenizer.json, which Tokenizer and Hugging Face read.
// Pure and deterministic: the same texts in any order give the same file. Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace fthost::text {

struct BpeOptions {
  std::size_t vocab_size = 512;             // special tokens included; at least 256 more than there are of those
  std::vector<std::string> special_tokens;  // get the last ids, in this order
  std::string bos;                // put before every text; becomes the first special token if it is not listed
  std::size_t min_frequency = 2;  // a pair seen less often is not merged, so the vocabulary may end up smaller
};

// Text is cut as Llama 3 does; special tokens that stand in the texts are not learned from.
// Ties go to the pair with the lower ids, as in Hugging Face's trainer.
Result<std::string> train_bpe(std::span<const std::string> texts, const BpeOptions& options);

}  // namespace fthost::text
