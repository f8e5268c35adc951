// SPDX-License-Identifier: Apache-2.0
// The two structures of EST that are neither certificate nor request: certs-only PKCS#7 (RFC 7030 4.1.3, RFC 8551 3.8)
// and CsrAttrs (RFC 7030 4.5.2).
#pragma once

#include <span>
#include <vector>

#include "pki/certificate.hpp"

namespace tailor::pki {

/// Encodes certificates as degenerate SignedData. DER.
[[nodiscard]] Outcome<Bytes> make_certs_only(std::span<const Certificate> certificates);

/// Reads what make_certs_only and other EST servers write; at least one certificate.
/// @returns kDerMalformed; signatures and content are refused, because nobody would check them
[[nodiscard]] Outcome<std::vector<Certificate>> parse_certs_only(ByteView der);

/// Our answer to "what should a request hold": a P-256 key and an ECDSA signature with SHA-256. DER.
[[nodiscard]] ByteView csr_attributes() noexcept;

}  // namespace tailor::pki
