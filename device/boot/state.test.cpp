// SPDX-License-Identifier: Apache-2.0
#include "device/boot/state.hpp"

#include <gtest/gtest.h>

#include <string>

#include "device/storage/crc32.hpp"
#include "device/storage/flash_region.hpp"

namespace tailor::boot {
namespace {

using namespace literals;

State example() {
  State state;
  state.number = 5;
  state.session = 2;
  state.mark_bytes = 1024;
  state.image_bytes = {300, 0};
  for (uint8_t i = 0; i < 8; ++i) state.candidate.component.bytes[i] = i;
  state.candidate.sequence = 1;
  state.candidate.image_bytes = 300;
  EXPECT_TRUE(state.raise_counter(state.candidate.component, 1).ok());
  return state;
}

/// With the CRC of whatever the bytes say, so that the field itself is judged.
StateBytes with(size_t offset, uint8_t value, State state = example()) {
  StateBytes bytes = encode(state);
  bytes[offset] = value;
  put_le<uint32_t>(&bytes[kStateBytes - 4], crc32(ByteView{bytes}.first(kStateBytes - 4)));
  return bytes;
}

TEST(State, IsWrittenAsDocsFormatsFlashSays) {
  constexpr auto kStart =
      "54 4c 42 4a 01 2d 17 00  05 00 00 00 00 00 00 00  02 00 00 00 00 00 00 00"
      "2c 01 00 00 00 04 00 00  00 01 02 03 04 05 06 07  01 00 00 00 00 00 00 00"
      "00 fa 01 01 00 00 00 00  00 00 00 00 00 00 00 00  2c 01 00 00 00 00 00 00"
      "00 01 02 03 04 05 06 07  01 00 00 00 00 00 00 00"_hex;
  constexpr auto kEnd = "00 00 00 00 5b 4d 36 fc"_hex;
  const StateBytes bytes = encode(example());
  EXPECT_TRUE(equal(ByteView{bytes}.first(kStart.size()), kStart));
  EXPECT_TRUE(equal(ByteView{bytes}.last(kEnd.size()), kEnd));
}

TEST(State, ComesBackAsItWas) {
  State state = example();
  for (const Slot slot : {Slot::kA, Slot::kB}) {
    for (const Phase phase : {Phase::kIdle, Phase::kReceiving, Phase::kStaged, Phase::kInstall, Phase::kTrial}) {
      for (const OutcomeKind kind :
           {OutcomeKind::kNone, OutcomeKind::kConfirmed, OutcomeKind::kReverted, OutcomeKind::kFellBack}) {
        state.active = slot;
        state.phase = phase;
        state.attempts = 255;
        state.number = UINT64_MAX;
        state.outcome = {kind, Error::kTrialCrashed, kind == OutcomeKind::kNone, UINT64_MAX - 1};
        const auto back = decode_state(encode(state));
        ASSERT_TRUE(back.ok());
        EXPECT_EQ(*back, state);
      }
    }
  }
  for (uint8_t i = 0; i < limits::kComponents - 1; ++i) {
    ASSERT_TRUE(state.raise_counter({{0xff, i}}, 1000U + i).ok());
  }
  EXPECT_EQ(*decode_state(encode(state)), state);
}

TEST(State, ComesBackInTheMiddleOfAMove) {
  for (const Move move : {Move::kNone, Move::kCopy, Move::kSwap}) {
    for (const bool turned : {false, true}) {
      for (const uint16_t step : {uint16_t{0}, uint16_t{1}, uint16_t{0xffff}}) {
        State state = example();
        state.move = move;
        state.turned = turned;
        state.step = step;
        const StateBytes bytes = encode(state);
        const bool written = move != Move::kNone || step == 0;
        const auto back = decode_state(bytes);
        ASSERT_EQ(back.ok(), written);
        if (written) {
          EXPECT_EQ(*back, state);
        }
        EXPECT_EQ(bytes[4], move == Move::kNone && !turned && step == 0 ? 1 : 2)
            << "a boot program that knows no moves reads what none has touched";
      }
    }
  }
}

TEST(State, RefusesEveryChangedBit) {
  const StateBytes good = encode(example());
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    StateBytes bytes = good;
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(decode_state(bytes).ok()) << bit;
  }
}

TEST(State, RefusesEveryPrefixAndWhatIsLonger) {
  const StateBytes good = encode(example());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(decode_state(ByteView{good}.first(size)).error(), Error::kRecordMalformed);
  }
  std::array<uint8_t, kStateBytes + 1> longer{};
  std::copy(good.begin(), good.end(), longer.begin());
  EXPECT_EQ(decode_state(longer).error(), Error::kRecordMalformed);
}

TEST(State, RefusesValuesThatItDoesNotWrite) {
  const struct {
    const char* name;
    size_t offset;
    uint8_t value;
    Error error;
  } rows[] = {
      {"newer version", 4, 3, Error::kUnsupportedVersion},    {"slot zero", 5, 0, Error::kRecordMalformed},
      {"slot between", 5, 0x2f, Error::kRecordMalformed},     {"phase zero", 6, 0, Error::kRecordMalformed},
      {"phase unknown", 6, 0xff, Error::kRecordMalformed},    {"outcome unknown", 48, 1, Error::kRecordMalformed},
      {"reported unknown", 50, 2, Error::kRecordMalformed},   {"too many counters", 51, 9, Error::kRecordMalformed},
      {"move unknown", 52, 1, Error::kRecordMalformed},       {"turned unknown", 53, 2, Error::kRecordMalformed},
      {"a step of no move", 54, 1, Error::kRecordMalformed},  {"new without a move", 4, 2, Error::kRecordMalformed},
      {"old with a move", 52, 0x3c, Error::kRecordMalformed},
  };
  for (const auto& row : rows) {
    const auto state = decode_state(with(row.offset, row.value));
    ASSERT_FALSE(state.ok()) << row.name;
    EXPECT_EQ(state.error(), row.error) << row.name;
  }
}

TEST(State, CountersNeverFall) {
  State state;
  const ComponentKey app{{1}}, other{{2}};
  EXPECT_EQ(state.counter(app), 0U);
  ASSERT_TRUE(state.raise_counter(app, 7).ok());
  ASSERT_TRUE(state.raise_counter(app, 5).ok());
  EXPECT_EQ(state.counter(app), 7U);
  ASSERT_TRUE(state.raise_counter(app, UINT64_MAX).ok());
  EXPECT_EQ(state.counter(app), UINT64_MAX);
  EXPECT_EQ(state.counter(other), 0U);
}

TEST(State, HasCountersForAsManyComponentsAsTheLimitSays) {
  State state;
  for (uint8_t i = 0; i < limits::kComponents; ++i) ASSERT_TRUE(state.raise_counter({{i}}, 1).ok());
  EXPECT_EQ(state.raise_counter({{99}}, 1).error(), Error::kStorageFull);
  EXPECT_TRUE(state.raise_counter({{0}}, 2).ok());
}

}  // namespace
}  // namespace tailor::boot
