// SPDX-License-Identifier: Apache-2.0
// Makes certificate requests (PKCS #10, RFC 2986) for enrolment; the authority's side stands in pki/.
#pragma once

#include <string_view>

#include "core/base/uuid.hpp"
#include "core/coap/peer.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::x509 {

/// DER bytes of a request of the profile, at most: key, name, alternative name and signature.
inline constexpr size_t kCsrBytes = 512;

/// Makes a request for `key`: subject CN = `id`, and the peer's URI as its alternative name.
///
/// @param out  kCsrBytes are enough
/// @returns the request, at the start of `out`; kBufferTooSmall; kValueOutOfRange for a tenant that may not stand in a
///          certificate or a key outside the group; kAllocationFailed, kCryptoFailed
[[nodiscard]] Result<ByteView> make_csr(const crypto::P256PrivateKey& key, std::string_view tenant, coap::PeerRole role,
                                        const Uuid& id, MutableBytes out) noexcept;

}  // namespace tailor::x509
