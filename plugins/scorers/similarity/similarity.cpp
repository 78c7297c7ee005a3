// similarity: 1 where the trimmed, lower-cased texts are equal, 0.9 where the output contains the reference, else
// (longer - distance) / longer with the Levenshtein distance. unit = "utf16" counts as JavaScript does.
#include <ft/scorer.hpp>

#include "text/distance.hpp"
#include "text/unicode.hpp"

namespace {

namespace text = fthost::text;

constexpr ft_column kColumns[] = {{"/output", FT_TEXT}, {"/references", FT_RAW}};

struct Similarity : ft::Scorer {
  static constexpr ft::Info info{
      .name = "similarity",
      .version = "1.0.0",
      .summary = "1 if equal, 0.9 if the output contains the reference, else normalised Levenshtein similarity",
      .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "unit": {"enum": ["code_point", "utf16"], "default": "code_point",
                 "description": "what a character is: a Unicode code point, or a UTF-16 unit as JavaScript counts"}}})",
      .flags = FT_CONCURRENT | FT_DETERMINISTIC,
      .columns = kColumns};

  explicit Similarity(const ft::Config& config) : utf16_(config["unit"] == "utf16") {}

  void score(const ft::Call& call, const ft::Rows& rows, std::span<double> out) const {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (row % 64 == 0) call.stop_if_cancelled();
      const auto references = ft::references(rows.get(1, row));
      if (!rows.has(0, row) || references.empty()) {
        call.detail(rows.line(row), rows.has(0, row) ? "no reference to compare with" : "no output");
        out[row] = ft::kNoScore;
        continue;
      }
      const std::string output = form(rows.get(0, row));
      out[row] = 0;
      for (const auto& reference : references) out[row] = std::max(out[row], compare(output, form(reference)));
    }
  }

  std::string signature() const {
    return std::string("similarity|trim:javascript|case:lower|contains:0.9|unit:") + (utf16_ ? "utf16" : "code_point") +
           "|references:best|version:" + info.version;
  }

 private:
  static std::string form(std::string_view given) { return text::lower(text::trim(given, text::Space::javascript)); }

  double compare(const std::string& output, const std::string& reference) const {
    if (output == reference) return 1;
    if (output.find(reference) != std::string::npos) return 0.9;
    return text::levenshtein(output, reference, utf16_ ? text::Unit::utf16 : text::Unit::code_points).similarity();
  }

  bool utf16_;
};

}  // namespace

FT_PLUGIN(Similarity)
