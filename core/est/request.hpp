// SPDX-License-Identifier: Apache-2.0
// A certificate request (PKCS#10, RFC 2986) as a device sends it: its id as common name, one P-256 key, no attributes.
// The structure has a fixed length but for its signature, so a template does what an ASN.1 library would.
#pragma once

#include "core/base/uuid.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::est {

/// The longest request that write_request makes.
inline constexpr size_t kMaxRequestBytes = 256;

/// Writes a request for `key`, signed with it (ecdsa-with-SHA256). DER.
///
/// The role and tenant of the certificate are the CA's to decide, from how the device has authenticated itself.
/// @returns the request; kBufferTooSmall below kMaxRequestBytes; kValueOutOfRange for a key that is none; kCryptoFailed
[[nodiscard]] Result<ByteView> write_request(const Uuid& device, const crypto::P256PrivateKey& key,
                                             MutableBytes out) noexcept;

}  // namespace tailor::est
