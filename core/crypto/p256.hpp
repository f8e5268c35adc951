// SPDX-License-Identifier: Apache-2.0
// ECDSA, ECDH and key pairs on P-256 (secp256r1) of the crypto contract (core/crypto/crypto.hpp).
#pragma once

#include "core/crypto/hash.hpp"

namespace tailor::crypto {

/// A public key: X and Y, 32 bytes each, big-endian.
struct P256PublicKey {
  std::array<uint8_t, 64> xy{};
  friend bool operator==(const P256PublicKey&, const P256PublicKey&) = default;
};

/// A private key: the scalar, 32 bytes big-endian. Wiped when it goes. It has no way to text.
class P256PrivateKey {
 public:
  P256PrivateKey() = default;
  explicit P256PrivateKey(const std::array<uint8_t, 32>& scalar) noexcept : scalar_(scalar) {}
  P256PrivateKey(const P256PrivateKey&) = default;
  P256PrivateKey& operator=(const P256PrivateKey&) = default;
  ~P256PrivateKey() { wipe(scalar_); }
  [[nodiscard]] const std::array<uint8_t, 32>& secret_scalar() const noexcept { return scalar_; }

 private:
  std::array<uint8_t, 32> scalar_{};
};

/// An ECDSA signature: r and s, 32 bytes each, big-endian (RFC 9053 2.1).
using P256Signature = std::array<uint8_t, 64>;

/// What two parties agree on (SP 800-56A 5.7.1.2, RFC 7748 6.1). A secret: the caller wipes it.
using SharedSecret = std::array<uint8_t, 32>;

/// Verifies ECDSA over a SHA-256 digest (COSE ES256 -7, ESP256 -9).
///
/// @returns kOk only for a valid signature; kSignatureInvalid otherwise, also for a key that is not on the curve
[[nodiscard]] Status verify_p256(const P256PublicKey& key, const Sha256Digest& digest,
                                 const P256Signature& signature) noexcept;

/// Signs a SHA-256 digest.
[[nodiscard]] Result<P256Signature> sign_p256(const P256PrivateKey& key, const Sha256Digest& digest) noexcept;

[[nodiscard]] Result<P256PrivateKey> generate_p256() noexcept;
/// @returns kValueOutOfRange for a scalar that is zero or not below the group order
[[nodiscard]] Result<P256PublicKey> public_key_of(const P256PrivateKey& key) noexcept;

/// Agrees on a secret with ECDH: the x coordinate of the shared point (SP 800-56A 5.7.1.2).
/// @returns kValueOutOfRange for a public key that is not on the curve or a scalar outside the group
[[nodiscard]] Status ecdh_p256(const P256PrivateKey& key, const P256PublicKey& peer, SharedSecret& secret) noexcept;

}  // namespace tailor::crypto
