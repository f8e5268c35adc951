// SPDX-License-Identifier: Apache-2.0
// Decrypts a payload while it streams from its source to the component (firmware-encryption 7): fixed memory, pieces of
// any size. Knows neither source nor component.
#pragma once

#include "core/suit/encryption_info.hpp"

namespace tailor::suit {

/// Call start() once, update() for each piece of the ciphertext, finish() once.
///
/// Two phases: what update() gives may be written, and counts for nothing until finish() said kOk and the manifest's
/// image-match held. A component whose finish() failed has no valid content. AES-CTR proves nothing about its
/// plaintext: there only image-match does (firmware-encryption 8).
class PayloadDecryptor {
 public:
  /// Opens the content key. It may be called again for another payload.
  ///
  /// @returns kCoseUnsupported: the ciphertext is inside the encryption info; - what open_content_key() gives
  ///          - kAlgorithmUnsupported: the backend lacks the content algorithm
  [[nodiscard]] Status start(const EncryptionInfo& info, const DecryptionKeys& keys) noexcept;

  /// Decrypts the next piece of the ciphertext; with an AEAD the last 16 bytes so far are held back, because they may
  /// be the tag.
  ///
  /// @param out  as long as `ciphertext`; may be the same memory
  /// @returns the plaintext, not yet authentic: a view of `out`, not longer than `ciphertext`
  ///          - kBufferTooSmall; - kStateConflict: not started, or ended
  [[nodiscard]] Result<ByteView> update(ByteView ciphertext, MutableBytes out) noexcept;

  /// Ends the payload: with an AEAD, what was held back is the tag.
  /// @returns kDecryptionFailed: the tag does not hold, or did not come whole
  [[nodiscard]] Status finish() noexcept;

  /// Bytes that update() gave since start(): the size of the plaintext after finish().
  [[nodiscard]] uint64_t plaintext_size() const noexcept { return plaintext_size_; }

 private:
  static constexpr size_t kMaxTagBytes = 16;

  crypto::ContentDecryption content_;
  std::array<uint8_t, kMaxTagBytes> held_{};
  size_t held_size_ = 0;
  size_t tag_bytes_ = 0;
  uint64_t plaintext_size_ = 0;
};

}  // namespace tailor::suit
