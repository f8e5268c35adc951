// SPDX-License-Identifier: Apache-2.0
// SUIT_Report_Protected (report-20, SUIT_Report Container): a report inside a COSE structure, payload attached. A
// device signs with the key of its certificate; who may be believed is the verifier's matter.
#pragma once

#include "core/cose/block.hpp"
#include "core/cose/sign1.hpp"

namespace tailor::report {

/// Bytes that sealing with COSE_Sign1 adds, at most: tag, array, headers, two heads, signature.
inline constexpr size_t kSealBytes = 1 + 1 + 4 + 1 + 5 + 2 + cose::kSignatureBytes;

/// Signs a report, plain or encrypted: COSE_Sign1, tagged, ESP256.
/// @returns the bytes written; kBufferTooSmall, kCryptoFailed
[[nodiscard]] Result<ByteView> seal(ByteView report, const crypto::P256PrivateKey& key, MutableBytes out) noexcept;

/// Authenticates a report, plain or encrypted, with a key that both sides have: COSE_Mac0, tagged, HMAC with SHA-256.
/// @returns the bytes written; kAlgorithmUnsupported: no HMAC key; kBufferTooSmall, kCryptoFailed
[[nodiscard]] Result<ByteView> seal_mac0(ByteView report, const cose::VerificationKey& key, MutableBytes out) noexcept;

/// Checks the seal and gives what is inside: the report, which decode_suit_report() reads, or the report encrypted
/// (encrypted.hpp).
/// @returns kCoseUnsupported: neither COSE_Sign1 nor COSE_Mac0, or untagged, or detached; - kAlgorithmUnsupported: by
///          number, or for a key of this kind; - kSignatureInvalid
[[nodiscard]] Result<ByteView> unseal(ByteView sealed, const cose::VerificationKey& key) noexcept;

/// Gives what is inside without checking anything: for those who cannot, and say so.
[[nodiscard]] Result<ByteView> look_inside(ByteView sealed) noexcept;

}  // namespace tailor::report
