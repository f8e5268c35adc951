// SPDX-License-Identifier: Apache-2.0
// See schema.hpp. A released step is never edited. Column types and codecs: docs/formats/store.md.
#include "services/update/store/schema.hpp"

namespace tailor::update_server {
namespace {

constexpr std::string_view kDevice =
    "CREATE TABLE device (tenant TEXT NOT NULL, id TEXT NOT NULL, vendor TEXT NOT NULL, device_class TEXT NOT NULL, "
    "life_cycle TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, modes BIGINT NOT NULL, preferred_mode TEXT NOT NULL, "
    "block_bytes BIGINT NOT NULL, trust_store_version TEXT NOT NULL, main_version TEXT, main_digest TEXT, "
    "main_sequence TEXT, registered_at_ms BIGINT NOT NULL, last_seen_ms BIGINT NOT NULL, PRIMARY KEY (tenant, id))";
constexpr std::string_view kComponent =
    "CREATE TABLE device_component (tenant TEXT NOT NULL, device TEXT NOT NULL, position BIGINT NOT NULL, "
    "component TEXT NOT NULL, sequence_number TEXT NOT NULL, digest TEXT NOT NULL, size_bytes TEXT NOT NULL, "
    "version TEXT NOT NULL, PRIMARY KEY (tenant, device, position), "
    "FOREIGN KEY (tenant, device) REFERENCES device (tenant, id) ON DELETE CASCADE)";
constexpr std::string_view kManifest =
    "CREATE TABLE manifest (tenant TEXT NOT NULL, digest TEXT NOT NULL, sequence_number TEXT NOT NULL, "
    "facts TEXT NOT NULL, envelope_digest TEXT NOT NULL, envelope_bytes BIGINT NOT NULL, uploaded_by TEXT NOT NULL, "
    "uploaded_at_ms BIGINT NOT NULL, PRIMARY KEY (tenant, digest))";
constexpr std::string_view kImage =
    "CREATE TABLE image (tenant TEXT NOT NULL, digest TEXT NOT NULL, size_bytes BIGINT NOT NULL, "
    "uploaded_by TEXT NOT NULL, uploaded_at_ms BIGINT NOT NULL, PRIMARY KEY (tenant, digest))";
constexpr std::string_view kDeployment =
    "CREATE TABLE deployment (tenant TEXT NOT NULL, id TEXT NOT NULL, manifest TEXT NOT NULL, filter TEXT NOT NULL, "
    "delivery_mode TEXT, priority BIGINT NOT NULL, skip_precheck BIGINT NOT NULL, ordered TEXT NOT NULL, "
    "expires_at_ms BIGINT, created_by TEXT NOT NULL, created_at_ms BIGINT NOT NULL, PRIMARY KEY (tenant, id), "
    "FOREIGN KEY (tenant, manifest) REFERENCES manifest (tenant, digest))";
constexpr std::string_view kTarget =
    "CREATE TABLE target (tenant TEXT NOT NULL, deployment TEXT NOT NULL, device TEXT NOT NULL, state TEXT NOT NULL, "
    "reason TEXT, detail TEXT NOT NULL, updated_at_ms BIGINT NOT NULL, PRIMARY KEY (tenant, deployment, device), "
    "FOREIGN KEY (tenant, deployment) REFERENCES deployment (tenant, id))";
constexpr std::string_view kReport =
    "CREATE TABLE report (tenant TEXT NOT NULL, device TEXT NOT NULL, report_number TEXT NOT NULL, manifest TEXT, "
    "sequence_number TEXT, state TEXT NOT NULL, reason TEXT, place TEXT NOT NULL, running_slot BIGINT NOT NULL, "
    "slots BIGINT NOT NULL, trial BIGINT NOT NULL, trial_attempts BIGINT NOT NULL, time_kind BIGINT NOT NULL, "
    "time_seconds TEXT NOT NULL, deployment TEXT, received_at_ms BIGINT NOT NULL, "
    "PRIMARY KEY (tenant, device, report_number))";
constexpr std::string_view kIdempotency =
    "CREATE TABLE idempotency (tenant TEXT NOT NULL, actor TEXT NOT NULL, request_key TEXT NOT NULL, "
    "fingerprint TEXT NOT NULL, status BIGINT NOT NULL, body TEXT NOT NULL, created_at_ms BIGINT NOT NULL, "
    "PRIMARY KEY (tenant, actor, request_key))";
constexpr std::string_view kEventSqlite =
    "CREATE TABLE event (number INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, at_ms BIGINT NOT NULL, "
    "kind TEXT NOT NULL, subject TEXT NOT NULL, actor TEXT NOT NULL, detail TEXT NOT NULL)";
constexpr std::string_view kEventPostgres =
    "CREATE TABLE event (number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant TEXT NOT NULL, "
    "at_ms BIGINT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, actor TEXT NOT NULL, detail TEXT NOT NULL)";
constexpr std::string_view kIndexes[] = {
    "CREATE INDEX device_by_state ON device (tenant, state)",
    "CREATE INDEX device_by_class ON device (tenant, device_class)",
    "CREATE INDEX target_by_device ON target (tenant, device)",
    "CREATE INDEX deployment_by_time ON deployment (tenant, created_at_ms, id)",
    "CREATE INDEX event_by_tenant ON event (tenant, number)",
};

/// Deployments that hold, and SUIT_Reports.
const std::vector<std::string_view> kSecondStep = {
    "ALTER TABLE deployment ADD COLUMN hold BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE deployment ADD COLUMN triggered_at_ms BIGINT",
    "ALTER TABLE report ADD COLUMN suit_report TEXT",
    "ALTER TABLE report ADD COLUMN seal_failure TEXT",
};

/// What devices have said that they can do.
const std::vector<std::string_view> kThirdStep = {
    "CREATE TABLE capability (tenant TEXT NOT NULL, device TEXT NOT NULL, report TEXT NOT NULL, source TEXT NOT NULL, "
    "received_at_ms BIGINT NOT NULL, PRIMARY KEY (tenant, device), "
    "FOREIGN KEY (tenant, device) REFERENCES device (tenant, id) ON DELETE CASCADE)",
};

std::vector<std::string_view> first_step(std::string_view event) {
  std::vector<std::string_view> statements = {kDevice, kComponent, kManifest, kImage,      kDeployment,
                                              kTarget, kReport,    event,     kIdempotency};
  statements.insert(statements.end(), std::begin(kIndexes), std::end(kIndexes));
  return statements;
}

}  // namespace

std::span<const store::Migration> schema() {
  static const std::vector<store::Migration> steps = {
      {1, "devices, artifacts, deployments, reports, events", first_step(kEventSqlite), first_step(kEventPostgres)},
      {2, "deployments that hold, SUIT_Reports", kSecondStep, kSecondStep},
      {3, "capability reports", kThirdStep, kThirdStep},
  };
  return steps;
}

}  // namespace tailor::update_server
