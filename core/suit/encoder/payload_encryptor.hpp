// SPDX-License-Identifier: Apache-2.0
// Encrypts a payload for the holders of keys, and writes the SUIT_Encryption_Info that says how (firmware-encryption 6,
// 7). For authors and distributors; suit/payload_decryptor.hpp is the other side.
#pragma once

#include <span>

#include "core/suit/encryption_info.hpp"

namespace tailor::suit {

/// One recipient of the content key.
struct PayloadRecipient {
  DecryptionKeyKind kind = DecryptionKeyKind::kAesKw;
  /// kAesKw: the shared secret, 16, 24 or 32 bytes; kP256: the recipient's X and Y, 64 bytes; kX25519: its u, 32 bytes.
  ByteView key;
  ByteView key_id = {};  ///< left out when empty
  ByteView salt = {};    ///< of the key derivation, 64 bytes at most; left out when empty; not with kAesKw
};

/// A payload as it is sent.
struct EncryptedPayload {
  ByteView info;        ///< the value of parameter encryption-info
  ByteView ciphertext;  ///< with an AEAD the tag is its last 16 bytes
};

/// Bytes of an encryption info with that many recipients, each with a 32-byte key id and a 32-byte salt.
[[nodiscard]] constexpr size_t max_encryption_info_bytes(size_t recipients) noexcept {
  return 64 + 256 * recipients;
}

/// Encrypts `plaintext` under a content key and an IV that are drawn for it, and wraps the key for each recipient: with
/// AES key wrap, or with ECDH-ES + A128KW under an ephemeral key of the recipient's curve.
///
/// @param recipients  1 to kMaxRecipients
/// @param ciphertext  16 bytes longer than `plaintext`, or as long with AES-CTR; may be the same memory
/// @param info        max_encryption_info_bytes()
/// @returns kValueOutOfRange: recipients or keys of other sizes, a public key that is not on its curve;
///          - kAlgorithmUnsupported: the backend lacks an algorithm; - kBufferTooSmall; - kEntropyFailed, kCryptoFailed
[[nodiscard]] Result<EncryptedPayload> encrypt_payload(crypto::ContentAlgorithm algorithm,
                                                       std::span<const PayloadRecipient> recipients, ByteView plaintext,
                                                       MutableBytes ciphertext, MutableBytes info) noexcept;

}  // namespace tailor::suit
