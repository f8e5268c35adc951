// SPDX-License-Identifier: Apache-2.0
// Schema versions. A released step is never edited. Times are milliseconds since 1970, binary values hexadecimal text.
#include "services/ca/store/schema.hpp"

namespace tailor::ca {

std::span<const store::Migration> schema() {
  static const store::Migration kSteps[] = {
      {1,
       "codes, devices, certificates, revocation list",
       {
           "CREATE TABLE ca_code (hash TEXT PRIMARY KEY, tenant TEXT NOT NULL, role TEXT NOT NULL, subject_id TEXT NOT "
           "NULL, host_names TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, used_at BIGINT)",
           "CREATE TABLE ca_device (id TEXT PRIMARY KEY, tenant TEXT NOT NULL, sealed_secret TEXT NOT NULL, key_pairs "
           "BIGINT NOT NULL, registered_at BIGINT NOT NULL, retired_at BIGINT, generation BIGINT)",
           "CREATE TABLE ca_certificate (serial TEXT PRIMARY KEY, tenant TEXT NOT NULL, role TEXT NOT NULL, subject_id "
           "TEXT NOT NULL, thumbprint TEXT NOT NULL, der TEXT NOT NULL, not_before BIGINT NOT NULL, not_after BIGINT "
           "NOT NULL, issued_at BIGINT NOT NULL, origin TEXT NOT NULL, origin_reference TEXT NOT NULL, used_at BIGINT, "
           "revoked_at BIGINT, reason TEXT)",
           "CREATE INDEX ca_certificate_subject ON ca_certificate (subject_id)",
           "CREATE INDEX ca_certificate_time ON ca_certificate (tenant, issued_at, serial)",
           "CREATE INDEX ca_certificate_revoked ON ca_certificate (revoked_at)",
           "CREATE TABLE ca_crl (id BIGINT PRIMARY KEY, number TEXT NOT NULL, this_update BIGINT NOT NULL, der TEXT "
           "NOT "
           "NULL, outdated BIGINT NOT NULL)",
       },
       {}},
  };
  return kSteps;
}

}  // namespace tailor::ca
