// @NAME@: the share of a reference's words that the output has, best of the references.
#include <ft/scorer.hpp>

#include <algorithm>
#include <set>
#include <sstream>

namespace {

// What of a row the host hands over, in this order.
constexpr ft_column kColumns[] = {{"/output", FT_TEXT}, {"/references", FT_RAW}};

std::set<std::string> words(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::set<std::string> found;
  for (std::string word; stream >> word;) found.insert(word);
  return found;
}

class @CLASS@ : public ft::Scorer {
 public:
  static constexpr ft::Info info{
      .name = "@NAME@",
      .version = "0.1.0",
      .summary = "share of the reference's words that the output has",
      .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "at_least": {"type": "integer", "minimum": 1, "default": 1, "description": "words a reference must have to count"}}})",
      .flags = FT_CONCURRENT | FT_DETERMINISTIC,  // const methods, no state: any number of threads; same in, same out
      .columns = kColumns};

  explicit @CLASS@(const ft::Config& config) : at_least_(config["at_least"]) {}

  // One number a row. A row that cannot be scored gets ft::kNoScore and a detail that says why; it never fails the
  // others.
  void score(const ft::Call& call, const ft::Rows& rows, std::span<double> out) const {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      call.stop_if_cancelled();
      out[row] = ft::kNoScore;
      if (rows.has(0, row)) {
        const auto output = words(rows.get(0, row));
        for (const auto& reference : ft::references(rows.get(1, row))) {
          const auto wanted = words(reference);
          if (wanted.size() < at_least_) continue;
          std::size_t found = 0;
          for (const auto& word : wanted) found += output.contains(word);
          out[row] =
              std::max(out[row] >= 0 ? out[row] : 0, static_cast<double>(found) / static_cast<double>(wanted.size()));
        }
      }
      if (!(out[row] >= 0)) call.detail(rows.line(row), "no output, or no reference with enough words");
    }
  }

  // The exact definition, so that two results can be compared.
  std::string signature() const {
    return "@NAME@|words:white-space|at_least:" + std::to_string(at_least_) + "|version:" + info.version;
  }

 private:
  std::size_t at_least_;
};

}  // namespace

FT_PLUGIN(@CLASS@)
