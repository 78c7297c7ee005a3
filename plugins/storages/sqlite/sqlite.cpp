// sqlite: collections of records in one SQLite file. Every write is one transaction in WAL mode with synchronous=FULL,
// so it is whole and durable when it returns; several programs may have the file open. The revision of a record is the
// XXH3 hash of its text, as the built-in storage's, computed when asked for: a row that was changed with the sqlite3
// shell is a changed row.
#include <ft/storage.hpp>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <unordered_set>

#include "database.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace {

using sqlite::Database;
using sqlite::Statement;
using sqlite::Transaction;

std::string revision_of(std::string_view record) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx",
                static_cast<unsigned long long>(XXH3_64bits(record.data(), record.size())));
  return text;
}

class Sqlite : public ft::Storage {
 public:
  static constexpr ft::Info info{
      .name = "sqlite",
      .version = "1.0.0",
      .summary = "collections of records in one SQLite file",
      .config_schema = R"({"type": "object", "additionalProperties": false, "required": ["path"], "properties": {
        "path": {"type": "string", "format": "path", "minLength": 1, "description": "the database file; made if it is not there"},
        "busy_timeout": {"type": "number", "minimum": 0, "default": 10,
                         "description": "seconds to wait while another program writes"}}})"};

  Sqlite(const ft::Call& call, const ft::Config& config) : database_(call, config["path"], config["busy_timeout"]) {}

  ft::Json list(const ft::Call& call) {
    const Database::Use use(database_, call);
    ft::Json collections = ft::Json::array();
    Statement all(
        database_,
        "SELECT name, (SELECT count(*) FROM records WHERE collection = collections.id) FROM collections ORDER BY id");
    while (all.step()) collections.push_back({{"collection", all.text(0)}, {"count", all.integer(1)}});
    return collections;
  }

  ft::Json append(const ft::Call& call, std::string_view collection, const ft::Rows& rows) {
    const Database::Use use(database_, call);
    Transaction transaction(database_);
    Writer writer(database_, collection_id(collection));
    std::int64_t appended = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) appended += writer.add(id(rows, row), record(rows, row));
    transaction.commit();
    return {{"appended", appended}, {"known", static_cast<std::int64_t>(rows.size()) - appended}};
  }

  void put(const ft::Call& call, std::string_view collection, const ft::Rows& rows) {
    const Database::Use use(database_, call);
    Transaction transaction(database_);
    const std::int64_t where = collection_id(collection);
    Writer writer(database_, where);
    Statement present(database_, "SELECT record FROM records WHERE collection = ? AND id = ?");
    Statement replace(database_, "UPDATE records SET record = ? WHERE collection = ? AND id = ?");
    std::unordered_set<std::string_view> in_batch;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const std::string_view key = id(rows, row);
      if (!in_batch.insert(key).second) {
        throw ft::Error(FT_E_INPUT, "the record \"" + std::string(key) + "\" comes twice in one batch",
                        std::string(collection), "give each record once; nothing was written");
      }
      const bool found = present.bind(where, key).step();
      if (rows.has(2, row) && (!found || revision_of(present.text(0)) != rows.get(2, row))) {
        throw ft::Error(
            FT_E_CONFLICT,
            "record \"" + std::string(key) + (found ? "\" was changed by somebody else" : "\" is not there any more"),
            std::string(collection), "read it again and repeat the change; nothing was written");
      }
      present.reset();
      if (found)
        replace.bind(record(rows, row), where, key).run();
      else
        writer.add(key, record(rows, row));
    }
    transaction.commit();
  }

  void read(const ft::Call& call, std::string_view collection, const ft::Json& query) {
    const Database::Use use(database_, call);
    const ft::Query wanted(query, collection);
    Statement find(database_, "SELECT id FROM collections WHERE name = ?");
    const std::int64_t where = find.bind(collection).step() ? find.integer(0) : 0;  // 0: none has it
    find.reset();
    if (wanted.ids) {
      Statement one(database_, "SELECT ordinal, id, record FROM records WHERE collection = ? AND id = ?");
      std::uint64_t left = wanted.limit;
      for (const std::string& id : *wanted.ids) {
        if (left == 0) return;
        if (one.bind(where, id).step()) {
          emit(call, one);
          --left;
        }
        one.reset();
      }
      return;
    }
    std::int64_t after = 0;
    if (!wanted.after.empty()) {
      Statement place(database_, "SELECT ordinal FROM records WHERE collection = ? AND id = ?");
      if (!place.bind(where, wanted.after).step()) {
        throw ft::Error(FT_E_INPUT, "there is no record \"" + wanted.after + "\" to read after",
                        std::string(collection), "it may have been removed: begin again without \"after\"");
      }
      after = place.integer(0);
    }
    Statement rest(
        database_,
        "SELECT ordinal, id, record FROM records WHERE collection = ? AND ordinal > ? ORDER BY ordinal LIMIT ?");
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    rest.bind(where, after, static_cast<std::int64_t>(std::min(wanted.limit, kMost)));
    while (rest.step()) emit(call, rest);
  }

  ft::Json remove(const ft::Call& call, std::string_view collection, const ft::Rows& rows) {
    const Database::Use use(database_, call);
    Transaction transaction(database_);
    Statement one(database_,
                  "DELETE FROM records WHERE collection = (SELECT id FROM collections WHERE name = ?) AND id = ?");
    std::int64_t removed = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) removed += one.bind(collection, id(rows, row)).run();
    transaction.commit();
    return {{"removed", removed}};
  }

 private:
  // Adds records at the end of a collection, inside a transaction.
  class Writer {
   public:
    Writer(Database& database, std::int64_t collection)
        : collection_(collection),
          insert_(database,
                  "INSERT INTO records (collection, ordinal, id, record) VALUES (?, ?, ?, ?) ON CONFLICT (collection, "
                  "id) DO NOTHING"),
          next_(database, "UPDATE collections SET last = ? WHERE id = ?") {
      Statement last(database, "SELECT last FROM collections WHERE id = ?");
      last.bind(collection).step();
      last_ = last.integer(0);
    }
    std::int64_t add(std::string_view id, std::string_view record) {
      const std::int64_t added = insert_.bind(collection_, last_ + 1, id, record).run();
      if (added) next_.bind(++last_, collection_).run();
      return added;
    }

   private:
    std::int64_t collection_, last_ = 0;
    Statement insert_, next_;
  };

  std::int64_t collection_id(std::string_view name) {
    Statement add(database_, "INSERT INTO collections (name) VALUES (?) ON CONFLICT (name) DO NOTHING");
    add.bind(name).run();
    Statement find(database_, "SELECT id FROM collections WHERE name = ?");
    find.bind(name).step();
    return find.integer(0);
  }

  static std::string_view id(const ft::Rows& rows, std::size_t row) {
    if (rows.get(0, row).empty())
      throw ft::Error(FT_E_INPUT, "a record has no id", "row " + std::to_string(rows.line(row)));
    return rows.get(0, row);
  }
  static std::string_view record(const ft::Rows& rows, std::size_t row) {
    if (rows.get(1, row).empty())
      throw ft::Error(FT_E_INPUT, "a record is missing", "row " + std::to_string(rows.line(row)));
    return rows.get(1, row);
  }
  static void emit(const ft::Call& call, const Statement& row) {
    call.record(static_cast<std::uint64_t>(row.integer(0)),
                ft::stored_item(row.text(1), revision_of(row.text(2)), row.text(2)));
  }

  Database database_;
};

}  // namespace

FT_PLUGIN(Sqlite)
