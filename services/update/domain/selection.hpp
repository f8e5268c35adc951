// SPDX-License-Identifier: Apache-2.0
// Which update a device gets: the rules, without I/O. Stated order when several deployments apply to one device:
//   1. the one that the device is already working on, while it may go on;
//   2. higher priority; 3. higher sequence number; 4. created earlier; 5. smaller id.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "services/update/domain/model.hpp"

namespace tailor::update_server {

/// How a device is being served: it asks, it observes, or the server sends.
enum class Way : uint8_t { kAsked, kNotify, kPush };

/// What the pre-check found.
enum class Fit : uint8_t { kApplies, kInstalled };

/// Checks a manifest against a profile with the rules that the device will apply itself (RFC 9124 4.3.1, 4.3.2), so
/// that no radio is used for what would be refused.
///
/// @returns kInstalled when every component that it names is there already with this sequence number;
///          kVendorMismatch, kClassMismatch, kDeviceMismatch; kSequenceNumberTooLow
[[nodiscard]] Result<Fit> precheck(const Device& device, const ManifestFacts& manifest);

/// The state of a deployment at `now_ms`.
/// @param open  targets without an outcome; only a deployment of named devices can be complete
[[nodiscard]] DeploymentState state_of(const Deployment& deployment, int64_t now_ms, int64_t open);

/// Applies an operator's order.
/// @returns kDeploymentEnded for a deployment that is cancelled, expired or complete
[[nodiscard]] Outcome<Order> give_order(const Deployment& deployment, Order wanted, int64_t now_ms, int64_t open);

/// A deployment that names the device as a target without an outcome.
struct Candidate {
  Deployment deployment;
  ManifestFacts manifest;
  Target target;
};

/// What has to happen for one device.
struct Choice {
  std::optional<size_t> chosen;  ///< index of the candidate to offer
  /// Targets that are settled without an offer, with what the pre-check said.
  struct Settled {
    size_t candidate;
    Progressed progress;
  };
  std::vector<Settled> settled;
};

/// Whether a deployment is delivered in this way to this device: a mode of its own for each; the device's preference
/// where the deployment does not say.
[[nodiscard]] bool is_delivered(const Deployment& deployment, const Device& device, Way way);

/// Chooses among the candidates. Nothing for a device that is retired.
[[nodiscard]] Choice choose(const Device& device, std::span<const Candidate> candidates, Way way, int64_t now_ms);

/// Whether a report moves a target: an outcome is final, except that a reverted or refused update may be tried anew.
[[nodiscard]] bool moves(const Progressed& from, const Progressed& to);

}  // namespace tailor::update_server
