#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <tuple>

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

BOOST_AUTO_TEST_CASE(bands_compare_a_pair_at_the_threshold_with_19_of_20_and_are_as_wide_as_that_allows) {
  unsigned before = 0;
  for (const double threshold : {0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99, 1.0}) {
    const Bands bands = bands_for(threshold, 128);
    BOOST_TEST_CONTEXT("threshold " << threshold) {
      BOOST_TEST(bands.bands * bands.rows <= 128u);
      BOOST_TEST(bands.compared(threshold) >= 0.95);
      for (unsigned rows = bands.rows + 1; rows <= 128; ++rows)
        BOOST_TEST((Bands{128 / rows, rows}.compared(threshold) < 0.95), rows);
      BOOST_TEST(bands.rows >= before);
      before = bands.rows;
      for (double s = 0.01; s < 1; s += 0.01) BOOST_TEST(bands.compared(s) >= bands.compared(s - 0.01));
    }
  }
  // Where no bands are enough there is one row in each.
  BOOST_TEST(bands_for(0.1, 8).bands == 8u);
  BOOST_TEST(bands_for(1, 8).rows == 8u);
}

BOOST_AUTO_TEST_CASE(pairs_at_the_threshold_and_above_are_found) {
  const MinHashOptions options;
  MinHasher hasher(options);
  // Of 200 words 196 shingles; after a shift of d words 196 - d are in common, of 196 + d.
  const auto share = [&](double threshold, int shift) {
    NearIndex index(threshold, options);
    int compared = 0, found = 0, alike = 0;
    for (int pair = 0; pair < 400; ++pair) {
      const Signature a = sign(hasher, words(pair * 1000, 200)), b = sign(hasher, words(pair * 1000 + shift, 200));
      bool shares_band = false;
      const Bands& bands = index.bands();
      for (unsigned band = 0; band < bands.bands; ++band)
        shares_band = shares_band || std::equal(a.begin() + band * bands.rows, a.begin() + (band + 1) * bands.rows,
                                                b.begin() + band * bands.rows);
      index.add(a);
      compared += shares_band;
      found += index.find(b).text == static_cast<std::uint32_t>(pair);
      alike += similarity(a, b) >= threshold;
    }
    BOOST_TEST(found <= alike);
    return std::pair(compared / 400.0, found / 400.0);
  };
  double before = 1;
  for (const auto& [threshold, at, above] : {std::tuple{0.7, 34, 20}, {0.8, 21, 8}, {0.9, 10, 3}}) {
    const auto [compared, found] = share(threshold, at);
    BOOST_TEST(compared > 0.93, threshold << ": " << compared);
    BOOST_TEST(found > 0.3, threshold << ": " << found);  // about half are estimated below it
    const auto [compared_above, found_above] = share(threshold, above);
    BOOST_TEST(compared_above > 0.99, threshold << ": " << compared_above);
    BOOST_TEST(found_above > 0.97, threshold << ": " << found_above);
    // A higher threshold finds no more of the same pairs.
    const double same = share(threshold, 15).second;
    BOOST_TEST(same <= before, threshold << ": " << same << " after " << before);
    before = same;
  }
}

BOOST_AUTO_TEST_CASE(texts_of_another_guard_are_not_compared) {
  const MinHashOptions options;
  MinHasher hasher(options);
  NearIndex index(0.7, options);
  const Signature text = sign(hasher, words(0, 50));
  index.add(text, 7);
  const auto seen = [&](std::uint64_t guard) {
    int count = 0;
    index.visit(text, guard, [&](std::uint32_t, double) { ++count; });
    return count > 0;
  };
  BOOST_TEST(seen(7));
  BOOST_TEST(!seen(8));
  BOOST_TEST(!seen(0));
}

BOOST_AUTO_TEST_CASE(shingles_of_another_kind_differ) {
  MinHasher hasher({});
  const auto signed_as = [&](std::uint64_t kind) {
    Signature signature(128);
    hasher.begin();
    hasher.add("the question that both have in common");
    hasher.set_kind(kind);
    hasher.add("one answer of seven words or more");
    BOOST_TEST(hasher.end(signature.data()));
    return signature;
  };
  BOOST_TEST(signed_as(1) == signed_as(1));
  const double alike = similarity(signed_as(0), signed_as(1));
  BOOST_TEST(alike > 0.0);
  BOOST_TEST(alike < 0.5);
}

BOOST_AUTO_TEST_CASE(each_character_of_a_script_without_white_space_is_a_word) {
  MinHasher hasher({});
  const auto alike = [&](const std::string& a, const std::string& b) {
    return similarity(sign(hasher, a), sign(hasher, b));
  };
  BOOST_TEST(sign(hasher, "我要退货退款") == sign(hasher, "我 要 退 货 退 款"));
  BOOST_TEST(sign(hasher, "用iPhone拍照片") == sign(hasher, "用 iphone 拍 照 片"));
  const std::string chinese = "请问我上个星期在你们网站上买的那双鞋子什么时候可以送到我家里来呢谢谢";
  const std::string japanese = "先週こちらのサイトで注文した靴はいつごろ家に届くのか教えていただけますか";
  const std::string thai = "รองเท้าที่ฉันสั่งซื้อจากเว็บไซต์ของคุณเมื่อสัปดาห์ที่แล้วจะมาถึงบ้านเมื่อไหร่";
  for (const std::string& text : {chinese, japanese, thai}) {
    BOOST_TEST(alike(text, text + text.substr(0, 6)) > 0.7, text);
    BOOST_TEST(alike(text, text + text.substr(0, 6)) < 1.0, text);
  }
  BOOST_TEST(alike(chinese, japanese) < 0.1);
  // Hangul, Cyrillic and emoji have white space between words.
  BOOST_TEST(sign(hasher, "주문한 신발은") != sign(hasher, "주 문 한 신 발 은"));
  BOOST_TEST(sign(hasher, "привет мир") != sign(hasher, "п р и в е т м и р"));
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
