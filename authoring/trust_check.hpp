// SPDX-License-Identifier: Apache-2.0
// What devices that have a certain trust store would say to the signatures of an envelope: the device's own rule,
// before anything is uploaded.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/cose/verification_key.hpp"
#include "hosted/encoding.hpp"

namespace tailor::authoring {

struct TrustVerdict {
  std::string component;         ///< as people write it
  std::optional<Error> refused;  ///< kSignerNotPermitted; absent: those who signed may update the component
};

/// Authenticates the envelope under the trust store's signers and asks for the right to update each of its components.
///
/// @returns kSignatureInvalid, kSignerUnknown, kAuthenticationMissing and what else authenticating gives; what opening
/// the
///          trust store gives
/// @note    rights to single commands and parameters are asked on the device, command by command
[[nodiscard]] Outcome<std::vector<TrustVerdict>> check_under_trust(ByteView envelope, ByteView sealed_store,
                                                                   const cose::VerificationKey& anchor);

}  // namespace tailor::authoring
