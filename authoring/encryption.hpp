// SPDX-License-Identifier: Apache-2.0
// Encrypts images for the devices that hold keys: ciphertext and SUIT_Encryption_Info as files that a description names
// (firmware-encryption). The cryptography is core/suit/encoder's.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/suit/encoder/payload_encryptor.hpp"
#include "hosted/encoding.hpp"
#include "hosted/failure.hpp"
#include "hosted/secret.hpp"

namespace tailor::authoring {

/// Who is to decrypt: the holder of a private key, or of a shared secret.
struct RecipientKey {
  suit::DecryptionKeyKind kind = suit::DecryptionKeyKind::kP256;
  SecretBytes key;  ///< public key, or the key-encryption key itself
  Bytes key_id;     ///< as the key's file names it; empty when it does not
};

/// Reads a P-256 key in PEM (public key, private key or certificate), or a COSE_Key: EC2 on P-256, OKP on X25519, or
/// Symmetric with 16, 24 or 32 bytes. A COSE_Key's kid becomes the recipient's key id.
/// @returns kFileFailed; kCoseUnsupported for a key of another kind
[[nodiscard]] Outcome<RecipientKey> read_recipient_key(const std::filesystem::path& path);

struct EncryptedImage {
  Bytes ciphertext;
  Bytes info;  ///< value of parameter encryption-info
};

/// @returns what suit::encrypt_payload() gives
[[nodiscard]] Outcome<EncryptedImage> encrypt_image(crypto::ContentAlgorithm algorithm,
                                                    const std::vector<RecipientKey>& recipients, ByteView image);

}  // namespace tailor::authoring
