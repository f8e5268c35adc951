// SPDX-License-Identifier: Apache-2.0
#include "core/cbor/map_reader.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "testing/vectors/vectors.hpp"

namespace tailor::cbor {
namespace {

Status walk(ByteView bytes, std::vector<int64_t>& keys) {
  Reader reader(bytes);
  TAILOR_TRY_ASSIGN(MapReader map, MapReader::open(reader));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t key, map.next_key());
    keys.push_back(key);
    TAILOR_TRY(reader.take_item());
  }
  return reader.finish();
}

TEST(MapReader, GivesKeysInOrder) {
  std::vector<int64_t> keys;
  ASSERT_TRUE(walk("a3 01 60 18 18 80 20 a0"_hex, keys).ok());
  EXPECT_EQ(keys, (std::vector<int64_t>{1, 24, -1}));
}

TEST(MapReader, RefusesOrderTypesAndShortMaps) {
  struct Row {
    const char* bytes;
    Error error;
  };
  for (const Row row :
       {Row{"a2 02 00 01 00", Error::kCborNotCanonical}, Row{"a2 01 00 01 00", Error::kDuplicateKey},
        Row{"a1 61 61 00", Error::kCborWrongType}, Row{"a2 01 00 02", Error::kTruncated},
        Row{"81 01", Error::kCborWrongType}, Row{"", Error::kTruncated}, Row{"a1 01 00 00", Error::kTrailingBytes},
        Row{"a1 3b ffffffffffffffff 00", Error::kValueOutOfRange}}) {
    std::vector<int64_t> keys;
    const Status status = walk(testing::from_hex(row.bytes), keys);
    ASSERT_FALSE(status.ok()) << row.bytes;
    EXPECT_EQ(status.error(), row.error) << row.bytes;
  }
}

Status walk_labels(Reader& reader, std::vector<int32_t>& keys) {
  IntegerMap map(reader);
  for (int32_t key; map.next(key);) {
    keys.push_back(key);
    reader.item();
  }
  return reader.finished();
}

TEST(IntegerMap, GivesKeysInOrder) {
  std::vector<int32_t> keys;
  constexpr auto kBytes = "a6 00 60 18 18 80 1a 7fffffff 00 20 a0 21 00 3a 7ffffffe 00"_hex;
  Reader reader(kBytes);
  ASSERT_TRUE(walk_labels(reader, keys).ok());
  EXPECT_EQ(keys, (std::vector<int32_t>{0, 24, INT32_MAX, -1, -2, -INT32_MAX}));
}

TEST(IntegerMap, RefusesOrderTypesAndShortMaps) {
  struct Row {
    const char* bytes;
    Error error, in_any_order;
  };
  constexpr Error kFine{};
  for (const Row row :
       {Row{"a2 02 00 01 00", Error::kCborNotCanonical, kFine}, Row{"a2 20 00 01 00", Error::kCborNotCanonical, kFine},
        Row{"a2 21 00 20 00", Error::kCborNotCanonical, kFine},
        Row{"a2 01 00 01 00", Error::kDuplicateKey, Error::kDuplicateKey},
        Row{"a2 20 00 20 00", Error::kDuplicateKey, Error::kDuplicateKey},
        Row{"a1 61 61 00", Error::kCborWrongType, Error::kCborWrongType},
        Row{"a2 01 00 02", Error::kTruncated, Error::kTruncated},
        Row{"81 01", Error::kCborWrongType, Error::kCborWrongType}, Row{"", Error::kTruncated, Error::kTruncated},
        Row{"a1 01 00 00", Error::kTrailingBytes, Error::kTrailingBytes},
        Row{"a1 3b ffffffffffffffff 00", Error::kValueOutOfRange, Error::kValueOutOfRange}}) {
    for (const bool any : {false, true}) {
      std::vector<int32_t> keys;
      const testing::Octets bytes = testing::from_hex(row.bytes);
      Reader reader = any ? Reader::in_any_order(bytes) : Reader(bytes);
      const Status status = walk_labels(reader, keys);
      EXPECT_EQ(status.ok() ? kFine : status.error(), any ? row.in_any_order : row.error) << row.bytes;
    }
  }
}

}  // namespace
}  // namespace tailor::cbor
