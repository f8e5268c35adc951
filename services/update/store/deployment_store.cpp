// SPDX-License-Identifier: Apache-2.0
// See deployment_store.hpp.
#include "services/update/store/deployment_store.hpp"

#include "services/update/store/facts_codec.hpp"
#include "services/update/store/filter_sql.hpp"
#include "services/update/store/progress_codec.hpp"

namespace tailor::update_server {
namespace {

using store::Params;
using store::Row;
using store::RowReader;
using store::Rows;
using store::Value;

#define TAILOR_DEPLOYMENT_COLUMNS                                                                          \
  "d.id, d.manifest, d.filter, d.delivery_mode, d.priority, d.skip_precheck, d.ordered, d.expires_at_ms, " \
  "d.created_by, d.created_at_ms, d.hold, d.triggered_at_ms"
#define TAILOR_TARGET_COLUMNS "t.deployment, t.device, t.state, t.reason, t.detail, t.updated_at_ms"

/// States in which a target has no outcome, as SQL.
constexpr const char* kOpen = "t.state NOT IN ('confirmed', 'reverted', 'refused')";

Outcome<Deployment> take_deployment(RowReader& reader, const std::string& tenant) {
  Deployment deployment;
  deployment.tenant = tenant;
  deployment.id = reader.uuid();
  const std::string manifest = reader.text();
  deployment.filter = reader.text();
  const std::optional<std::string> mode = reader.maybe_text();
  deployment.priority = reader.integer();
  deployment.skip_precheck = reader.flag();
  const std::string ordered = reader.text();
  deployment.expires_at_ms = reader.maybe_integer();
  deployment.created_by = reader.text();
  deployment.created_at_ms = reader.integer();
  deployment.hold = reader.flag();
  deployment.triggered_at_ms = reader.maybe_integer();
  TAILOR_TRY_ASSIGN(deployment.manifest, digest_from_text(manifest));
  TAILOR_TRY_ASSIGN(deployment.order, order_from_name(ordered));
  if (mode) {
    const auto known = update::delivery_mode_from_name(*mode);
    if (!known.ok()) return fail(Error::kRecordMalformed, "mode " + *mode);
    deployment.mode = known.value();
  }
  return deployment;
}

Outcome<Target> take_target(RowReader& reader) {
  Target target;
  target.deployment = reader.uuid();
  target.device = reader.uuid();
  const std::string state = reader.text();
  const std::optional<std::string> reason = reader.maybe_text();
  target.detail = reader.text();
  target.updated_at_ms = reader.integer();
  TAILOR_TRY_ASSIGN(target.progress, progress_from(state, reason));
  return target;
}

Outcome<std::vector<Deployment>> deployments_from(const Rows& rows, const std::string& tenant) {
  std::vector<Deployment> deployments;
  for (const Row& row : rows) {
    RowReader reader(row);
    TAILOR_TRY_ASSIGN(Deployment deployment, take_deployment(reader, tenant));
    TAILOR_TRY(reader.finish());
    deployments.push_back(std::move(deployment));
  }
  return deployments;
}

Outcome<std::vector<Target>> targets_from(const Rows& rows) {
  std::vector<Target> targets;
  for (const Row& row : rows) {
    RowReader reader(row);
    TAILOR_TRY_ASSIGN(Target target, take_target(reader));
    TAILOR_TRY(reader.finish());
    targets.push_back(std::move(target));
  }
  return targets;
}

}  // namespace

int64_t open_targets(const StateCounts& counts) {
  int64_t open = 0;
  for (const auto& [state, count] : counts) {
    if (!update::is_outcome(state)) open += count;
  }
  return open;
}

Outcome<void> DeploymentStore::insert(const Deployment& d) {
  TAILOR_TRY(session_.execute(
      "INSERT INTO deployment (tenant, id, manifest, filter, delivery_mode, priority, skip_precheck, ordered, "
      "expires_at_ms, created_by, created_at_ms, hold, triggered_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {tenant_, d.id, digest_text(d.manifest), d.filter, d.mode ? Value(update::name_of(*d.mode)) : Value(), d.priority,
       d.skip_precheck, name_of(d.order), d.expires_at_ms, d.created_by, d.created_at_ms, d.hold, d.triggered_at_ms}));
  return kOk;
}

Outcome<std::optional<Deployment>> DeploymentStore::find(const Uuid& id) {
  TAILOR_TRY_ASSIGN(const Rows rows, session_.query("SELECT " TAILOR_DEPLOYMENT_COLUMNS
                                                    " FROM deployment d WHERE d.tenant = ? AND d.id = ?",
                                                    {tenant_, id}));
  TAILOR_TRY_ASSIGN(std::vector<Deployment> found, deployments_from(rows, tenant_));
  if (found.empty()) return std::optional<Deployment>();
  return std::optional<Deployment>(std::move(found.front()));
}

Outcome<std::vector<Deployment>> DeploymentStore::list(const std::optional<DeploymentCursor>& after, size_t limit) {
  std::string sql = "SELECT " TAILOR_DEPLOYMENT_COLUMNS " FROM deployment d WHERE d.tenant = ?";
  Params params = {tenant_};
  if (after) {
    sql += " AND (d.created_at_ms < ? OR (d.created_at_ms = ? AND d.id < ?))";
    params.insert(params.end(), {Value(after->created_at_ms), Value(after->created_at_ms), Value(after->id)});
  }
  params.emplace_back(static_cast<int64_t>(limit));
  TAILOR_TRY_ASSIGN(const Rows rows, session_.query(sql + " ORDER BY d.created_at_ms DESC, d.id DESC LIMIT ?", params));
  return deployments_from(rows, tenant_);
}

Outcome<void> DeploymentStore::set_triggered(const Uuid& id, int64_t now_ms) {
  TAILOR_TRY(
      session_.execute("UPDATE deployment SET triggered_at_ms = ? WHERE tenant = ? AND id = ?", {now_ms, tenant_, id}));
  return kOk;
}

Outcome<void> DeploymentStore::set_order(const Uuid& id, Order order) {
  TAILOR_TRY(
      session_.execute("UPDATE deployment SET ordered = ? WHERE tenant = ? AND id = ?", {name_of(order), tenant_, id}));
  return kOk;
}

Outcome<std::vector<Deployment>> DeploymentStore::filtered(int64_t now_ms) {
  TAILOR_TRY_ASSIGN(
      const Rows rows,
      session_.query("SELECT " TAILOR_DEPLOYMENT_COLUMNS
                     " FROM deployment d WHERE d.tenant = ? AND d.filter <> '' AND d.ordered <> 'cancelled' "
                     "AND (d.expires_at_ms IS NULL OR d.expires_at_ms > ?)",
                     {tenant_, now_ms}));
  return deployments_from(rows, tenant_);
}

Outcome<void> DeploymentStore::add_target(const Uuid& deployment, const Uuid& device, int64_t now_ms) {
  TAILOR_TRY(
      session_.execute("INSERT INTO target (tenant, deployment, device, state, reason, detail, updated_at_ms) "
                       "VALUES (?, ?, ?, 'idle', NULL, '', ?) ON CONFLICT (tenant, deployment, device) DO NOTHING",
                       {tenant_, deployment, device, now_ms}));
  return kOk;
}

Outcome<int64_t> DeploymentStore::add_targets(const Uuid& deployment, const FilterNode& filter, int64_t now_ms) {
  const SqlCondition condition = compile(filter);
  Params params = {deployment, now_ms, tenant_};
  params.insert(params.end(), condition.params.begin(), condition.params.end());
  // PostgreSQL must be told the types of parameters that stand in a list of columns.
  return session_.execute(
      "INSERT INTO target (tenant, deployment, device, state, reason, detail, updated_at_ms) "
      "SELECT tenant, CAST(? AS TEXT), id, 'idle', NULL, '', CAST(? AS BIGINT) FROM device WHERE tenant = ? "
      "AND life_cycle <> 'retired' AND " +
          condition.text + " ON CONFLICT (tenant, deployment, device) DO NOTHING",
      params);
}

Outcome<std::vector<Target>> DeploymentStore::list_targets(const Uuid& deployment, const std::optional<Uuid>& after,
                                                           size_t limit) {
  std::string sql = "SELECT " TAILOR_TARGET_COLUMNS " FROM target t WHERE t.tenant = ? AND t.deployment = ?";
  Params params = {tenant_, deployment};
  if (after) {
    sql += " AND t.device > ?";
    params.emplace_back(*after);
  }
  params.emplace_back(static_cast<int64_t>(limit));
  TAILOR_TRY_ASSIGN(const Rows rows, session_.query(sql + " ORDER BY t.device LIMIT ?", params));
  return targets_from(rows);
}

Outcome<StateCounts> DeploymentStore::count_targets(const Uuid& deployment) {
  TAILOR_TRY_ASSIGN(const Rows rows, session_.query("SELECT state, count(*) FROM target WHERE tenant = ? AND "
                                                    "deployment = ? GROUP BY state",
                                                    {tenant_, deployment}));
  StateCounts counts;
  for (const Row& row : rows) {
    RowReader reader(row);
    const std::string name = reader.text();
    const int64_t number = reader.integer();
    TAILOR_TRY(reader.finish());
    const auto state = update::update_state_from_name(name);
    if (!state.ok()) return fail(Error::kRecordMalformed, "state " + name);
    counts[state.value()] = number;
  }
  return counts;
}

Outcome<void> DeploymentStore::set_progress(const Target& target) {
  TAILOR_TRY(
      session_.execute("UPDATE target SET state = ?, reason = ?, detail = ?, updated_at_ms = ? "
                       "WHERE tenant = ? AND deployment = ? AND device = ?",
                       {state_value(target.progress), reason_value(target.progress), target.detail,
                        target.updated_at_ms, tenant_, target.deployment, target.device}));
  return kOk;
}

Outcome<std::vector<Target>> DeploymentStore::targets_of(const Uuid& device) {
  TAILOR_TRY_ASSIGN(
      const Rows rows,
      session_.query("SELECT " TAILOR_TARGET_COLUMNS
                     " FROM target t JOIN deployment d ON d.tenant = t.tenant AND d.id = t.deployment "
                     "WHERE t.tenant = ? AND t.device = ? ORDER BY d.created_at_ms DESC, d.id DESC LIMIT 100",
                     {tenant_, device}));
  return targets_from(rows);
}

Outcome<std::vector<Candidate>> DeploymentStore::candidates(const Uuid& device) {
  TAILOR_TRY_ASSIGN(
      const Rows rows,
      session_.query(
          std::string("SELECT " TAILOR_DEPLOYMENT_COLUMNS ", " TAILOR_TARGET_COLUMNS ", m.facts FROM target t "
                      "JOIN deployment d ON d.tenant = t.tenant AND d.id = t.deployment "
                      "JOIN manifest m ON m.tenant = d.tenant AND m.digest = d.manifest "
                      "WHERE t.tenant = ? AND t.device = ? AND d.ordered <> 'cancelled' AND ") +
              kOpen,
          {tenant_, device}));
  std::vector<Candidate> candidates;
  for (const Row& row : rows) {
    RowReader reader(row);
    Candidate candidate;
    TAILOR_TRY_ASSIGN(candidate.deployment, take_deployment(reader, tenant_));
    TAILOR_TRY_ASSIGN(candidate.target, take_target(reader));
    TAILOR_TRY_ASSIGN(candidate.manifest, facts_from_text(reader.text()));
    TAILOR_TRY(reader.finish());
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

Outcome<std::optional<Target>> DeploymentStore::target_of_manifest(const Uuid& device, const Digest& manifest) {
  TAILOR_TRY_ASSIGN(
      const Rows rows,
      session_.query("SELECT " TAILOR_TARGET_COLUMNS
                     " FROM target t JOIN deployment d ON d.tenant = t.tenant AND d.id = t.deployment "
                     "WHERE t.tenant = ? AND t.device = ? AND d.manifest = ? AND d.ordered <> 'cancelled' "
                     "ORDER BY CASE WHEN t.state = 'confirmed' THEN 2 WHEN t.state IN ('reverted', 'refused') THEN 1 "
                     "ELSE 0 END, d.created_at_ms DESC, "
                     "d.id DESC LIMIT 1",
                     {tenant_, device, digest_text(manifest)}));
  TAILOR_TRY_ASSIGN(std::vector<Target> targets, targets_from(rows));
  if (targets.empty()) return std::optional<Target>();
  return std::optional<Target>(std::move(targets.front()));
}

Outcome<std::vector<Uuid>> DeploymentStore::open_devices(const Uuid& deployment) {
  TAILOR_TRY_ASSIGN(
      const Rows rows,
      session_.query(std::string("SELECT t.device FROM target t WHERE t.tenant = ? AND t.deployment = ? AND ") + kOpen,
                     {tenant_, deployment}));
  std::vector<Uuid> devices;
  for (const Row& row : rows) {
    RowReader reader(row);
    devices.push_back(reader.uuid());
    TAILOR_TRY(reader.finish());
  }
  return devices;
}

}  // namespace tailor::update_server
