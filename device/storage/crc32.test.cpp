// SPDX-License-Identifier: Apache-2.0
#include "device/storage/crc32.hpp"

#include <gtest/gtest.h>

namespace tailor {
namespace {

TEST(Crc32, GivesTheCheckValueOfTheCatalogue) {
  // "123456789" -> cbf43926: the check value that every catalogue of CRCs lists for CRC-32/ISO-HDLC.
  EXPECT_EQ(crc32(as_bytes("123456789")), 0xcbf43926U);
  EXPECT_EQ(crc32({}), 0U);
}

TEST(Crc32, IsTheSameInPieces) {
  const std::string_view text = "The quick brown fox jumps over the lazy dog";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    Crc32 crc;
    crc.update(as_bytes(text.substr(0, cut)));
    crc.update(as_bytes(text.substr(cut)));
    EXPECT_EQ(crc.value(), 0x414fa339U) << cut;
  }
}

}  // namespace
}  // namespace tailor
