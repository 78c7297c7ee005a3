// A small owner of an SQLite connection: statements, transactions, errors as ft::Error. One thread at a time. While a
// call is in use, waiting for another program and long queries stop when the call is cancelled.
#pragma once

#include <sqlite3.h>

#include <ft/plugin.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace sqlite {

class Database {
 public:
  // Opens or makes the file and checks that it is one of ours.
  Database(const ft::Call& call, std::string path, double busy_timeout);
  Database(Database&&) = delete;

  // Names the call that is working, for the life of this object.
  class Use {
   public:
    Use(Database& database, const ft::Call& call) : database_(database) { database_.state_->call = &call; }
    ~Use() { database_.state_->call = nullptr; }
    Use(const Use&) = delete;

   private:
    Database& database_;
  };

  sqlite3* handle() const { return handle_.get(); }
  void run(const char* sql);
  [[noreturn]] void fail(int code) const;

 private:
  struct State {
    const ft::Call* call = nullptr;
    double busy_timeout = 0;  // seconds
  };
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  void prepare_file();

  std::string path_;
  std::unique_ptr<State> state_;
  std::unique_ptr<sqlite3, Close> handle_;
};

class Statement {
 public:
  Statement(Database& database, const char* sql) : database_(database) {
    if (const int code = sqlite3_prepare_v2(database.handle(), sql, -1, &statement_, nullptr)) database.fail(code);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;

  // Values live until the next reset, bind or run.
  template <class... Values>
  Statement& bind(const Values&... values) {
    reset();
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }
  // True with a row, false at the end.
  bool step() {
    const int code = sqlite3_step(statement_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) database_.fail(code);
    return code == SQLITE_ROW;
  }
  // To the end; the number of rows changed.
  std::int64_t run() {
    while (step()) {
    }
    const std::int64_t changed = sqlite3_changes64(database_.handle());
    reset();
    return changed;
  }
  void reset() { sqlite3_reset(statement_); }

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string_view text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return {bytes ? bytes : "", static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  void bind_one(int index, std::int64_t value) { check(sqlite3_bind_int64(statement_, index, value)); }
  void bind_one(int index, std::string_view value) {
    check(sqlite3_bind_text64(statement_, index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8));
  }
  void check(int code) const {
    if (code) database_.fail(code);
  }

  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
};

// Takes the write lock at once; rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) { database_.run("BEGIN IMMEDIATE"); }
  ~Transaction() {
    if (!sqlite3_get_autocommit(database_.handle()))
      sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Transaction(const Transaction&) = delete;
  void commit() { database_.run("COMMIT"); }

 private:
  Database& database_;
};

}  // namespace sqlite
