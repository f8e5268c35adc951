// SPDX-License-Identifier: Apache-2.0
// A trust store as the manifest processor asks it: which keys may have signed, and what their signatures allow
// together. For agent, boot program and whoever wants to know what a device would say.
#pragma once

#include "core/processor/seams.hpp"
#include "core/suit/authentication.hpp"
#include "core/trust/trust_store.hpp"

namespace tailor::trust {

/// The component that is the trust store itself: ["trust"], encoded. Its image is the sealed trust store.
inline constexpr auto kTrustComponent = "81 45 7472757374"_hex;

/// The signers of a trust store, and the trust provisioning authority.
///
/// The authority's anchor may replace the trust store (what begins with kTrustComponent), which nobody else may
/// whatever the store says, and has no other right.
class TrustPolicy final : public suit::TrustAnchors, public processor::Authorization {
 public:
  /// @param trust, anchor  outlive this object, and may change
  TrustPolicy(const TrustStore& trust, const Key& anchor) noexcept : trust_(trust), anchor_(anchor) {}

  [[nodiscard]] const Key* candidate(ByteView key_id, size_t nth) const noexcept override;
  /// @returns kSignerUnknown: none of the keys is known; - kSignerNotPermitted
  [[nodiscard]] Status permits(std::span<const Key* const> signed_by, ByteView component,
                               processor::Action action) const noexcept override;

 private:
  const TrustStore& trust_;
  const Key& anchor_;
};

}  // namespace tailor::trust
