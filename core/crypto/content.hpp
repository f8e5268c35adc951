// SPDX-License-Identifier: Apache-2.0
// Encryption of payloads and of their keys, of the crypto contract (core/crypto/crypto.hpp): streaming decryption for
// devices, encryption in one piece for authors, AES key wrap. SUIT firmware encryption -26, RFC 9459, RFC 3394.
#pragma once

#include "core/crypto/hash.hpp"

namespace tailor::crypto {

// --- AES key wrap (RFC 3394) ---------------------------------------------------------------------------------------

/// What wrapping adds.
inline constexpr size_t kKeyWrapBytes = 8;
/// The longest key that is wrapped here.
inline constexpr size_t kMaxWrappedKeyBytes = 64;

/// Wraps `key` under `kek` (COSE A128KW -3, A192KW -4, A256KW -5, by the size of `kek`).
///
/// @param key  16 to 64 bytes, a multiple of 8
/// @param out  8 bytes more than `key`; may not overlap it
/// @returns kValueOutOfRange for other sizes; kBufferTooSmall
[[nodiscard]] Result<ByteView> wrap_key(ByteView kek, ByteView key, MutableBytes out) noexcept;

/// Unwraps a key; on failure `out` holds nothing of it.
///
/// @param out  8 bytes less than `wrapped`; may not overlap it
/// @returns kValueOutOfRange for sizes that wrap_key() does not make; kBufferTooSmall;
///          - kSignatureInvalid: it was wrapped under another key, or changed
[[nodiscard]] Result<ByteView> unwrap_key(ByteView kek, ByteView wrapped, MutableBytes out) noexcept;

// --- content encryption --------------------------------------------------------------------------------------------

/// Content encryption by its COSE number (RFC 9053 4, RFC 9459 4).
enum class ContentAlgorithm : int32_t {
  kA128Ctr = -65534,
  kA192Ctr = -65533,
  kA256Ctr = -65532,
  kA128Gcm = 1,
  kA192Gcm = 2,
  kA256Gcm = 3,
  kChaCha20Poly1305 = 24
};

/// The sizes that belong to an algorithm, in bytes; all zero for a number that is none of the enumeration.
struct ContentSizes {
  uint8_t key = 0;
  uint8_t iv = 0;
  uint8_t tag = 0;  ///< 0: the algorithm authenticates nothing (RFC 9459 8)
};
[[nodiscard]] constexpr ContentSizes content_sizes(ContentAlgorithm algorithm) noexcept {
  switch (algorithm) {
    case ContentAlgorithm::kA128Ctr:
      return {16, 16, 0};
    case ContentAlgorithm::kA192Ctr:
      return {24, 16, 0};
    case ContentAlgorithm::kA256Ctr:
      return {32, 16, 0};
    case ContentAlgorithm::kA128Gcm:
      return {16, 12, 16};
    case ContentAlgorithm::kA192Gcm:
      return {24, 12, 16};
    case ContentAlgorithm::kA256Gcm:  // NOLINT(bugprone-branch-clone): a table
      return {32, 12, 16};
    case ContentAlgorithm::kChaCha20Poly1305:
      return {32, 12, 16};
  }
  return {};
}

/// Decrypts a payload that arrives in pieces of any size. Lives where its owner puts it; no heap on the device backend.
///
/// Call start() once, update() for each piece, finish() once. What update() gives is not yet authentic: it may be
/// stored, and is to be used only after finish() said kOk. (With AES-CTR finish() proves nothing: compare the digest of
/// the plaintext.)
class ContentDecryption {
 public:
  ContentDecryption() noexcept;
  ~ContentDecryption();  ///< wipes the key
  ContentDecryption(const ContentDecryption&) = delete;
  ContentDecryption& operator=(const ContentDecryption&) = delete;

  /// Takes key and IV, and the additional data that the tag covers. It may be called again for another payload.
  ///
  /// @returns kValueOutOfRange: key or IV of another size than content_sizes(), additional data with AES-CTR, which
  ///          has no tag; - kAlgorithmUnsupported; - kCryptoFailed, kAllocationFailed
  [[nodiscard]] Status start(ContentAlgorithm algorithm, ByteView key, ByteView iv, ByteView additional) noexcept;

  /// Decrypts the next bytes of the ciphertext; the tag, which follows it in COSE, is not part of them.
  ///
  /// @param out  as long as `ciphertext` or longer; may be the same memory
  /// @returns the plaintext, as long as `ciphertext`; - kStateConflict: not started, or ended; - kBufferTooSmall
  [[nodiscard]] Result<ByteView> update(ByteView ciphertext, MutableBytes out) noexcept;

  /// Ends the decryption and compares the tag; only start() may follow.
  ///
  /// @param tag  16 bytes with an AEAD, empty with AES-CTR
  /// @returns kSignatureInvalid: the tag does not hold or has another size; - kStateConflict
  [[nodiscard]] Status finish(ByteView tag) noexcept;

 private:
#ifdef TAILOR_LIMIT_CONTENT_STATE_BYTES
  static constexpr size_t kStateBytes = TAILOR_LIMIT_CONTENT_STATE_BYTES;
#else
  static constexpr size_t kStateBytes = 768;  ///< the backends assert that their state fits
#endif
  alignas(8) std::array<uint8_t, kStateBytes> state_;
};

/// Encrypts a payload in one piece.
///
/// @param iv   never used twice with the same key
/// @param out  as long as `plaintext` and the tag; may be the same memory
/// @returns ciphertext then tag, as COSE has it; - kValueOutOfRange and kAlgorithmUnsupported as
///          ContentDecryption::start(); - kBufferTooSmall
[[nodiscard]] Result<ByteView> encrypt_content(ContentAlgorithm algorithm, ByteView key, ByteView iv,
                                               ByteView additional, ByteView plaintext, MutableBytes out) noexcept;

}  // namespace tailor::crypto
