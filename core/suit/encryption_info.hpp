// SPDX-License-Identifier: Apache-2.0
// SUIT_Encryption_Info: how a payload was encrypted and for whom (firmware-encryption 4, 6; COSE_Encrypt, RFC 9052 5).
// Decodes it, and opens the content key with one of the device's keys. payload_decryptor.hpp decrypts.
#pragma once

#include "core/cbor/reader.hpp"
#include "core/suit/decryption_keys.hpp"

namespace tailor::suit {

inline constexpr uint64_t kEncryptTag = 96;
/// Recipients of one payload. Each may cost an ECDH with each key of the device.
inline constexpr size_t kMaxRecipients = 8;

/// What the content is encrypted with. Views point into the bytes it was decoded from.
struct EncryptionInfo {
  crypto::ContentAlgorithm algorithm{};
  ByteView protected_content;  ///< of the outer header; empty with AES-CTR
  ByteView iv;
  ByteView recipients;  ///< encoded one after the other
  size_t recipient_count = 0;
  bool detached = false;  ///< the ciphertext is elsewhere, as it is for a payload
  ByteView ciphertext;    ///< empty when detached

  uint8_t key_bytes = 0;  ///< of the content key
  uint8_t tag_bytes = 0;  ///< of the tag at the end of the ciphertext: 16, or 0 with AES-CTR
};

/// Decodes a tagged COSE_Encrypt.
///
/// @returns kCoseUnsupported: another structure; critical parameters; an AEAD algorithm outside the protected header
///          (RFC 9052 3.1), or AES-CTR with a protected header (firmware-encryption 7, RFC 9459 4)
///          - kAlgorithmUnsupported: not one of crypto::ContentAlgorithm
///          - kMissingKey: no IV; - kValueOutOfRange: an IV of another size than the algorithm's, recipients none or
///          more than kMaxRecipients
///          - kTrailingBytes, kDuplicateKey and what cbor::Reader gives
///          - kParameterUnsupported: built without COSE_Encrypt
[[nodiscard]] Result<EncryptionInfo> decode_encryption_info(ByteView bytes) noexcept;

/// A content-encryption key; wiped when it goes.
class ContentKey {
 public:
  static constexpr size_t kMaxBytes = 32;
  ContentKey() = default;
  ContentKey(const ContentKey&) = delete;
  ContentKey& operator=(const ContentKey&) = delete;
  ~ContentKey() { wipe(secret_); }
  [[nodiscard]] ByteView secret_bytes() const noexcept { return ByteView(secret_).first(size_); }

 private:
  friend class RecipientOpener;
  std::array<uint8_t, kMaxBytes> secret_{};
  size_t size_ = 0;
};

/// Opens the content key: tries each recipient that can be read with each key that it may mean.
///
/// AES key wrap (-3, -4, -5) and ECDH-ES + A128KW (-29) on P-256 and X25519. Recipients of other kinds are passed over.
/// @returns kDecryptionKeyMissing: no recipient means a key of this device
///          - kDecryptionFailed: one does, and it does not open
///          - kAlgorithmUnsupported: one does, and the crypto backend lacks what it takes
///          - a decoding error: a recipient is malformed
/// @cost    stack 600 bytes beside what the backend needs
[[nodiscard]] Status open_content_key(const EncryptionInfo& info, const DecryptionKeys& keys, ContentKey& key) noexcept;

}  // namespace tailor::suit
