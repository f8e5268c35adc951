// SPDX-License-Identifier: Apache-2.0
#include "core/cbor/head.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tailor::cbor {
namespace {

TEST(Head, RoundTripsAtEveryBoundary) {
  struct Row {
    uint64_t argument;
    size_t size;
  };
  for (const Row row : {Row{0, 1}, Row{23, 1}, Row{24, 2}, Row{0xFF, 2}, Row{0x100, 3}, Row{0xFFFF, 3}, Row{0x10000, 5},
                        Row{0xFFFFFFFF, 5}, Row{0x100000000, 9}, Row{UINT64_MAX, 9}}) {
    uint8_t bytes[kMaxHeadBytes];
    const size_t size = encode_head(Type::kArray, row.argument, bytes);
    EXPECT_EQ(size, row.size) << row.argument;
    Head head;
    ASSERT_TRUE(decode_head(ByteView(bytes, size), head).ok()) << row.argument;
    EXPECT_EQ(head.argument, row.argument);
    EXPECT_EQ(head.type, Type::kArray);
    EXPECT_EQ(head.size, size);
    for (size_t shorter = 0; shorter < size; ++shorter) {
      EXPECT_EQ(decode_head(ByteView(bytes, shorter), head).error(), Error::kTruncated) << row.argument;
    }
  }
}

struct Refusal {
  const char* what;
  std::vector<uint8_t> bytes;
  Error error;
};

TEST(Head, RefusesWhatIsNotDeterministic) {
  const Refusal kRows[] = {
      {"23 in two bytes", {0x18, 23}, Error::kCborNotCanonical},
      {"255 in three bytes", {0x19, 0, 255}, Error::kCborNotCanonical},
      {"65535 in five bytes", {0x1A, 0, 0, 255, 255}, Error::kCborNotCanonical},
      {"2^32-1 in nine bytes", {0x1B, 0, 0, 0, 0, 255, 255, 255, 255}, Error::kCborNotCanonical},
      {"indefinite byte string", {0x5F}, Error::kCborNotCanonical},
      {"indefinite text", {0x7F}, Error::kCborNotCanonical},
      {"indefinite array", {0x9F}, Error::kCborNotCanonical},
      {"indefinite map", {0xBF}, Error::kCborNotCanonical},
      {"indefinite integer", {0x1F}, Error::kCborMalformed},
      {"indefinite tag", {0xDF}, Error::kCborMalformed},
      {"break alone", {0xFF}, Error::kCborMalformed},
      {"reserved 28", {0x1C}, Error::kCborMalformed},
      {"reserved 30", {0x5E}, Error::kCborMalformed},
      {"simple 31 in two bytes", {0xF8, 31}, Error::kCborMalformed},
      {"nothing", {}, Error::kTruncated},
  };
  for (const Refusal& row : kRows) {
    Head head;
    const Status status = decode_head(row.bytes, head);
    ASSERT_FALSE(status.ok()) << row.what;
    EXPECT_EQ(status.error(), row.error) << row.what;
  }
}

}  // namespace
}  // namespace tailor::cbor
