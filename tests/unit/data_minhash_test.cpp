#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "data/near.hpp"
#include "shared.hpp"

using namespace fthost::data;

BOOST_AUTO_TEST_SUITE(data_minhash)

namespace {

using Signature = std::vector<std::uint16_t>;

Signature sign(MinHasher& hasher, const std::string& text) {
  Signature signature(hasher.permutations());
  hasher.begin();
  hasher.add(text);
  hasher.end(signature.data());
  return signature;
}

// So many words, numbered from `first`.
std::string words(int first, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += (i == 0 ? "w" : " w") + std::to_string(first + i);
  return text;
}

double jaccard(const std::string& a, const std::string& b) {
  const auto shingles = [](const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> all;
    for (std::string word; in >> word;) all.push_back(word);
    std::set<std::string> set;
    for (std::size_t i = 0; i + 5 <= all.size(); ++i) {
      std::string shingle;
      for (std::size_t k = 0; k < 5; ++k) shingle += all[i + k] + " ";
      set.insert(shingle);
    }
    return set;
  };
  const auto x = shingles(a), y = shingles(b);
  std::size_t common = 0;
  for (const std::string& shingle : x) common += y.contains(shingle);
  return static_cast<double>(common) / static_cast<double>(x.size() + y.size() - common);
}

}  // namespace

BOOST_AUTO_TEST_CASE(estimates_lie_within_their_standard_error) {
  MinHasher hasher({});
  double error = 0;
  int cases = 0;
  for (int shift = 0; shift <= 300; shift += 5) {
    const std::string a = words(0, 300), b = words(shift, 300);
    const double exact = jaccard(a, b), estimate = similarity(sign(hasher, a), sign(hasher, b));
    const double se = std::sqrt(exact * (1 - exact) / 128);
    BOOST_TEST(std::abs(estimate - exact) <= 4 * se + 1e-3, "shift " << shift << ": " << estimate << " for " << exact);
    if (se == 0) continue;
    error += (estimate - exact) / se;
    ++cases;
  }
  BOOST_TEST(std::abs(error / cases) < 1.5);  // neighbouring cases err alike, so the mean is no mean of 60
}

BOOST_AUTO_TEST_CASE(case_and_white_space_do_not_matter_and_words_do) {
  MinHasher hasher({});
  const auto equal = [&](const std::string& a, const std::string& b) { return sign(hasher, a) == sign(hasher, b); };
  BOOST_TEST(equal("One two THREE four five six", "one  two\nthree\tfour five\xC2\xA0six"));
  BOOST_TEST(equal("Grüße ÄRGER eins zwei drei", "grüße ärger eins zwei drei"));
  BOOST_TEST(equal("日本　語 b c d e", "日本 語 b c d e"));
  BOOST_TEST(!equal("one two three four five", "one two three four six"));
  BOOST_TEST(!equal("one two", "two one"));
  BOOST_TEST(!equal("one two three", "one two"));
  Signature none(128);
  hasher.begin();
  hasher.add(" \n ");
  BOOST_TEST(!hasher.end(none.data()));
}

BOOST_AUTO_TEST_CASE(pieces_are_as_texts_that_a_space_divides) {
  MinHasher hasher({});
  const Signature whole = sign(hasher, "a b c d e f g");
  Signature pieces(128);
  hasher.begin();
  hasher.add("a b c");
  hasher.add("d e f g");
  BOOST_TEST(hasher.end(pieces.data()));
  BOOST_TEST(pieces == whole);
}

BOOST_AUTO_TEST_CASE(bands_follow_the_threshold) {
  for (const double threshold : {0.5, 0.8, 0.9, 0.95}) {
    const Bands bands = bands_for(threshold, 128);
    BOOST_TEST(bands.bands * bands.rows <= 128u);
    const auto compared = [&](double s) { return 1 - std::pow(1 - std::pow(s, bands.rows), bands.bands); };
    BOOST_TEST(compared(std::min(1.0, threshold + 0.1)) > 0.7);
    BOOST_TEST(compared(threshold - 0.25) < 0.3);
  }
}

BOOST_AUTO_TEST_CASE(the_nearest_earlier_text_is_found) {
  const MinHashOptions options;
  MinHasher hasher(options);
  NearIndex index(0.7, options);
  const std::string base = words(0, 200);
  BOOST_TEST((index.find(sign(hasher, base)).text == HashIndex::kNone));
  index.add(sign(hasher, base));
  index.add(sign(hasher, words(1000, 200)));
  index.add(sign(hasher, words(5, 200)));
  const auto match = index.find(sign(hasher, words(6, 200)));
  BOOST_TEST(match.text == 2u);
  BOOST_TEST(match.similarity > 0.9);
  BOOST_TEST(index.find(sign(hasher, base)).text == 0u);
  BOOST_TEST(index.find(sign(hasher, base)).similarity == 1.0);
  BOOST_TEST((index.find(sign(hasher, words(5000, 200))).text == HashIndex::kNone));
}

BOOST_AUTO_TEST_CASE(estimates_agree_with_the_reference) {
  const auto folder = fthost::test::shared_folder("fixtures/scorers");
  if (!folder) return;
  std::ifstream in(*folder / "minhash.jsonl");
  MinHasher hasher({});
  int cases = 0, far = 0;
  double error = 0;
  for (std::string line; std::getline(in, line);) {
    const auto row = nlohmann::json::parse(line);
    const double exact = row.at("want").at("jaccard").get<double>(), se = row.at("want").at("se_128").get<double>();
    const double estimate =
        similarity(sign(hasher, row.at("a").get<std::string>()), sign(hasher, row.at("b").get<std::string>()));
    BOOST_TEST(std::abs(estimate - exact) <= 4 * se + 1e-3, row.at("id").get<std::string>()
                                                                << ": " << estimate << " for " << exact);
    far += std::abs(estimate - exact) > se + 1e-9;
    if (se > 0) error += (estimate - exact) / se;
    ++cases;
  }
  BOOST_TEST(cases > 100);
  BOOST_TEST(far < cases * 0.42);  // of a normal error 32 % lie beyond one standard error
  BOOST_TEST(std::abs(error / cases) < 0.35);
}

BOOST_AUTO_TEST_SUITE_END()
