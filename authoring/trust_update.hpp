// SPDX-License-Identifier: Apache-2.0
// The update manifest of a trust store: component ["trust"], whose image is the sealed document. The trust provisioning
// authority signs it as it signs the document; operators deploy it as any other.
#pragma once

#include <optional>

#include "authoring/trust.hpp"

namespace tailor::authoring {

struct TrustUpdate {
  Bytes sealed;                      ///< the trust store as devices keep it
  uint64_t sequence_number = 0;      ///< devices refuse one below that of the last trust store's manifest
  std::optional<Uuid> vendor;        ///< for devices of this vendor only
  std::optional<Uuid> device_class;  ///< for devices of this class only
  bool integrated = true;  ///< the trust store travels in the envelope; otherwise devices fetch "/img/<digest>"
};

/// Makes the envelope and signs it.
/// @returns kValueOutOfRange for no trust store or one that devices would not keep
[[nodiscard]] Outcome<Bytes> make_trust_update(const TrustUpdate& update, const crypto::P256PrivateKey& authority);

}  // namespace tailor::authoring
