// SPDX-License-Identifier: Apache-2.0
// Algorithm numbers of the IANA registry "COSE Algorithms" that Tailor knows.
#pragma once

#include <cstdint>

namespace tailor::cose::algorithm {

inline constexpr int64_t kHmac256 = 5;    ///< HMAC with SHA-256, 256-bit tag
inline constexpr int64_t kEs256 = -7;     ///< ECDSA with SHA-256, the curve left open; deprecated by RFC 9864
inline constexpr int64_t kEdDsa = -8;     ///< EdDSA, the curve left open; deprecated by RFC 9864
inline constexpr int64_t kEsp256 = -9;    ///< ECDSA on P-256 with SHA-256
inline constexpr int64_t kEd25519 = -19;  ///< EdDSA on Ed25519
inline constexpr int64_t kHssLms = -46;   ///< HSS/LMS (RFC 8778)

}  // namespace tailor::cose::algorithm
