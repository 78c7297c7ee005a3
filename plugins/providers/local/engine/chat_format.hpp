// ChatFormat: how a model folder turns messages into tokens and back: tokenizer.json, the chat template
// (chat_template.jinja or the one in tokenizer_config.json) and the special tokens' spelling. Immutable once loaded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "files.hpp"
#include "text/chat_template.hpp"
#include "text/tokenizer.hpp"

namespace fthost::engine {

struct TokenizedChat {
  std::vector<std::int32_t> ids;
  std::vector<bool> trained;  // true where the token belongs to an assistant turn that is to be learnt
};

class ChatFormat {
 public:
  static Result<ChatFormat> load(const std::filesystem::path& folder);

  const text::Tokenizer& tokenizer() const { return tokenizer_; }
  const std::string& bos_token() const { return bos_; }
  const std::string& eos_token() const { return eos_; }

  // The tokens of a prompt that the assistant is to answer.
  Result<std::vector<std::int32_t>> prompt(const Json& messages, const Json& tools) const;

  // A whole conversation. What an assistant turn adds to the rendering of the messages before it (and the template's
  // generation prompt) is trained, unless its message says "weight": 0 or "train": false. A turn whose rendering is
  // changed by later ones (templates that drop earlier reasoning) is not trained.
  Result<TokenizedChat> conversation(const Json& messages, const Json& tools) const;

  // Plain text between the special tokens, where the tokenizer has them; all of it trained.
  TokenizedChat document(std::string_view text) const;

 private:
  ChatFormat(text::Tokenizer tokenizer, text::ChatTemplate chat_template)
      : tokenizer_(std::move(tokenizer)), template_(std::move(chat_template)) {}
  Result<std::string> render(const Json& messages, const Json& tools, bool add_generation_prompt) const;

  text::Tokenizer tokenizer_;
  text::ChatTemplate template_;
  std::string bos_, eos_;
};

}  // namespace fthost::engine
