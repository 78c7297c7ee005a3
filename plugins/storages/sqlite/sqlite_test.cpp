#include <sqlite3.h>

#include <boost/test/unit_test.hpp>
#include <thread>

#include "plugin_fixture.hpp"

BOOST_AUTO_TEST_SUITE(sqlite)

namespace {

using fthost::Code;
using fthost::plugin::StorageWrite;
using fthost::test::InstancePtr;
using fthost::test::Json;
using fthost::test::Plugins;
using fthost::test::TemporaryFolder;
using Columns = std::vector<std::vector<std::string>>;

std::shared_ptr<fthost::plugin::CallContext> context() { return std::make_shared<fthost::plugin::CallContext>(); }

fthost::Result<Json> append(const InstancePtr& storage, const Columns& columns) {
  return fthost::plugin::storage_write(*storage, StorageWrite::append, "examples", columns, context());
}

Json read(const InstancePtr& storage, const Json& query = Json::object()) {
  Json items = Json::array();
  fthost::plugin::storage_read(*storage, "examples", query, context(), [&](std::string_view item) {
    items.push_back(Json::parse(item));
    return true;
  }).value();
  return items;
}

// Runs SQL on the file as another program would.
void run_sql(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  BOOST_TEST(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
}

}  // namespace

BOOST_AUTO_TEST_CASE(sqlite_passes_a_record_on_byte_for_byte) {
  Plugins plugins;
  const TemporaryFolder folder;
  const auto storage = plugins.create(FT_STORAGE, "sqlite", {{"path", folder / "a.db"}});
  append(storage, {{"a"}, {R"({"id":"a", "n": 1.00, "t": "caf\u00e9"})"}}).value();
  std::string raw;
  fthost::plugin::storage_read(*storage, "examples", Json::object(), context(), [&](std::string_view item) {
    raw = item;
    return true;
  }).value();
  BOOST_TEST(raw.find(R"("record":{"id":"a", "n": 1.00, "t": "caf\u00e9"}})") != std::string::npos, raw);
}

BOOST_AUTO_TEST_CASE(sqlite_takes_an_edit_by_hand_for_a_change) {
  Plugins plugins;
  const TemporaryFolder folder;
  const auto storage = plugins.create(FT_STORAGE, "sqlite", {{"path", folder / "a.db"}});
  append(storage, {{"a"}, {R"({"id":"a"})"}}).value();
  const auto revision = read(storage)[0]["revision"].get<std::string>();
  run_sql(folder / "a.db", R"(UPDATE records SET record = '{"id":"a","by":"hand"}')");
  const auto put = fthost::plugin::storage_write(*storage, StorageWrite::put, "examples",
                                                 {{"a"}, {R"({"id":"a","by":"put"})"}, {revision}}, context());
  BOOST_REQUIRE(!put);
  BOOST_TEST((put.error().code == Code::conflict));
  BOOST_TEST(read(storage)[0]["record"]["by"] == "hand");
}

BOOST_AUTO_TEST_CASE(sqlite_refuses_files_of_others) {
  Plugins plugins;
  const TemporaryFolder folder;
  const auto problem = [&](const std::string& path) {
    const auto made = plugins.registry().create(FT_STORAGE, "sqlite", {{"path", path}});
    BOOST_REQUIRE(!made);
    return made.error().message + " / " + made.error().where.substr(made.error().where.rfind('/') + 1);
  };
  run_sql(folder / "other.db", "CREATE TABLE t (a)");
  BOOST_TEST(problem(folder / "other.db") == "is the database of another program / other.db");
  std::ofstream(folder / "text.db") << std::string(4096, 'x');
  BOOST_TEST(problem(folder / "text.db") == "is no SQLite database / text.db");
  BOOST_TEST(problem(folder / "missing/a.db") == "unable to open database file / a.db");
  plugins.create(FT_STORAGE, "sqlite", {{"path", folder / "newer.db"}});
  run_sql(folder / "newer.db", "PRAGMA user_version = 2");
  BOOST_TEST(problem(folder / "newer.db") == "has version 2 of the tables and this plugin knows version 1 / newer.db");
}

BOOST_AUTO_TEST_CASE(sqlite_stops_waiting_for_another_program_when_cancelled) {
  Plugins plugins;
  const TemporaryFolder folder;
  const auto storage = plugins.create(FT_STORAGE, "sqlite", {{"path", folder / "a.db"}, {"busy_timeout", 3600}});
  sqlite3* other = nullptr;
  BOOST_REQUIRE(sqlite3_open((folder / "a.db").c_str(), &other) == SQLITE_OK);
  BOOST_REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  const auto waiting = context();
  std::thread writer([&] {
    const auto written =
        fthost::plugin::storage_write(*storage, StorageWrite::append, "examples", {{"a"}, {"{}"}}, waiting);
    BOOST_TEST((!written && written.error().code == Code::cancelled));
  });
  waiting->cancel.cancel();
  writer.join();
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  BOOST_TEST(read(storage).empty());
}

BOOST_AUTO_TEST_CASE(sqlite_says_that_another_program_is_writing) {
  Plugins plugins;
  const TemporaryFolder folder;
  const auto storage = plugins.create(FT_STORAGE, "sqlite", {{"path", folder / "a.db"}, {"busy_timeout", 0}});
  sqlite3* other = nullptr;
  BOOST_REQUIRE(sqlite3_open((folder / "a.db").c_str(), &other) == SQLITE_OK);
  BOOST_REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  const auto refused = append(storage, {{"a"}, {"{}"}});
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == Code::retry));
  BOOST_TEST(refused.error().message == "another program is writing");
  BOOST_TEST(read(storage).empty());  // readers do not wait
  sqlite3_close(other);
  BOOST_TEST(append(storage, {{"a"}, {"{}"}}).value()["appended"] == 1);
}

BOOST_AUTO_TEST_CASE(sqlite_writers_at_once_lose_nothing) {
  Plugins plugins;
  const TemporaryFolder folder;
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&, w] {
      const auto storage = plugins.create(FT_STORAGE, "sqlite", {{"path", folder / "a.db"}});
      for (int i = 0; i < 25; ++i) append(storage, {{std::to_string(w) + "-" + std::to_string(i)}, {"{}"}}).value();
    });
  }
  for (auto& writer : writers) writer.join();
  const auto storage = plugins.create(FT_STORAGE, "sqlite", {{"path", folder / "a.db"}});
  BOOST_TEST(read(storage).size() == 100u);
}

BOOST_AUTO_TEST_SUITE_END()
