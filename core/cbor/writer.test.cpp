// SPDX-License-Identifier: Apache-2.0
#include "core/cbor/writer.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/cbor/reader.hpp"

namespace tailor::cbor {
namespace {

void write_sample(Writer& writer) {
  writer.put_map(2).put_unsigned(1).put_int(-500);
  writer.put_unsigned(2);
  const size_t outer = writer.open();
  writer.put_array(4).put_text("image").put_bool(true).put_null();
  const size_t inner = writer.open();
  writer.put_tag(107).put_bytes(std::vector<uint8_t>(30, 0xAA));
  writer.close_bytes(inner);
  writer.close_bytes(outer);
}

TEST(Writer, WritesWhatTheReaderTakes) {
  std::array<uint8_t, 100> buffer{};
  Writer writer(buffer);
  write_sample(writer);
  const ByteView bytes = writer.finish().value();
  Reader reader(bytes);
  EXPECT_EQ(reader.take_map().value(), 2U);
  EXPECT_EQ(reader.take_int().value(), 1);
  EXPECT_EQ(reader.take_int().value(), -500);
  EXPECT_EQ(reader.take_int().value(), 2);
  Reader outer(reader.take_bytes().value());
  EXPECT_EQ(outer.take_array().value(), 4U);
  EXPECT_EQ(outer.take_text().value(), "image");
  EXPECT_TRUE(outer.take_bool().value());
  EXPECT_TRUE(outer.take_null().ok());
  Reader inner(outer.take_bytes().value());
  EXPECT_EQ(inner.take_tag().value(), 107U);
  EXPECT_EQ(inner.take_bytes().value().size(), 30U);
  EXPECT_TRUE(inner.finish().ok());
  EXPECT_TRUE(outer.finish().ok());
  EXPECT_TRUE(reader.finish().ok());
}

TEST(Writer, MeasuresWithoutABuffer) {
  std::array<uint8_t, 100> buffer{};
  Writer writer(buffer);
  write_sample(writer);
  Writer measuring = Writer::measuring();
  write_sample(measuring);
  EXPECT_EQ(measuring.size(), writer.size());
  EXPECT_EQ(measuring.finish().error(), Error::kBufferTooSmall);
}

TEST(Writer, EveryBufferThatIsTooSmallIsLeftInBounds) {
  Writer measuring = Writer::measuring();
  write_sample(measuring);
  for (size_t size = 0; size < measuring.size(); ++size) {
    std::vector<uint8_t> buffer(size + 1, 0x5A);
    Writer writer(MutableBytes(buffer).first(size));
    write_sample(writer);
    EXPECT_EQ(writer.finish().error(), Error::kBufferTooSmall) << size;
    EXPECT_EQ(writer.size(), measuring.size()) << size;
    EXPECT_EQ(buffer[size], 0x5A) << size;
  }
}

}  // namespace
}  // namespace tailor::cbor
