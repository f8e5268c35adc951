// SPDX-License-Identifier: Apache-2.0
// Digests of the crypto contract (core/crypto/crypto.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"

namespace tailor::crypto {

/// Digest algorithms by their COSE number (RFC 9054; SUIT manifest 10, SUIT_Digest).
/// The SHAKEs give 32 and 64 bytes (RFC 9054 3).
enum class HashAlgorithm : int32_t { kSha256 = -16, kShake128 = -18, kSha384 = -43, kSha512 = -44, kShake256 = -45 };

inline constexpr size_t kSha256Bytes = 32;
inline constexpr size_t kMaxHashBytes = 64;
using Sha256Digest = std::array<uint8_t, kSha256Bytes>;

/// Digest length in bytes.
[[nodiscard]] constexpr size_t hash_bytes(HashAlgorithm algorithm) noexcept {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
    case HashAlgorithm::kShake128:
      return 32;
    case HashAlgorithm::kSha384:
      return 48;
    case HashAlgorithm::kSha512:
    case HashAlgorithm::kShake256:
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
#ifdef TAILOR_LIMIT_HASH_STATE_BYTES
  static constexpr size_t kStateBytes = TAILOR_LIMIT_HASH_STATE_BYTES;  ///< a backend with SHA-256 alone needs less
#else
  static constexpr size_t kStateBytes = 256;  ///< the backends assert that their state fits
#endif
  alignas(8) std::array<uint8_t, kStateBytes> state_;
};

/// Digests one piece.
[[nodiscard]] Result<Sha256Digest> sha256(ByteView bytes) noexcept;

}  // namespace tailor::crypto
