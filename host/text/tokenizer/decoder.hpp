// Decoder: the steps of tokenizer.json that turn token texts back into text. Immutable; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "text/tokenizer/regex.hpp"

namespace fthost::text {

class Decoder {
 public:
  // `json` null: tokens are joined with spaces, as in the reference.
  static Result<Decoder> parse(const nlohmann::json& json, const std::string& where);

  std::string run(std::vector<std::string> tokens) const;
  // What one token stands for in the middle of a text, as bytes.
  std::string bytes(std::string_view token) const;
  // Tokens may be joined as bytes(), one by one: there is nothing but ByteLevel.
  bool is_byte_level() const;

 private:
  struct ByteLevel {};
  struct ByteFallback {};
  struct Fuse {};
  struct Replace {
    Regex regex;
    std::string content;
  };
  struct Strip {
    std::string content;
    std::size_t start, stop;
  };
  struct Metaspace {
    std::string replacement;
    bool prepended;  // replacements in the first token are no spaces of the text
  };
  struct Suffix {
    std::string suffix;  // of a word's last token; becomes a space, at the end nothing
  };
  using Step = std::variant<ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace, Suffix>;
  std::optional<Error> add(const nlohmann::json& json, const std::string& where, int depth);

  std::vector<Step> steps_;
};

}  // namespace fthost::text
