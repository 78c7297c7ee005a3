#include "text/tokenizer/pre_tokenizer.hpp"

#include <algorithm>

#include "text/tokenizer/byte_level.hpp"
#include "text/tokenizer/fields.hpp"
#include "text/tokenizer/normalizer.hpp"

namespace fthost::text {
namespace {

constexpr std::string_view kPunctuation = R"([!-\/:-@\[-`{-~\p{P}])";

std::optional<SplitBehavior> behavior_of(const std::string& name) {
  if (name == "Removed") return SplitBehavior::removed;
  if (name == "Isolated") return SplitBehavior::isolated;
  if (name == "MergedWithPrevious") return SplitBehavior::merged_with_previous;
  if (name == "MergedWithNext") return SplitBehavior::merged_with_next;
  if (name == "Contiguous") return SplitBehavior::contiguous;
  return std::nullopt;
}

// A stretch of a piece; `match` says whether the pattern found it.
struct Stretch {
  std::size_t begin, end;
  bool match;
};

// Joins a match to its neighbour. Of two matches in a row only the first is joined, as in the reference.
void merge_with_previous(std::vector<Stretch>& stretches) {
  std::size_t kept = 0;
  bool after_match = false;
  for (const Stretch one : stretches) {
    if (one.match && !after_match && kept > 0)
      stretches[kept - 1].end = one.end;
    else
      stretches[kept++] = one;
    after_match = one.match;
  }
  stretches.resize(kept);
}

void merge_with_next(std::vector<Stretch>& stretches) {
  std::size_t kept = stretches.size();
  bool after_match = false;
  for (std::size_t i = stretches.size(); i-- > 0;) {
    const Stretch one = stretches[i];
    if (one.match && !after_match && kept < stretches.size())
      stretches[kept].begin = one.begin;
    else
      stretches[--kept] = one;
    after_match = one.match;
  }
  stretches.erase(stretches.begin(), stretches.begin() + static_cast<std::ptrdiff_t>(kept));
}

void merge_contiguous(std::vector<Stretch>& stretches) {
  std::size_t kept = 0;
  for (const Stretch one : stretches) {
    if (kept > 0 && stretches[kept - 1].match == one.match)
      stretches[kept - 1].end = one.end;
    else
      stretches[kept++] = one;
  }
  stretches.resize(kept);
}

}  // namespace

Result<PreTokenizer> PreTokenizer::parse(const nlohmann::json& json, const std::string& where) {
  PreTokenizer made;
  if (auto error = made.add(json, where, 0)) return *error;
  return made;
}

std::optional<Error> PreTokenizer::add_split(std::string_view pattern, SplitBehavior behavior, bool invert,
                                             const std::string& where) {
  auto regex = Regex::compile(pattern, where);
  if (!regex) return regex.error();
  steps_.emplace_back(Split{std::move(*regex), behavior, invert});
  return std::nullopt;
}

std::optional<Error> PreTokenizer::add(const nlohmann::json& json, const std::string& where, int depth) {
  if (json.is_null()) return std::nullopt;
  if (depth > kMaxNesting) return bad_field("pre_tokenizer is nested too deeply", where);
  const std::string type = string_field(json, "type");
  if (type == "Sequence") {
    const nlohmann::json& list = field(json, "pretokenizers");
    if (!list.is_array()) return bad_field("pre_tokenizer.pretokenizers is not a list", where);
    for (const nlohmann::json& one : list) {
      if (auto error = add(one, where, depth + 1)) return error;
    }
    return std::nullopt;
  }
  if (type == "Split") {
    const auto behavior = behavior_of(string_field(json, "behavior"));
    if (!behavior)
      return unsupported_part("pre_tokenizer Split with behavior \"" + string_field(json, "behavior") + "\"", where);
    auto regex = parse_pattern(field(json, "pattern"), where);
    if (!regex) return regex.error();
    steps_.emplace_back(Split{std::move(*regex), *behavior, bool_field(json, "invert", false)});
    return std::nullopt;
  }
  if (type == "ByteLevel") {
    if (bool_field(json, "add_prefix_space", true)) steps_.emplace_back(PrefixSpace{});
    if (bool_field(json, "use_regex", true)) {
      if (auto error = add_split(kGpt2Pattern, SplitBehavior::isolated, false, where)) return error;
    }
    steps_.emplace_back(ByteMap{});
    return std::nullopt;
  }
  if (type == "Metaspace") {
    Metaspace step{string_field(json, "replacement"), Metaspace::Prepend::always};
    if (step.replacement.empty()) step.replacement = "\u2581";
    const std::string scheme = string_field(json, "prepend_scheme");
    if (scheme == "first") step.prepend = Metaspace::Prepend::first;
    if (scheme == "never" || (scheme.empty() && !bool_field(json, "add_prefix_space", true))) {
      step.prepend = Metaspace::Prepend::never;
    }
    const std::string cut = Regex::escape(step.replacement);
    steps_.emplace_back(std::move(step));
    if (!bool_field(json, "split", true)) return std::nullopt;
    return add_split(cut, SplitBehavior::merged_with_next, false, where);
  }
  if (type == "Digits") {
    const bool single = bool_field(json, "individual_digits", false);
    return add_split("\\p{N}", single ? SplitBehavior::isolated : SplitBehavior::contiguous, false, where);
  }
  if (type == "Punctuation") {
    const std::string name = string_field(json, "behavior");
    const auto behavior = behavior_of(name.empty() ? "Isolated" : name);
    if (!behavior) return unsupported_part("pre_tokenizer Punctuation with behavior \"" + name + "\"", where);
    return add_split(kPunctuation, *behavior, false, where);
  }
  if (type == "Whitespace") return add_split("\\w+|[^\\w\\s]+", SplitBehavior::removed, true, where);
  if (type == "WhitespaceSplit") return add_split("\\s", SplitBehavior::removed, false, where);
  if (type == "CharDelimiterSplit") {
    const std::string delimiter = string_field(json, "delimiter");
    if (delimiter.empty()) return bad_field("pre_tokenizer CharDelimiterSplit has no delimiter", where);
    return add_split(Regex::escape(delimiter), SplitBehavior::removed, false, where);
  }
  return unsupported_part("pre_tokenizer \"" + type + "\"", where);
}

void PreTokenizer::apply(const Split& split, PieceStore& store) {
  store.next.clear();
  std::vector<Stretch> stretches;
  for (const Piece& piece : store.pieces) {
    const auto keep = [&](std::size_t begin, std::size_t end) {
      if (end > begin) store.next.push_back({piece.text.substr(begin, end - begin), piece.at_start && begin == 0});
    };
    std::size_t done = 0, begin = 0, end = 0;
    Regex::Scan scan(split.regex, piece.text);
    if (split.behavior == SplitBehavior::isolated) {  // the common case, without a list of stretches
      for (; scan.next(begin, end); done = end) {
        keep(done, begin);
        keep(begin, end);
      }
      keep(done, piece.text.size());
      continue;
    }
    stretches.clear();
    for (; scan.next(begin, end); done = end) {
      if (begin > done) stretches.push_back({done, begin, split.invert});
      stretches.push_back({begin, end, !split.invert});
    }
    if (done < piece.text.size()) stretches.push_back({done, piece.text.size(), split.invert});
    switch (split.behavior) {
      case SplitBehavior::removed:
        std::erase_if(stretches, [](const Stretch& one) { return one.match; });
        break;
      case SplitBehavior::merged_with_previous:
        merge_with_previous(stretches);
        break;
      case SplitBehavior::merged_with_next:
        merge_with_next(stretches);
        break;
      case SplitBehavior::contiguous:
        merge_contiguous(stretches);
        break;
      case SplitBehavior::isolated:
        break;
    }
    for (const Stretch& one : stretches) keep(one.begin, one.end);
  }
  store.pieces.swap(store.next);
}

void PreTokenizer::apply(const PrefixSpace&, PieceStore& store) {
  for (Piece& piece : store.pieces) {
    if (piece.text.starts_with(' ')) continue;
    piece.text = store.made.emplace_back(" " + std::string(piece.text));
  }
}

void PreTokenizer::apply(const ByteMap&, PieceStore& store) {
  std::size_t total = 0;
  for (const Piece& piece : store.pieces) total += piece.text.size();
  std::string& mapped = store.made.emplace_back();
  mapped.reserve(2 * total);  // so that it does not move under the pieces
  for (Piece& piece : store.pieces) {
    const std::size_t begin = mapped.size();
    append_byte_level(piece.text, mapped);
    piece.text = std::string_view(mapped).substr(begin);
  }
}

void PreTokenizer::apply(const Metaspace& metaspace, PieceStore& store) {
  for (Piece& piece : store.pieces) {
    std::string made;
    for (const char c : piece.text) {
      if (c == ' ')
        made += metaspace.replacement;
      else
        made += c;
    }
    const bool wanted = metaspace.prepend == Metaspace::Prepend::always ||
                        (metaspace.prepend == Metaspace::Prepend::first && piece.at_start);
    if (wanted && !made.starts_with(metaspace.replacement)) made.insert(0, metaspace.replacement);
    piece.text = store.made.emplace_back(std::move(made));
  }
}

void PreTokenizer::run(Piece text, PieceStore& store) const {
  store.made.clear();
  store.pieces.clear();
  if (text.text.empty()) return;
  store.pieces.push_back(text);
  for (const Step& step : steps_) {
    std::visit([&](const auto& one) { apply(one, store); }, step);
  }
}

}  // namespace fthost::text
