// SPDX-License-Identifier: Apache-2.0
// Parameter sets of LMS and LM-OTS (RFC 8554 4.1, 5.1; SP 800-208 4) as numbers that follow from their type codes, and
// the domain separators of their hashes. Shared by the verifier and by the author's signer.
#pragma once

#include "core/base/bytes.hpp"

namespace tailor::hss {

/// Trees one below the other (RFC 8554 6: 1 to 8).
inline constexpr uint32_t kMaxLevels = 8;
inline constexpr size_t kMaxHashBytes = 32;
inline constexpr size_t kIdentifierBytes = 16;  ///< I, RFC 8554 5.3
/// An LMS public key: two type codes, I, T[1] (RFC 8554 5.3).
inline constexpr size_t kMaxLmsPublicKeyBytes = 8 + kIdentifierBytes + kMaxHashBytes;
/// An HSS public key: the number of levels before it (RFC 8554 6.1).
inline constexpr size_t kMaxPublicKeyBytes = 4 + kMaxLmsPublicKeyBytes;

/// LMS type codes from here on have 24-byte hashes (RFC 9858).
inline constexpr uint32_t kFirstShortType = 10;

/// Domain separators, where a chain's hashes have a number (RFC 8554 4.3, 5.3).
enum class Domain : uint16_t { kPublicKey = 0x8080, kMessage = 0x8181, kLeaf = 0x8282, kInterior = 0x8383 };

/// A tree with its one-time signatures. Type codes of LMS and LM-OTS with SHA-256 are below 15.
struct Parameters {
  uint8_t lms_type = 0;
  uint8_t ots_type = 0;
  uint8_t hash_bytes = 0;     ///< n of LM-OTS and m of LMS: 32, or 24
  uint8_t height = 0;         ///< h: 5, 10, 15, 20 or 25
  uint8_t width = 0;          ///< w, bits of a coefficient: 1, 2, 4 or 8
  uint8_t checksum_left = 0;  ///< ls, by how much the checksum is shifted
  uint16_t chains = 0;        ///< p

  [[nodiscard]] size_t ots_signature_bytes() const noexcept { return 4 + size_t{hash_bytes} * (1U + chains); }
  [[nodiscard]] size_t lms_signature_bytes() const noexcept { return 12 + size_t{hash_bytes} * (1U + chains + height); }
  [[nodiscard]] size_t public_key_bytes() const noexcept { return 8 + kIdentifierBytes + hash_bytes; }
};

/// Finds the parameters of two type codes of the IANA registries "Leighton-Micali Signatures".
///
/// @returns kAlgorithmUnsupported: unknown codes, the SHAKE sets, and trees whose one-time signatures hash to another
///          length, which SP 800-208 4 forbids
[[nodiscard]] Status find_parameters(uint32_t lms_type, uint32_t ots_type, Parameters& out) noexcept;
[[nodiscard]] inline Result<Parameters> parameters_of(uint32_t lms_type, uint32_t ots_type) noexcept {
  Parameters found;
  TAILOR_TRY(find_parameters(lms_type, ots_type, found));
  return found;
}

[[nodiscard]] inline uint32_t read_u32(const uint8_t* from) noexcept {
  return (uint32_t{from[0]} << 24U) | (uint32_t{from[1]} << 16U) | (uint32_t{from[2]} << 8U) | from[3];
}
inline void write_u32(uint8_t* to, uint32_t value) noexcept {
  for (unsigned i = 0; i < 4; ++i) to[i] = static_cast<uint8_t>(value >> (24U - 8U * i));
}
inline void write_u16(uint8_t* to, uint16_t value) noexcept {
  to[0] = static_cast<uint8_t>(value >> 8U);
  to[1] = static_cast<uint8_t>(value);
}

/// The digit of `width` bits that begins at `bit`, of a message hash and its checksum (RFC 8554 3.1.3: coef).
[[nodiscard]] inline unsigned coefficient(const uint8_t* digits, unsigned width, unsigned bit) noexcept {
  return (digits[bit / 8] >> (8U - width - bit % 8)) & ((1U << width) - 1U);
}

/// Writes the checksum's digits behind those of the hash (RFC 8554 4.4).
/// @param sum  what all digits of the hash lack to the largest digit, added up
inline void write_checksum(const Parameters& parameters, unsigned sum, uint8_t* digits) noexcept {
  write_u16(digits + parameters.hash_bytes, static_cast<uint16_t>(sum << parameters.checksum_left));
}

}  // namespace tailor::hss
