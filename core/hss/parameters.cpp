// SPDX-License-Identifier: Apache-2.0
#include "core/hss/parameters.hpp"

namespace tailor::hss {

Status find_parameters(uint32_t lms_type, uint32_t ots_type, Parameters& out) noexcept {
  // LMS: 5 to 9 are heights 5 to 25 with 32 bytes, 10 to 14 the same with 24 (RFC 9858). LM-OTS: 1 to 4 and 5 to 8.
  const unsigned short_hash = lms_type >= kFirstShortType ? 1 : 0;
  const uint32_t tree = lms_type - 5 * short_hash - 5;
  const uint32_t exponent = ots_type - 4 * short_hash - 1;
  if (tree > 4 || exponent > 3) return Error::kAlgorithmUnsupported;
  out.lms_type = static_cast<uint8_t>(lms_type);
  out.ots_type = static_cast<uint8_t>(ots_type);
  const unsigned hash_bytes = 32 - 8 * short_hash;
  out.hash_bytes = static_cast<uint8_t>(hash_bytes);
  out.height = static_cast<uint8_t>(5 * (tree + 1));
  out.width = static_cast<uint8_t>(1U << exponent);
  // Digits of the checksum (RFC 8554 appendix B): 9, 5, 3, 2; a sum of 192 bits needs one less than one of 256.
  constexpr uint8_t kChecksumDigits[] = {9, 5, 3, 2};
  const unsigned checksum = kChecksumDigits[exponent] - (exponent == 0 ? short_hash : 0U);
  out.checksum_left = static_cast<uint8_t>(16U - (checksum << exponent));
  out.chains = static_cast<uint16_t>((8U * hash_bytes >> exponent) + checksum);
  return kOk;
}

}  // namespace tailor::hss
