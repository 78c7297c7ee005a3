#include "text/distance.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <vector>

#include "shared.hpp"
#include "text/distance_stripe.hpp"
#include "text/unicode.hpp"

using fthost::text::levenshtein;
using fthost::text::nearest;
using fthost::text::Unit;

namespace {

template <class Text>
std::size_t by_definition(const Text& a, const Text& b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t k = 0; k <= b.size(); ++k) {
      if (i == 0 || k == 0)
        table[i][k] = i + k;
      else
        table[i][k] =
            std::min({table[i - 1][k] + 1, table[i][k - 1] + 1, table[i - 1][k - 1] + (a[i - 1] != b[k - 1])});
    }
  }
  return table[a.size()][b.size()];
}

std::string random_text(std::mt19937& random, std::size_t size, unsigned letters) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    const unsigned letter = random() % letters;
    const char32_t places[] = {U'a', U'é', 0x65E5, 0x1F600};
    fthost::text::append_utf8(text, places[letter % 4] + letter / 4);
  }
  return text;
}

// Some of the text changed, so that the distance is neither 0 nor everything.
std::string edited(std::mt19937& random, std::string text) {
  for (std::size_t edits = random() % 6; edits > 0 && !text.empty(); --edits) {
    const std::size_t at = fthost::text::byte_offset(text, random() % fthost::text::count_code_points(text));
    const std::size_t size = fthost::text::code_point_at(text, at).size;
    const unsigned kind = random() % 3;
    if (kind == 0)
      text.erase(at, size);
    else if (kind == 1)
      text.insert(at, "x");
    else
      text.replace(at, size, "é");
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(levenshtein_agrees_with_the_reference) {
  const auto folder = fthost::test::shared_folder("fixtures/scorers");
  if (!folder) return;
  std::ifstream file(*folder / "levenshtein.jsonl");
  std::size_t rows = 0;
  for (std::string line; std::getline(file, line); ++rows) {
    const auto row = nlohmann::json::parse(line);
    const auto a = row.at("a").get<std::string>(), b = row.at("b").get<std::string>();
    const auto& want = row.at("want");
    const auto points = levenshtein(a, b, Unit::code_points);
    BOOST_TEST_CONTEXT(row.at("id")) {
      BOOST_TEST(points.edits == want.at("distance").get<std::size_t>());
      BOOST_TEST(points.length_a == want.at("len_a").get<std::size_t>());
      BOOST_TEST(points.length_b == want.at("len_b").get<std::size_t>());
      BOOST_TEST(points.similarity() == want.at("normalized_similarity").get<double>(),
                 boost::test_tools::tolerance(1e-12));
      const auto units = levenshtein(a, b, Unit::utf16);
      BOOST_TEST(units.edits == want.at("utf16").at("distance").get<std::size_t>());
      BOOST_TEST(units.length_a == want.at("utf16").at("len_a").get<std::size_t>());
      BOOST_TEST(units.similarity() == want.at("utf16").at("normalized_similarity").get<double>(),
                 boost::test_tools::tolerance(1e-12));
      BOOST_TEST(levenshtein(a, b, Unit::bytes).edits == want.at("utf8").at("distance").get<std::size_t>());
    }
  }
  BOOST_TEST(rows > 200u);
}

BOOST_AUTO_TEST_CASE(bit_parallel_distance_is_the_definition) {
  std::mt19937 random(11);
  // Sizes around the block of 64 and the stripe of 1024.
  for (const std::size_t size : {0u, 1u, 3u, 63u, 64u, 65u, 128u, 129u, 1024u, 1025u}) {
    for (const unsigned letters : {2u, 9u, 200u}) {
      const std::string a = random_text(random, size, letters);
      const std::string others[] = {random_text(random, size, letters), edited(random, a),
                                    random_text(random, size / 2 + random() % 70, letters)};
      for (const std::string& b : others) {
        BOOST_TEST_CONTEXT(size << " of " << letters) {
          BOOST_TEST(levenshtein(a, b, Unit::code_points).edits ==
                     by_definition(fthost::text::to_code_points(a), fthost::text::to_code_points(b)));
          BOOST_TEST(levenshtein(b, a, Unit::utf16).edits ==
                     by_definition(fthost::text::to_utf16(b), fthost::text::to_utf16(a)));
          if (size < 500) BOOST_TEST(levenshtein(a, b, Unit::bytes).edits == by_definition(a, b));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(both_ways_through_a_stripe_agree) {
  using fthost::text::kStripePadding;
  std::mt19937_64 random(5);
  for (std::size_t blocks = 1; blocks <= fthost::text::kStripeBlocks; ++blocks) {
    for (const std::size_t count : {1u, 2u, 3u, 7u, 8u, 9u, 200u}) {
      fthost::text::Stripe stripe{.blocks = blocks, .last_rows = ~std::uint64_t{0}, .column_count = count};
      std::vector<std::uint64_t> masks(5 * stripe.width(), 0);
      for (std::size_t row = 0; row < blocks * 64; ++row) {
        masks[(random() % 5) * stripe.width() + row / 64] |= std::uint64_t{1} << row % 64;
      }
      std::fill_n(masks.begin(), stripe.width(), 0);
      std::vector<std::uint32_t> columns(count + 2 * kStripePadding, 0);
      std::vector<std::uint8_t> edge(count + 2 * kStripePadding, 0);
      for (std::size_t i = 0; i < count; ++i) {
        columns[kStripePadding + i] = static_cast<std::uint32_t>(random() % 5);
        edge[kStripePadding + i] = static_cast<std::uint8_t>(random() % 3);
      }
      std::vector<std::uint8_t> other = edge;
      stripe.masks = masks.data();
      stripe.columns = columns.data() + kStripePadding;
      stripe.edge = edge.data() + kStripePadding;
      const auto fast = fthost::text::stripe_function()(stripe);
      stripe.edge = other.data() + kStripePadding;
      BOOST_TEST(fast == fthost::text::stripe_by_block(stripe));
      if (blocks == fthost::text::kStripeBlocks)
        BOOST_TEST(
            std::equal(edge.begin() + kStripePadding, edge.end() - kStripePadding, other.begin() + kStripePadding));
    }
  }
}

BOOST_AUTO_TEST_CASE(distance_over_bytes_takes_any_bytes) {
  BOOST_TEST(levenshtein("\xff\x00\x80", "\xff\x80", Unit::bytes).edits == 1u);
  BOOST_TEST(levenshtein("\xff", "\xfe", Unit::code_points).edits == 0u);  // both are U+FFFD
}

BOOST_AUTO_TEST_CASE(nearest_finds_what_was_meant) {
  const std::vector<std::string> names = {"export", "import", "validate", "train", "evaluate"};
  const auto found = [&](const char* name) {
    const auto index = nearest(name, names);
    return index ? names[*index] : std::string("none");
  };
  BOOST_TEST(found("exprot") == "export");
  BOOST_TEST(found("improt") == "import");
  BOOST_TEST(found("Valdate") == "validate");
  BOOST_TEST(found("evalaute") == "evaluate");
  BOOST_TEST(found("tarin") == "train");
  BOOST_TEST(found("serve") == "none");
  BOOST_TEST(found("x") == "none");
  BOOST_TEST(found("") == "none");
  BOOST_TEST(found(std::string(100000, 'a').c_str()) == "none");
}
