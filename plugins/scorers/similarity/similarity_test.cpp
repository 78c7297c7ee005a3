#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"
#include "shared.hpp"

BOOST_AUTO_TEST_SUITE(similarity)

using fthost::test::Json;
using fthost::test::Plugins;

BOOST_AUTO_TEST_CASE(similarity_is_one_or_contains_or_distance) {
  Plugins plugins;
  const auto similarity = plugins.create(FT_SCORER, "similarity");
  const Json scores = Plugins::score(
      *similarity, Json::array({{{"output", " Press the BUTTON "}, {"references", {"press the button"}}},
                                {{"output", "First press the button."}, {"references", {"press the button"}}},
                                {{"output", "kitten"}, {"references", {"sitting"}}},
                                {{"output", "kitten"}, {"references", {"sitting", "Kitten"}}},
                                {{"output", "kitten"}}}));
  BOOST_TEST(scores[0].get<double>() == 1.0);
  BOOST_TEST(scores[1].get<double>() == 0.9);
  BOOST_TEST(scores[2].get<double>() == 4.0 / 7.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(scores[3].get<double>() == 1.0);
  BOOST_TEST(scores[4].is_null());
}

BOOST_AUTO_TEST_CASE(similarity_counts_the_unit_it_is_told_to) {
  Plugins plugins;
  const Json row = Json::array({{{"output",
                                  "\xF0\x9F\x99\x82"
                                  "a"},
                                 {"references",
                                  {"\xF0\x9F\x98\x80"
                                   "b"}}}});
  const auto points = plugins.create(FT_SCORER, "similarity");
  const auto units = plugins.create(FT_SCORER, "similarity", {{"unit", "utf16"}});
  BOOST_TEST(Plugins::score(*points, row)[0].get<double>() == 0.0);
  BOOST_TEST(Plugins::score(*units, row)[0].get<double>() == 1.0 / 3.0,
             boost::test_tools::tolerance(1e-12));  // they share a lead surrogate
}

BOOST_AUTO_TEST_CASE(similarity_agrees_with_javascript) {
  const auto folder = fthost::test::shared_folder("fixtures/scorers");
  if (!folder) return;
  Plugins plugins;
  const auto rows = fthost::test::json_lines(*folder / "seed004.jsonl");
  BOOST_TEST(rows.size() == 260u);
  Json batch = Json::array();
  for (const auto& row : rows)
    batch.push_back({{"output", row["actual"]}, {"references", Json::array({row["expected"]})}});
  const Json scores = Plugins::score(*plugins.create(FT_SCORER, "similarity", {{"unit", "utf16"}}), batch);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    BOOST_TEST(scores[i].get<double>() == rows[i]["want"]["score"].get<double>(), boost::test_tools::tolerance(1e-9));
  }
}

BOOST_AUTO_TEST_SUITE_END()
