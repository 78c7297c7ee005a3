// exact: 1 where the output equals one of the references, else 0. Options say what does not count as a difference.
#include <ft/scorer.hpp>

#include "text/unicode.hpp"

namespace {

namespace text = fthost::text;

constexpr ft_column kColumns[] = {{"/output", FT_TEXT}, {"/references", FT_RAW}};

struct Exact : ft::Scorer {
  static constexpr ft::Info info{.name = "exact",
                                 .version = "1.0.0",
                                 .summary = "1 where the output equals a reference, else 0",
                                 .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "trim": {"type": "boolean", "default": true, "description": "white space around the text does not count"},
        "ignore_case": {"type": "boolean", "default": false, "description": "compare case-folded, by the full Unicode folding"},
        "normalise": {"enum": ["none", "nfc"], "default": "none", "description": "nfc: composed and decomposed accents are equal"}}})",
                                 .flags = FT_CONCURRENT | FT_DETERMINISTIC,
                                 .columns = kColumns};

  explicit Exact(const ft::Config& config)
      : trim_(config["trim"]), ignore_case_(config["ignore_case"]), nfc_(config["normalise"] == "nfc") {}

  void score(const ft::Call& call, const ft::Rows& rows, std::span<double> out) const {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (row % 1024 == 0) call.stop_if_cancelled();
      const auto references = ft::references(rows.get(1, row));
      if (!rows.has(0, row) || references.empty()) {
        call.detail(rows.line(row), rows.has(0, row) ? "no reference to compare with" : "no output");
        out[row] = ft::kNoScore;
        continue;
      }
      const std::string output = form(rows.get(0, row));
      out[row] = 0;
      for (const auto& reference : references) {
        if (form(reference) == output) out[row] = 1;
      }
    }
  }

  std::string signature() const {
    return std::string("exact|trim:") + (trim_ ? "python" : "no") + "|case:" + (ignore_case_ ? "folded" : "mixed") +
           "|form:" + (nfc_ ? "nfc" : "none") + "|references:best|version:" + info.version;
  }

 private:
  std::string form(std::string_view given) const {
    std::string formed(trim_ ? text::trim(given, text::Space::python) : given);
    if (ignore_case_) formed = text::casefold(formed);
    return nfc_ ? text::nfc(formed) : formed;
  }

  bool trim_, ignore_case_, nfc_;
};

}  // namespace

FT_PLUGIN(Exact)
