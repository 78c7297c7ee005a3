// Exported rows against OpenAI's contract, whose schemas of fine-tuning rows are Together's as well. The contract and
// the files that are exported are reference data; without them there is nothing to compare with.
#include <boost/test/unit_test.hpp>

#include "plugin/schema.hpp"
#include "plugin_fixture.hpp"
#include "shared.hpp"

BOOST_AUTO_TEST_SUITE(together_contract)

using fthost::test::Json;
using fthost::test::Plugins;
using Lines = std::vector<std::string>;

std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A component with its references in place, and without what draft 7 does not know.
Json resolved(const Json& components, const Json& schema, int depth = 0) {
  BOOST_REQUIRE(depth < 40);
  if (schema.is_array()) {
    Json all = Json::array();
    for (const auto& item : schema) all.push_back(resolved(components, item, depth + 1));
    return all;
  }
  if (!schema.is_object()) return schema;
  if (schema.contains("$ref")) {
    const std::string name = schema["$ref"].get<std::string>().substr(std::string("#/components/schemas/").size());
    return resolved(components, components[name], depth + 1);
  }
  Json kept = Json::object();
  for (const auto& [key, value] : schema.items()) {
    if (key == "properties") {
      for (const auto& [name, member] : value.items()) kept[key][name] = resolved(components, member, depth + 1);
      continue;
    }
    for (const char* known : {"type", "required", "enum", "items", "minItems", "maxItems", "oneOf", "anyOf", "allOf",
                              "minLength", "maxLength", "additionalProperties"}) {
      if (key == known) kept[key] = resolved(components, value, depth + 1);
    }
  }
  return kept;
}

class Contract {
 public:
  explicit Contract(const std::filesystem::path& folder)
      : components_(Json::parse(read_whole(folder / "openai-current.json"))["components"]["schemas"]) {}

  // What is wrong with the rows of an export.
  Lines problems(const std::string& component, const std::string& rows) const {
    const auto schema = fthost::plugin::parse_schema(resolved(components_, components_[component]).dump(), component);
    Lines all;
    BOOST_REQUIRE_MESSAGE(schema, schema.error().sentence());
    std::size_t begin = 0;
    while (begin < rows.size()) {
      const std::size_t end = rows.find('\n', begin);
      const Json row = Json::parse(rows.substr(begin, end - begin));
      begin = end + 1;
      if (const auto checked = fthost::plugin::apply_schema(*schema, row, component, ""); !checked)
        all.push_back(checked.error().sentence());
    }
    return all;
  }

 private:
  Json components_;
};

std::string converted(const std::string& bytes, const char* from, const char* to) {
  Plugins plugins;
  const auto records = Plugins::decode(*plugins.create(FT_FORMATTER, from), bytes).records();
  return Plugins::encode(*plugins.create(FT_FORMATTER, to), records).text();
}

BOOST_AUTO_TEST_CASE(exported_chats_are_what_the_contract_says) {
  const auto contracts = fthost::test::shared_folder("contracts"), data = fthost::test::shared_folder("data");
  if (!contracts || !data) return;
  const Contract contract(*contracts);
  const std::pair<const char*, const char*> files[] = {{"alpaca_en_demo.json", "alpaca"},
                                                       {"identity.json", "alpaca"},
                                                       {"glaive_toolcall_en_demo.json", "sharegpt"},
                                                       {"kto_en_demo.json", "llama-factory"}};
  for (const auto& [file, format] : files) {
    const std::string bytes = read_whole(*data / file);
    for (const char* to : {"openai-chat", "together", "fireworks"}) {
      const std::string rows = converted(bytes, format, to);
      BOOST_TEST(rows.size() > 1000u, file << " to " << to);
      BOOST_TEST(contract.problems("FineTuneChatRequestInput", rows) == Lines{}, boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(exported_preferences_are_what_the_contract_says) {
  const auto contracts = fthost::test::shared_folder("contracts"), data = fthost::test::shared_folder("data");
  if (!contracts || !data) return;
  const Contract contract(*contracts);
  const std::string bytes = read_whole(*data / "dpo_en_demo.json");
  for (const char* to : {"openai-preference", "together", "fireworks"}) {
    const std::string rows = converted(bytes, "llama-factory", to);
    BOOST_TEST(rows.size() > 1000u, to);
    BOOST_TEST(contract.problems("FineTunePreferenceRequestInput", rows) == Lines{}, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(the_contract_finds_a_row_that_is_wrong) {
  const auto contracts = fthost::test::shared_folder("contracts");
  if (!contracts) return;
  const Contract contract(*contracts);
  const std::string wrong = R"({"messages":[{"role":"robot","content":"a"}]})"
                            "\n"
                            R"({"messages":[{"role":"assistant","content":"a","weight":0.5}]})"
                            "\n";
  BOOST_TEST(contract.problems("FineTuneChatRequestInput", wrong).size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
