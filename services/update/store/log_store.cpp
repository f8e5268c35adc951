// SPDX-License-Identifier: Apache-2.0
// See log_store.hpp.
#include "services/update/store/log_store.hpp"

#include "services/update/store/progress_codec.hpp"

namespace tailor::update_server {
namespace {

using store::hex_u64;
using store::Params;
using store::Row;
using store::RowReader;
using store::Rows;
using store::Value;

Value digest_value(const std::optional<Digest>& digest) {
  return digest ? Value(digest_text(*digest)) : Value();
}

Outcome<KeptReport> report_from_row(const Row& row) {
  RowReader reader(row);
  KeptReport report;
  report.device = reader.uuid();
  report.number = reader.u64();
  const std::optional<std::string> manifest = reader.maybe_text();
  const std::optional<std::string> sequence = reader.maybe_text();
  const std::string state = reader.text();
  const std::optional<std::string> reason = reader.maybe_text();
  report.where = reader.text();
  report.boot.running_slot = static_cast<uint8_t>(reader.integer());
  report.boot.slots = static_cast<uint8_t>(reader.integer());
  report.boot.trial = reader.flag();
  report.boot.trial_attempts = static_cast<uint8_t>(reader.integer());
  const int64_t time_kind = reader.integer();
  const uint64_t time_seconds = reader.u64();
  const std::optional<std::string> deployment = reader.maybe_text();
  report.received_at_ms = reader.integer();
  const std::optional<std::string> suit_report = reader.maybe_text();
  const std::optional<std::string> seal_failure = reader.maybe_text();
  TAILOR_TRY(reader.finish());
  if (manifest) {
    TAILOR_TRY_ASSIGN(const Digest digest, digest_from_text(*manifest));
    report.manifest = digest;
  }
  if (sequence) {
    TAILOR_TRY_ASSIGN(const uint64_t number, store::parse_hex_u64(*sequence));
    report.sequence_number = number;
  }
  if (deployment) {
    const auto id = Uuid::from_text(*deployment);
    if (!id.ok()) return fail(Error::kRecordMalformed, "deployment of a report");
    report.deployment = id.value();
  }
  if (suit_report) {
    TAILOR_TRY_ASSIGN(report.suit_report, store::parse_hex_bytes(*suit_report));
  }
  if (seal_failure) {
    TAILOR_TRY_ASSIGN(const Progressed failure, progress_from(update::name_of(UpdateState::kRefused), seal_failure));
    report.seal_failure = failure.reason;
  }
  TAILOR_TRY_ASSIGN(report.progress, progress_from(state, reason));
  const auto time = update::TrustedTime::from_code(static_cast<uint64_t>(time_kind), time_seconds);
  if (!time.ok()) return fail(Error::kRecordMalformed, "time of a report");
  report.device_time = time.value();
  return report;
}

Outcome<Event> event_from_row(const Row& row) {
  RowReader reader(row);
  Event event;
  event.number = reader.integer();
  event.at_ms = reader.integer();
  event.kind = reader.text();
  event.subject = reader.text();
  event.actor = reader.text();
  event.detail = reader.text();
  TAILOR_TRY(reader.finish());
  return event;
}

}  // namespace

Outcome<LogStore::Arrival> LogStore::add_report(const KeptReport& r) {
  TAILOR_TRY_ASSIGN(
      const std::optional<Row> there,
      session_.find("SELECT manifest, state, reason, place FROM report WHERE tenant = ? AND device = ? AND "
                    "report_number = ?",
                    {tenant_, r.device, hex_u64(r.number)}));
  if (there &&
      *there == Row{digest_value(r.manifest), state_value(r.progress), reason_value(r.progress), Value(r.where)}) {
    return Arrival::kSeen;
  }
  if (there) {
    TAILOR_TRY(session_.execute("DELETE FROM report WHERE tenant = ? AND device = ? AND report_number >= ?",
                                {tenant_, r.device, hex_u64(r.number)}));
  }
  TAILOR_TRY(session_.execute(
      "INSERT INTO report (tenant, device, report_number, manifest, sequence_number, state, reason, place, "
      "running_slot, slots, trial, trial_attempts, time_kind, time_seconds, deployment, received_at_ms, suit_report, "
      "seal_failure) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {tenant_, r.device, hex_u64(r.number), digest_value(r.manifest),
       r.sequence_number ? Value(hex_u64(*r.sequence_number)) : Value(), state_value(r.progress),
       reason_value(r.progress), r.where, r.boot.running_slot, r.boot.slots, r.boot.trial, r.boot.trial_attempts,
       static_cast<int64_t>(r.device_time.kind()), hex_u64(r.device_time.seconds()), r.deployment, r.received_at_ms,
       r.suit_report.empty() ? Value() : Value(store::hex_bytes(r.suit_report)),
       r.seal_failure ? Value(name_of(*r.seal_failure)) : Value()}));
  return there ? Arrival::kStartedAnew : Arrival::kNew;
}

Outcome<void> LogStore::forget_reports(const Uuid& device) {
  TAILOR_TRY(session_.execute("DELETE FROM report WHERE tenant = ? AND device = ?", {tenant_, device}));
  return kOk;
}

Outcome<std::vector<KeptReport>> LogStore::reports(const Uuid& device, const std::optional<uint64_t>& before,
                                                   size_t limit) {
  std::string sql =
      "SELECT device, report_number, manifest, sequence_number, state, reason, place, running_slot, slots, trial, "
      "trial_attempts, time_kind, time_seconds, deployment, received_at_ms, suit_report, seal_failure FROM report "
      "WHERE tenant = ? AND device = ?";
  Params params = {tenant_, device};
  if (before) {
    sql += " AND report_number < ?";
    params.emplace_back(hex_u64(*before));
  }
  params.emplace_back(static_cast<int64_t>(limit));
  TAILOR_TRY_ASSIGN(const Rows rows, session_.query(sql + " ORDER BY report_number DESC LIMIT ?", params));
  std::vector<KeptReport> reports;
  for (const Row& row : rows) {
    TAILOR_TRY_ASSIGN(KeptReport report, report_from_row(row));
    reports.push_back(std::move(report));
  }
  return reports;
}

Outcome<bool> LogStore::has_later_report(const Uuid& device, uint64_t number) {
  TAILOR_TRY_ASSIGN(const Rows rows, session_.query("SELECT report_number FROM report WHERE tenant = ? AND device = ? "
                                                    "AND report_number > ? LIMIT 1",
                                                    {tenant_, device, hex_u64(number)}));
  return !rows.empty();
}

Outcome<void> LogStore::add_event(const Event& event) {
  if (session_.dialect() == store::Dialect::kPostgres) {
    // Identity numbers are drawn before the commit: without this lock a reader could see 8 before 7 and never ask
    // for 7.
    TAILOR_TRY(session_.query("SELECT CAST(pg_advisory_xact_lock(127978094030707) AS text)"));
  }
  TAILOR_TRY(
      session_.execute("INSERT INTO event (tenant, at_ms, kind, subject, actor, detail) VALUES (?, ?, ?, ?, ?, ?)",
                       {tenant_, event.at_ms, event.kind, event.subject, event.actor, event.detail}));
  return kOk;
}

Outcome<std::vector<Event>> LogStore::events(int64_t after, size_t limit) {
  TAILOR_TRY_ASSIGN(const Rows rows,
                    session_.query("SELECT number, at_ms, kind, subject, actor, detail FROM event WHERE tenant = ? AND "
                                   "number > ? ORDER BY number LIMIT ?",
                                   {tenant_, after, static_cast<int64_t>(limit)}));
  std::vector<Event> events;
  for (const Row& row : rows) {
    TAILOR_TRY_ASSIGN(Event event, event_from_row(row));
    events.push_back(std::move(event));
  }
  return events;
}

Outcome<std::optional<KeptAnswer>> LogStore::find_answer(const std::string& actor, const std::string& key) {
  TAILOR_TRY_ASSIGN(
      const std::optional<Row> row,
      session_.find("SELECT fingerprint, status, body FROM idempotency WHERE tenant = ? AND actor = ? AND "
                    "request_key = ?",
                    {tenant_, actor, key}));
  if (!row) return std::optional<KeptAnswer>();
  RowReader reader(*row);
  KeptAnswer answer;
  answer.fingerprint = reader.text();
  answer.status = reader.integer();
  answer.body = reader.text();
  TAILOR_TRY(reader.finish());
  return std::optional<KeptAnswer>(std::move(answer));
}

Outcome<void> LogStore::keep_answer(const std::string& actor, const std::string& key, const KeptAnswer& answer,
                                    int64_t now_ms) {
  TAILOR_TRY(
      session_.execute("INSERT INTO idempotency (tenant, actor, request_key, fingerprint, status, body, created_at_ms) "
                       "VALUES (?, ?, ?, ?, ?, ?, ?)",
                       {tenant_, actor, key, answer.fingerprint, answer.status, answer.body, now_ms}));
  return kOk;
}

Outcome<void> LogStore::forget_answers(int64_t before_ms) {
  TAILOR_TRY(session_.execute("DELETE FROM idempotency WHERE created_at_ms < ?", {before_ms}));
  return kOk;
}

}  // namespace tailor::update_server
