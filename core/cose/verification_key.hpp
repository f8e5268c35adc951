// SPDX-License-Identifier: Apache-2.0
// A key under which signatures and MACs are verified, of any kind that the SUIT algorithm profiles use. One fixed
// format, so that trust store, flash and the C API share it. Whom it belongs to and what it may do is not known here.
#pragma once

#include "core/crypto/crypto.hpp"

namespace tailor::cose {

/// What a key verifies. The values stand in the C API.
enum class KeyKind : uint8_t {
  kP256 = 1,     ///< ECDSA on P-256: X and Y, 64 bytes
  kEd25519 = 2,  ///< the public key, 32 bytes (RFC 8032)
  kHssLms = 3,   ///< the HSS public key, as RFC 8554 6.1 encodes it: 60 bytes, or 52 with 24-byte hashes
  kHmac256 = 4,  ///< HMAC with SHA-256: a secret of 16 to 64 bytes
  kAesKw = 5,    ///< AES key wrap, for MAC keys that travel with the tag: a secret of 16, 24 or 32 bytes
};

/// A key as plain bytes; octets beyond its size are zero.
/// @note  an HMAC key is secret. A key has no way to text, and is not wiped: where it is kept sees to that
class VerificationKey {
 public:
  static constexpr size_t kMaxBytes = 64;
  /// RFC 2104 3 discourages shorter keys than the digest; 128 bits is the least that any profile has.
  static constexpr size_t kMinHmacBytes = 16;

  constexpr VerificationKey() noexcept = default;
  VerificationKey(const crypto::P256PublicKey& key) noexcept  // NOLINT(google-explicit-constructor)
      : kind_(KeyKind::kP256), size_(sizeof key.xy), octets_(key.xy) {}
  /// @returns kValueOutOfRange for a size that the kind does not have, and for no kind
  [[nodiscard]] static Result<VerificationKey> from_bytes(KeyKind kind, ByteView bytes) noexcept;

  /// Tells whether kind and size go together, which from_bytes() sees to; memory of another's may not.
  [[nodiscard]] bool is_valid() const noexcept;
  [[nodiscard]] KeyKind kind() const noexcept { return kind_; }
  [[nodiscard]] ByteView bytes() const noexcept { return ByteView(octets_).first(size_); }
  [[nodiscard]] bool is_secret() const noexcept { return kind_ == KeyKind::kHmac256 || kind_ == KeyKind::kAesKw; }
  /// @pre  kind() == kP256
  [[nodiscard]] crypto::P256PublicKey p256() const noexcept { return {octets_}; }

  friend bool operator==(const VerificationKey&, const VerificationKey&) = default;

 private:
  KeyKind kind_ = KeyKind::kP256;
  uint8_t size_ = kMaxBytes;
  std::array<uint8_t, kMaxBytes> octets_{};
};

static_assert(std::is_standard_layout_v<VerificationKey> && std::is_trivially_copyable_v<VerificationKey> &&
              sizeof(VerificationKey) == 2 + VerificationKey::kMaxBytes);

/// Computes the COSE Key Thumbprint with SHA-256 (RFC 9679 4).
/// @note  that of an HMAC key lets a guess be checked: only keys with full entropy may have theirs shown (RFC 9679 7)
[[nodiscard]] Result<crypto::Sha256Digest> thumbprint(const VerificationKey& key) noexcept;

/// Tells whether what carries this key id may have been made with the key: the id is empty, or the key's thumbprint.
/// The id of a secret is a name that only its giver knows, since a thumbprint should not be shown: none rules it out.
[[nodiscard]] bool may_have_key_id(const VerificationKey& key, ByteView key_id) noexcept;

}  // namespace tailor::cose
