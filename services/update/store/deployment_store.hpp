// SPDX-License-Identifier: Apache-2.0
// Deployments and their targets, of one tenant in one transaction.
#pragma once

#include <map>

#include "services/store/database.hpp"
#include "services/update/domain/filter.hpp"
#include "services/update/domain/selection.hpp"

namespace tailor::update_server {

/// How many targets of a deployment are in each update state.
using StateCounts = std::map<UpdateState, int64_t>;
/// Targets without an outcome.
[[nodiscard]] int64_t open_targets(const StateCounts& counts);

struct DeploymentCursor {
  int64_t created_at_ms = 0;
  Uuid id;
};

class DeploymentStore {
 public:
  DeploymentStore(store::Session& session, std::string tenant) : session_(session), tenant_(std::move(tenant)) {}

  [[nodiscard]] Outcome<void> insert(const Deployment& deployment);
  [[nodiscard]] Outcome<std::optional<Deployment>> find(const Uuid& id);
  /// Newest first, from the one behind `after`.
  [[nodiscard]] Outcome<std::vector<Deployment>> list(const std::optional<DeploymentCursor>& after, size_t limit);
  [[nodiscard]] Outcome<void> set_order(const Uuid& id, Order order);
  [[nodiscard]] Outcome<void> set_triggered(const Uuid& id, int64_t now_ms);
  /// Deployments with a filter that are active or paused: new devices may become targets of them.
  [[nodiscard]] Outcome<std::vector<Deployment>> filtered(int64_t now_ms);

  /// Makes a device a target; one that is already stays as it is.
  [[nodiscard]] Outcome<void> add_target(const Uuid& deployment, const Uuid& device, int64_t now_ms);
  /// Makes every device that fits the filter a target.
  [[nodiscard]] Outcome<int64_t> add_targets(const Uuid& deployment, const FilterNode& filter, int64_t now_ms);
  [[nodiscard]] Outcome<std::vector<Target>> list_targets(const Uuid& deployment, const std::optional<Uuid>& after,
                                                          size_t limit);
  [[nodiscard]] Outcome<StateCounts> count_targets(const Uuid& deployment);
  [[nodiscard]] Outcome<void> set_progress(const Target& target);
  /// Targets of one device, newest deployment first.
  [[nodiscard]] Outcome<std::vector<Target>> targets_of(const Uuid& device);

  /// Deployments that could be offered to a device: it is a target without an outcome, and they were not cancelled.
  [[nodiscard]] Outcome<std::vector<Candidate>> candidates(const Uuid& device);
  /// Finds the target that a report about a manifest belongs to: one without an outcome before one that was reverted
  /// or refused before one that was confirmed, and among those the newest.
  [[nodiscard]] Outcome<std::optional<Target>> target_of_manifest(const Uuid& device, const Digest& manifest);
  /// Devices with an open target in an active deployment: those to wake after an order changed.
  [[nodiscard]] Outcome<std::vector<Uuid>> open_devices(const Uuid& deployment);

 private:
  store::Session& session_;
  std::string tenant_;
};

}  // namespace tailor::update_server
