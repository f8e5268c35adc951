// SPDX-License-Identifier: Apache-2.0
// Records over one SQL session. Every row is read through RowReader, so that a damaged database is an error and not a
// wrong answer.
#include "services/ca/store/sql_ledger.hpp"

#include "hosted/uuid_make.hpp"
#include "services/ca/store/schema.hpp"

namespace tailor::ca {
namespace {

using store::Params;
using store::Row;
using store::RowReader;
using store::Value;

constexpr std::string_view kCertificateColumns =
    "serial, tenant, role, subject_id, thumbprint, der, not_before, not_after, issued_at, origin, origin_reference, "
    "used_at, revoked_at, reason";

Value time_value(const std::optional<UtcTime>& time) {
  if (!time) return {};
  return Value(to_unix_ms(*time));
}

std::optional<UtcTime> to_time(std::optional<int64_t> ms) {
  if (!ms) return std::nullopt;
  return from_unix_ms(*ms);
}

/// Host names hold no blank, so that a blank separates them.
std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out.append(out.empty() ? "" : " ").append(name);
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t blank = std::min(text.find(' '), text.size());
    out.emplace_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return out;
}

Failure malformed(const char* what) {
  return fail(Error::kRecordMalformed, what);
}

Outcome<CertificateRecord> read_certificate(const Row& row) {
  RowReader reader(row);
  CertificateRecord out;
  out.serial = reader.text();
  out.subject.tenant = reader.text();
  const auto role = pki::role_from_text(reader.text());
  out.subject.id = reader.uuid();
  out.thumbprint = reader.text();
  out.der = reader.bytes();
  out.not_before = from_unix_ms(reader.integer());
  out.not_after = from_unix_ms(reader.integer());
  out.issued_at = from_unix_ms(reader.integer());
  const auto origin = origin_from_text(reader.text());
  out.origin_reference = reader.text();
  out.used_at = to_time(reader.maybe_integer());
  out.revoked_at = to_time(reader.maybe_integer());
  const auto reason_text = reader.maybe_text();
  TAILOR_TRY(reader.finish());
  if (!role || !origin) return malformed("certificate");
  out.subject.role = *role;
  out.origin = *origin;
  if (reason_text) {
    const auto reason = pki::reason_from_text(*reason_text);
    if (!reason) return malformed("revocation reason");
    out.reason = *reason;
  }
  return out;
}

class SqlRecords final : public Records {
 public:
  explicit SqlRecords(store::Session& session) : session_(session) {}

  Outcome<void> add_code(const CodeRecord& code) override {
    return change(
        "INSERT INTO ca_code (hash, tenant, role, subject_id, host_names, created_at, expires_at, used_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {code.hash, code.subject.tenant, pki::to_text(code.subject.role), code.subject.id, join(code.host_names),
         to_unix_ms(code.created_at), to_unix_ms(code.expires_at), time_value(code.used_at)});
  }

  Outcome<std::optional<CodeRecord>> find_code(const std::string& hash) override {
    TAILOR_TRY_ASSIGN(const std::optional<Row> row,
                      session_.find("SELECT hash, tenant, role, subject_id, host_names, created_at, expires_at, "
                                    "used_at FROM ca_code WHERE hash = ?",
                                    {hash}));
    if (!row) return std::optional<CodeRecord>();
    RowReader reader(*row);
    CodeRecord out;
    out.hash = reader.text();
    out.subject.tenant = reader.text();
    const auto role = pki::role_from_text(reader.text());
    out.subject.id = reader.uuid();
    out.host_names = split(reader.text());
    out.created_at = from_unix_ms(reader.integer());
    out.expires_at = from_unix_ms(reader.integer());
    out.used_at = to_time(reader.maybe_integer());
    TAILOR_TRY(reader.finish());
    if (!role) return malformed("enrolment code");
    out.subject.role = *role;
    return std::optional<CodeRecord>(std::move(out));
  }

  Outcome<void> mark_code_used(const std::string& hash, UtcTime when) override {
    return change("UPDATE ca_code SET used_at = ? WHERE hash = ?", {to_unix_ms(when), hash});
  }

  Outcome<void> put_device(const DeviceRecord& device) override {
    std::optional<int64_t> generation;
    if (device.generation) generation = *device.generation;
    return change(
        "INSERT INTO ca_device (id, tenant, sealed_secret, key_pairs, registered_at, retired_at, generation) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET tenant = excluded.tenant, sealed_secret "
        "= excluded.sealed_secret, key_pairs = excluded.key_pairs, registered_at = excluded.registered_at, "
        "retired_at = excluded.retired_at, generation = excluded.generation",
        {device.id, device.tenant, store::hex_bytes(device.sealed_secret), device.key_pairs,
         to_unix_ms(device.registered_at), time_value(device.retired_at), Value(generation)});
  }

  Outcome<std::optional<DeviceRecord>> find_device(const Uuid& id) override {
    TAILOR_TRY_ASSIGN(const std::optional<Row> row,
                      session_.find("SELECT id, tenant, sealed_secret, key_pairs, registered_at, retired_at, "
                                    "generation FROM ca_device WHERE id = ?",
                                    {id}));
    if (!row) return std::optional<DeviceRecord>();
    RowReader reader(*row);
    DeviceRecord out;
    out.id = reader.uuid();
    out.tenant = reader.text();
    out.sealed_secret = reader.bytes();
    const int64_t key_pairs = reader.integer();
    out.registered_at = from_unix_ms(reader.integer());
    out.retired_at = to_time(reader.maybe_integer());
    const auto generation = reader.maybe_integer();
    TAILOR_TRY(reader.finish());
    if (key_pairs < 1 || key_pairs > 2 || (generation && (*generation < 0 || *generation > UINT32_MAX))) {
      return malformed("device");
    }
    out.key_pairs = static_cast<unsigned>(key_pairs);
    if (generation) out.generation = static_cast<uint32_t>(*generation);
    return std::optional<DeviceRecord>(std::move(out));
  }

  Outcome<void> add_certificate(const CertificateRecord& c) override {
    return change("INSERT INTO ca_certificate (" + std::string(kCertificateColumns) +
                      ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  {c.serial, c.subject.tenant, pki::to_text(c.subject.role), c.subject.id, c.thumbprint,
                   store::hex_bytes(c.der), to_unix_ms(c.not_before), to_unix_ms(c.not_after), to_unix_ms(c.issued_at),
                   to_text(c.origin), c.origin_reference, time_value(c.used_at), time_value(c.revoked_at),
                   c.revoked_at ? Value(pki::to_text(c.reason)) : Value()});
  }

  Outcome<std::optional<CertificateRecord>> find_certificate(const std::string& serial) override {
    TAILOR_TRY_ASSIGN(const auto found, select("serial = ?", {serial}, ""));
    if (found.empty()) return std::optional<CertificateRecord>();
    return std::optional<CertificateRecord>(found.front());
  }

  Outcome<std::vector<CertificateRecord>> certificates_of(const pki::Identity& subject) override {
    return select("subject_id = ? AND tenant = ? AND role = ?",
                  {subject.id, subject.tenant, pki::to_text(subject.role)}, " ORDER BY issued_at, serial");
  }

  Outcome<std::vector<CertificateRecord>> list_certificates(const CertificateFilter& filter,
                                                            const CertificateCursor& after, size_t limit) override {
    std::string where = "tenant = ? AND (issued_at > ? OR (issued_at = ? AND serial > ?))";
    Params params{filter.tenant, after.issued_at_ms, after.issued_at_ms, after.serial};
    if (filter.role) {
      where += " AND role = ?";
      params.emplace_back(pki::to_text(*filter.role));
    }
    if (filter.id) {
      where += " AND subject_id = ?";
      params.emplace_back(*filter.id);
    }
    if (filter.revoked) where += *filter.revoked ? " AND revoked_at IS NOT NULL" : " AND revoked_at IS NULL";
    params.emplace_back(static_cast<int64_t>(limit));
    return select(where, params, " ORDER BY issued_at, serial LIMIT ?");
  }

  Outcome<void> mark_certificate_used(const std::string& serial, UtcTime when) override {
    return change("UPDATE ca_certificate SET used_at = ? WHERE serial = ? AND used_at IS NULL",
                  {to_unix_ms(when), serial});
  }

  Outcome<void> mark_certificate_revoked(const std::string& serial, UtcTime when,
                                         pki::RevocationReason reason) override {
    return change("UPDATE ca_certificate SET revoked_at = ?, reason = ? WHERE serial = ? AND revoked_at IS NULL",
                  {to_unix_ms(when), pki::to_text(reason), serial});
  }

  Outcome<std::vector<pki::RevokedCertificate>> revoked_certificates(UtcTime now) override {
    TAILOR_TRY_ASSIGN(const auto records,
                      select("revoked_at IS NOT NULL AND not_after > ?", {to_unix_ms(now)}, " ORDER BY serial"));
    std::vector<pki::RevokedCertificate> out;
    for (const CertificateRecord& record : records) out.push_back({record.serial, *record.revoked_at, record.reason});
    return out;
  }

  Outcome<std::optional<CrlRecord>> find_crl() override {
    TAILOR_TRY_ASSIGN(const std::optional<Row> row,
                      session_.find("SELECT number, this_update, der, outdated FROM ca_crl WHERE id = 1", {}));
    if (!row) return std::optional<CrlRecord>();
    RowReader reader(*row);
    CrlRecord out;
    out.number = reader.u64();
    out.this_update = from_unix_ms(reader.integer());
    out.der = reader.bytes();
    out.outdated = reader.flag();
    TAILOR_TRY(reader.finish());
    return std::optional<CrlRecord>(std::move(out));
  }

  Outcome<void> put_crl(const CrlRecord& crl) override {
    return change(
        "INSERT INTO ca_crl (id, number, this_update, der, outdated) VALUES (1, ?, ?, ?, ?) ON CONFLICT (id) "
        "DO UPDATE SET number = excluded.number, this_update = excluded.this_update, der = excluded.der, "
        "outdated = excluded.outdated",
        {store::hex_u64(crl.number), to_unix_ms(crl.this_update), store::hex_bytes(crl.der), crl.outdated});
  }

 private:
  Outcome<void> change(std::string_view sql, const Params& params) {
    TAILOR_TRY_ASSIGN([[maybe_unused]] const int64_t rows, session_.execute(sql, params));
    return kOk;
  }

  Outcome<std::vector<CertificateRecord>> select(const std::string& where, const Params& params,
                                                 const std::string& tail) {
    TAILOR_TRY_ASSIGN(const store::Rows rows, session_.query("SELECT " + std::string(kCertificateColumns) +
                                                                 " FROM ca_certificate WHERE " + where + tail,
                                                             params));
    std::vector<CertificateRecord> out;
    for (const Row& row : rows) {
      TAILOR_TRY_ASSIGN(CertificateRecord record, read_certificate(row));
      out.push_back(std::move(record));
    }
    return out;
  }

  store::Session& session_;
};

}  // namespace

Outcome<std::unique_ptr<SqlLedger>> SqlLedger::open(store::Database& database) {
  TAILOR_TRY(store::migrate(database, "ca", schema()));
  return std::unique_ptr<SqlLedger>(new SqlLedger(database));
}

Outcome<void> SqlLedger::write(const Work& work) {
  return database_.run(store::Access::kWrite, [&](store::Session& session) {
    SqlRecords records(session);
    return work(records);
  });
}

Outcome<void> SqlLedger::read(const Work& work) {
  return database_.run(store::Access::kRead, [&](store::Session& session) {
    SqlRecords records(session);
    return work(records);
  });
}

}  // namespace tailor::ca
