// SPDX-License-Identifier: Apache-2.0
#include "device/boot/journal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "device/storage/crc32.hpp"
#include "testing/fake_flash.hpp"
#include "testing/flash/nor_flash.hpp"

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
  // 1000 states, each written twice, five records to a half of two sectors, and the last of a half begins the next one.
  EXPECT_NEAR(static_cast<double>(flash.erases()), 1000.0 / 2 * 2, 4);
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
  Journal journal(region);
  State state = *journal.load();
  state.attempts = 2;
  ASSERT_TRUE(journal.append(state).ok());
  // What the cut append would have left, had it been whole: the third record of the first half.
  const FakeFlash::Snapshot before = flash.snapshot();
  state.attempts = 3;
  ASSERT_TRUE(journal.append(state).ok());
  const FakeFlash::Snapshot whole = flash.snapshot();
  const auto third = [&](const FakeFlash::Snapshot& from) {
    return std::vector<uint8_t>(from.bytes.begin() + 408, from.bytes.begin() + 612);
  };
  ASSERT_NE(third(whole), third(before));
  flash.restore(before);
  ASSERT_TRUE(append(4).ok());
  const std::vector<uint8_t> alive = third(whole);
  std::copy(alive.begin(), alive.end(), flash.cells().begin() + 408);
  EXPECT_EQ(load()->attempts, 4);
}

/// Starts again and again, each time losing power in one operation of an append, and asks what was not to be lost.
class CutJournal {
 public:
  CutJournal(const tailor_flash_geometry_t& geometry, uint32_t journal_bytes)
      : flash_(geometry), region_(flash_.port(), 0, journal_bytes) {}

  /// Appends 1, 2, ... `count` in one run.
  void begins(uint8_t count) {
    Journal journal(region_);
    State state;
    ASSERT_EQ(journal.load().error(), Error::kNotFound);
    for (uint8_t i = 1; i <= count; ++i) {
      state.attempts = i;
      ASSERT_TRUE(journal.append(state).ok());
    }
    explore(flash_.cells(), count, 0, 2);
  }
  size_t cuts = 0;

 private:
  /// @param kept  the last state whose append returned, so that its caller went on
  void explore(const testing::Cells& cells, uint8_t kept, uint64_t seed, int depth) {
    flash_.load(cells, mixed(seed, 17));
    Journal journal(region_);
    auto state = journal.load();
    ASSERT_TRUE(state.ok()) << "no state is left";
    ASSERT_GE(state->attempts, kept) << "a state that was relied on is lost";
    if (depth == 0) return;
    for (int appends = 0; appends < 2; ++appends) {
      testing::Cells before = flash_.cells();
      const size_t first = flash_.operations().size();
      ++state->attempts;
      ASSERT_TRUE(journal.append(*state).ok());
      const testing::Cells done = flash_.cells();
      const std::vector<testing::FlashOperation> operations(flash_.operations().begin() + static_cast<ptrdiff_t>(first),
                                                            flash_.operations().end());
      const uint8_t value = state->attempts;
      for (const testing::FlashOperation& operation : operations) {
        for (const testing::Loss loss : {testing::Loss::kHalf, testing::Loss::kFlicker, testing::Loss::kUnreadable}) {
          testing::Cells cut = before;
          cut.cut(operation, loss, seed + 1);
          ++cuts;
          // What flickers is decided by the seed: both ways.
          for (uint64_t start = 0; start < 2; ++start) explore(cut, kept, seed * 4 + start + 1, depth - 1);
          if (::testing::Test::HasFatalFailure()) return;
        }
        if (operation.is_erase) {
          before.erase(operation.offset);
        } else {
          static_cast<void>(before.program(operation));
        }
      }
      flash_.load(done, 1);
      kept = value;
    }
    ASSERT_EQ(flash_.violation(), "");
    ASSERT_EQ(flash_.doubtful_writes(), 0U) << "a granule that a cut had touched was written again";
  }
  static uint64_t mixed(uint64_t a, uint64_t b) { return testing::mixed(a, b); }

  testing::NorFlash flash_;
  FlashRegion region_;
};

TEST(JournalUnderCuts, NeverLosesAStateThatItsCallerReliedOn) {
  // A record that was cut may read as whole at one start and not at the next one, two cuts in a row.
  for (const uint8_t count : {uint8_t{1}, uint8_t{2}, uint8_t{4}}) {
    CutJournal journal({2048, 512, 32, 0xff}, 2048);
    journal.begins(count);
    EXPECT_GT(journal.cuts, 1000U);
  }
}

TEST_F(JournalTest, PassesOverARecordThatCannotBeRead) {
  ASSERT_TRUE(append(1).ok());
  Journal journal(region);
  State state = *journal.load();
  state.attempts = 2;
  ASSERT_TRUE(journal.append(state).ok());
  state.attempts = 3;
  ASSERT_TRUE(journal.append(state).ok());
  for (const uint64_t call : {3U, 4U, 5U}) {  // the newest state's two records, and an empty position
    flash.fail_call_at(call);
    EXPECT_EQ(load()->attempts, 3);
  }
  flash.cells()[3 * 204 + 20] ^= 1;
  flash.fail_call_at(3);  // both: the fault hides the state, and what is appended next still outnumbers it
  EXPECT_EQ(load()->attempts, 2);
  flash.fail_call_at(3);
  ASSERT_TRUE(append(4).ok());
  EXPECT_EQ(load()->attempts, 4);
}

TEST_F(JournalTest, AStateWithoutItsTwinIsInDoubt) {
  const auto doubt = [this] {
    Journal journal(region);
    EXPECT_TRUE(journal.load().ok());
    return journal.in_doubt();
  };
  ASSERT_TRUE(append(1).ok());
  EXPECT_FALSE(doubt());
  Journal journal(region);
  State state = *journal.load();
  for (uint8_t attempts = 2; attempts < 6; ++attempts) {
    state.attempts = attempts;
    ASSERT_TRUE(journal.append(state).ok());
    EXPECT_FALSE(doubt());
  }
  ASSERT_TRUE(append(6).ok());
  for (const uint64_t operation : {2U, 3U, 4U}) {  // an erase of two sectors, and two records
    const FakeFlash::Snapshot before = flash.snapshot();
    flash.cut_power_at(operation, Cut::kAfter);
    EXPECT_FALSE(append(7).ok());
    flash.power_on();
    EXPECT_EQ(doubt(), operation == 3);
    flash.restore(before);
  }
  Journal passing(region);
  state = *passing.load();
  state.attempts = 8;
  ASSERT_TRUE(passing.append(state).ok());
  state.attempts = 9;
  ASSERT_TRUE(passing.append_passing(state).ok());
  EXPECT_TRUE(doubt());
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
  bytes[4] = 3;
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
