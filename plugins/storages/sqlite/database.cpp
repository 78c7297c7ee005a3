#include "database.hpp"

#include <chrono>
#include <thread>

namespace sqlite {
namespace {

constexpr int kApplicationId = 0x46544852;  // "FTHR": tells our files from other programs'
constexpr int kSchemaVersion = 1;
constexpr double kWait = 0.005;  // seconds between two tries for a lock

constexpr const char* kSchema = R"(
  CREATE TABLE collections (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, last INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE records (collection INTEGER NOT NULL REFERENCES collections (id), ordinal INTEGER NOT NULL,
                        id TEXT NOT NULL, record TEXT NOT NULL, UNIQUE (collection, id), UNIQUE (collection, ordinal)) STRICT;
)";

}  // namespace

Database::Database(const ft::Call& call, std::string path, double busy_timeout)
    : path_(std::move(path)), state_(std::make_unique<State>()) {
  state_->busy_timeout = busy_timeout;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path_.c_str(), &handle,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(handle);
  if (code) fail(code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_handler(
      handle,
      [](void* data, int tries) {
        const auto& state = *static_cast<const State*>(data);
        if (tries * kWait >= state.busy_timeout || (state.call && state.call->cancelled())) return 0;
        std::this_thread::sleep_for(std::chrono::duration<double>(kWait));
        return 1;
      },
      state_.get());
  sqlite3_progress_handler(
      handle, 10000,
      [](void* data) {
        const auto& state = *static_cast<const State*>(data);
        return state.call && state.call->cancelled() ? 1 : 0;
      },
      state_.get());
  const Use use(*this, call);
  prepare_file();
}

void Database::prepare_file() {
  run("PRAGMA journal_mode = WAL");
  run("PRAGMA synchronous = FULL");
  run("PRAGMA foreign_keys = ON");
  const auto number = [&](const char* sql) {
    Statement statement(*this, sql);
    statement.step();
    return statement.integer(0);
  };
  Transaction transaction(*this);
  if (number("SELECT count(*) FROM sqlite_schema") == 0) {
    run(kSchema);
    run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
    run(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
  } else if (number("PRAGMA application_id") != kApplicationId) {
    throw ft::Error(FT_E_CONFIG, "is the database of another program", path_, "name a file of its own for the records");
  } else if (const auto version = number("PRAGMA user_version"); version != kSchemaVersion) {
    throw ft::Error(FT_E_CONFIG,
                    "has version " + std::to_string(version) + " of the tables and this plugin knows version " +
                        std::to_string(kSchemaVersion),
                    path_, "update fthost");
  }
  transaction.commit();
}

void Database::run(const char* sql) {
  if (const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr)) fail(code);
}

void Database::fail(int code) const {
  if (state_->call && state_->call->cancelled()) throw ft::Error(FT_E_CANCELLED, "cancelled");
  const std::string reason = handle() ? sqlite3_errmsg(handle()) : sqlite3_errstr(code);
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw ft::Error(FT_E_RETRY, "another program is writing", path_, "try again when it has finished");
    case SQLITE_FULL:
      throw ft::Error(FT_E_IO, reason, path_, "free some space; nothing was written");
    case SQLITE_NOTADB:
      throw ft::Error(FT_E_CONFIG, "is no SQLite database", path_, "name another file");
    case SQLITE_CORRUPT:
      throw ft::Error(FT_E_IO, reason, path_, "restore it from a copy, or try: sqlite3 FILE .recover");
    case SQLITE_CANTOPEN:
      throw ft::Error(FT_E_IO, reason, path_, "see that its folder is there and may be written");
    case SQLITE_READONLY:
    case SQLITE_PERM:
      throw ft::Error(FT_E_IO, reason, path_, "check the permissions of the file and its folder");
    default:
      throw ft::Error(FT_E_IO, reason, path_);
  }
}

}  // namespace sqlite
