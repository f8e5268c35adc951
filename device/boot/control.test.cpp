// SPDX-License-Identifier: Apache-2.0
// What the running image may ask of the boot module in each phase, and that refused requests change nothing.
#include "device/boot/control.hpp"

#include "device/boot/device.test.hpp"

namespace tailor::boot {
namespace {

const TestImage kV1{"v1", 10};
const TestImage kV2{"v2", 20};

class Control : public ::testing::Test {
 protected:
  void SetUp() override {
    device.provisioned_with(kV1);
    ASSERT_TRUE(control.open().ok());
  }
  void TearDown() override { EXPECT_EQ(device.flash.violation(), ""); }

  Status begin(uint64_t sequence = 20, uint32_t size = kV2.size) {
    const std::vector<uint8_t> envelope = kV2.envelope();
    const ByteView pieces[] = {envelope};
    return control.begin({{}, sequence, size}, pieces, 64);
  }
  Status write_all() {
    const std::vector<uint8_t> bytes = kV2.bytes();
    return control.write(0, bytes);
  }

  Device device;
  BootControl control{device.layout()};
};

TEST_F(Control, RefusesInEachPhaseWhatDoesNotBelongThere) {
  EXPECT_EQ(control.write(0, {}).error(), Error::kStateConflict);
  EXPECT_EQ(control.stage().error(), Error::kStateConflict);
  EXPECT_EQ(control.install().error(), Error::kStateConflict);
  EXPECT_EQ(control.give_up(Error::kInternal).error(), Error::kStateConflict);
  EXPECT_EQ(control.adopt().error(), Error::kStateConflict);
  EXPECT_EQ(control.resume().error(), Error::kNotFound);
  EXPECT_TRUE(control.abandon().ok());
  EXPECT_TRUE(control.confirm().ok()) << "confirmed already";

  ASSERT_TRUE(begin().ok());
  EXPECT_EQ(control.install().error(), Error::kStateConflict);
  EXPECT_EQ(control.stage().error(), Error::kImageSizeMismatch);
  ASSERT_TRUE(write_all().ok());
  ASSERT_TRUE(control.stage().ok());
  EXPECT_EQ(control.stage().error(), Error::kStateConflict);
  EXPECT_EQ(control.write(700, {}).error(), Error::kStateConflict);
  EXPECT_EQ(control.adopt().error(), Error::kStateConflict) << "a device with an image tries the next one first";
  ASSERT_TRUE(control.install().ok());
  EXPECT_EQ(begin().error(), Error::kStateConflict);
  EXPECT_EQ(control.resume().error(), Error::kNotFound);
  EXPECT_EQ(device.state().counter({}), 10U) << "the counter rose before confirm";
}

TEST_F(Control, RefusesAnUpdateBeforeItTouchesTheSlot) {
  const FakeFlash::Snapshot before = device.flash.snapshot();
  EXPECT_EQ(begin(9).error(), Error::kSequenceNumberTooLow);
  EXPECT_EQ(begin(20, 1025).error(), Error::kImageTooLarge);
  const std::vector<uint8_t> large(kStoredEnvelopeBytes + 1);
  const ByteView pieces[] = {large};
  EXPECT_EQ(control.begin({{}, 20, 700}, pieces, 64).error(), Error::kManifestTooLarge);
  EXPECT_EQ(device.flash.snapshot().bytes, before.bytes);
  EXPECT_TRUE(begin(10).ok()) << "an equal number is allowed";
}

TEST_F(Control, RefusesAComponentThatItCouldNotCount) {
  for (uint8_t i = 1; i < limits::kComponents; ++i) ASSERT_TRUE(control.raise_counter({{i}}, 1).ok());
  const FakeFlash::Snapshot before = device.flash.snapshot();
  EXPECT_EQ(control.begin({{{0xaa}}, 20, 700}, {}, 64).error(), Error::kStorageFull);
  EXPECT_EQ(control.raise_counter({{0xaa}}, 1).error(), Error::kStorageFull);
  EXPECT_EQ(device.flash.snapshot().bytes, before.bytes);
}

TEST_F(Control, AbandonGivesUpWhatIsNotOnTrial) {
  ASSERT_TRUE(begin().ok());
  ASSERT_TRUE(control.abandon().ok());
  EXPECT_EQ(control.boot_data().phase, Phase::kIdle);
  ASSERT_TRUE(begin().ok());
  ASSERT_TRUE(write_all().ok());
  ASSERT_TRUE(control.stage().ok());
  ASSERT_TRUE(control.install().ok());
  ASSERT_TRUE(control.abandon().ok());
  ASSERT_TRUE(device.runs_until("v1"));
  EXPECT_EQ(device.trials(), 0);
}

TEST_F(Control, GivesBackTheEnvelopesAsTheyCame) {
  std::array<uint8_t, kStoredEnvelopeBytes> out;
  EXPECT_EQ(control.candidate_envelope(out).error(), Error::kNotFound);
  EXPECT_TRUE(equal(*control.active_envelope(out), kV1.envelope()));
  ASSERT_TRUE(begin().ok());
  EXPECT_TRUE(equal(*control.candidate_envelope(out), kV2.envelope()));
  ASSERT_TRUE(write_all().ok());
  std::array<uint8_t, 8> read;
  ASSERT_TRUE(control.read(10, read).ok());
  EXPECT_TRUE(equal(read, ByteView(kV2.bytes()).subspan(10, 8)));
}

TEST_F(Control, GoesOnOnlyBehindTheEnvelopeOfTheSameReception) {
  ASSERT_TRUE(begin().ok());
  ASSERT_TRUE(control.write(0, ByteView(kV2.bytes()).first(512)).ok());
  BootControl again(device.layout());
  ASSERT_TRUE(again.open().ok());
  const uint64_t number = device.state().number;
  EXPECT_EQ(*again.resume(), 512U);
  EXPECT_GT(device.state().number, number) << "a record that was cut may come back, and must be outnumbered";
  // The same marks, and the envelope of another reception: whose image this is cannot be said.
  const ManifestArea area(device.layout().manifests[1]);
  const std::vector<uint8_t> envelope = kV1.envelope();
  const ByteView pieces[] = {envelope};
  ASSERT_TRUE(area.erase().ok());
  ASSERT_TRUE(area.store(device.state().session - 1, pieces).ok());
  EXPECT_EQ(again.resume().error(), Error::kNotFound);
  EXPECT_EQ(again.resume(true).error(), Error::kNotFound);
  ASSERT_TRUE(area.erase().ok());
  EXPECT_EQ(again.resume(true).error(), Error::kNotFound) << "none at all";
}

TEST_F(Control, NothingWorksBeforeOpen) {
  BootControl closed(device.layout());
  EXPECT_EQ(closed.confirm().error(), Error::kStateConflict);
  EXPECT_EQ(closed.begin({}, {}, 64).error(), Error::kStateConflict);
  EXPECT_EQ(closed.resume().error(), Error::kStateConflict);
  EXPECT_EQ(closed.abandon().error(), Error::kStateConflict);
  EXPECT_EQ(closed.raise_counter({}, 99).error(), Error::kStateConflict);
}

TEST_F(Control, AcknowledgesAnOutcomeOnce) {
  ASSERT_TRUE(device.receives(kV2).runs_until("v2"));
  EXPECT_TRUE(device.state().outcome.reported);
  const uint64_t number = device.state().number;
  ASSERT_TRUE(control.open().ok());
  EXPECT_TRUE(control.acknowledge_outcome().ok());
  EXPECT_EQ(device.state().number, number) << "nothing new to write";
}

TEST(LayoutCheck, RefusesRegionsThatDoNotFitTheirUse) {
  Device device;
  EXPECT_TRUE(device.layout().check().ok());
  const tailor_flash_t& flash = device.flash.port();
  const struct {
    const char* name;
    void (*change)(Layout&, const tailor_flash_t&);
  } rows[] = {
      {"journal of one sector",
       [](Layout& l, const tailor_flash_t& f) {
         l.journal = {f, 0, 256};
       }},
      {"manifest area too small",
       [](Layout& l, const tailor_flash_t& f) {
         l.manifests[1] = {f, 0, 2048};
       }},
      {"slots of two sizes",
       [](Layout& l, const tailor_flash_t& f) {
         l.slots[1] = {f, 26 * 256, 768};
       }},
      {"too few marks",
       [](Layout& l, const tailor_flash_t& f) {
         l.slots[0] = l.slots[1] = {f, 0, 32 * 256};
         l.progress = {f, 30 * 256, 256};
       }},
      {"no scratch sector", [](Layout& l, const tailor_flash_t&) { l.scratch = {}; }},
      {"region not on a sector",
       [](Layout& l, const tailor_flash_t& f) {
         l.progress = {f, 30 * 256 + 4, 1024};
       }},
  };
  for (const auto& row : rows) {
    Layout layout = device.layout();
    row.change(layout, flash);
    EXPECT_EQ(layout.check().error(), Error::kFlashContract) << row.name;
  }
}

}  // namespace
}  // namespace tailor::boot
