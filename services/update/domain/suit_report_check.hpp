// SPDX-License-Identifier: Apache-2.0
// Whether the SUIT_Report inside a device's report may be believed: the seal of the device's key, and that it speaks of
// the same update as the report around it.
#pragma once

#include "services/update/domain/model.hpp"

namespace tailor::update_server {

/// @param key  of the certificate that the device showed; null: none
/// @returns absent when there is none, or when it holds; kNotAuthenticated without a key; kSignatureInvalid;
///          kManifestDigestMismatch: of another manifest; kPreconditionFailed: its nonce is not the number of the
///          report around it, so it is an old one; what unseal() and decode_suit_report() give
[[nodiscard]] std::optional<Error> check_seal(const update::Report& report, const crypto::P256PublicKey* key);

}  // namespace tailor::update_server
