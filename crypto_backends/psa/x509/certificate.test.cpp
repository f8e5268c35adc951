// SPDX-License-Identifier: Apache-2.0
#include "crypto_backends/psa/x509/certificate.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tailor::x509 {
namespace {

using namespace literals;

TEST(EcdsaSignature, StrictDerOnly) {
  const auto good = read_ecdsa_signature("30 07 02 01 05 02 02 00 ff"_hex);
  ASSERT_TRUE(good.ok());
  EXPECT_EQ((*good)[31], 0x05);
  EXPECT_EQ((*good)[63], 0xff);
  EXPECT_EQ((*good)[62], 0x00);
  const std::vector<uint8_t> wrong[] = {
      {},
      {0x30},
      {0x31, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05},        // not a sequence
      {0x30, 0x05, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05},        // length too short
      {0x30, 0x07, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05},        // length too long
      {0x30, 0x81, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05},  // length not in its shortest form
      {0x30, 0x06, 0x02, 0x01, 0x85, 0x02, 0x01, 0x05},        // negative
      {0x30, 0x07, 0x02, 0x02, 0x00, 0x05, 0x02, 0x01, 0x05},  // number not in its shortest form
      {0x30, 0x05, 0x02, 0x00, 0x02, 0x01, 0x05},              // empty number
      {0x30, 0x06, 0x03, 0x01, 0x05, 0x02, 0x01, 0x05},        // not a number
      {0x30, 0x03, 0x02, 0x01, 0x05},                          // one number
      {0x30, 0x09, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05},
  };
  for (const auto& der : wrong) EXPECT_EQ(read_ecdsa_signature(der).error(), Error::kDerMalformed) << der.size();
  std::vector<uint8_t> longest{0x30, 0x26, 0x02, 0x21, 0x00};
  longest.insert(longest.end(), 32, 0xff);
  longest.insert(longest.end(), {0x02, 0x01, 0x01});
  EXPECT_TRUE(read_ecdsa_signature(longest).ok());
  longest[4] = 0x01;  // 33 significant bytes
  EXPECT_EQ(read_ecdsa_signature(longest).error(), Error::kDerMalformed);
}

TEST(UnixSeconds, KnowsTheCalendar) {
  struct Row {
    mbedtls_x509_time time;
    uint64_t seconds;
  };
  const Row rows[] = {{{1970, 1, 1, 0, 0, 0}, 0},
                      {{1970, 1, 1, 0, 0, 1}, 1},
                      {{1969, 12, 31, 23, 59, 59}, 0},
                      {{2000, 2, 29, 0, 0, 0}, 951'782'400},
                      {{2026, 11, 20, 15, 55, 0}, 1'795'190'100},
                      {{2100, 3, 1, 0, 0, 0}, 4'107'542'400},
                      {{9999, 12, 31, 23, 59, 59}, 253'402'300'799}};
  for (const Row& row : rows) EXPECT_EQ(to_unix_seconds(row.time), row.seconds) << row.time.year;
}

}  // namespace
}  // namespace tailor::x509
