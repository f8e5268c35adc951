// SPDX-License-Identifier: Apache-2.0
// See migrations.hpp. The table schema_version keeps a fingerprint of each step, so that an edited step is noticed.
#include "services/store/migrations.hpp"

#include <chrono>

namespace tailor::store {
namespace {

/// FNV-1a: notices edits; it protects against nobody.
std::string fingerprint(const Migration& step) {
  uint64_t hash = 0xcbf29ce484222325U;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3U;
    hash = (hash ^ 0xFFU) * 0x100000001b3U;
  };
  add(step.name);
  for (const std::string_view statement : step.sqlite) add(statement);
  for (const std::string_view statement : step.postgres) add(statement);
  return hex_u64(hash);
}

// SQLite's writer is alone already. On PostgreSQL two processes may start at once.

Outcome<void> make_version_table(Session& session) {
  if (session.dialect() == Dialect::kPostgres) {  // the number is ours, nobody else's
    TAILOR_TRY(session.query("SELECT CAST(pg_advisory_xact_lock(127978094030706) AS text)"));
  }
  TAILOR_TRY(session.execute(
      "CREATE TABLE IF NOT EXISTS schema_version (service TEXT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL, "
      "fingerprint TEXT NOT NULL, applied_at_ms BIGINT NOT NULL, PRIMARY KEY (service, version))"));
  return kOk;
}

/// Comes first in its transaction: PostgreSQL takes the transaction's snapshot after this lock is held.
Outcome<void> lock_version_table(Session& session) {
  if (session.dialect() == Dialect::kPostgres) {
    TAILOR_TRY(session.execute("LOCK TABLE schema_version IN ACCESS EXCLUSIVE MODE"));
  }
  return kOk;
}

Outcome<Rows> applied_steps(Session& session, std::string_view service) {
  return session.query("SELECT version, fingerprint FROM schema_version WHERE service = ? ORDER BY version", {service});
}

int64_t now_ms() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

Outcome<void> check_applied(const Rows& applied, std::string_view service, std::span<const Migration> steps) {
  if (applied.size() > steps.size()) {
    return fail(Error::kUnsupportedVersion, "database has version " + std::to_string(applied.size()) + " of " +
                                                std::string(service) + ", this program knows " +
                                                std::to_string(steps.size()));
  }
  for (size_t i = 0; i < applied.size(); ++i) {
    RowReader row(applied[i]);
    const int64_t version = row.integer();
    const std::string mark = row.text();
    TAILOR_TRY(row.finish());
    if (version != steps[i].version || mark != fingerprint(steps[i])) {
      return fail(Error::kUnsupportedVersion, "schema step " + std::to_string(version) + " of " + std::string(service) +
                                                  " is not the one this program knows");
    }
  }
  return kOk;
}

Outcome<void> apply(Session& session, std::string_view service, const Migration& step) {
  const bool own = session.dialect() == Dialect::kPostgres && !step.postgres.empty();
  for (const std::string_view statement : own ? step.postgres : step.sqlite) TAILOR_TRY(session.execute(statement));
  TAILOR_TRY(session.execute(
      "INSERT INTO schema_version (service, version, name, fingerprint, applied_at_ms) VALUES (?, ?, ?, ?, ?)",
      {service, step.version, step.name, fingerprint(step), now_ms()}));
  return kOk;
}

}  // namespace

Outcome<void> migrate(Database& database, std::string_view service, std::span<const Migration> steps) {
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].version != static_cast<int>(i) + 1) return fail(Error::kInternal, "schema steps have a gap");
  }
  TAILOR_TRY(write(database, make_version_table));
  for (bool done = false; !done;) {
    const Outcome<void> stepped = write(database, [&](Session& session) -> Outcome<void> {
      TAILOR_TRY(lock_version_table(session));
      TAILOR_TRY_ASSIGN(const Rows applied, applied_steps(session, service));
      TAILOR_TRY(check_applied(applied, service, steps));
      done = applied.size() == steps.size();
      return done ? Outcome<void>(kOk) : apply(session, service, steps[applied.size()]);
    });
    TAILOR_TRY(stepped);
  }
  return kOk;
}

Outcome<int> schema_version(Database& database, std::string_view service) {
  TAILOR_TRY(write(database, make_version_table));
  return read(database, [&](Session& session) -> Outcome<int> {
    TAILOR_TRY_ASSIGN(const Rows applied, applied_steps(session, service));
    return static_cast<int>(applied.size());
  });
}

}  // namespace tailor::store
