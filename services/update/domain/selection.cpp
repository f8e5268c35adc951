// SPDX-License-Identifier: Apache-2.0
// See selection.hpp.
#include "services/update/domain/selection.hpp"

#include <algorithm>
#include <tuple>

namespace tailor::update_server {
namespace {

bool names(const std::vector<Uuid>& wanted, const Uuid& id) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), id) != wanted.end();
}

const Component* find_component(const Device& device, const std::vector<Bytes>& id) {
  for (const Component& component : device.components) {
    if (component.id == id) return &component;
  }
  return nullptr;
}

DeliveryMode mode_of(const Deployment& deployment, const Device& device) {
  return deployment.mode.value_or(device.preferred_mode);
}

/// True when `a` goes before `b`.
bool before(const Candidate& a, const Candidate& b) {
  const auto rank = [](const Candidate& c) {
    return std::make_tuple(!update::is_under_way(c.target.progress.state), -c.deployment.priority,
                           ~c.manifest.sequence_number, c.deployment.created_at_ms);
  };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  return a.deployment.id < b.deployment.id;
}

}  // namespace

Result<Fit> precheck(const Device& device, const ManifestFacts& manifest) {
  if (!names(manifest.vendors, device.vendor)) return Error::kVendorMismatch;
  if (!names(manifest.classes, device.device_class)) return Error::kClassMismatch;
  if (!names(manifest.devices, device.id)) return Error::kDeviceMismatch;
  size_t installed = 0;
  for (const std::vector<Bytes>& id : manifest.components) {
    const Component* component = find_component(device, id);
    if (component == nullptr) continue;
    if (component->sequence_number > manifest.sequence_number) return Error::kSequenceNumberTooLow;
    if (component->sequence_number == manifest.sequence_number) ++installed;
  }
  if (installed == 0) return Fit::kApplies;
  return installed == manifest.components.size() ? Fit::kInstalled : Fit::kApplies;
}

DeploymentState state_of(const Deployment& deployment, int64_t now_ms, int64_t open) {
  if (deployment.order == Order::kCancelled) return DeploymentState::kCancelled;
  if (open == 0 && deployment.filter.empty()) return DeploymentState::kComplete;
  if (deployment.expires_at_ms && *deployment.expires_at_ms <= now_ms) return DeploymentState::kExpired;
  return deployment.order == Order::kPaused ? DeploymentState::kPaused : DeploymentState::kActive;
}

Outcome<Order> give_order(const Deployment& deployment, Order wanted, int64_t now_ms, int64_t open) {
  const DeploymentState state = state_of(deployment, now_ms, open);
  if (state == DeploymentState::kActive || state == DeploymentState::kPaused) return wanted;
  return fail(Error::kDeploymentEnded, "it is " + std::string(name_of(state)));
}

bool is_delivered(const Deployment& deployment, const Device& device, Way way) {
  const DeliveryMode mode = mode_of(deployment, device);
  if ((device.modes & static_cast<uint8_t>(mode)) == 0) return false;
  switch (way) {
    case Way::kAsked:
      return mode == DeliveryMode::kPull || mode == DeliveryMode::kHybrid;
    case Way::kNotify:
      return mode == DeliveryMode::kHybrid;
    case Way::kPush:
      return mode == DeliveryMode::kPush;
  }
  return false;
}

Choice choose(const Device& device, std::span<const Candidate> candidates, Way way, int64_t now_ms) {
  Choice choice;
  if (device.life_cycle == LifeCycle::kRetired) return choice;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    if (state_of(candidate.deployment, now_ms, 1) != DeploymentState::kActive) continue;
    if (update::is_outcome(candidate.target.progress.state)) continue;
    if (!candidate.deployment.skip_precheck) {
      const Result<Fit> fit = precheck(device, candidate.manifest);
      if (!fit.ok()) {
        choice.settled.push_back({i, {UpdateState::kRefused, fit.error()}});
        continue;
      }
      if (fit.value() == Fit::kInstalled) {
        // Equal numbers mean "it has arrived", unless the image is still on trial.
        if (device.update.state != UpdateState::kTrial) {
          choice.settled.push_back({i, {UpdateState::kConfirmed, std::nullopt}});
        }
        continue;
      }
    }
    // Between installation and its outcome there is nothing to offer: the device tells how it ended.
    const UpdateState state = candidate.target.progress.state;
    if (state == UpdateState::kInstalling || state == UpdateState::kTrial) continue;
    if (!is_delivered(candidate.deployment, device, way)) continue;
    if (!choice.chosen || before(candidate, candidates[*choice.chosen])) choice.chosen = i;
  }
  return choice;
}

bool moves(const Progressed& from, const Progressed& to) {
  if (to.state == UpdateState::kIdle || from == to) return false;
  return from.state != UpdateState::kConfirmed;
}

}  // namespace tailor::update_server
