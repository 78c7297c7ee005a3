#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "data/random.hpp"
#include "data/split.hpp"
#include "data_fixture.hpp"

using namespace fthost::data;
using fthost::test::contains;
using fthost::test::must;

namespace {

struct Row {
  std::string id, stratum, group;
};

Split split(SplitOptions options, const std::vector<Row>& rows, const std::map<std::string, std::string>& held = {}) {
  auto splitter = must(Splitter::create(std::move(options)));
  for (const auto& [id, part] : held) must(splitter->hold(part, id));
  for (const Row& row : rows) splitter->add(row.id, row.stratum, row.group);
  return splitter->finish();
}

std::vector<Row> numbered(std::size_t count, const std::string& stratum = "") {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < count; ++i) rows.push_back({stratum + "#" + std::to_string(i), stratum, ""});
  return rows;
}

std::vector<std::size_t> sizes(const Split& split) {
  std::vector<std::size_t> result;
  for (const Split::Part& part : split.parts) result.push_back(part.rows.size());
  return result;
}

std::map<std::string, std::string> where(const Split& split) {
  std::map<std::string, std::string> result;
  for (const Split::Part& part : split.parts) {
    for (const std::uint32_t row : part.rows) BOOST_TEST(result.emplace(std::string(split.id(row)), part.name).second);
  }
  return result;
}

using Sizes = std::vector<std::size_t>;
const SplitOptions kThree{.parts = {{"train", 0.8}, {"validation", 0.1}, {"test", 0.1}}};

}  // namespace

BOOST_AUTO_TEST_SUITE(data_split)

BOOST_AUTO_TEST_CASE(the_generator_is_the_published_one) {
  std::uint64_t state = 1234567;
  for (const std::uint64_t expected : {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                       4593380528125082431u, 16408922859458223821u}) {
    BOOST_TEST(splitmix64(state) == expected);
  }
  Random random(1, 2, 3, 4);
  for (const std::uint64_t expected : {11520u, 0u, 1509978240u}) BOOST_TEST(random.next() == expected);
  BOOST_TEST(random.next() == 1215971899390074240u);
}

BOOST_AUTO_TEST_CASE(numbers_below_a_bound_are_even) {
  Random random(5);
  std::vector<int> counts(6);
  for (int i = 0; i < 60000; ++i) ++counts[random.below(6)];
  for (const int count : counts) BOOST_TEST((count > 9500 && count < 10500));
  // Every order of three comes about equally often.
  std::map<std::string, int> orders;
  for (int i = 0; i < 60000; ++i) {
    std::string text = "abc";
    random.shuffle(std::span<char>(text));
    ++orders[text];
  }
  BOOST_TEST(orders.size() == 6u);
  for (const auto& [order, count] : orders) BOOST_TEST((count > 9500 && count < 10500), order);
}

BOOST_AUTO_TEST_CASE(twenty_rows_at_four_fifths_are_sixteen_and_four) {
  BOOST_TEST(sizes(split({}, numbered(20))) == (Sizes{16, 4}));
  // Also in two strata that do not divide: 14.4 + 1.6 and 3.6 + 0.4.
  std::vector<Row> rows = numbered(18, "8+");
  for (const Row& row : numbered(2, "5-7")) rows.push_back(row);
  const Split result = split({}, rows);
  BOOST_TEST(sizes(result) == (Sizes{16, 4}));
  BOOST_REQUIRE(result.strata.size() == 2u);
  BOOST_TEST(result.strata[0].value == "5-7");
  for (const Split::Stratum& stratum : result.strata) {
    const double n = static_cast<double>(stratum.counts[0] + stratum.counts[1]);
    BOOST_TEST(std::abs(static_cast<double>(stratum.counts[0]) - n * 0.8) < 1.0);
  }
}

BOOST_AUTO_TEST_CASE(every_stratum_s_share_is_rounded_down_or_up) {
  Random random(11);
  for (int trial = 0; trial < 300; ++trial) {
    const double second = 0.05 + 0.01 * static_cast<double>(random.below(20));
    const double third = 0.05 + 0.01 * static_cast<double>(random.below(20));
    const double shares[] = {1 - second - third, second, third};
    std::vector<Row> rows;
    const std::size_t strata = 2 + random.below(6);
    for (std::size_t s = 0; s < strata; ++s) {
      for (const Row& row : numbered(1 + random.below(12), std::string(1, static_cast<char>('a' + s))))
        rows.push_back(row);
    }
    const SplitOptions options{.parts = {{"train", shares[0]}, {"validation", shares[1]}, {"test", shares[2]}}};
    const Split result = split(options, rows);
    for (const Split::Stratum& stratum : result.strata) {
      const auto n = static_cast<double>(stratum.counts[0] + stratum.counts[1] + stratum.counts[2]);
      for (std::size_t p = 0; p < 3; ++p) {
        const double ideal = n * shares[p], off = std::abs(static_cast<double>(stratum.counts[p]) - ideal);
        BOOST_TEST(off < 1.0,
                   "trial " << trial << ", " << stratum.value << ": " << stratum.counts[p] << " of " << ideal);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(shares_hold_over_many_small_strata) {
  for (const std::size_t count : {1, 2, 3, 5, 7}) {
    for (const SplitOptions& options : {SplitOptions{}, kThree}) {
      std::vector<Row> rows;
      for (int s = 0; s < 40; ++s) {
        for (const Row& row : numbered(count, "s" + std::to_string(s))) rows.push_back(row);
      }
      const Split result = split(options, rows);
      for (std::size_t p = 0; p < options.parts.size(); ++p) {
        const double ideal = static_cast<double>(rows.size()) * options.parts[p].share;
        BOOST_TEST(std::abs(static_cast<double>(result.parts[p].rows.size()) - ideal) < 1.0);
      }
      BOOST_TEST(where(result).size() == rows.size());
    }
  }
}

BOOST_AUTO_TEST_CASE(the_seed_decides_and_nothing_else) {
  const std::vector<Row> rows = numbered(50);
  const auto first = where(split({.seed = 7}, rows));
  BOOST_TEST((where(split({.seed = 7}, rows)) == first));
  BOOST_TEST((where(split({.seed = 8}, rows)) != first));
  // Pinned: the same on every platform and in every version.
  const Split small = split({.seed = 7}, numbered(10));
  BOOST_TEST(small.parts[1].rows == (std::vector<std::uint32_t>{5, 7}));
}

BOOST_AUTO_TEST_CASE(every_row_is_held_out_about_equally_often) {
  std::vector<int> held(10);
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    const Split result = split({.seed = seed}, numbered(10));
    for (const std::uint32_t row : result.parts[1].rows) ++held[row];
  }
  for (const int count : held) BOOST_TEST((count > 850 && count < 1150));
}

BOOST_AUTO_TEST_CASE(earlier_rows_stay_and_new_ones_fill_the_parts) {
  std::vector<Row> rows = numbered(20);
  const auto before = where(split({.seed = 1}, rows));
  rows = numbered(40);
  rows.erase(rows.begin());
  const Split result = split({.seed = 99}, rows, before);
  const auto after = where(result);
  for (const auto& [id, part] : before) {
    if (id != "#0") BOOST_TEST(after.at(id) == part);
  }
  BOOST_TEST(sizes(result) == (Sizes{31, 8}));
  BOOST_TEST(result.kept == 19u);
  BOOST_TEST(result.added == 20u);
  BOOST_TEST(result.gone == 1u);
  BOOST_REQUIRE(result.warnings.size() == 1u);
  BOOST_TEST(contains(result.warnings[0], "1 row of the earlier split is"));
  // More was held out than its share: new rows all train.
  std::map<std::string, std::string> much;
  for (int i = 0; i < 10; ++i) much["#" + std::to_string(i)] = "validation";
  BOOST_TEST(sizes(split({}, numbered(20), much)) == (Sizes{10, 10}));
  auto splitter = must(Splitter::create({}));
  const auto unknown = splitter->hold("test", "x");
  BOOST_REQUIRE(!unknown);
  BOOST_TEST(contains(unknown.error().sentence(), "has a part \"test\""));
}

BOOST_AUTO_TEST_CASE(a_group_stays_whole) {
  Random random(3);
  std::vector<Row> rows;
  for (int i = 0; i < 400; ++i)
    rows.push_back(
        {"#" + std::to_string(i), "s" + std::to_string(random.below(3)), "g" + std::to_string(random.below(90))});
  for (int i = 0; i < 20; ++i) rows.push_back({"alone" + std::to_string(i), "s0", ""});
  const Split result = split(kThree, rows);
  const auto parts = where(result);
  std::map<std::string, std::set<std::string>> groups;
  for (const Row& row : rows) groups[row.group.empty() ? row.id : row.group].insert(parts.at(row.id));
  for (const auto& [group, in] : groups) BOOST_TEST(in.size() == 1u, group);
  BOOST_TEST(result.leaking_groups == 0u);
  for (std::size_t p = 0; p < 3; ++p) {
    BOOST_TEST(std::abs(static_cast<double>(result.parts[p].rows.size()) - 420 * kThree.parts[p].share) <= 5);
  }
  // Groups that are a stratum of their own still leave something to hold out.
  std::vector<Row> own;
  for (int i = 0; i < 60; ++i)
    own.push_back({"#" + std::to_string(i), "s" + std::to_string(i / 3), "g" + std::to_string(i / 3)});
  BOOST_TEST(sizes(split({}, own)) == (Sizes{48, 12}));
}

BOOST_AUTO_TEST_CASE(a_new_row_joins_its_group_and_a_leak_is_told) {
  std::vector<Row> rows;
  for (int i = 0; i < 30; ++i) rows.push_back({"#" + std::to_string(i), "", "g" + std::to_string(i % 10)});
  const auto before = where(split({}, rows));
  for (int i = 30; i < 60; ++i) rows.push_back({"#" + std::to_string(i), "", "g" + std::to_string(i % 10)});
  const Split grown = split({}, rows, before);
  const auto after = where(grown);
  for (int i = 30; i < 60; ++i)
    BOOST_TEST(after.at("#" + std::to_string(i)) == before.at("#" + std::to_string(i % 10)));
  BOOST_TEST(grown.leaking_groups == 0u);
  const Split leaking =
      split({}, {{"a", "", "g"}, {"b", "", "g"}, {"c", "", "g"}}, {{"a", "train"}, {"b", "validation"}});
  BOOST_TEST(leaking.leaking_groups == 1u);
  BOOST_TEST(contains(leaking.warnings.at(0), "reshuffle"));
}

BOOST_AUTO_TEST_CASE(one_of_each_group_is_held_out) {
  std::vector<Row> rows;
  for (int i = 0; i < 200; ++i) rows.push_back({"#" + std::to_string(i), "", "g" + std::to_string(i % 40)});
  rows.push_back({"single", "", "lonely"});
  rows.push_back({"none", "", ""});
  SplitOptions options{.seed = 4, .one_per_group = true};
  const Split result = split(options, rows);
  BOOST_TEST(sizes(result) == (Sizes{162, 40}));
  std::set<std::string> held;
  for (const std::uint32_t row : result.parts[1].rows) held.insert(rows[row].group);
  BOOST_TEST(held.size() == 40u);
  BOOST_TEST(where(result).at("single") == "train");
  BOOST_TEST(contains(result.warnings.at(0), "2 rows are alone"));
  // Sticky: the one that is held out stays the one.
  for (int i = 200; i < 240; ++i) rows.push_back({"#" + std::to_string(i), "", "g" + std::to_string(i % 40)});
  options.seed = 5;
  const Split grown = split(options, rows, where(result));
  BOOST_TEST(sizes(grown) == (Sizes{202, 40}));
  BOOST_TEST((grown.parts[1].rows == result.parts[1].rows));
  // With a test part: one more, as long as one is left to train on.
  const Split three = split({.parts = kThree.parts, .one_per_group = true},
                            {{"a", "", "g"}, {"b", "", "g"}, {"c", "", "h"}, {"d", "", "h"}, {"e", "", "h"}});
  BOOST_TEST(sizes(three) == (Sizes{2, 2, 1}));
}

BOOST_AUTO_TEST_CASE(odd_requests_are_refused_and_empty_ones_are_empty) {
  BOOST_TEST(sizes(split({}, {})) == (Sizes{0, 0}));
  BOOST_TEST(sizes(split({}, numbered(1))) == (Sizes{1, 0}));
  BOOST_TEST(contains(split({}, numbered(1)).warnings.at(0), "validation is empty"));
  for (const SplitOptions& options :
       {SplitOptions{.parts = {{"train", 1}}}, SplitOptions{.parts = {{"a", 0.5}, {"b", 0.4}}},
        SplitOptions{.parts = {{"a", 1.5}, {"b", -0.5}}},
        SplitOptions{.parts = {{"a", 0.25}, {"b", 0.25}, {"c", 0.25}, {"d", 0.25}}}}) {
    BOOST_TEST(!Splitter::create(options));
  }
  BOOST_TEST(sizes(split({.parts = {{"train", 1}, {"validation", 0}}}, numbered(5))) == (Sizes{5, 0}));
}

BOOST_AUTO_TEST_CASE(strata_are_values_or_buckets_of_numbers) {
  Document document;
  BOOST_REQUIRE(document.parse_object(R"({"r":7,"half":4.5,"s":"a\u0062","b":true})"));
  const std::vector<double> bounds = {5, 8};
  BOOST_TEST(stratum_of(document.find("r")) == "7");
  BOOST_TEST(stratum_of(document.find("r"), bounds) == "5..<8");
  BOOST_TEST(stratum_of(document.find("half"), bounds) == "<5");
  BOOST_TEST(stratum_of(document.find("s"), bounds) == "ab");
  BOOST_TEST(stratum_of(document.find("b")) == "true");
  BOOST_TEST(stratum_of(document.find("none"), bounds).empty());
  BOOST_REQUIRE(document.parse_object(R"({"r":7.0,"s":{"a":1,"b":[]},"t":{"b":[ ],"a":1e0},"none":null})"));
  BOOST_TEST(stratum_of(document.find("r")) == "7");
  BOOST_TEST(stratum_of(document.find("s")) == stratum_of(document.find("t")));
  BOOST_TEST(stratum_of(document.find("none")).empty());
  BOOST_REQUIRE(document.parse_object(R"({"r":8})"));
  BOOST_TEST(stratum_of(document.find("r"), bounds) == ">=8");
}

BOOST_AUTO_TEST_CASE(what_is_left_out_keeps_its_part_and_its_group_follows) {
  auto splitter = must(Splitter::create({}));
  must(splitter->hold("validation", "a"));
  must(splitter->hold("train", "b"));
  must(splitter->hold("validation", "gone"));
  splitter->leave_out("a", "g");
  splitter->leave_out("new", "g");  // was not split before: it has no part
  splitter->add("b", "", "h");
  for (const std::string id : {"c", "d", "e"}) splitter->add(id, "", "g");
  const Split split = splitter->finish();
  const auto found = where(split);
  BOOST_TEST(found.at("b") == "train");
  for (const std::string id : {"c", "d", "e"}) BOOST_TEST(found.at(id) == "validation");
  BOOST_TEST(split.parts[0].left_out.empty());
  BOOST_TEST(split.parts[1].left_out == (std::vector<std::string>{"a", "gone"}), boost::test_tools::per_element());
  BOOST_TEST(split.kept == 1u);
  BOOST_TEST(split.gone == 1u);
  BOOST_TEST(contains(split.warnings.at(0), "1 row of the earlier split is not there now: it keeps its part"));
}

BOOST_AUTO_TEST_SUITE_END()
