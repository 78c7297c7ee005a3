// Tokenizer: text to token ids and back, as a Hugging Face tokenizer.json describes it.
// Byte-level BPE (Llama 3, Qwen, GPT-2 ...) and BPE with byte fallback (Llama 2, Mistral); other kinds are refused by
// name. Immutable once loaded: const methods may be called from any number of threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace fthost::text {

class Tokenizer {
 public:
  static Result<Tokenizer> load(const std::string& tokenizer_json_path);
  // `where` names the text in errors.
  static Result<Tokenizer> parse(std::string_view json, const std::string& where);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  // Ids of the text. Added tokens spelled out in it are recognised; add_special_tokens puts what the post-processor
  // wants (a BOS, say) around it. Bytes that are not UTF-8 count as U+FFFD. No truncation, no padding. Throws Failure
  // if a pattern of the tokenizer takes more steps than PCRE2 allows (a hostile pattern).
  std::vector<std::int32_t> encode(std::string_view text, bool add_special_tokens) const;
  // Same, appended to `ids`.
  void encode_to(std::string_view text, bool add_special_tokens, std::vector<std::int32_t>& ids) const;

  // Text of the ids; unknown ids give nothing. Always valid UTF-8: a cut-off character becomes U+FFFD.
  std::string decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const;

  std::size_t vocab_size() const;                                         // highest id + 1, added tokens included
  std::optional<std::int32_t> token_to_id(std::string_view token) const;  // as spelled in the file ("Ġthe")
  std::string_view id_to_token(std::int32_t id) const;                    // as spelled in the file; empty: no such id
  // The bytes that the token stands for in the middle of a text, perhaps a part of a character. Empty: no such id.
  std::string token_bytes(std::int32_t id) const;
  bool is_special(std::int32_t id) const;

 private:
  struct Impl;
  explicit Tokenizer(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace fthost::text
