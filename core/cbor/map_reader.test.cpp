// SPDX-License-Identifier: Apache-2.0
#include "core/cbor/map_reader.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tailor::cbor
