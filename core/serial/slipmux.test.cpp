// SPDX-License-Identifier: Apache-2.0
// Frames as the documents have them, and everything that a line does to them.
#include "core/serial/slipmux.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tailor::serial {
namespace {

using Octets = std::vector<uint8_t>;

struct Line final : ByteSink {
  void put(uint8_t byte) noexcept override { bytes.push_back(byte); }
  Octets bytes;
};

Octets framed(const Octets& message) {
  Line line;
  write_coap(line, message);
  return line.bytes;
}

struct Taken {
  std::vector<Octets> messages;
  std::vector<std::string> texts;
  uint32_t dropped = 0;
};

Taken take_all(const Octets& bytes, size_t room = 64) {
  Octets buffer(room);
  FrameReader reader(buffer);
  Taken taken;
  for (const uint8_t byte : bytes) {
    const Frame frame = reader.take(byte);
    const ByteView content = reader.content();
    if (frame == Frame::kCoap) taken.messages.emplace_back(content.begin(), content.end());
    if (frame == Frame::kText) taken.texts.emplace_back(content.begin(), content.end());
  }
  taken.dropped = reader.dropped();
  return taken;
}

const Octets kPing{0x40, 0x00, 0x12, 0x34};  // an empty confirmable message

TEST(Fcs, IsThatOfPpp) {
  const std::string digits = "123456789";
  EXPECT_EQ(static_cast<uint16_t>(~fcs(kFcsStart, {reinterpret_cast<const uint8_t*>(digits.data()), digits.size()})),
            0x906e)
      << "the check value of CRC-16/X-25";
  const uint8_t first = kCoapFrame;
  EXPECT_EQ(fcs(kFcsStart, {&first, 1}), 0x374c) << "where other implementations of Slipmux begin";
}

TEST(Slipmux, WritesFirstByteMessageAndFcsBetweenEnds) {
  const Octets bytes = framed(kPing);
  ASSERT_EQ(bytes.size(), 9U);
  EXPECT_EQ(bytes.front(), kEnd);
  EXPECT_EQ(bytes[1], kCoapFrame);
  EXPECT_TRUE(std::equal(kPing.begin(), kPing.end(), bytes.begin() + 2));
  EXPECT_EQ(bytes.back(), kEnd);
  EXPECT_EQ(fcs(kFcsStart, ByteView(bytes).subspan(1, 7)), kFcsGood);
}

TEST(Slipmux, EveryByteArrives) {
  for (unsigned first = 0; first < 256; ++first) {
    const Octets message{static_cast<uint8_t>(first), 0xc0, 0xdb, 0xdc, 0xdd, static_cast<uint8_t>(255 - first)};
    const Taken taken = take_all(framed(message));
    ASSERT_EQ(taken.messages.size(), 1U) << first;
    EXPECT_EQ(taken.messages[0], message);
    EXPECT_EQ(taken.dropped, 0U);
  }
}

TEST(Slipmux, AFrameWithAFlippedBitIsDropped) {
  const Octets good = framed(kPing);
  const Octets next = framed({1, 2, 3, 4, 5});
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    Octets damaged = good;
    damaged[bit / 8] = static_cast<uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
    damaged.insert(damaged.end(), next.begin(), next.end());
    const Taken taken = take_all(damaged);
    for (const Octets& message : taken.messages) {
      EXPECT_TRUE(message == kPing || message == (Octets{1, 2, 3, 4, 5})) << "bit " << bit;
    }
    ASSERT_FALSE(taken.messages.empty());
    EXPECT_EQ(taken.messages.back(), (Octets{1, 2, 3, 4, 5})) << "bit " << bit << ": the next frame is read";
  }
}

TEST(Slipmux, LostAndRepeatedBytesAreNoMessage) {
  const Octets good = framed({7, 0xc0, 9, 0xdb, 11, 12});
  for (size_t at = 1; at + 1 < good.size(); ++at) {
    Octets shorter = good;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(at));
    EXPECT_TRUE(take_all(shorter).messages.empty()) << at;
    Octets longer = good;
    longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(at), good[at]);
    EXPECT_TRUE(take_all(longer).messages.empty()) << at;
  }
}

TEST(Slipmux, EveryPrefixIsNoMessage) {
  const Octets good = framed(kPing);
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_TRUE(take_all({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length)}).messages.empty());
  }
}

TEST(Slipmux, AFrameThatFillsTheBufferIsTakenAndOneByteMoreIsNot) {
  const Octets good = framed(Octets(20, 5));
  EXPECT_EQ(take_all(good, 20 + kFrameOverhead).messages.size(), 1U);
  const Taken small = take_all(good, 20 + kFrameOverhead - 1);
  EXPECT_TRUE(small.messages.empty());
  EXPECT_EQ(small.dropped, 1U);
}

TEST(Slipmux, MalformedFramesAreCounted) {
  const struct {
    const char* name;
    Octets bytes;
  } rows[] = {
      {"of no known kind", {0xc0, 0x45, 1, 2, 3, 0xc0}},
      {"an FCS without a message", {0xc0, 0xa9, 0x4c, 0xc8, 0xc0}},
      {"an escape of nothing", {0xc0, 0xa9, 0xdb, 0x01, 0xc0}},
      {"an escape at the end", {0xc0, 0xa9, 1, 0xdb, 0xc0}},
  };
  for (const auto& row : rows) {
    const Taken taken = take_all(row.bytes);
    EXPECT_TRUE(taken.messages.empty()) << row.name;
    EXPECT_EQ(taken.dropped, 1U) << row.name;
  }
}

TEST(Slipmux, TextStandsBesideMessages) {
  Line line;
  const std::string text = "info recovery.ready";
  write_text(line, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  write_coap(line, kPing);
  const Taken taken = take_all(line.bytes);
  ASSERT_EQ(taken.texts.size(), 1U);
  EXPECT_EQ(taken.texts[0], text);
  EXPECT_EQ(taken.messages, (std::vector<Octets>{kPing}));
}

}  // namespace
}  // namespace tailor::serial
