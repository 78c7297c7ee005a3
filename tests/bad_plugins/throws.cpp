// Throws from `score` what no guard of the host expects: the SDK's guard has to make a status and a sentence of it.
#include <ft/scorer.hpp>

namespace {

constexpr ft_column kColumns[] = {{"/output", FT_TEXT}};

struct Throws : ft::Scorer {
  static constexpr ft::Info info{.name = "throws", .version = "1", .summary = "throws from score", .columns = kColumns};
  explicit Throws(const ft::Config&) {}
  void score(const ft::Call&, const ft::Rows& rows, std::span<double>) {
    if (rows.size() == 1) throw 42;
    throw std::out_of_range("row 7 of 3");
  }
  std::string signature() const { return "throws"; }
};

}  // namespace

FT_PLUGIN(Throws)
