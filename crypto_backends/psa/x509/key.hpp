// SPDX-License-Identifier: Apache-2.0
// Hands one of our P-256 keys to the parts of Mbed TLS that want their own form of it (DTLS, certificate requests).
#pragma once

#include <mbedtls/pk.h>

#include "core/crypto/crypto.hpp"

namespace tailor::x509 {

/// Loads `key` into `out`, which was initialized and holds nothing; the caller frees it.
/// @returns kValueOutOfRange for a scalar outside the group; kAllocationFailed, kCryptoFailed
[[nodiscard]] Status load_key(const crypto::P256PrivateKey& key, mbedtls_pk_context& out) noexcept;

}  // namespace tailor::x509
