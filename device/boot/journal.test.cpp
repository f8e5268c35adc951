// SPDX-License-Identifier: Apache-2.0
#include "device/boot/journal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "device/storage/crc32.hpp"
#include "testing/fake_flash.hpp"

namespace tailor::boot {
namespace {

using testing::Cut;
using testing::FakeFlash;
using testing::kAllCuts;

/// Four sectors of 512 bytes: five records in each half.
class JournalTest : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(flash.violation(), ""); }
  Result<State> load() { return Journal(region).load(); }
  Status append(uint8_t attempts) {
    Journal journal(region);
    const auto state = journal.load();
    State next = state.ok() ? *state : State{};
    next.attempts = attempts;
    return journal.append(next);
  }

  FakeFlash flash{{2048, 512, 4, 0xff}};
  FlashRegion region{flash.port(), 0, 2048};
};

TEST_F(JournalTest, IsEmptyInErasedFlashAndInGarbage) {
  EXPECT_EQ(load().error(), Error::kNotFound);
  std::fill(flash.cells().begin(), flash.cells().end(), uint8_t{0x5a});
  EXPECT_EQ(load().error(), Error::kNotFound);
}

TEST_F(JournalTest, GivesTheNewestStateForEver) {
  Journal journal(region);
  EXPECT_EQ(journal.load().error(), Error::kNotFound);
  State state;
  uint64_t last = 0;
  for (int i = 0; i < 1000; ++i) {
    state.attempts = static_cast<uint8_t>(i);
    ASSERT_TRUE(journal.append(state).ok());
    ASSERT_GT(state.number, last);
    last = state.number;
    const auto found = load();
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(*found, state);
  }
  // 1000 records, five to a half, two sectors a half.
  EXPECT_NEAR(static_cast<double>(flash.erases()), 1000.0 / 5 * 2, 4);
  EXPECT_EQ(flash.erases(0) - flash.erases(1), 0U);
  EXPECT_LE(flash.erases(2), flash.erases(0) + 1);
  EXPECT_LE(flash.erases(0), flash.erases(2) + 1);
}

TEST_F(JournalTest, KeepsTheStateBeforeAnyCut) {
  for (int before = 0; before < 9; ++before) {
    for (const Cut cut : kAllCuts) {
      for (uint64_t operation = 1; operation <= 4; ++operation) {
        FakeFlash fresh({2048, 512, 4, 0xff});
        flash.restore(fresh.snapshot());
        flash.power_on();
        for (int i = 0; i <= before; ++i) ASSERT_TRUE(append(static_cast<uint8_t>(i)).ok());
        flash.cut_power_at(operation, cut);
        const bool done = append(200).ok();
        flash.power_on();
        const auto found = load();
        ASSERT_TRUE(found.ok());
        ASSERT_TRUE(found->attempts == 200 || (!done && found->attempts == before)) << before << operation;
        ASSERT_TRUE(append(201).ok());
        ASSERT_EQ(load()->attempts, 201);
      }
    }
  }
}

TEST_F(JournalTest, ATornRecordThatComesBackToLifeIsOutnumbered) {
  ASSERT_TRUE(append(1).ok());
  // What the cut append would have left, had it been whole.
  const FakeFlash::Snapshot before = flash.snapshot();
  ASSERT_TRUE(append(2).ok());
  const FakeFlash::Snapshot whole = flash.snapshot();
  const auto second = [&](const FakeFlash::Snapshot& from) {
    return std::vector<uint8_t>(from.bytes.begin() + 1024 + 204, from.bytes.begin() + 1024 + 408);
  };
  ASSERT_NE(second(whole), second(before));
  flash.restore(before);
  flash.cut_power_at(1, Cut::kTorn);
  ASSERT_FALSE(append(2).ok());
  flash.power_on();
  ASSERT_TRUE(append(3).ok());
  ASSERT_TRUE(append(4).ok());
  const std::vector<uint8_t> alive = second(whole);
  std::copy(alive.begin(), alive.end(), flash.cells().begin() + 1024 + 204);
  EXPECT_EQ(load()->attempts, 4);
}

TEST_F(JournalTest, PassesOverARecordThatCannotBeRead) {
  ASSERT_TRUE(append(1).ok());
  ASSERT_TRUE(append(2).ok());
  flash.fail_call_at(1);  // an empty position
  EXPECT_EQ(load()->attempts, 2);
  flash.fail_call_at(7);  // the newest record: the fault hides it, and what is appended next still outnumbers it
  EXPECT_EQ(load()->attempts, 1);
  flash.fail_call_at(7);
  ASSERT_TRUE(append(3).ok());
  EXPECT_EQ(load()->attempts, 3);
}

TEST_F(JournalTest, GoesToTheOtherHalfWhenAWriteFails) {
  ASSERT_TRUE(append(1).ok());
  Journal journal(region);
  State state = *journal.load();
  flash.fail_call_at(1);
  state.attempts = 2;
  ASSERT_TRUE(journal.append(state).ok());
  EXPECT_EQ(load()->attempts, 2);
}

TEST_F(JournalTest, LeavesANewerFormatAlone) {
  ASSERT_TRUE(append(1).ok());
  StateBytes bytes = encode(State{});
  bytes[4] = 2;
  put_le<uint32_t>(&bytes[kStateBytes - 4], crc32(ByteView{bytes}.first(kStateBytes - 4)));
  std::copy(bytes.begin(), bytes.end(), flash.cells().begin());
  EXPECT_EQ(load().error(), Error::kUnsupportedVersion);
}

TEST_F(JournalTest, RefusesARegionThatCannotHoldIt) {
  EXPECT_EQ(Journal(FlashRegion(flash.port(), 0, 512)).load().error(), Error::kFlashContract);
  EXPECT_EQ(Journal(FlashRegion(flash.port(), 0, 1536)).load().error(), Error::kFlashContract);
  EXPECT_EQ(Journal(FlashRegion()).load().error(), Error::kFlashContract);
}

}  // namespace
}  // namespace tailor::boot
