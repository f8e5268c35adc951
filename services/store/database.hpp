// SPDX-License-Identifier: Apache-2.0
// The one SQL layer of the services: a pool of sessions over SQLite or PostgreSQL, and transactions. Repositories see
// Session and never the driver. A test wraps Database and Session to count, fail or kill; nothing here knows of it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/store/value.hpp"

namespace tailor::store {

enum class Dialect : uint8_t { kSqlite, kPostgres };

/// What a transaction may do: a reader sees one consistent state, a writer is alone with its conflicts.
enum class Access : uint8_t { kRead, kWrite };

/// One transaction's view of the database. `?` marks a parameter; there are as many of them as `params`.
class Session {
 public:
  virtual ~Session() = default;
  [[nodiscard]] virtual Dialect dialect() const noexcept = 0;

  /// Runs a statement that returns rows.
  /// @returns kDiskFull, kAlreadyExists (unique constraint), kOverloaded (conflict; run() tries again), kStoreFailed
  [[nodiscard]] virtual Outcome<Rows> query(std::string_view sql, const Params& params) = 0;
  [[nodiscard]] Outcome<Rows> query(std::string_view sql) { return query(sql, {}); }

  /// Runs a statement that returns none, and tells how many rows it changed. Errors as query().
  [[nodiscard]] virtual Outcome<int64_t> execute(std::string_view sql, const Params& params) = 0;
  [[nodiscard]] Outcome<int64_t> execute(std::string_view sql) { return execute(sql, {}); }

  /// Runs a query that finds one row or none.
  /// @returns kStoreFailed when there are more
  [[nodiscard]] Outcome<std::optional<Row>> find(std::string_view sql, const Params& params);
};

/// A database and its pool of sessions. Thread-safe.
class Database {
 public:
  virtual ~Database() = default;
  [[nodiscard]] virtual Dialect dialect() const noexcept = 0;

  /// Runs `work` in one transaction: committed, and on stable storage, when it returns success; rolled back when it
  /// returns a failure.
  ///
  /// @param work  may run several times: a conflict with another writer starts it again. It must not call run().
  /// @returns the failure of `work`; kDiskFull or kStoreFailed of the database; kOverloaded when conflicts do not end
  [[nodiscard]] virtual Outcome<void> run(Access access, const std::function<Outcome<void>(Session&)>& work) = 0;
};

/// Where the data are. Every service has a database of its own; several processes may share one on PostgreSQL.
struct StoreConfig {
  /// "sqlite:<path>" or "postgresql://..." (libpq connection URI; may hold a password: not for logs, see describe()).
  std::string url;
  /// Sessions held open. SQLite has one writer at a time, whatever the number.
  size_t sessions = 4;
  /// How long a writer waits for another one on SQLite.
  int busy_timeout_s = 20;
};

/// Names the place without a password: for logs.
[[nodiscard]] std::string describe(const StoreConfig& config);

/// Opens the pool; an SQLite file is made when there is none (mode 0600). SQLite runs with WAL, synchronous=FULL and
/// foreign keys; PostgreSQL with serializable transactions.
///
/// @returns kConfigMalformed for a URL of another kind; kStoreFailed, kDiskFull
[[nodiscard]] Outcome<std::unique_ptr<Database>> open_database(const StoreConfig& config);

/// Runs `work(Session&)`, which returns an Outcome<T>, in one transaction, and hands on what it returned.
template <typename Work>
[[nodiscard]] auto transact(Database& database, Access access, Work&& work) -> std::invoke_result_t<Work, Session&> {
  using Returned = std::invoke_result_t<Work, Session&>;
  if constexpr (std::is_void_v<typename Returned::value_type>) {
    return database.run(access, std::forward<Work>(work));
  } else {
    std::optional<typename Returned::value_type> kept;
    const Outcome<void> done = database.run(access, [&](Session& session) -> Outcome<void> {
      auto returned = work(session);
      if (!returned.ok()) return returned.error();
      kept.emplace(std::move(returned).value());
      return kOk;
    });
    if (!done.ok()) return done.error();
    return std::move(*kept);
  }
}

template <typename Work>
[[nodiscard]] auto read(Database& database, Work&& work) {
  return transact(database, Access::kRead, std::forward<Work>(work));
}
template <typename Work>
[[nodiscard]] auto write(Database& database, Work&& work) {
  return transact(database, Access::kWrite, std::forward<Work>(work));
}

}  // namespace tailor::store
