// SPDX-License-Identifier: Apache-2.0
// Session and Database over SOCI. SOCI's exceptions end in this file; its types do not leave it.
#include "services/store/database.hpp"

#include <fcntl.h>
#include <soci/connection-pool.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <deque>
#include <random>
#include <thread>

#include "services/store/sql_text.hpp"

namespace tailor::store {
namespace {

/// How often a writer that lost a conflict starts again. With jitter this outlasts any burst we tested.
constexpr int kAttempts = 12;

// SQLite's result codes that mean something to us; SOCI's header hides sqlite3.h inside a namespace.
constexpr int kSqliteConstraintUnique = 2067;
constexpr int kSqliteConstraintPrimaryKey = 1555;

Failure from_sqlite(soci::session& session, const soci::sqlite3_soci_error& error) {
  auto* backend = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
  const int extended = backend != nullptr ? sqlite_api::sqlite3_extended_errcode(backend->conn_) : 0;
  const int primary = error.result() & 0xFF;
  Error code = Error::kStoreFailed;
  if (primary == SQLITE_FULL) code = Error::kDiskFull;
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) code = Error::kOverloaded;
  if (primary == SQLITE_CONSTRAINT &&
      (extended == kSqliteConstraintUnique || extended == kSqliteConstraintPrimaryKey)) {
    code = Error::kAlreadyExists;
  }
  return fail(code, error.get_error_message());
}

Failure from_postgres(const soci::postgresql_soci_error& error) {
  const std::string state = error.sqlstate();
  Error code = Error::kStoreFailed;
  if (state == "53100") code = Error::kDiskFull;
  if (state == "23505") code = Error::kAlreadyExists;
  if (state == "40001" || state == "40P01" || state == "55P03") code = Error::kOverloaded;
  return fail(code, error.get_error_message() + " (SQLSTATE " + state + ")");
}

/// Runs `call` and turns what SOCI throws into a Failure.
template <typename Call>
auto guarded(soci::session& session, Call&& call) -> std::invoke_result_t<Call> {
  try {
    return call();
  } catch (const soci::sqlite3_soci_error& error) {
    return from_sqlite(session, error);
  } catch (const soci::postgresql_soci_error& error) {
    return from_postgres(error);
  } catch (const std::exception& error) {
    return fail(Error::kStoreFailed, error.what());
  }
}

/// Writes a connection URI as the keyword list that SOCI takes: it does not understand URIs and hands the rest to
/// libpq.
std::string keyword_list(const std::string& url) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(url.c_str(), &message),
                                                                             &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> owned(message, &PQfreemem);
  if (options == nullptr) throw std::runtime_error("store URL is malformed");  // libpq's message may show a password
  std::string list;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr || *option->val == 0) continue;
    list.append(list.empty() ? "" : " ").append(option->keyword).append("=");
    for (const char* c = option->val; *c != 0; ++c) {
      // SOCI splits at blanks and knows no quotes.
      if (*c == ' ') throw std::runtime_error(std::string("store URL: blank in ") + option->keyword);
      if (*c == '\'' || *c == '\\') list.push_back('\\');
      list.push_back(*c);
    }
  }
  return list;
}

/// Parameters where SOCI can point at them: it keeps addresses until the statement ends.
struct Bound {
  explicit Bound(const Value& value) : indicator(value.is_null() ? soci::i_null : soci::i_ok) {
    if (value.text() != nullptr) text = *value.text();
    if (value.integer() != nullptr) number = *value.integer();
    is_number = value.integer() != nullptr;
  }
  std::string text;
  long long number = 0;
  bool is_number = false;
  soci::indicator indicator;
};

Value column_of(const soci::row& row, std::size_t at, sqlite_api::sqlite3_stmt* sqlite) {
  if (row.get_indicator(at) == soci::i_null) return {};
  // SOCI takes SQLite's expressions (count(*), RETURNING) for text; SQLite itself knows better.
  if (sqlite != nullptr && sqlite_api::sqlite3_column_type(sqlite, static_cast<int>(at)) == SQLITE_INTEGER) {
    return Value(static_cast<int64_t>(sqlite_api::sqlite3_column_int64(sqlite, static_cast<int>(at))));
  }
  switch (row.get_properties(at).get_data_type()) {
    case soci::dt_integer:
      return Value(static_cast<int64_t>(row.get<int>(at)));
    case soci::dt_long_long:
      return Value(static_cast<int64_t>(row.get<long long>(at)));
    case soci::dt_unsigned_long_long:
      return Value(static_cast<int64_t>(row.get<unsigned long long>(at)));
    case soci::dt_double:
      return Value(static_cast<int64_t>(row.get<double>(at)));
    case soci::dt_string:
    default:
      return Value(row.get<std::string>(at));
  }
}

class SociSession final : public Session {
 public:
  SociSession(soci::session& session, Dialect dialect) : session_(session), dialect_(dialect) {}

  Dialect dialect() const noexcept override { return dialect_; }

  Outcome<Rows> query(std::string_view sql, const Params& params) override {
    return guarded(session_, [&]() -> Outcome<Rows> {
      soci::row row;
      soci::statement statement(session_);
      std::deque<Bound> bound;
      bind(statement, bound, params);
      statement.exchange(soci::into(row));
      TAILOR_TRY(prepare(statement, sql, params.size()));
      Rows rows;
      for (bool got = statement.execute(true); got; got = statement.fetch()) {
        Row& out = rows.emplace_back();
        for (std::size_t at = 0; at < row.size(); ++at) out.push_back(column_of(row, at, sqlite_statement(statement)));
      }
      return rows;
    });
  }

  Outcome<int64_t> execute(std::string_view sql, const Params& params) override {
    return guarded(session_, [&]() -> Outcome<int64_t> {
      soci::statement statement(session_);
      std::deque<Bound> bound;
      bind(statement, bound, params);
      TAILOR_TRY(prepare(statement, sql, params.size()));
      statement.execute(true);
      return static_cast<int64_t>(statement.get_affected_rows());
    });
  }

  using Session::execute;
  using Session::query;

 private:
  static void bind(soci::statement& statement, std::deque<Bound>& bound, const Params& params) {
    for (const Value& value : params) {
      Bound& held = bound.emplace_back(value);
      if (held.is_number) {
        statement.exchange(soci::use(held.number, held.indicator));
      } else {
        statement.exchange(soci::use(held.text, held.indicator));
      }
    }
  }

  [[nodiscard]] sqlite_api::sqlite3_stmt* sqlite_statement(soci::statement& statement) const {
    if (dialect_ != Dialect::kSqlite) return nullptr;
    return static_cast<soci::sqlite3_statement_backend*>(statement.get_backend())->stmt_;
  }

  static Outcome<void> prepare(soci::statement& statement, std::string_view sql, size_t params) {
    const NamedSql named = name_parameters(sql);
    if (named.parameters != params) return fail(Error::kInternal, "wrong number of parameters: " + std::string(sql));
    statement.alloc();
    statement.prepare(named.text);
    statement.define_and_bind();
    return kOk;
  }

  soci::session& session_;
  Dialect dialect_;
};

class SociDatabase final : public Database {
 public:
  SociDatabase(StoreConfig config, Dialect dialect)
      : config_(std::move(config)), dialect_(dialect), pool_(config_.sessions) {}

  Dialect dialect() const noexcept override { return dialect_; }

  Outcome<void> open() {
    for (size_t i = 0; i < config_.sessions; ++i) {
      soci::session& session = pool_.at(i);
      const Outcome<void> connected = guarded(session, [&]() -> Outcome<void> {
        connect(session);
        return kOk;
      });
      TAILOR_TRY(connected);
    }
    return kOk;
  }

  Outcome<void> run(Access access, const std::function<Outcome<void>(Session&)>& work) override {
    const Lease lease(pool_);
    soci::session& session = pool_.at(lease.position);
    thread_local std::minstd_rand jitter{std::random_device{}()};
    for (int attempt = 1;; ++attempt) {
      const Outcome<void> done = once(session, access, work);
      if (done.ok() || done.error().code != Error::kOverloaded || attempt == kAttempts) return done;
      const auto longest = static_cast<unsigned>(1U << static_cast<unsigned>(attempt));
      std::this_thread::sleep_for(std::chrono::milliseconds(1U + jitter() % longest));
    }
  }

 private:
  struct Lease {
    explicit Lease(soci::connection_pool& from) : pool(from), position(from.lease()) {}
    ~Lease() { pool.give_back(position); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    soci::connection_pool& pool;
    std::size_t position;
  };

  void connect(soci::session& session) {
    if (dialect_ == Dialect::kPostgres) {
      session.open(soci::postgresql, keyword_list(config_.url));
      session << "SET client_min_messages TO warning";
      session << "SET standard_conforming_strings TO on";
      return;
    }
    const std::string path = sqlite_path(config_.url);
    // SQLite would make the file with the umask's mode; what it holds is nobody else's. A file that exists is not even
    // opened: to close it would drop the POSIX locks of every connection that this process has to it, and another
    // process would take the database for its own.
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0) ::close(file);
    session.open(soci::sqlite3,
                 "dbname=\"" + path + "\" timeout=" + std::to_string(config_.busy_timeout_s) + " synchronous=FULL");
    std::string mode;
    session << "PRAGMA journal_mode=WAL", soci::into(mode);
    if (mode != "wal") throw std::runtime_error("the file system does not let SQLite use a write-ahead log");
    session << "PRAGMA foreign_keys=ON";
    session << "PRAGMA synchronous=FULL";
  }

  Outcome<void> once(soci::session& session, Access access, const std::function<Outcome<void>(Session&)>& work) {
    const Outcome<void> begun = guarded(session, [&]() -> Outcome<void> {
      if (!session.is_connected()) {
        session.close();
        connect(session);
      }
      session << begin_statement(dialect_, access);
      return kOk;
    });
    TAILOR_TRY(begun);
    SociSession view(session, dialect_);
    const Outcome<void> worked = work(view);
    if (!worked.ok()) return roll_back(session, worked.error());
    const Outcome<void> committed = guarded(session, [&]() -> Outcome<void> {
      session << "COMMIT";
      return kOk;
    });
    if (!committed.ok()) return roll_back(session, committed.error());
    return kOk;
  }

  /// Ends the transaction after `why`. A ROLLBACK that fails changes nothing for the caller: the database dropped the
  /// transaction itself, or the connection is gone and is opened anew at the next run().
  static Outcome<void> roll_back(soci::session& session, Failure why) {
    try {
      session << "ROLLBACK";
    } catch (const std::exception&) {
      why.context += " (and the transaction had ended already)";
    }
    return why;
  }

  StoreConfig config_;
  Dialect dialect_;
  soci::connection_pool pool_;
};

}  // namespace

Outcome<std::optional<Row>> Session::find(std::string_view sql, const Params& params) {
  TAILOR_TRY_ASSIGN(Rows rows, query(sql, params));
  if (rows.size() > 1) return fail(Error::kStoreFailed, "more than one row: " + std::string(sql));
  if (rows.empty()) return std::optional<Row>();
  return std::optional<Row>(std::move(rows.front()));
}

std::string describe(const StoreConfig& config) {
  const size_t scheme = config.url.find("://");
  const size_t at = config.url.find('@');
  if (scheme == std::string::npos || at == std::string::npos) return config.url.substr(0, config.url.find('?'));
  return config.url.substr(0, scheme + 3) + config.url.substr(at + 1, config.url.find('?') - at - 1);
}

Outcome<std::unique_ptr<Database>> open_database(const StoreConfig& config) {
  const std::optional<Dialect> dialect = dialect_of(config.url);
  if (!dialect || config.sessions == 0) {
    return fail(Error::kConfigMalformed, "store URL is neither sqlite:<path> nor postgresql://...");
  }
  auto database = std::make_unique<SociDatabase>(config, *dialect);
  TAILOR_TRY(database->open());
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace tailor::store
