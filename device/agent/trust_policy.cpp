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

Status TrustPolicy::may_write(const cose::VerificationKey& signer, ByteView id) const noexcept {
  TAILOR_TRY_ASSIGN(const suit::ComponentId component, suit::decode_component_id(id));
  return trust::check_right(trust_, signer, component);
}

}  // namespace tailor::agent
