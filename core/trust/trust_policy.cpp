// SPDX-License-Identifier: Apache-2.0
#include "core/trust/trust_policy.hpp"

namespace tailor::trust {

const Key* TrustPolicy::candidate(ByteView key_id, size_t nth) const noexcept {
  for (const Signer& signer : trust_.signers) {
    if (!cose::may_have_key_id(signer.key, key_id)) continue;
    if (nth == 0) return &signer.key;
    --nth;
  }
  return nth == 0 && cose::may_have_key_id(anchor_, key_id) ? &anchor_ : nullptr;
}

Status TrustPolicy::permits(std::span<const Key* const> signed_by, ByteView component,
                            processor::Action action) const noexcept {
  bool authority = false;
  for (const Key* key : signed_by) authority = authority || *key == anchor_;
  if (begins_with(component, kTrustComponent)) return authority ? Status(kOk) : Status(Error::kSignerNotPermitted);
  const Status permitted = check_permitted(trust_.signers.view(), trust_.policies.view(), signed_by, component, action);
  if (!permitted.ok() && authority) return Error::kSignerNotPermitted;  // known, but for something else
  return permitted;
}

}  // namespace tailor::trust
