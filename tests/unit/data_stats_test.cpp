#include <boost/test/unit_test.hpp>

#include "data/stats.hpp"
#include "data_fixture.hpp"

using namespace fthost::data;

BOOST_AUTO_TEST_SUITE(data_stats)

BOOST_AUTO_TEST_CASE(a_dataset_is_counted_in_one_pass) {
  StatsCollector collector;
  Document document;
  for (
      const char* row : {
          R"({"id":"1","rating":8,"tags":["a","b"],"group":"g","source":"x","messages":[{"role":"system","content":"sys"},{"role":"user","content":"h\u00e9llo"},{"role":"assistant","content":"hi 😀"}]})",
          R"({"id":"2","rating":8,"tags":["a"],"group":"g","messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{}]},{"role":"tool","content":"r"},{"role":"assistant","content":[{"type":"text","text":"ab"},{"type":"text","text":"c"}]}],"tools":[{}]})",
          R"({"id":"3","group":"h","split":"train","messages":[{"role":"user","content":"q"},{"role":"user","content":"q2"}]})",
          R"({"id":"4","rating":7.5,"messages":[{"content":"q","role":"user"},{"role":"user","content":"q2"}],"tools":[]})",
          R"({"id":"5","rating":null,"group":3})",
      }) {
    BOOST_REQUIRE(document.parse_object(row));
    collector.add(document.root());
  }
  const Stats stats = collector.finish();
  BOOST_TEST(stats.rows == 5u);
  BOOST_TEST(stats.messages == 11u);
  BOOST_TEST((stats.ratings == Stats::Counts{{"7.5", 1}, {"8", 2}, {"unrated", 2}}));
  BOOST_TEST((stats.roles == Stats::Counts{{"system", 1}, {"user", 6}, {"assistant", 3}, {"tool", 1}}));
  BOOST_TEST((stats.tags == Stats::Counts{{"a", 2}, {"b", 1}}));
  BOOST_TEST((stats.sources == Stats::Counts{{"x", 1}}));
  BOOST_TEST((stats.splits == Stats::Counts{{"train", 1}}));
  BOOST_TEST(stats.groups == 3u);
  BOOST_TEST(stats.grouped_rows == 4u);
  BOOST_TEST(stats.largest_group == 2u);
  BOOST_TEST(stats.duplicates == 0u);  // tools: [] is content
  BOOST_TEST(stats.with_tools == 1u);
  BOOST_TEST(stats.turns.max == 2u);
  BOOST_TEST(stats.prompt_characters.max == 8u);
  BOOST_TEST(stats.completion_characters.max == 4u);
  BOOST_TEST(stats.characters.count == 5u);
  BOOST_TEST(stats.characters.mean == (12 + 5 + 3 + 3 + 0) / 5.0);
}

BOOST_AUTO_TEST_CASE(duplicates_are_counted_by_content) {
  StatsCollector collector;
  Document document;
  for (const char* row :
       {R"({"id":"1","messages":[]})", R"({"id":"2","messages":[ ],"rating":2})", R"({"id":"3"})", R"({"id":"4"})"}) {
    BOOST_REQUIRE(document.parse_object(row));
    collector.add(document.root());
  }
  BOOST_TEST(collector.finish().duplicates == 2u);
}

BOOST_AUTO_TEST_CASE(the_answer_of_a_preference_is_its_completion) {
  StatsCollector collector;
  Document document;
  for (
      const char* row :
      {R"({"messages":[{"role":"user","content":"abc"}],"chosen":[{"role":"assistant","content":"yes!"}],"rejected":[]})",
       R"({"messages":[{"role":"user","content":"abc"}],"chosen":{"role":"assistant","content":"yes!"},"rejected":"no"})",
       R"({"messages":[{"role":"user","content":"abc"}],"chosen":"yes!","rejected":"no"})",
       R"({"prompt":"abc","completion":"yes!"})"}) {
    BOOST_REQUIRE(document.parse_object(row));
    collector.add(document.root());
  }
  const Stats stats = collector.finish();
  BOOST_TEST(stats.completion_characters.min == 4u);
  BOOST_TEST(stats.completion_characters.max == 4u);
  BOOST_TEST(stats.prompt_characters.min == 3u);
  BOOST_TEST(stats.characters.max == 7u);
  BOOST_TEST(stats.messages == 5u);
}

BOOST_AUTO_TEST_CASE(percentiles_are_nearest_ranks) {
  Tally tally;
  BOOST_TEST(tally.distribution().count == 0u);
  for (std::uint64_t value = 100; value >= 1; --value) tally.add(value * 1000);
  const Distribution all = tally.distribution();
  BOOST_TEST(all.min == 1000u);
  BOOST_TEST(all.p5 == 5000u);
  BOOST_TEST(all.median == 50000u);
  BOOST_TEST(all.p95 == 95000u);
  BOOST_TEST(all.max == 100000u);
  BOOST_TEST(all.mean == 50500.0);
  Tally one;
  one.add(3);
  for (const std::uint64_t value :
       {one.distribution().min, one.distribution().p5, one.distribution().median, one.distribution().max}) {
    BOOST_TEST(value == 3u);
  }
  Tally three;
  for (const std::uint64_t value : {0, 70000, 2}) three.add(value);
  BOOST_TEST(three.distribution().median == 2u);
  BOOST_TEST(three.distribution().p95 == 70000u);
}

BOOST_AUTO_TEST_CASE(a_histogram_has_bins_of_a_round_width_and_one_for_the_few_beyond) {
  Tally tally;
  BOOST_TEST(tally.histogram(10).empty());
  const auto counted = [](const std::vector<Bin>& bins) {
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < bins.size(); ++i) {
      BOOST_TEST(bins[i].from < bins[i].to);
      if (i > 0) BOOST_TEST(bins[i].from == bins[i - 1].to);
      count += bins[i].count;
    }
    return count;
  };
  for (std::uint64_t value = 3; value <= 7; ++value) tally.add(value);
  auto bins = tally.histogram(10);
  BOOST_TEST(bins.size() == 5u);
  BOOST_TEST(bins.front().from == 3u);
  BOOST_TEST(bins.back().to == 8u);
  BOOST_TEST(counted(bins) == 5u);

  for (std::uint64_t value = 0; value < 1000; ++value) tally.add(100 + value);
  bins = tally.histogram(10);
  BOOST_TEST(bins.size() <= 11u);
  BOOST_TEST(bins[1].from == 200u);
  BOOST_TEST(bins[1].count == 200u);
  BOOST_TEST(counted(bins) == 1005u);

  tally.add(10'000'000);  // it does not squeeze the others into one bin
  bins = tally.histogram(10);
  BOOST_TEST(bins[1].from == 200u);
  BOOST_TEST(bins.back().to == 10'000'001u);
  BOOST_TEST(counted(bins) == 1006u);
}

BOOST_AUTO_TEST_SUITE_END()
