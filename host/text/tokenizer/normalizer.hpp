// Normalizer: the steps of tokenizer.json that change the text before it is cut. Immutable; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "text/tokenizer/regex.hpp"
#include "text/unicode.hpp"

namespace fthost::text {

// What {"String": "..."} or {"Regex": "..."} finds. A literal is matched as a regular expression too.
Result<Regex> parse_pattern(const nlohmann::json& pattern, const std::string& where);
// Every match replaced.
std::string replace_all(const Regex& regex, std::string_view text, std::string_view content);

class Normalizer {
 public:
  // `json` null: no step. `where` names the file.
  static Result<Normalizer> parse(const nlohmann::json& json, const std::string& where);

  bool empty() const { return steps_.empty(); }
  std::string run(std::string_view text) const;  // valid UTF-8 in and out

 private:
  struct Prepend {
    std::string content;
  };
  struct Replace {
    Regex regex;
    std::string content;
  };
  struct Lowercase {};
  struct Strip {
    bool left, right;
  };
  struct StripAccents {};
  using Step = std::variant<Form, Prepend, Replace, Lowercase, Strip, StripAccents>;
  static std::string apply(const Step& step, std::string text);
  std::optional<Error> add(const nlohmann::json& json, const std::string& where, int depth);

  std::vector<Step> steps_;
};

}  // namespace fthost::text
