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

/// v2 is in slot B and to be installed: the next boot moves it.
void receive_and_install_v2(Device& device) {
  BootControl control(device.layout());
  ASSERT_TRUE(control.open().ok());
  const std::vector<uint8_t> envelope = kV2.envelope(), image = kV2.bytes();
  const ByteView pieces[] = {envelope};
  ASSERT_TRUE(control.begin({{}, 20, kV2.size}, pieces, 64).ok());
  ASSERT_TRUE(control.write(0, image).ok());
  ASSERT_TRUE(control.stage().ok());
  ASSERT_TRUE(control.install().ok());
}

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
  receive_and_install_v2(device);
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

TEST_P(Moves, OneCallOfTheFlashThatFailsSpoilsNothing) {
  device.provisioned_with(kV1);
  receive_and_install_v2(device);
  const FakeFlash::Snapshot before = device.flash.snapshot();
  const Layout layout = device.layout();
  for (uint64_t call = 1;; ++call) {
    SCOPED_TRACE(call);
    device.flash.restore(before);
    Journal journal(layout.journal);
    State state = *journal.load();
    const uint64_t calls = device.flash.calls();
    device.flash.fail_call_at(call);
    const Status moved = Mover(layout, journal).start(state);
    const bool failed = device.flash.calls() - calls >= call;
    device.flash.fail_call_at(0);
    if (!moved.ok()) {
      // What could not be written down is done by the next start.
      Journal again(layout.journal);
      state = *again.load();
      const Mover mover(layout, again);
      ASSERT_TRUE((state.move == Move::kNone ? mover.start(state) : mover.finish(state)).ok());
    }
    ASSERT_EQ(content(layout.slot(Slot::kA), kV2.size), kV2.bytes());
    if (!failed) break;
    ASSERT_LT(call, 10'000U);
  }
}

/// A flash that fails some writes to one sector, and then works again.
struct Moody {
  explicit Moody(const FakeFlash& sound) : inner(sound.port()), port(sound.port()) {
    port.context = this;
    port.read = [](void* context, uint32_t offset, uint8_t* bytes, uint32_t length) {
      const tailor_flash_t& flash = static_cast<Moody*>(context)->inner;
      return flash.read(flash.context, offset, bytes, length);
    };
    port.write = [](void* context, uint32_t offset, const uint8_t* bytes, uint32_t length) {
      Moody& self = *static_cast<Moody*>(context);
      if (offset / 256 == self.sector && self.failures > 0) return --self.failures, TAILOR_PORT_FAILED;
      return self.inner.write(self.inner.context, offset, bytes, length);
    };
    port.erase = [](void* context, uint32_t offset) {
      const tailor_flash_t& flash = static_cast<Moody*>(context)->inner;
      return flash.erase(flash.context, offset);
    };
  }
  [[nodiscard]] FlashRegion over(const FlashRegion& region) const { return {port, region.base(), region.size()}; }
  [[nodiscard]] Layout over(Layout layout) const {
    layout.journal = over(layout.journal);
    for (auto* pair : {&layout.manifests, &layout.slots}) {
      for (FlashRegion& region : *pair) region = over(region);
    }
    layout.progress = over(layout.progress);
    layout.scratch = over(layout.scratch);
    return layout;
  }
  tailor_flash_t inner, port;
  uint32_t sector = 0;
  int failures = 0;
};

TEST(Swap, TheWayBackBringsBackTheSectorThatTookNothingToo) {
  const TestImage old{"v1", 10, Behaviour::kGood, 900};
  for (uint32_t index = 0; index < 4; ++index) {
    SCOPED_TRACE(index);
    Device device(4, 0xff, 1, InstallMode::kSwap);
    device.provisioned_with(old);
    receive_and_install_v2(device);
    Moody moody(device.flash);
    const Layout layout = moody.over(device.layout());
    moody.sector = layout.slots[0].base() / 256 + index;
    moody.failures = 3;  // each try of one step; then the sector is as good as before
    Journal journal(layout.journal);
    State state = *journal.load();
    ASSERT_TRUE(Mover(layout, journal).start(state).ok());
    EXPECT_EQ(moody.failures, 0);
    EXPECT_EQ(state.outcome.kind, OutcomeKind::kReverted);
    std::vector<uint8_t> image(old.size);
    ASSERT_TRUE(layout.slots[0].read(0, image).ok());
    EXPECT_EQ(image, old.bytes());
    ASSERT_TRUE(device.boots());
    EXPECT_EQ(device.running(), "v1");
  }
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
