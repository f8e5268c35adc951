// SPDX-License-Identifier: Apache-2.0
// COSE_Keys with private or secret parts (RFC 9052 7; RFC 9053 7), for tools that sign, encrypt and provision. A device
// reads none: it keeps its keys in records of its own.
#pragma once

#include "core/crypto/crypto.hpp"

namespace tailor::cose {

enum class PrivateKeyKind : uint8_t { kP256 = 1, kEd25519 = 2, kX25519 = 3, kSymmetric = 4 };

/// A private or secret key with what stands beside it; wiped when it goes. It has no way to text.
class PrivateKey {
 public:
  static constexpr size_t kMaxBytes = 64;

  PrivateKey() = default;
  PrivateKey(const PrivateKey&) = default;
  PrivateKey& operator=(const PrivateKey&) = default;
  ~PrivateKey() { wipe(secret_); }
  /// @param secret  32 bytes of a curve's key, 16 to 64 of a symmetric one
  /// @returns kValueOutOfRange for another size, and for no kind
  [[nodiscard]] static Result<PrivateKey> from_bytes(PrivateKeyKind kind, ByteView secret) noexcept;

  [[nodiscard]] PrivateKeyKind kind() const noexcept { return kind_; }
  /// The scalar (P-256), the seed (Ed25519), the private key (X25519) or the key itself.
  [[nodiscard]] ByteView secret_bytes() const noexcept { return ByteView(secret_).first(size_); }

  ByteView key_id;        ///< empty when absent; points into the bytes decoded
  int64_t algorithm = 0;  ///< what the key is for; 0 when absent

 private:
  PrivateKeyKind kind_ = PrivateKeyKind::kSymmetric;
  uint8_t size_ = 16;
  std::array<uint8_t, kMaxBytes> secret_{};
};

/// Decodes EC2 on P-256, OKP on Ed25519 or X25519, or Symmetric. The public coordinates may be left out (RFC 9053 7.1).
///
/// @returns kCoseUnsupported: another type or curve; - kMissingKey: type, curve, or private part: it is a public key
///          - kUnknownKey: any other parameter; - kValueOutOfRange: sizes, an empty key id, public coordinates that are
///          not those of the private key; and what cbor::Reader gives
/// @note    what the algorithm allows is the caller's matter
[[nodiscard]] Result<PrivateKey> decode_private_key(ByteView bytes) noexcept;

/// Writes the key in deterministic encoding, with its public coordinates.
[[nodiscard]] Result<ByteView> encode_private_key(const PrivateKey& key, MutableBytes out) noexcept;

/// A public key of somebody to whom payloads are encrypted.
struct RecipientKey {
  PrivateKeyKind kind = PrivateKeyKind::kP256;  ///< kP256 or kX25519
  std::array<uint8_t, 64> point{};              ///< X and Y; u and zeros
  ByteView key_id;                              ///< empty when absent; points into the bytes decoded
  [[nodiscard]] ByteView bytes() const noexcept {
    return ByteView(point).first(kind == PrivateKeyKind::kP256 ? 64 : 32);
  }
};

/// Decodes a public EC2 key on P-256 or OKP key on X25519.
///
/// @returns as decode_private_key(); - kUnknownKey for a private key too; - kAlgorithmUnsupported: an algorithm besides
///          ECDH-ES + A128KW (-29)
[[nodiscard]] Result<RecipientKey> decode_recipient_key(ByteView bytes) noexcept;

}  // namespace tailor::cose
