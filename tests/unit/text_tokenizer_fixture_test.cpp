#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "shared.hpp"
#include "text/tokenizer.hpp"

using fthost::text::Tokenizer;
using Ids = std::vector<std::int32_t>;

BOOST_AUTO_TEST_CASE(tokenizer_agrees_with_the_reference_ids) {
  const auto folder = fthost::test::shared_folder("fixtures/models/tokenizer");
  if (!folder) return;
  const auto tokenizer = Tokenizer::load((*folder / "tokenizer.json").string());
  BOOST_REQUIRE(tokenizer);
  std::ifstream file(*folder / "fixtures.json");
  const auto fixture = nlohmann::json::parse(file);
  BOOST_REQUIRE(fixture.at("cases").size() > 10);
  for (const auto& one : fixture.at("cases")) {
    const auto text = one.at("text").get<std::string>();
    const auto ids = one.at("ids").get<Ids>();
    BOOST_TEST(tokenizer->encode(text, false) == ids, boost::test_tools::per_element());
    BOOST_TEST(tokenizer->encode(text, true) == one.at("ids_with_bos").get<Ids>(), boost::test_tools::per_element());
    BOOST_TEST(tokenizer->decode(ids, false) == one.at("decoded").get<std::string>());
  }
  const auto& chat = fixture.at("chat");
  BOOST_TEST(tokenizer->encode(chat.at("rendered").get<std::string>(), false) == chat.at("ids").get<Ids>(),
             boost::test_tools::per_element());
  BOOST_TEST(tokenizer->vocab_size() == 512u);
}
