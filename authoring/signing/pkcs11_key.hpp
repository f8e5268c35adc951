// SPDX-License-Identifier: Apache-2.0
// Signing keys inside a PKCS#11 module (smart card, HSM): named by an RFC 7512 URI, never read out.
#pragma once

#include "authoring/signing/signing_key.hpp"

namespace tailor::authoring {

/// Tells a PKCS#11 URI from a file name.
[[nodiscard]] bool is_pkcs11_uri(std::string_view name);

/// Logs in to the token and finds the private key, and the public key that belongs to it.
///
/// @param uri  "pkcs11:token=...;object=...?module-path=...&pin-source=file:..."; the PIN also as pin-value, or in the
///             environment as TAILOR_PKCS11_PIN, where other users do not see it as they see a command line
/// @returns kUsageInvalid: not such a URI, or it names no module, or more than one key; - kNotFound: no such token or
///          key; - kAlgorithmUnsupported: a key that is neither on P-256 nor Ed25519; - kNotAuthenticated: the PIN is
///          wrong; - kCryptoFailed: the module failed. The context never holds the PIN.
[[nodiscard]] Outcome<std::unique_ptr<SigningKey>> open_pkcs11_key(const std::string& uri);

}  // namespace tailor::authoring
