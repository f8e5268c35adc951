// SPDX-License-Identifier: Apache-2.0
// The trust store as the manifest processor asks it: which keys may have signed, and what their signatures may write.
// For agent and boot program alike.
#pragma once

#include "core/processor/seams.hpp"
#include "core/suit/authentication.hpp"
#include "core/trust/trust_store.hpp"

namespace tailor::agent {

/// The signers of a trust store, which outlives this object.
class TrustPolicy final : public suit::TrustAnchors, public processor::Authorization {
 public:
  explicit TrustPolicy(const trust::TrustStore& trust) noexcept : trust_(trust) {}

  [[nodiscard]] const cose::VerificationKey* candidate(ByteView key_id, size_t nth) const noexcept override;
  /// One signer with the right to the component is enough; rights are over components, whatever is done to them.
  [[nodiscard]] Status permits(std::span<const cose::VerificationKey* const> signers, ByteView id,
                               processor::Action action) const noexcept override;

 private:
  const trust::TrustStore& trust_;
};

}  // namespace tailor::agent
