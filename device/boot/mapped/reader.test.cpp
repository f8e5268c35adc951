// SPDX-License-Identifier: Apache-2.0
#include "device/boot/mapped/reader.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/cbor/reader.hpp"

namespace tailor::boot::mapped {
namespace {

struct Row {
  const char* name;
  std::vector<uint8_t> bytes;
  Error error;  ///< Error{}: one whole item
};

TEST(MappedReaderTest, TakesOneItemOrSaysWhyNot) {
  const Row rows[] = {
      {"nothing", {}, Error::kTruncated},
      {"number", {0x17}, {}},
      {"number of a byte", {0x18, 0x18}, {}},
      {"number of 8 bytes", {0x1b, 0, 0, 0, 1, 0, 0, 0, 0}, {}},
      {"not the shortest, 1 byte", {0x18, 0x17}, Error::kCborNotCanonical},
      {"not the shortest, 2 bytes", {0x19, 0, 0xff}, Error::kCborNotCanonical},
      {"not the shortest, 4 bytes", {0x1a, 0, 0, 0xff, 0xff}, Error::kCborNotCanonical},
      {"not the shortest, 8 bytes", {0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, Error::kCborNotCanonical},
      {"reserved", {0x1c}, Error::kCborMalformed},
      {"indefinite length", {0x5f, 0xff}, Error::kCborMalformed},
      {"string", {0x42, 1, 2}, {}},
      {"string beyond the end", {0x43, 1, 2}, Error::kTruncated},
      {"array with a map in it", {0x82, 0xa1, 0x01, 0x20, 0xf6}, {}},
      {"array that lacks an item", {0x82, 0xa1, 0x01, 0x20}, Error::kTruncated},
      {"array beyond the end", {0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, Error::kTruncated},
      {"tag", {0xd2, 0x80}, {}},
      {"tag of nothing", {0xd2}, Error::kTruncated},
      {"float", {0xf9, 0, 0}, Error::kCborMalformed},
      {"two items", {0x00, 0x00}, Error::kTrailingBytes},
  };
  for (const Row& row : rows) {
    Reader reader(row.bytes);
    const ByteView item = reader.item();
    const Status finished = reader.finished();
    if (row.error == Error{}) {
      ASSERT_TRUE(finished.ok()) << row.name;
      EXPECT_EQ(item.size(), row.bytes.size()) << row.name;
      for (size_t size = 0; size < row.bytes.size(); ++size) {
        Reader prefix(ByteView(row.bytes).first(size));
        prefix.item();
        EXPECT_FALSE(prefix.ok()) << row.name << " " << size;
      }
    } else {
      ASSERT_FALSE(finished.ok()) << row.name;
      EXPECT_EQ(finished.error(), row.error) << row.name;
    }
  }
}

TEST(MappedReaderTest, TakesEachHeadThatTheOtherReaderTakes) {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      const std::vector<uint8_t> bytes = {static_cast<uint8_t>(first), static_cast<uint8_t>(second)};
      Reader reader(bytes);
      const ByteView item = reader.item();
      const auto other = cbor::Reader(bytes).take_item();
      const bool is_simple = first >= 0xf8;                     // not taken here
      const bool is_text = first >> 5U == 3 && second >= 0x80;  // not looked into here
      if (is_simple) {
        EXPECT_FALSE(reader.ok()) << first;
        continue;
      }
      ASSERT_TRUE(reader.ok() == other.ok() || is_text) << first << " " << second;
      if (other.ok()) {
        ASSERT_EQ(item.size(), other->size());
      }
    }
  }
}

TEST(MappedReaderTest, WalksMapsInTheirOrder) {
  struct {
    std::vector<uint8_t> bytes;
    Error error;
    size_t keys;
  } const rows[] = {
      {{0xa3, 0x01, 0x00, 0x02, 0x00, 0x20, 0x00}, {}, 3},
      {{0xa2, 0x01, 0x00, 0x01, 0x00}, Error::kDuplicateKey, 1},
      {{0xa2, 0x02, 0x00, 0x01, 0x00}, Error::kCborNotCanonical, 1},
      {{0xa2, 0x20, 0x00, 0x01, 0x00}, Error::kCborNotCanonical, 1},
      {{0xa2, 0x20, 0x00, 0x20, 0x00}, Error::kDuplicateKey, 1},
      {{0xa2, 0x01, 0x00, 0x61, 0x78, 0x00}, {}, 2},
      {{0xa1, 0x80, 0x00}, Error::kCborWrongType, 0},
  };
  for (const auto& row : rows) {
    Reader reader(row.bytes);
    Map map(reader);
    size_t keys = 0;
    for (uint32_t key; map.next(key); ++keys) reader.item();
    const Status finished = reader.finished();
    EXPECT_EQ(finished.ok() ? Error{} : finished.error(), row.error);
    EXPECT_EQ(keys, row.keys);
  }
}

TEST(MappedReaderTest, StaysWithinAByteStringUntilItIsLeft) {
  const std::vector<uint8_t> bytes = {0x42, 0x01, 0x02, 0x03};
  Reader reader(bytes);
  const uint8_t* outer = reader.enter();
  EXPECT_EQ(reader.number(), 1U);
  EXPECT_EQ(reader.number(), 2U);
  EXPECT_TRUE(reader.at_end());
  reader.leave(outer);
  EXPECT_EQ(reader.number(), 3U);
  EXPECT_TRUE(reader.finished().ok());

  Reader early(bytes);
  outer = early.enter();
  early.number();
  early.leave(outer);
  EXPECT_EQ(early.status().error(), Error::kTrailingBytes);
  EXPECT_TRUE(early.at_end());
}

}  // namespace
}  // namespace tailor::boot::mapped
