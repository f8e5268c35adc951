// SPDX-License-Identifier: Apache-2.0
// SUIT_Report_COSE_Encrypt0 (report-20, SUIT_Report Container): a report that only those can read who have its key. It
// goes inside a seal (sealed.hpp), which authenticates it. docs/formats/suit-report.md.
#pragma once

#include "core/base/uuid.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::report {

/// Bytes of a device's report key, for AES-GCM with 128 bits.
inline constexpr size_t kReportKeyBytes = 16;
/// Bytes that encrypt() adds, at most: array, headers with the IV, head of the ciphertext, tag.
inline constexpr size_t kEncryptBytes = 1 + 2 + 7 + 19 + 3 + 16;

/// A key that device and reader share. It looks at memory of its owner.
struct ReportKey {
  crypto::ContentAlgorithm algorithm = crypto::ContentAlgorithm::kA128Gcm;
  ByteView secret;
};

/// Derives the report key of a device from a secret that the reader keeps for many:
/// HKDF-SHA-256(secret, no salt, "tailor report" || device id), 16 bytes.
/// @returns kValueOutOfRange for a secret of less than 16 bytes; kCryptoFailed
[[nodiscard]] Result<std::array<uint8_t, kReportKeyBytes>> derive_report_key(ByteView secret,
                                                                             const Uuid& device) noexcept;

/// Encrypts a report: COSE_Encrypt0, untagged as the draft's CDDL has it, under a random IV.
/// @param out  may not overlap the report
/// @returns the bytes written; kBufferTooSmall; kValueOutOfRange: a key of another size than the algorithm's;
///          kAlgorithmUnsupported; kCryptoFailed
[[nodiscard]] Result<ByteView> encrypt(ByteView report, const ReportKey& key, MutableBytes out) noexcept;

/// Tells whether what a seal holds is a COSE_Encrypt0, an array; a report is a map.
[[nodiscard]] bool is_encrypted(ByteView inside) noexcept;

/// Decrypts what a seal holds.
/// @param out  as long as `inside` or longer
/// @returns the report; kDecryptionFailed: another key, or changed; kAlgorithmUnsupported: not the key's;
///          kCoseUnsupported: tagged, detached, an algorithm where it may not stand; kMissingKey: no IV;
///          kValueOutOfRange: an IV or ciphertext of another size; kBufferTooSmall; a CBOR error
[[nodiscard]] Result<ByteView> decrypt(ByteView inside, const ReportKey& key, MutableBytes out) noexcept;

}  // namespace tailor::report
