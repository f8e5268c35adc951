// SPDX-License-Identifier: Apache-2.0
// Ed25519 and X25519 (RFC 8032, RFC 7748) of the crypto contract (core/crypto/crypto.hpp). A backend may be built
// without them: then every function here answers kAlgorithmUnsupported.
#pragma once

#include "core/crypto/p256.hpp"

namespace tailor::crypto {

/// A private key of 32 bytes that is wiped when it goes and has no way to text.
template <typename Curve>
class Curve25519PrivateKey {
 public:
  Curve25519PrivateKey() = default;
  explicit Curve25519PrivateKey(const std::array<uint8_t, 32>& secret) noexcept : secret_(secret) {}
  Curve25519PrivateKey(const Curve25519PrivateKey&) = default;
  Curve25519PrivateKey& operator=(const Curve25519PrivateKey&) = default;
  ~Curve25519PrivateKey() { wipe(secret_); }
  [[nodiscard]] const std::array<uint8_t, 32>& secret_bytes() const noexcept { return secret_; }

 private:
  std::array<uint8_t, 32> secret_{};
};

/// The seed of RFC 8032 5.1.5, from which scalar and prefix are derived.
using Ed25519PrivateKey = Curve25519PrivateKey<struct Ed25519>;
/// The scalar of RFC 7748 5 before its bits are set.
using X25519PrivateKey = Curve25519PrivateKey<struct X25519>;

/// The encoded point, RFC 8032 5.1.2.
struct Ed25519PublicKey {
  std::array<uint8_t, 32> bytes{};
  friend bool operator==(const Ed25519PublicKey&, const Ed25519PublicKey&) = default;
};

/// The u coordinate, little-endian, RFC 7748 5.
struct X25519PublicKey {
  std::array<uint8_t, 32> bytes{};
  friend bool operator==(const X25519PublicKey&, const X25519PublicKey&) = default;
};

/// R and S, 32 bytes each (RFC 8032 5.1.6).
using Ed25519Signature = std::array<uint8_t, 64>;

/// Verifies PureEdDSA on Curve25519 (COSE EdDSA -8, Ed25519 -19).
///
/// @returns kOk; - kSignatureInvalid: also for S that is not below the group order, and for a public key that is not
///          canonical (RFC 8032 5.1.3) or of small order, under which anything could be made to verify
[[nodiscard]] Status verify_ed25519(const Ed25519PublicKey& key, ByteView message,
                                    const Ed25519Signature& signature) noexcept;
[[nodiscard]] Result<Ed25519Signature> sign_ed25519(const Ed25519PrivateKey& key, ByteView message) noexcept;
[[nodiscard]] Result<Ed25519PrivateKey> generate_ed25519() noexcept;
[[nodiscard]] Result<Ed25519PublicKey> public_key_of(const Ed25519PrivateKey& key) noexcept;

/// Agrees on a secret (RFC 7748 6.1).
/// @returns kValueOutOfRange when the secret would be zero: the peer's point has small order
[[nodiscard]] Status ecdh_x25519(const X25519PrivateKey& key, const X25519PublicKey& peer,
                                 SharedSecret& secret) noexcept;
[[nodiscard]] Result<X25519PrivateKey> generate_x25519() noexcept;
[[nodiscard]] Result<X25519PublicKey> public_key_of(const X25519PrivateKey& key) noexcept;

}  // namespace tailor::crypto
