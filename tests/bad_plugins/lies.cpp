// A scorer that breaks one rule; built once for each LIE: leaves a row unwritten, gives NaN without a reason, reports a
// row that the batch has not, uses a call after it has returned, scores by a row's place in its batch.
#include <ft/scorer.hpp>

namespace {

constexpr ft_column kColumns[] = {{"/output", FT_TEXT}};

struct Lies : ft::Scorer {
  static constexpr ft::Info info{.name = "lies-" LIE,
                                 .version = "1",
                                 .summary = "breaks a rule of scorers",
                                 .flags = FT_DETERMINISTIC,
                                 .columns = kColumns};
  explicit Lies(const ft::Config&) {}

  void score(const ft::Call& call, const ft::Rows& rows, std::span<double> out) {
    static constexpr std::string_view lie = LIE;
    if (kept_) kept_->progress(1, 2);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (lie == "unwritten" && row == 3) continue;
      out[row] = lie == "nan" ? ft::kNoScore : lie == "place" ? static_cast<double>(row) : 0;
    }
    if (lie == "row" && rows.size()) call.detail(rows.line(0) + rows.size(), "one too far");
    if (lie == "stale") kept_ = std::make_unique<ft::Call>(call);
  }
  std::string signature() const { return "lies"; }

 private:
  std::unique_ptr<ft::Call> kept_;
};

}  // namespace

FT_PLUGIN(Lies)
