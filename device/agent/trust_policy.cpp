// SPDX-License-Identifier: Apache-2.0
#include "device/agent/trust_policy.hpp"

#include "core/suit/component_id.hpp"

namespace tailor::agent {

const cose::VerificationKey* TrustPolicy::candidate(ByteView key_id, size_t nth) const noexcept {
  for (const trust::Signer& signer : trust_.signers) {
    if (!cose::may_have_key_id(signer.key, key_id)) continue;
    if (nth == 0) return &signer.key;
    --nth;
  }
  return nullptr;
}

Status TrustPolicy::permits(std::span<const cose::VerificationKey* const> signers, ByteView id,
                            processor::Action action) const noexcept {
  // Checking and describing content is no matter of rights; changing it is.
  if (action.kind != processor::Action::Kind::kWrite) return kOk;
  TAILOR_TRY_ASSIGN(const suit::ComponentId component, suit::decode_component_id(id));
  Status allowed = Error::kSignerNotPermitted;
  for (const cose::VerificationKey* signer : signers) {
    allowed = trust::check_right(trust_, *signer, component);
    if (allowed.ok()) break;
  }
  return allowed;
}

}  // namespace tailor::agent
