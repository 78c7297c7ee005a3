// The bit-parallel edit distance against the textbook's table.
#include <algorithm>
#include <vector>

#include "fuzz.hpp"
#include "text/distance.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view both = as_text(data + 1, size - 1);
  const std::size_t cut = std::min<std::size_t>(both.size(), both.size() * data[0] / 255);
  const std::string_view a = both.substr(0, cut), b = both.substr(cut);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, cost});
    }
  }
  using fthost::text::Unit;
  require(fthost::text::levenshtein(a, b, Unit::bytes).edits == row[b.size()], "as the table says");
  require(fthost::text::levenshtein(a, b, Unit::code_points).edits ==
              fthost::text::levenshtein(b, a, Unit::code_points).edits,
          "symmetric");
  return 0;
}
