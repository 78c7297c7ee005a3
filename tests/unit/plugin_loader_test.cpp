#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "plugin/elf.hpp"
#include "plugin/loader.hpp"
#include "plugin_fixture.hpp"

namespace {

using fthost::test::Plugins;
using fthost::test::TemporaryFolder;

std::string bad(const std::string& name) { return std::string(FTHOST_BAD_PLUGINS) + "/scorer/" + name + ".so"; }

// The sentence of a plugin that is refused when it is loaded.
std::string refusal(const std::string& path) {
  const auto loaded = fthost::plugin::load_library(path);
  BOOST_REQUIRE(!loaded);
  BOOST_TEST(loaded.error().where.starts_with(path));
  BOOST_TEST(!loaded.error().hint.empty());
  return loaded.error().sentence();
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_CASE(another_major_is_refused_in_a_sentence_that_names_both) {
  const auto sentence = refusal(bad("wrong-major"));
  BOOST_TEST(holds(sentence, "the plugin speaks version 2 of the plugin interface and this fthost speaks version 1"),
             sentence);
}

BOOST_AUTO_TEST_CASE(short_structs_are_refused_by_name) {
  BOOST_TEST(holds(refusal(bad("short-entry")), "its ft_entry has 24 bytes; at least 40 are needed"));
  BOOST_TEST(holds(refusal(bad("short-desc")), "its ft_desc has 40 bytes; at least 80 are needed"));
}

BOOST_AUTO_TEST_CASE(an_unknown_keyword_of_a_schema_is_refused_by_name) {
  const auto sentence = refusal(bad("unknown-keyword"));
  BOOST_TEST(holds(sentence, "scorer \"unknown-keyword\""), sentence);
  BOOST_TEST(holds(sentence, "at /properties/target: unknown keyword \"minimun\""), sentence);
}

BOOST_AUTO_TEST_CASE(a_wrong_column_is_refused_by_number) {
  BOOST_TEST(holds(refusal(bad("null-columns")), "scorer \"null-columns\" counts columns and has none"));
  BOOST_TEST(holds(refusal(bad("null-pointer")), "its column 0 has no JSON pointer"));
  BOOST_TEST(holds(refusal(bad("no-pointer")), "its column 0 has no JSON pointer but \"output\""));
  BOOST_TEST(holds(refusal(bad("bad-escape")), "its column 0 has no JSON pointer but \"/a~2\""));
  BOOST_TEST(holds(refusal(bad("column-kind")), "its column 0 has the unknown kind 2"));
  BOOST_TEST(holds(refusal(bad("not-utf8")), "its texts must be UTF-8"));
}

BOOST_AUTO_TEST_CASE(a_schema_that_makes_no_sense_is_refused_when_it_is_loaded) {
  BOOST_TEST(holds(refusal(bad("schema-types")), "must have \"type\": \"object\""));
  BOOST_TEST(holds(refusal(bad("schema-bound")), "its configuration schema at /properties/a: "));
  BOOST_TEST(holds(refusal(bad("schema-type")), "its configuration schema at /properties/a: "));
}

BOOST_AUTO_TEST_CASE(a_table_of_functions_is_checked_before_it_is_used) {
  Plugins plugins;
  const auto problem = [&](const std::string& name) {
    const auto made = plugins.registry().create(FT_SCORER, name, fthost::plugin::Json::object());
    return made ? "(made)" : made.error().sentence();
  };
  BOOST_TEST(problem("null-score") ==
             "scorer \"null-score\": its table of functions lacks one that is not optional; "
             "rebuild the plugin against this fthost");
  BOOST_TEST(holds(problem("short-table"), "its table of functions says 8 bytes; at least 32 are needed"));
}

BOOST_AUTO_TEST_CASE(what_is_no_plugin_is_refused) {
  BOOST_TEST(holds(refusal(bad("no-entry")), "exports no ft_plugin_entry"));
  const TemporaryFolder folder;
  std::ofstream(folder / "text.so") << "not a library";
  BOOST_TEST(holds(refusal(folder / "text.so"), "cannot be loaded"));
  BOOST_TEST(holds(refusal(folder / "missing.so"), "cannot be loaded"));
}

BOOST_AUTO_TEST_CASE(a_refusal_is_the_same_the_second_time) {
  BOOST_TEST(refusal(bad("wrong-major")) == refusal(bad("wrong-major")));
}

BOOST_AUTO_TEST_CASE(a_descriptor_is_checked_before_anything_is_created) {
  static ft_desc desc;
  static ft_entry entry;
  const ft_desc good = {sizeof(ft_desc),         FT_SCORER, 0, 1,       "fine",  "1",    "s",
                        R"({"type": "object"})", nullptr,   0, nullptr, nullptr, nullptr};
  entry = {FT_ABI_MAJOR,
           sizeof(ft_entry),
           0,
           1,
           [](std::uint32_t) -> const ft_desc* { return &desc; },
           [](std::uint32_t, const ft_host*, ft_call, ft_str, void**, const void**) { return FT_E_INTERNAL; },
           [](std::uint32_t, void*) {}};
  const auto problem = [&](auto change) {
    desc = good;
    change(desc);
    const auto checked = fthost::plugin::check_entry(&entry, "x.so");
    return checked ? std::string() : checked.error().sentence();
  };
  BOOST_TEST(problem([](ft_desc&) {}) == "");
  BOOST_TEST(holds(problem([](ft_desc& d) { d.kind = 9; }), "unknown kind 9"));
  BOOST_TEST(holds(problem([](ft_desc& d) { d.name = "Bad Name"; }), "its name must be"));
  BOOST_TEST(holds(problem([](ft_desc& d) { d.name = nullptr; }), "its name must be"));
  BOOST_TEST(holds(problem([](ft_desc& d) { d.summary = nullptr; }), "lacks a version, a summary"));
  BOOST_TEST(holds(problem([](ft_desc& d) { d.output_count = 0; }), "has no output"));
  BOOST_TEST(holds(problem([](ft_desc& d) { d.kind = FT_PROVIDER; }), "must list its operations"));
  BOOST_TEST(holds(problem([](ft_desc& d) { d.config_schema = "{"; }), "is not JSON"));
  BOOST_TEST(holds(problem([](ft_desc& d) { d.rules = "[{]"; }), "table of rules is not JSON"));
  BOOST_TEST(problem([](ft_desc& d) { d.struct_size += 64; }) == "");  // a later host's: its known prefix is used
}

BOOST_AUTO_TEST_CASE(a_plugin_that_fails_in_create_says_why) {
  Plugins plugins;
  const auto made = plugins.registry().create(FT_SCORER, "fails-in-create", fthost::plugin::Json::object());
  BOOST_REQUIRE(!made);
  BOOST_TEST(made.error().sentence() == "config /phase: the moon is in the wrong phase; wait");
  BOOST_TEST((made.error().code == fthost::Code::config));
}

BOOST_AUTO_TEST_CASE(a_missing_plugin_names_the_nearest) {
  Plugins plugins;
  const auto found = plugins.registry().find(FT_SCORER, "exakt");
  BOOST_REQUIRE(!found);
  BOOST_TEST(found.error().sentence() == "there is no scorer \"exakt\"; did you mean \"exact\"?");
  for (const char* path : {"../scorer/exact", "/etc/passwd", ""}) BOOST_TEST(!plugins.registry().find(FT_SCORER, path));
}

BOOST_AUTO_TEST_CASE(a_listing_describes_the_good_and_says_what_is_wrong_with_the_bad) {
  Plugins plugins;
  std::map<std::string, std::string> problems;
  for (const auto& item : plugins.registry().list()) {
    problems[item.kind + "/" + item.name] = item.problem;
    if (item.desc) BOOST_TEST(!fthost::plugin::describe(*item.desc).dump().empty());
  }
  BOOST_TEST(problems.at("scorer/exact").empty());
  BOOST_TEST(problems.at("formatter/openai-chat").empty());
  BOOST_TEST(holds(problems.at("scorer/wrong-major"), "version 2"));
  BOOST_TEST(holds(problems.at("scorer/no-entry"), "ft_plugin_entry"));
}

BOOST_AUTO_TEST_CASE(symbols_are_read_from_the_file) {
  const auto two = fthost::plugin::exported_symbols(bad("two-symbols")).value();
  for (const char* name : {"a_helper_that_leaked", "ft_plugin_entry"})  // the sanitizers add their own
    BOOST_TEST(std::count(two.begin(), two.end(), name) == 1, name);
  const auto one = fthost::plugin::exported_symbols(std::string(FTHOST_PLUGINS) + "/scorer/exact.so").value();
  BOOST_TEST(one == std::vector<std::string>{"ft_plugin_entry"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_broken_library_is_refused_at_any_length) {
  std::ifstream file(bad("two-symbols"), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(file)), {});
  const TemporaryFolder folder;
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    std::ofstream(folder / "cut.so", std::ios::binary) << whole.substr(0, size);
    const auto symbols = fthost::plugin::exported_symbols(folder / "cut.so");
    BOOST_TEST((!symbols || symbols->size() <= 2));
  }
  BOOST_TEST(fthost::plugin::exported_symbols("/proc/self/maps").has_error());
}
