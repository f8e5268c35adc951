// SPDX-License-Identifier: Apache-2.0
// What the agent tells about the device: its installed component, its boot state, its registration and status.
#include <algorithm>

#include "core/suit/component_id.hpp"
#include "device/agent/agent.hpp"
#include "device/boot/suit_verifier.hpp"

namespace tailor::agent {

/// Verifies the running image's slot as the boot program would with this trust store.
boot::Verification Agent::verify_running(const trust::TrustStore& trust) const noexcept {
  const trust::TrustPolicy policy(trust, identity_.anchor());
  boot::SuitVerifier::Settings own{
      {identity_.vendor(), identity_.device_class(), identity_.device()}, policy, policy, settings_.image_component};
  own.layout = &layout_;
  own.dependency_component = settings_.extra.dependency;
  own.staging_component = settings_.extra.staging;
  boot::SuitVerifier verifier(own);
  return verifier.verify(boot_.running_manifest(), boot_.running_image());
}

/// Reads what the running image is, by verifying its slot as the boot program did.
void Agent::learn_installed() noexcept {
  has_installed_ = false;
  learn_trust();
  const uint32_t bytes = boot_.running_image_bytes();
  if (settings_.image_component.size() > component_.size()) return;
  std::copy(settings_.image_component.begin(), settings_.image_component.end(), component_.begin());
  const Result<suit::ComponentId> id =
      suit::decode_component_id(ByteView{component_}.first(settings_.image_component.size()));
  if (bytes == 0 || !id.ok()) return;
  const boot::Verification found = verify_running(identity_.trust());
  if (!found.verdict.passes()) {
    core_.error("image.not-verified").error(found.error);
    return;
  }
  installed_.id = *id;
  installed_.sequence_number = found.image.sequence;
  installed_.digest = found.image.digest;
  installed_.size_bytes = found.image.image_bytes;
  installed_.version = slice(settings_.version, 0, update::kVersionBytes);
  has_installed_ = true;
}

/// Reads what the trust store is, as a component.
void Agent::learn_trust() noexcept {
  installed_trust_ = {};
  const Result<suit::ComponentId> id = suit::decode_component_id(trust::kTrustComponent);
  const Result<boot::ComponentKey> key = boot::component_key(trust::kTrustComponent);
  const Result<crypto::Sha256Digest> digest = crypto::sha256(identity_.sealed_trust());
  if (!id.ok() || !key.ok() || !digest.ok()) return;
  size_t at = trust_version_.size();
  for (uint64_t rest = identity_.trust().version; at == trust_version_.size() || rest != 0; rest /= 10) {
    trust_version_[--at] = static_cast<char>('0' + rest % 10);
  }
  installed_trust_.id = *id;
  installed_trust_.sequence_number = boot_.counter(*key);
  installed_trust_.digest = *digest;
  installed_trust_.size_bytes = identity_.sealed_trust().size();
  installed_trust_.version = {trust_version_.data() + at, trust_version_.size() - at};
}

update::InstalledComponents Agent::installed() const noexcept {
  update::InstalledComponents components;
  if (has_installed_) static_cast<void>(components.push_back(installed_, Error::kTooManyComponents));  // one of eight
  if (!installed_trust_.id.empty()) {
    static_cast<void>(components.push_back(installed_trust_, Error::kTooManyComponents));  // two of eight
  }
  return components;
}

update::BootInfo Agent::boot_info() const noexcept {
  const boot::BootData data = boot_.boot_data();
  update::BootInfo info;
  info.running_slot = static_cast<uint8_t>(boot::index_of(data.running));
  info.slots = 2;
  info.trial = data.on_trial;
  info.trial_attempts = data.attempts;
  return info;
}

update::Registration Agent::registration() const noexcept {
  update::Registration registration;
  registration.device = identity_.device();
  registration.vendor = identity_.vendor();
  registration.device_class = identity_.device_class();
  // With the server that takes this the device is registered.
  registration.life_cycle = life_ == update::LifeCycle::kEnrolled ? update::LifeCycle::kRegistered : life_;
  registration.components = installed();
  registration.modes = settings_.modes;
  registration.preferred_mode = settings_.preferred_mode;
  registration.block_bytes = static_cast<uint16_t>(16U << settings_.block_szx);
  registration.trust_store_version = identity_.trust().version;
  registration.update = updater_.status();
  return registration;
}

Result<ByteView> Agent::write_status(MutableBytes out) noexcept {
  update::DeviceStatus status;
  status.device = identity_.device();
  status.vendor = identity_.vendor();
  status.device_class = identity_.device_class();
  status.life_cycle = life_;
  status.update = updater_.status();
  status.manifest_digest = updater_.manifest_digest();
  if (updater_.status().state() == update::UpdateState::kFetching) {
    status.received_bytes = updater_.received_bytes();
    status.expected_bytes = updater_.expected_bytes();
  }
  status.components = installed();
  status.trust_store_version = identity_.trust().version;
  status.boot = boot_info();
  status.time = clock_.at(now_);
  return update::encode(status, out);
}

}  // namespace tailor::agent
