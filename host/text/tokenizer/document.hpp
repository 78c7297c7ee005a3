// TokenizerDocument: tokenizer.json read in one streaming pass. The vocabulary and the merges, nearly all of the file,
// go straight into flat arrays; the rest becomes a small JSON document.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "text/tokenizer/bpe.hpp"
#include "text/tokenizer/vocabulary.hpp"

namespace fthost::text {

struct TokenizerDocument {
  nlohmann::json rest;    // everything but model.vocab and model.merges
  Vocabulary vocabulary;  // model.vocab, finished
  std::string merge_text;
  std::vector<Bpe::Merge> merges;  // into merge_text, which must therefore outlive them

  // Reads into `out`, which must not move afterwards; an Error if the text is no tokenizer.json.
  static Result<void> read(std::string_view json, const std::string& where, TokenizerDocument& out);
};

}  // namespace fthost::text
