// PreTokenizer: the steps of tokenizer.json that cut normalized text into the pieces a model encodes one by one.
// Immutable; any thread.
#pragma once

#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "text/tokenizer/regex.hpp"

namespace fthost::text {

// GPT-2's expression, which ByteLevel cuts by unless told not to.
inline constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
// Llama 3's, Qwen's and GPT-4's family.
inline constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// A piece of text on its way through the steps.
struct Piece {
  std::string_view text;
  bool at_start = false;  // of the whole text
};

// Texts that steps made new, so that pieces can point into them. Reused from call to call.
struct PieceStore {
  std::vector<Piece> pieces, next;
  std::deque<std::string> made;
};

enum class SplitBehavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

class PreTokenizer {
 public:
  static Result<PreTokenizer> parse(const nlohmann::json& json, const std::string& where);

  // Leaves the pieces of one stretch of text in store.pieces; they point into it or into store.made.
  void run(Piece text, PieceStore& store) const;

 private:
  struct Split {
    Regex regex;
    SplitBehavior behavior = SplitBehavior::isolated;
    bool invert = false;
  };
  struct PrefixSpace {};
  struct ByteMap {};
  struct Metaspace {
    std::string replacement;
    enum class Prepend { always, first, never } prepend = Prepend::always;
  };
  using Step = std::variant<Split, PrefixSpace, ByteMap, Metaspace>;

  std::optional<Error> add(const nlohmann::json& json, const std::string& where, int depth);
  std::optional<Error> add_split(std::string_view pattern, SplitBehavior behavior, bool invert,
                                 const std::string& where);
  static void apply(const Split& split, PieceStore& store);
  static void apply(const PrefixSpace&, PieceStore& store);
  static void apply(const ByteMap&, PieceStore& store);
  static void apply(const Metaspace& metaspace, PieceStore& store);

  std::vector<Step> steps_;
};

}  // namespace fthost::text
