// SPDX-License-Identifier: Apache-2.0
// Every journal record that can be written, whatever it says, and that the code itself would never write: a device
// boots an image that verifies where it runs, or says why not; it neither loops nor asserts nor breaks the flash
// contract, and what the journal says afterwards can be read.
#include <gtest/gtest.h>

#include "device/storage/crc32.hpp"
#include "tests/powerfail/device.hpp"

namespace tailor::powerfail {
namespace {

class JournalStates : public ::testing::TestWithParam<boot::InstallMode> {
 protected:
  static constexpr Geometry kGeometry{"256/4/ff", 256, 4, 0xff};
  Maker maker;
  Plan plan{kGeometry, GetParam()};
  Device device{maker, plan};
  Image v1 = maker.image("v1", 10, 300), v2 = maker.image("v2", 20, 500), v0 = maker.image("v0", 5, 200);
  size_t booted = 0, refused = 0;

  /// A device in the given state of things, with `bytes` as its journal's only records.
  void starts_with(const testing::Cells& base, boot::StateBytes bytes) {
    put_le<uint32_t>(&bytes[boot::kStateBytes - 4], crc32(ByteView{bytes}.first(boot::kStateBytes - 4)));
    testing::Cells cells = base;
    for (uint32_t sector = 0; sector < plan.journal; ++sector) cells.erase(sector * 256);
    for (uint32_t at = 0; at < 2 * boot::kStateBytes; at += 4) {
      const uint32_t from = at % boot::kStateBytes;
      static_cast<void>(cells.program({false, at, {bytes.begin() + from, bytes.begin() + from + 4}}));
    }
    device.flash().load(cells, 1);
    boot::BootDecision decision(device.layout(), device.verifier());
    const auto choice = decision.decide();
    ASSERT_LT(device.flash().operation_count(), 20'000U);
    if (choice.ok()) {
      ++booted;
      ASSERT_TRUE(choice->verdict.passes());
      const bool moves = device.layout().moves();
      ASSERT_TRUE(!moves || choice->slot == boot::Slot::kA);
      Octets image(choice->image.image_bytes);
      ASSERT_TRUE(device.layout().slot(choice->slot).read(0, image).ok());
      ASSERT_TRUE(image == v1.bytes || image == v2.bytes);
    } else {
      ++refused;
    }
    boot::BootControl control(device.layout());
    const Status opened = control.open();
    if (opened.ok()) {
      // Whatever the application tries, it gets an answer.
      static_cast<void>(control.resume().ok());
      static_cast<void>(control.confirm().ok());
      static_cast<void>(control.install().ok());
      static_cast<void>(control.abandon().ok());
    }
    ASSERT_TRUE(opened.ok() || !choice.ok());
    ASSERT_EQ(device.flash().violation(), "");
  }
};
INSTANTIATE_TEST_SUITE_P(Modes, JournalStates, ::testing::ValuesIn(kModes), [](const auto& with) {
  std::string name = name_of(with.param);
  name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
  return name;
});

TEST_P(JournalStates, EveryRecordBootsOrIsRefused) {
  // v1 in slot A, v2 in slot B, each with its envelope.
  const testing::Cells old = device.made_with(v0, v1);
  device.stop_after_install = true;
  device.run(old, v1, v2, {}, 1);
  const testing::Cells base = device.flash().cells();
  const auto state = boot::Journal(device.layout().journal).load();
  ASSERT_TRUE(state.ok());
  const uint32_t slot = device.layout().slots[0].size();
  const uint32_t lengths[] = {0, 300, 500, slot, slot + 1, UINT32_MAX};
  constexpr uint8_t kPhases[] = {0x17, 0x2e, 0x4d, 0x71, 0x8b, 0x00};
  constexpr uint8_t kSlots[] = {0x2d, 0xd2, 0x00};
  constexpr uint8_t kMoveBytes[] = {0x00, 0x3c, 0xc3, 0x95, 0xff};
  for (const uint8_t active : kSlots) {
    for (const uint8_t phase : kPhases) {
      for (const uint8_t move : kMoveBytes) {
        for (const uint8_t turned : {uint8_t{0}, uint8_t{1}, uint8_t{2}}) {
          for (const uint16_t step : {uint16_t{0}, uint16_t{1}, uint16_t{4}, uint16_t{0xffff}}) {
            for (const uint8_t attempts : {uint8_t{0}, uint8_t{3}}) {
              for (size_t a = 0; a < std::size(lengths); ++a) {
                for (size_t b = a % 2; b < std::size(lengths); b += 2) {
                  boot::StateBytes bytes = boot::encode(*state);
                  bytes[4] = move != 0 || turned != 0 || step != 0 ? 2 : 1;
                  bytes[5] = active;
                  bytes[6] = phase;
                  bytes[7] = attempts;
                  bytes[52] = move;
                  bytes[53] = turned;
                  put_le<uint16_t>(&bytes[54], step);
                  put_le<uint32_t>(&bytes[64], lengths[a]);
                  put_le<uint32_t>(&bytes[68], lengths[b]);
                  ASSERT_NO_FATAL_FAILURE(starts_with(base, bytes))
                      << int{active} << " phase " << int{phase} << " move " << int{move} << " turned " << int{turned}
                      << " step " << step << " attempts " << int{attempts} << " lengths " << lengths[a] << " "
                      << lengths[b];
                }
              }
            }
          }
        }
      }
    }
  }
  EXPECT_GT(booted, 100U);
  EXPECT_GT(refused, 1000U);
}

TEST_P(JournalStates, EveryByteOfARecordMayHoldAnything) {
  const testing::Cells base = device.made_with(v0, v1);
  device.flash().load(base, 1);
  const auto state = boot::Journal(device.layout().journal).load();
  ASSERT_TRUE(state.ok());
  for (size_t at = 0; at < 76; ++at) {
    for (int value = 0; value < 256; ++value) {
      boot::StateBytes bytes = boot::encode(*state);
      bytes[at] = static_cast<uint8_t>(value);
      ASSERT_NO_FATAL_FAILURE(starts_with(base, bytes)) << "byte " << at << " is " << value;
    }
  }
}

}  // namespace
}  // namespace tailor::powerfail
