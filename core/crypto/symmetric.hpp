// SPDX-License-Identifier: Apache-2.0
// HMAC, HKDF, AEAD of short messages and random numbers of the crypto contract (core/crypto/crypto.hpp). Payloads,
// which are long, are decrypted by core/crypto/content.hpp.
#pragma once

#include "core/crypto/hash.hpp"

namespace tailor::crypto {

/// HMAC with SHA-256 (RFC 2104).
[[nodiscard]] Result<Sha256Digest> hmac_sha256(ByteView key, ByteView message) noexcept;

/// Checks an HMAC-SHA-256 tag of 32 bytes (COSE HMAC 256/256, 5), in a time that does not depend on where it differs.
/// @returns kSignatureInvalid for any other tag, a truncated one too
[[nodiscard]] Status verify_hmac_sha256(ByteView key, ByteView message, ByteView tag) noexcept;

/// Derives `out.size()` bytes (at most 255 * 32) with HKDF-SHA-256 (RFC 5869).
[[nodiscard]] Status hkdf_sha256(ByteView key_material, ByteView salt, ByteView info, MutableBytes out) noexcept;

/// AEAD algorithms by their COSE number (RFC 9053 4).
enum class AeadAlgorithm : int32_t { kA128Gcm = 1, kAesCcm16_64_128 = 10 };  // NOLINT(readability-identifier-naming)

/// Encrypts `plaintext`; `out` receives ciphertext then tag, and may be the same memory as `plaintext`.
[[nodiscard]] Result<ByteView> aead_seal(AeadAlgorithm algorithm, ByteView key, ByteView nonce, ByteView additional,
                                         ByteView plaintext, MutableBytes out) noexcept;
/// Decrypts and checks the tag; on failure `out` holds nothing of the plaintext.
/// @returns kSignatureInvalid when the tag does not hold
[[nodiscard]] Result<ByteView> aead_open(AeadAlgorithm algorithm, ByteView key, ByteView nonce, ByteView additional,
                                         ByteView ciphertext_and_tag, MutableBytes out) noexcept;

/// Fills `out` from the platform's cryptographic generator.
[[nodiscard]] Status random(MutableBytes out) noexcept;

/// Compares without leaking where the first difference is; lengths are not secret.
[[nodiscard]] inline bool constant_time_equal(ByteView a, ByteView b) noexcept {
  if (a.size() != b.size()) return false;
  uint8_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference = static_cast<uint8_t>(difference | (a[i] ^ b[i]));
  return *static_cast<const volatile uint8_t*>(&difference) == 0;
}

}  // namespace tailor::crypto
