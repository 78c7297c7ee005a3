#include <boost/test/unit_test.hpp>

#include "plugin_fixture.hpp"
#include "shared.hpp"

BOOST_AUTO_TEST_SUITE(exact)

namespace {

using fthost::test::Json;
using fthost::test::Plugins;

const Json kPlain{{"trim", false}};

double one(Plugins& plugins, const Json& config, const std::string& output, const Json& references) {
  const auto exact = plugins.create(FT_SCORER, "exact", config);
  return Plugins::score(*exact, Json::array({{{"output", output}, {"references", references}}}))[0].get<double>();
}

}  // namespace

BOOST_AUTO_TEST_CASE(exact_says_what_counts_as_a_difference) {
  Plugins plugins;
  const Json folded{{"ignore_case", true}}, composed{{"normalise", "nfc"}};
  BOOST_TEST(one(plugins, Json::object(), " Press.\n", {"Press."}) == 1);
  BOOST_TEST(one(plugins, kPlain, " Press.\n", {"Press."}) == 0);
  BOOST_TEST(one(plugins, Json::object(), "PRESS", {"press"}) == 0);
  BOOST_TEST(one(plugins, folded, "STRASSE",
                 {"stra\xC3\x9F"
                  "e"}) == 1);
  BOOST_TEST(one(plugins, Json::object(), "caf\xC3\xA9", {"cafe\xCC\x81"}) == 0);
  BOOST_TEST(one(plugins, composed, "caf\xC3\xA9", {"cafe\xCC\x81"}) == 1);
}

BOOST_AUTO_TEST_CASE(exact_takes_the_best_reference) {
  Plugins plugins;
  BOOST_TEST(one(plugins, Json::object(), "b", {"a", "b", "c"}) == 1);
  BOOST_TEST(one(plugins, Json::object(), "b", "b") == 1);  // one reference need not be a list
  BOOST_TEST(one(plugins, Json::object(), "b", {"a", "c"}) == 0);
}

BOOST_AUTO_TEST_CASE(exact_gives_no_score_without_a_reference_or_an_output) {
  Plugins plugins;
  const auto exact = plugins.create(FT_SCORER, "exact");
  const Json scores = Plugins::score(*exact, Json::array({{{"output", "a"}},
                                                          {{"output", "a"}, {"references", Json::array()}},
                                                          {{"references", {"a"}}},
                                                          {{"output", "a"}, {"references", {"a"}}}}));
  BOOST_TEST(scores.dump() == "[null,null,null,1.0]");
}

BOOST_AUTO_TEST_CASE(exact_agrees_with_python) {
  const auto folder = fthost::test::shared_folder("fixtures/scorers");
  if (!folder) return;
  Plugins plugins;
  const std::pair<const char*, Json> options[] = {{"exact", kPlain},
                                                  {"exact_trim", Json::object()},
                                                  {"casefold", {{"trim", false}, {"ignore_case", true}}},
                                                  {"exact_nfc", {{"trim", false}, {"normalise", "nfc"}}}};
  const auto rows = fthost::test::json_lines(*folder / "match.jsonl");
  BOOST_TEST(rows.size() == 260u);
  Json batch = Json::array();
  for (const auto& row : rows)
    batch.push_back({{"output", row["actual"]}, {"references", Json::array({row["expected"]})}});
  for (const auto& [field, config] : options) {
    const Json scores = Plugins::score(*plugins.create(FT_SCORER, "exact", config), batch);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      BOOST_TEST((scores[i].get<double>() == 1) == rows[i]["want"][field].get<bool>(), rows[i]["id"] << " " << field);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
