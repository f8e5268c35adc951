// SPDX-License-Identifier: Apache-2.0
#include "core/hss/parameters.hpp"

namespace tailor::hss {

Result<Parameters> parameters_of(uint32_t lms_type, uint32_t ots_type) noexcept {
  // LMS: 5 to 9 are heights 5 to 25 with 32 bytes, 10 to 14 the same with 24 (RFC 9858). LM-OTS: 1 to 4 and 5 to 8.
  const bool short_hash = lms_type >= 10;
  if (lms_type < 5 || lms_type > 14 || ots_type < 1 || ots_type > 8 || short_hash != (ots_type >= 5)) {
    return Error::kAlgorithmUnsupported;
  }
  Parameters found;
  found.lms_type = lms_type;
  found.ots_type = ots_type;
  found.hash_bytes = short_hash ? 24 : 32;
  found.height = static_cast<uint8_t>(5 * (lms_type - (short_hash ? 9U : 4U)));
  const unsigned exponent = (ots_type - 1) % 4;
  found.width = static_cast<uint8_t>(1U << exponent);
  // Digits of the checksum (RFC 8554 appendix B): 9, 5, 3, 2; a sum of 192 bits needs one less than one of 256.
  constexpr uint8_t kChecksumDigits[] = {9, 5, 3, 2};
  const unsigned checksum = kChecksumDigits[exponent] - (short_hash && exponent == 0 ? 1U : 0U);
  found.checksum_left = static_cast<uint8_t>(16U - checksum * found.width);
  found.chains = static_cast<uint16_t>(8U * found.hash_bytes / found.width + checksum);
  return found;
}

Coefficients::Coefficients(const Parameters& parameters, const uint8_t* digest) noexcept : width_(parameters.width) {
  const unsigned hash_bytes = parameters.hash_bytes;
  std::memcpy(digits_.data(), digest, hash_bytes);
  unsigned sum = 0;
  for (unsigned i = 0; i < 8 * hash_bytes / width_; ++i) sum += last() - (*this)[i];
  write_u16(digits_.data() + hash_bytes, static_cast<uint16_t>(sum << parameters.checksum_left));
}

unsigned Coefficients::operator[](unsigned index) const noexcept {
  const unsigned bit = index * width_;
  return (digits_[bit / 8] >> (8U - width_ - bit % 8)) & last();
}

}  // namespace tailor::hss
