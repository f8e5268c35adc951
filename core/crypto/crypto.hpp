// SPDX-License-Identifier: Apache-2.0
// The crypto contract: what the core asks of a backend. Functions are declared here and defined once by the backend
// that is linked (crypto_backends/psa or crypto_backends/openssl); the core knows neither. Nothing here allocates for
// the caller, and nothing logs. Keys are plain bytes in fixed formats so that flash, store and wire share them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"

namespace tailor::crypto {

/// Digest algorithms by their COSE number (RFC 9054; SUIT manifest 10, SUIT_Digest).
enum class HashAlgorithm : int32_t { kSha256 = -16, kSha384 = -43, kSha512 = -44 };

inline constexpr size_t kSha256Bytes = 32;
inline constexpr size_t kMaxHashBytes = 64;
using Sha256Digest = std::array<uint8_t, kSha256Bytes>;

/// Digest length in bytes.
[[nodiscard]] constexpr size_t hash_bytes(HashAlgorithm algorithm) noexcept {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return 32;
    case HashAlgorithm::kSha384:
      return 48;
    case HashAlgorithm::kSha512:
      return 64;
  }
  return 0;
}

/// Computes a digest over bytes that arrive in pieces. Lives on the stack; no heap on the device backend.
class Hash {
 public:
  explicit Hash(HashAlgorithm algorithm = HashAlgorithm::kSha256) noexcept;
  ~Hash();
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;

  /// @returns kAlgorithmUnsupported when the backend lacks it, kCryptoFailed when the library fails
  [[nodiscard]] Status update(ByteView bytes) noexcept;
  /// Ends the computation; update() may not follow.
  /// @param digest  hash_bytes(algorithm) bytes or more
  /// @returns the digest, a view of `digest`
  [[nodiscard]] Result<ByteView> finish(MutableBytes digest) noexcept;

 private:
  static constexpr size_t kStateBytes = 256;  ///< the backends assert that their state fits
  alignas(8) std::array<uint8_t, kStateBytes> state_;
};

/// Digests one piece.
[[nodiscard]] Result<Sha256Digest> sha256(ByteView bytes) noexcept;

// --- P-256 (secp256r1) ---------------------------------------------------------------------------------------------

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

// --- symmetric -----------------------------------------------------------------------------------------------------

/// HMAC with SHA-256 (RFC 2104).
[[nodiscard]] Result<Sha256Digest> hmac_sha256(ByteView key, ByteView message) noexcept;

/// Derives `out.size()` bytes (at most 255 * 32) with HKDF-SHA-256 (RFC 5869).
[[nodiscard]] Status hkdf_sha256(ByteView key_material, ByteView salt, ByteView info, MutableBytes out) noexcept;

/// AEAD algorithms by their COSE number (RFC 9053 4).
enum class AeadAlgorithm : int32_t { kA128Gcm = 1, kAesCcm16_64_128 = 10 };

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
