// SPDX-License-Identifier: Apache-2.0
// See sqlite_file.hpp. Speaks to SQLite's C interface directly: both calls need a connection of their own.
#include "services/store/sqlite_file.hpp"

#include <sqlite3.h>

#include <memory>

namespace tailor::store {
namespace {

struct Close {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

constexpr int kBusyTimeoutMs = 20000;

Failure failure_of(const Connection& connection) {
  const int code = sqlite3_errcode(connection.get()) & 0xFF;
  const Error error = code == SQLITE_FULL                               ? Error::kDiskFull
                      : code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? Error::kRecordMalformed
                                                                        : Error::kStoreFailed;
  return fail(error, sqlite3_errmsg(connection.get()));
}

Outcome<Connection> open(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Connection connection(raw);
  if (opened != SQLITE_OK) return fail(Error::kFileFailed, path + ": " + sqlite3_errstr(opened));
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  return connection;
}

/// Runs one statement and returns the first column of its first row.
Outcome<std::string> run(const Connection& connection, const char* sql, const std::string* parameter) {
  sqlite3_stmt* raw = nullptr;
  const int prepared = sqlite3_prepare_v2(connection.get(), sql, -1, &raw, nullptr);
  const Statement statement(raw);
  if (prepared != SQLITE_OK) return failure_of(connection);
  if (parameter != nullptr) {
    const int length = static_cast<int>(parameter->size());
    if (sqlite3_bind_text(raw, 1, parameter->data(), length, SQLITE_STATIC) != SQLITE_OK) return failure_of(connection);
  }
  const int step = sqlite3_step(raw);
  if (step == SQLITE_DONE) return std::string();
  if (step != SQLITE_ROW) return failure_of(connection);
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, 0));
  return std::string(text != nullptr ? text : "");
}

}  // namespace

Outcome<void> vacuum_into(const std::string& database_path, const std::string& copy) {
  TAILOR_TRY_ASSIGN(const Connection connection, open(database_path, SQLITE_OPEN_READWRITE));
  TAILOR_TRY(run(connection, "VACUUM INTO ?", &copy));
  return kOk;
}

Outcome<void> check_sqlite_file(const std::string& path) {
  TAILOR_TRY_ASSIGN(const Connection connection, open(path, SQLITE_OPEN_READONLY));
  TAILOR_TRY_ASSIGN(const std::string verdict, run(connection, "PRAGMA integrity_check(1)", nullptr));
  if (verdict != "ok") return fail(Error::kRecordMalformed, path + ": " + verdict);
  TAILOR_TRY_ASSIGN(const std::string step, run(connection, "SELECT name FROM schema_version LIMIT 1", nullptr));
  if (step.empty()) return fail(Error::kRecordMalformed, path + " has no schema");
  return kOk;
}

}  // namespace tailor::store
