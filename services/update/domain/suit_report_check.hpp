// SPDX-License-Identifier: Apache-2.0
// Whether the SUIT_Report inside a device's report may be believed: the seal of the device's key, and that it speaks of
// the same update as the report around it. Opens reports that a device encrypted for this server.
#pragma once

#include "services/update/domain/model.hpp"

namespace tailor::update_server {

/// @param key  of the certificate that the device showed; null: none
/// @param report_secret  from which the devices' report keys are derived; empty: none
/// @returns absent when there is none, or when it holds; kNotAuthenticated without a key; kSignatureInvalid;
///          kManifestDigestMismatch: of another manifest; kPreconditionFailed: its nonce is not the number of the
///          report around it, so it is an old one; kDecryptionKeyMissing: encrypted, and there is no secret; what
///          unseal(), decrypt() and decode_suit_report() give
[[nodiscard]] std::optional<Error> check_seal(const update::Report& report, const crypto::P256PublicKey* key,
                                              ByteView report_secret);

/// The SUIT_Report inside a seal, which is not checked again.
struct OpenedReport {
  bool is_encrypted = false;
  Bytes bytes;  ///< empty: not to be read
};
[[nodiscard]] OpenedReport open_suit_report(ByteView sealed, const Uuid& device, ByteView report_secret);

}  // namespace tailor::update_server
