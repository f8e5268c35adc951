// SPDX-License-Identifier: Apache-2.0
// The modes that move images, without power cuts (tests/powerfail has those): what ends up where, what each mode
// promises, and what the running image may ask for.
#include "device/boot/mover.hpp"

#include "device/boot/device.test.hpp"

namespace tailor::boot {
namespace {

const TestImage kV1{"v1", 10};
const TestImage kV2{"v2", 20, Behaviour::kGood, 900};
const TestImage kShort{"v3-short", 30, Behaviour::kGood, 100};
const TestImage kBad{"v2-bad", 20, Behaviour::kCrashes, 300};

class Moves : public ::testing::TestWithParam<InstallMode> {
 protected:
  void TearDown() override { EXPECT_EQ(device.flash.violation(), ""); }
  [[nodiscard]] bool swaps() const { return GetParam() == InstallMode::kSwap; }
  std::vector<uint8_t> content(const FlashRegion& region, uint32_t size) {
    std::vector<uint8_t> bytes(size);
    EXPECT_TRUE(region.read(0, bytes).ok());
    return bytes;
  }
  Device device{4, 0xff, 1, GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Modes, Moves, ::testing::Values(InstallMode::kOverwrite, InstallMode::kSwap));

TEST_P(Moves, ImagesOfAnyLengthRunInSlotAOneAfterTheOther) {
  device.provisioned_with(kV1);
  EXPECT_EQ(device.state().active, Slot::kA);
  const TestImage* before = &kV1;
  for (const TestImage* image : {&kV2, &kShort}) {
    ASSERT_TRUE(device.receives(*image).runs_until(image->name)) << device.running();
    const State state = device.state();
    EXPECT_EQ(state.active, Slot::kA);
    EXPECT_EQ(state.move, Move::kNone);
    EXPECT_EQ(state.counter({}), image->sequence);
    EXPECT_EQ(device.outcome().kind, OutcomeKind::kConfirmed);
    EXPECT_EQ(content(device.layout().slot(Slot::kA), image->size), image->bytes());
    // Slot B keeps what was there before a swap, and the copy after an overwrite.
    const TestImage& other_image = swaps() ? *before : *image;
    EXPECT_EQ(content(device.layout().slot(Slot::kB, state.turned), other_image.size), other_image.bytes());
    EXPECT_EQ(state.image_bytes[1], other_image.size);
    before = image;
  }
  EXPECT_EQ(device.trials(), swaps() ? 2 : 0) << "there is no trial without a way back";
}

TEST_P(Moves, ACandidateThatDoesNotVerifyIsNotMoved) {
  device.provisioned_with(kV1).receives(kV2);
  BootControl control(device.layout());
  ASSERT_TRUE(control.open().ok());
  const std::vector<uint8_t> envelope = kV2.envelope(), image(kV2.size, 7);
  const ByteView pieces[] = {envelope};
  ASSERT_TRUE(control.begin({{}, 20, kV2.size}, pieces, 64).ok());
  ASSERT_TRUE(control.write(0, image).ok());
  ASSERT_TRUE(control.stage().ok());
  ASSERT_TRUE(control.install().ok());
  const uint32_t erases = device.flash.erases(22);
  ASSERT_TRUE(device.boots());
  EXPECT_EQ(device.running(), "v1");
  EXPECT_EQ(device.flash.erases(22), erases);
  EXPECT_EQ(device.outcome(), (Outcome{OutcomeKind::kReverted, Error::kImageDigestMismatch, false, 20}));
  EXPECT_EQ(device.state().counter({}), 10U);
}

TEST_P(Moves, ADamagedImageIsReplacedByAWholeOneThatTheCounterAllows) {
  ASSERT_TRUE(device.provisioned_with(kV1).receives(kV2).runs_until("v2"));
  device.flash.cells()[22 * 256 + 5] ^= 1;
  ASSERT_TRUE(device.boots());
  EXPECT_EQ(device.running(), swaps() ? "nothing: NoValidImage" : "v2") << "slot B holds v1, or the copy of v2";
  if (!swaps()) {
    EXPECT_EQ(device.outcome().kind, OutcomeKind::kFellBack);
  }
}

TEST_P(Moves, NextSlotIsWhereImagesRun) {
  device.provisioned_with(kV1);
  BootControl control(device.layout());
  ASSERT_TRUE(control.open().ok());
  EXPECT_EQ(control.boot_data().running, Slot::kA);
  EXPECT_EQ(control.next_slot(), Slot::kA);
  EXPECT_EQ(content(control.running_image(), kV1.size), kV1.bytes());
}

TEST_P(Moves, OneThatIsTakenUpAgainBeginsWithARecordOfItsOwn) {
  // The record of a step may be there and not be seen. Were the step done again without another one, a second cut could
  // leave it half done, with the first record back to say that it is done.
  device.provisioned_with(kV1);
  BootControl control(device.layout());
  ASSERT_TRUE(control.open().ok());
  const std::vector<uint8_t> envelope = kV2.envelope(), image = kV2.bytes();
  const ByteView pieces[] = {envelope};
  ASSERT_TRUE(control.begin({{}, 20, kV2.size}, pieces, 64).ok());
  ASSERT_TRUE(control.write(0, image).ok());
  ASSERT_TRUE(control.stage().ok());
  ASSERT_TRUE(control.install().ok());
  Journal journal(device.layout().journal);
  State state = *journal.load();
  state.move = swaps() ? Move::kSwap : Move::kCopy;
  ASSERT_TRUE(journal.append(state).ok());
  const FakeFlash::Snapshot before = device.flash.snapshot();
  device.loses_power_at(2, Cut::kHalf).boots();
  device.power_on();
  const FakeFlash::Snapshot after = device.flash.snapshot();
  const size_t journal_bytes = device.layout().journal.size();
  EXPECT_TRUE(std::equal(before.bytes.begin() + static_cast<ptrdiff_t>(journal_bytes), before.bytes.end(),
                         after.bytes.begin() + static_cast<ptrdiff_t>(journal_bytes)));
  EXPECT_NE(before.bytes, after.bytes);
}

TEST(Swap, GoesBackWhenTheTrialFailsAndTakesTheNextUpdate) {
  Device device(4, 0xff, 1, InstallMode::kSwap);
  ASSERT_TRUE(device.provisioned_with(kV1).receives(kBad).runs_until("v1")) << device.running();
  EXPECT_EQ(device.outcome().kind, OutcomeKind::kReverted);
  EXPECT_EQ(device.state().counter({}), 10U);
  EXPECT_FALSE(device.state().turned) << "there and back";
  ASSERT_TRUE(device.receives(kV2).runs_until("v2"));
  EXPECT_TRUE(device.state().turned);
  EXPECT_EQ(device.flash.violation(), "");
}

TEST(Swap, TakesNoImageOverOneThatWasGivenUpAndStillRuns) {
  Device device(4, 0xff, 1, InstallMode::kSwap);
  device.provisioned_with(kV1).receives({"hangs", 20, Behaviour::kHangs});
  for (int boot = 0; boot < 2; ++boot) ASSERT_TRUE(device.boots());
  BootControl control(device.layout());
  ASSERT_TRUE(control.open().ok());
  ASSERT_TRUE(control.boot_data().on_trial);
  EXPECT_EQ(control.boot_data().running, Slot::kA);
  ASSERT_TRUE(control.give_up(Error::kNotEnrolled).ok());
  EXPECT_EQ(control.boot_data().running, Slot::kA);
  EXPECT_EQ(control.begin({{}, 30, 100}, {}, 64).error(), Error::kStateConflict);
  ASSERT_TRUE(device.boots());
  EXPECT_EQ(device.running(), "v1");
}

TEST(Move, RefusesWhatTheLayoutDoesNotAllow) {
  const struct {
    InstallMode mode;
    Move move;
    uint32_t image_bytes;
  } rows[] = {
      {InstallMode::kInPlace, Move::kSwap, 100},   {InstallMode::kInPlace, Move::kCopy, 100},
      {InstallMode::kOverwrite, Move::kSwap, 100}, {InstallMode::kSwap, Move::kCopy, 100},
      {InstallMode::kSwap, Move::kSwap, 1025},     {InstallMode::kOverwrite, Move::kCopy, UINT32_MAX},
  };
  for (const auto& row : rows) {
    Device device(4, 0xff, 1, row.mode);
    device.provisioned_with(kV1);
    Journal journal(device.layout().journal);
    State state = *journal.load();
    const FakeFlash::Snapshot before = device.flash.snapshot();
    state.move = row.move;
    state.image_bytes[1] = row.image_bytes;
    EXPECT_EQ(Mover(device.layout(), journal).finish(state).error(), Error::kRecordMalformed);
    EXPECT_EQ(device.flash.snapshot().bytes, before.bytes);
  }
}

}  // namespace
}  // namespace tailor::boot
