// SPDX-License-Identifier: Apache-2.0
#include "core/base/bytes.hpp"

#include <gtest/gtest.h>

namespace tailor {
namespace {

TEST(Bytes, HexLiteral) {
  constexpr auto kBytes = "d8 6b a2"_hex;
  static_assert(kBytes.size() == 3);
  EXPECT_EQ(kBytes[0], 0xd8);
  EXPECT_EQ(kBytes[2], 0xa2);
}

TEST(Cursor, TakesUntilNothingIsLeft) {
  constexpr auto kBytes = "01 02 03 04"_hex;
  Cursor cursor(kBytes);
  EXPECT_EQ(cursor.take_be<2>().value(), 0x0102U);
  EXPECT_EQ(cursor.finish().error(), Error::kTrailingBytes);
  EXPECT_EQ(cursor.take(3).error(), Error::kTruncated);
  EXPECT_EQ(cursor.left(), 2U);
  EXPECT_EQ(cursor.take_u8().value(), 3);
  EXPECT_EQ(cursor.take_u8().value(), 4);
  EXPECT_TRUE(cursor.finish().ok());
  EXPECT_EQ(cursor.take_u8().error(), Error::kTruncated);
}

TEST(Bytes, CopyIntoRefusesWhatDoesNotFit) {
  std::array<uint8_t, 2> to{};
  EXPECT_EQ(copy_into(to, "01 02 03"_hex).error(), Error::kBufferTooSmall);
  EXPECT_EQ(to[0], 0);
  EXPECT_EQ(copy_into(to, "07"_hex).value().size(), 1U);
  EXPECT_EQ(to[0], 7);
}

TEST(Bytes, WipeClears) {
  std::array<uint8_t, 4> secret{1, 2, 3, 4};
  wipe(secret);
  EXPECT_EQ(secret, (std::array<uint8_t, 4>{}));
}

TEST(Slice, StaysInsideTheText) {
  const std::string_view text = "abcdef";
  EXPECT_EQ(slice(text, 0), "abcdef");
  EXPECT_EQ(slice(text, 2), "cdef");
  EXPECT_EQ(slice(text, 2, 3), "cde");
  EXPECT_EQ(slice(text, 2, 4), "cdef");
  EXPECT_EQ(slice(text, 2, 5), "cdef");
  EXPECT_EQ(slice(text, 6), "");
  EXPECT_EQ(slice(text, 7, 1), "");
  EXPECT_EQ(slice(text, SIZE_MAX, SIZE_MAX), "");
  EXPECT_EQ(slice({}, 0), "");
}

}  // namespace
}  // namespace tailor
