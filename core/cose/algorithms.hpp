// SPDX-License-Identifier: Apache-2.0
// Algorithm numbers of the IANA registry "COSE Algorithms" that Tailor knows.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tailor::cose::algorithm {

// Signatures and MACs.
inline constexpr int16_t kHmac256 = 5;    ///< HMAC with SHA-256, 256-bit tag
inline constexpr int16_t kEs256 = -7;     ///< ECDSA with SHA-256, the curve left open; deprecated by RFC 9864
inline constexpr int16_t kEdDsa = -8;     ///< EdDSA, the curve left open; deprecated by RFC 9864
inline constexpr int16_t kEsp256 = -9;    ///< ECDSA on P-256 with SHA-256
inline constexpr int16_t kEd25519 = -19;  ///< EdDSA on Ed25519
inline constexpr int16_t kHssLms = -46;   ///< HSS/LMS (RFC 8778)

// How a recipient comes to the key.
inline constexpr int16_t kDirect = -6;  ///< it has the key (RFC 9053 6.1.1)
inline constexpr int16_t kA128Kw = -3;  ///< AES key wrap (RFC 9053 6.2.1)
inline constexpr int16_t kA192Kw = -4;
inline constexpr int16_t kA256Kw = -5;
inline constexpr int16_t kEcdhEsA128Kw = -29;  ///< ephemeral-static ECDH, then A128KW (RFC 9053 6.4.1)

[[nodiscard]] constexpr bool is_key_wrap(int64_t algorithm) noexcept {
  return algorithm <= kA128Kw && algorithm >= kA256Kw;
}
/// The key wrap with a key of that many bytes; 0 when there is none.
[[nodiscard]] constexpr int16_t key_wrap_for(size_t key_bytes) noexcept {
  return key_bytes == 16 ? kA128Kw : key_bytes == 24 ? kA192Kw : key_bytes == 32 ? kA256Kw : int16_t{0};
}

}  // namespace tailor::cose::algorithm
