#include <boost/test/unit_test.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "data/batch.hpp"
#include "data/jsonl_storage.hpp"
#include "data_fixture.hpp"

using namespace fthost::data;
using namespace fthost::test;
using Json = nlohmann::ordered_json;

namespace {

// A host that keeps what a call says.
struct Host {
  std::vector<std::pair<std::uint32_t, std::string>> out;
  std::vector<std::uint64_t> rows;
  std::string failure;
  std::vector<std::string> logged;
  std::size_t room = SIZE_MAX;
  ft_host table{};

  Host() {
    table.struct_size = sizeof(ft_host);
    table.ctx = this;
    table.log = [](void* ctx, int32_t, ft_str text) { self(ctx).logged.emplace_back(text.data, text.size); };
    table.emit = [](void* ctx, ft_call, std::uint32_t channel, std::uint64_t row, ft_str bytes) {
      if (self(ctx).out.size() >= self(ctx).room) return FT_E_CANCELLED;
      self(ctx).out.emplace_back(channel, std::string(bytes.data, bytes.size));
      self(ctx).rows.push_back(row);
      return FT_OK;
    };
    table.emit_file = [](void*, ft_call, ft_str, ft_str) { return FT_E_UNSUPPORTED; };
    table.fail = [](void* ctx, ft_call, ft_status, ft_str json) { self(ctx).failure.assign(json.data, json.size); };
    table.progress = [](void*, ft_call, std::uint64_t, std::uint64_t) {};
    table.cancelled = [](void*, ft_call) { return 0; };
    table.service = [](void*, const char*) -> const void* { return nullptr; };
  }
  static Host& self(void* ctx) { return *static_cast<Host*>(ctx); }
};

ft_str str(std::string_view text) { return {text.data(), text.size()}; }

struct Storage {
  Host host;
  void* instance = nullptr;
  const ft_storage* table = nullptr;

  explicit Storage(const std::filesystem::path& folder) {
    const std::string config =
        Json{{"path", (folder / "data").string()}, {"journal", (folder / "journal").string()}}.dump();
    const void* vtable = nullptr;
    BOOST_REQUIRE(jsonl_storage_entry()->create(0, &host.table, {1}, str(config), &instance, &vtable) == FT_OK);
    table = static_cast<const ft_storage*>(vtable);
  }
  Storage(const Storage&) = delete;
  ~Storage() { jsonl_storage_entry()->destroy(0, instance); }

  // Rows of {id, record, revision}.
  struct Rows {
    std::vector<std::vector<std::string>> cells;
    std::vector<std::vector<ft_str>> columns;
    std::vector<const ft_str*> pointers;
    std::vector<std::uint64_t> numbers;
    ft_batch batch{};
    Rows(std::vector<std::vector<std::string>> rows, std::size_t width) : cells(std::move(rows)), columns(width) {
      for (const auto& row : cells) {
        numbers.push_back(numbers.size() + 1);
        for (std::size_t c = 0; c < width; ++c) columns[c].push_back(c < row.size() ? str(row[c]) : ft_str{nullptr, 0});
      }
      for (const auto& column : columns) pointers.push_back(column.data());
      batch = {sizeof(ft_batch), static_cast<std::uint32_t>(width), cells.size(), numbers.data(), pointers.data()};
    }
  };
  Json result() {
    BOOST_REQUIRE(host.out.size() == 1u);
    BOOST_REQUIRE(host.out[0].first == std::uint32_t{FT_RESULT});
    const Json json = Json::parse(host.out[0].second);
    host.out.clear();
    return json;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(data_jsonl_storage)

BOOST_AUTO_TEST_CASE(the_descriptor_says_what_it_is) {
  const ft_entry* entry = jsonl_storage_entry();
  BOOST_TEST(entry == jsonl_storage_entry());
  BOOST_TEST(entry->abi_major == FT_ABI_MAJOR);
  BOOST_TEST(entry->plugin_count == 1u);
  const ft_desc* desc = entry->describe(0);
  BOOST_TEST(desc->kind == std::uint32_t{FT_STORAGE});
  BOOST_TEST(std::string(desc->name) == "jsonl");
  const Json schema = Json::parse(desc->config_schema);
  BOOST_TEST(schema["properties"].contains("path"));
  BOOST_TEST(schema["properties"].contains("journal"));
  BOOST_TEST(entry->describe(1) == nullptr);
}

BOOST_AUTO_TEST_CASE(the_contract_of_a_storage_is_kept) {
  TemporaryFolder folder;
  Storage storage(folder.path());
  Host& host = storage.host;
  const auto* table = storage.table;
  Storage::Rows two({{"a", R"({"id":"a","x":1})"}, {"b", R"({"x":2})"}}, 2);
  BOOST_REQUIRE(table->append(storage.instance, {1}, str("examples"), &two.batch) == FT_OK);
  BOOST_TEST(storage.result() == Json({{"appended", 2}, {"known", 0}}));
  BOOST_REQUIRE(table->append(storage.instance, {1}, str("examples"), &two.batch) == FT_OK);
  BOOST_TEST(storage.result() == Json({{"appended", 0}, {"known", 2}}));

  BOOST_REQUIRE(table->read(storage.instance, {1}, str("examples"), str("{}")) == FT_OK);
  BOOST_REQUIRE(host.out.size() == 2u);
  BOOST_TEST(host.out[0].first == std::uint32_t{FT_RECORD});
  BOOST_TEST(host.rows[host.rows.size() - 2] == 1u);
  const Json first = Json::parse(host.out[0].second);
  BOOST_TEST(first["id"] == "a");
  BOOST_TEST(first["record"] == Json({{"id", "a"}, {"x", 1}}));
  host.out.clear();

  Storage::Rows stale({{"b", R"({"x":3})"}, {"a", R"({"x":3})", "0000000000000000"}}, 3);
  BOOST_TEST(table->put(storage.instance, {1}, str("examples"), &stale.batch) == FT_E_CONFLICT);
  BOOST_TEST(contains(host.failure, "was changed since it was read"));
  Storage::Rows fresh({{"a", R"({"x":3})", first["revision"].get<std::string>()}, {"c", R"({"x":4})"}}, 3);
  BOOST_TEST(table->put(storage.instance, {1}, str("examples"), &fresh.batch) == FT_OK);
  BOOST_TEST(host.out.empty());

  Storage::Rows gone({{"b"}, {"none"}}, 1);
  BOOST_TEST(table->remove(storage.instance, {1}, str("examples"), &gone.batch) == FT_OK);
  BOOST_TEST(storage.result() == Json({{"removed", 1}}));
  BOOST_TEST(table->list(storage.instance, {1}) == FT_OK);
  BOOST_TEST(storage.result() == Json::array({{{"collection", "examples"}, {"count", 2}}}));

  BOOST_TEST(table->read(storage.instance, {1}, str("examples"), str(R"({"after":"a","limit":1})")) == FT_OK);
  BOOST_REQUIRE(host.out.size() == 1u);
  BOOST_TEST(Json::parse(host.out[0].second)["id"] == "c");
  host.out.clear();
  for (const char* query : {R"({"where":1})", R"({"limit":-1})", R"({"ids":"a"})", "[]"}) {
    BOOST_TEST(table->read(storage.instance, {1}, str("examples"), str(query)) == FT_E_INPUT, query);
  }
  BOOST_TEST(table->read(storage.instance, {1}, str("nothing/here"), str("{}")) == FT_OK);
  BOOST_TEST(host.out.empty());
  host.room = 1;
  BOOST_TEST(table->read(storage.instance, {1}, str("examples"), str("{}")) == FT_E_CANCELLED);
}

BOOST_AUTO_TEST_CASE(lines_that_are_no_records_are_findings_of_a_read) {
  TemporaryFolder folder;
  spill(folder / "data/examples.jsonl", "{\"id\":\"a\"}\noops\n");
  Storage storage(folder.path());
  BOOST_REQUIRE(storage.table->read(storage.instance, {1}, str("examples"), str("{}")) == FT_OK);
  BOOST_REQUIRE(storage.host.out.size() == 2u);
  BOOST_TEST(storage.host.out[1].first == std::uint32_t{FT_FINDING});
  BOOST_TEST(storage.host.rows[1] == 2u);
  BOOST_TEST(Json::parse(storage.host.out[1].second)["code"] == "broken_json");
  BOOST_REQUIRE(storage.host.logged.size() == 1u);
  BOOST_TEST(contains(storage.host.logged[0], "examples.jsonl:2"));
}

BOOST_AUTO_TEST_SUITE_END()
