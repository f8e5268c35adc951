// SPDX-License-Identifier: Apache-2.0
#include "authoring/trust_check.hpp"

#include "authoring/component_text.hpp"
#include "core/suit/envelope.hpp"
#include "core/trust/trust_policy.hpp"

namespace tailor::authoring {

Outcome<std::vector<TrustVerdict>> check_under_trust(ByteView envelope, ByteView sealed_store,
                                                     const cose::VerificationKey& anchor) {
  TAILOR_TRY_ASSIGN(const trust::TrustStore store,
                    with_context(trust::open_trust_store(sealed_store, anchor, 0), "trust store"));
  const trust::TrustPolicy policy(store, anchor);
  TAILOR_TRY_ASSIGN(const suit::Envelope whole, with_context(suit::Envelope::from_bytes(envelope), "envelope"));
  TAILOR_TRY_ASSIGN(const suit::AuthenticManifest manifest,
                    with_context(suit::authenticate(whole, policy, suit::kStrict), "authentication wrapper"));
  std::vector<TrustVerdict> verdicts;
  for (size_t i = 0; i < manifest.manifest().component_count; ++i) {
    TAILOR_TRY_ASSIGN(const ByteView id, with_context(manifest.manifest().component(i), "components"));
    TAILOR_TRY_ASSIGN(const suit::ComponentId parts, with_context(suit::decode_component_id(id), "components"));
    ComponentParts owned;
    for (const ByteView part : parts) owned.emplace_back(part.begin(), part.end());
    const Status permitted = policy.permits(manifest.signers(), id, {});
    verdicts.push_back({component_to_text(owned), permitted.ok() ? std::nullopt : std::optional(permitted.error())});
  }
  return verdicts;
}

}  // namespace tailor::authoring
