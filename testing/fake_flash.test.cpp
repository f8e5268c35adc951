// SPDX-License-Identifier: Apache-2.0
// The fake is trusted by every power-cut proof, so it is tested itself: contract breaches are caught, cuts do what they
// say and nothing more.
#include "testing/fake_flash.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace tailor::testing {
namespace {

constexpr tailor_flash_geometry_t kGeometry{1024, 256, 4, 0xff};
constexpr std::array<uint8_t, 8> kData{0, 1, 2, 3, 4, 5, 6, 7};

class Device {
 public:
  explicit Device(tailor_flash_geometry_t geometry = kGeometry) : flash(geometry) {}
  tailor_port_status_t write(uint32_t offset, uint32_t length = 8) {
    return flash.port().write(flash.port().context, offset, kData.data(), length);
  }
  tailor_port_status_t erase(uint32_t offset) { return flash.port().erase(flash.port().context, offset); }
  tailor_port_status_t read(uint32_t offset, uint32_t length) {
    std::array<uint8_t, 1100> out{};
    return flash.port().read(flash.port().context, offset, out.data(), length);
  }
  FakeFlash flash;
};

TEST(FakeFlash, RefusesEachBreachOfTheContract) {
  const struct {
    const char* name;
    tailor_port_status_t (*act)(Device&);
  } rows[] = {
      {"write not aligned", [](Device& d) { return d.write(2); }},
      {"write of a part of a granule", [](Device& d) { return d.write(0, 6); }},
      {"write beyond the end", [](Device& d) { return d.write(1020); }},
      {"write without erase", [](Device& d) { return static_cast<void>(d.write(0)), d.write(4); }},
      {"erase not aligned", [](Device& d) { return d.erase(4); }},
      {"erase beyond the end", [](Device& d) { return d.erase(1024); }},
      {"read beyond the end", [](Device& d) { return d.read(1020, 5); }},
      {"read at an offset that overflows", [](Device& d) { return d.read(0xfffffff0U, 0x20); }},
  };
  for (const auto& row : rows) {
    Device device;
    EXPECT_EQ(row.act(device), TAILOR_PORT_CONTRACT) << row.name;
    EXPECT_FALSE(device.flash.violation().empty()) << row.name;
  }
}

TEST(FakeFlash, AllowsWhatTheContractAllows) {
  Device device;
  EXPECT_EQ(device.write(0), TAILOR_PORT_OK);
  EXPECT_EQ(device.write(1016), TAILOR_PORT_OK);
  EXPECT_EQ(device.read(0, 1024), TAILOR_PORT_OK);
  EXPECT_EQ(device.erase(0), TAILOR_PORT_OK);
  EXPECT_EQ(device.write(0), TAILOR_PORT_OK);
  EXPECT_EQ(device.flash.violation(), "");
  EXPECT_EQ(device.flash.erases(0), 1U);
  EXPECT_EQ(device.flash.erases(), 1U);
  EXPECT_EQ(device.flash.operations(), 4U);
}

TEST(FakeFlash, AWriteOfErasedBytesCountsAsAWrite) {
  Device device;
  const std::array<uint8_t, 4> erased{0xff, 0xff, 0xff, 0xff};
  EXPECT_EQ(device.flash.port().write(device.flash.port().context, 0, erased.data(), 4), TAILOR_PORT_OK);
  EXPECT_EQ(device.write(0), TAILOR_PORT_CONTRACT);
}

TEST(FakeFlash, CutsDuringAWrite) {
  for (const uint8_t erased : {uint8_t{0xff}, uint8_t{0x00}}) {
    for (const Cut cut : kAllCuts) {
      tailor_flash_geometry_t geometry = kGeometry;
      geometry.erased_value = erased;
      Device device(geometry);
      device.flash.cut_power_at(1, cut);
      EXPECT_EQ(device.write(0), TAILOR_PORT_FAILED);
      EXPECT_FALSE(device.flash.has_power());
      EXPECT_EQ(device.read(0, 8), TAILOR_PORT_FAILED);
      EXPECT_EQ(device.write(16), TAILOR_PORT_FAILED);
      EXPECT_EQ(device.erase(0), TAILOR_PORT_FAILED);
      device.flash.power_on();
      size_t done = 0;
      for (size_t i = 0; i < kData.size(); ++i) {
        if (device.flash.cells()[i] == kData[i]) ++done;
        // Bits only move from the erased value towards the data.
        EXPECT_EQ((device.flash.cells()[i] ^ erased) & ~(kData[i] ^ erased), 0) << name_of(cut);
      }
      EXPECT_TRUE(std::all_of(device.flash.cells().begin() + 8, device.flash.cells().end(),
                              [erased](uint8_t cell) { return cell == erased; }));
      EXPECT_EQ(device.write(0), cut == Cut::kBefore   ? TAILOR_PORT_OK
                                 : cut == Cut::kUnseen ? TAILOR_PORT_FAILED
                                                       : TAILOR_PORT_CONTRACT)
          << name_of(cut);
      if (cut == Cut::kAfter) {
        EXPECT_EQ(done, 8U);
      }
      if (cut == Cut::kTorn) {
        EXPECT_LT(done, 8U);
      }
    }
  }
}

TEST(FakeFlash, CutsDuringAnErase) {
  for (const Cut cut : kAllCuts) {
    Device device;
    ASSERT_EQ(device.write(256), TAILOR_PORT_OK);
    ASSERT_EQ(device.write(504), TAILOR_PORT_OK);
    ASSERT_EQ(device.write(512), TAILOR_PORT_OK);
    device.flash.cut_power_at(1, cut);
    EXPECT_EQ(device.erase(256), TAILOR_PORT_FAILED);
    device.flash.power_on();
    EXPECT_EQ(device.flash.cells()[512], 0) << "a neighbour changed";
    if (cut == Cut::kBefore || cut == Cut::kHalf) {
      EXPECT_EQ(device.flash.cells()[504], 0);
    }
    if (cut == Cut::kHalf || cut == Cut::kUnseen || cut == Cut::kAfter) {
      EXPECT_EQ(device.flash.cells()[256], 0xff);
    }
    EXPECT_EQ(device.write(300), cut == Cut::kBefore || cut == Cut::kAfter ? TAILOR_PORT_OK
                                 : cut == Cut::kUnseen                     ? TAILOR_PORT_FAILED
                                                                           : TAILOR_PORT_CONTRACT);
    EXPECT_EQ(device.erase(256), TAILOR_PORT_OK);
    EXPECT_EQ(device.write(504), TAILOR_PORT_OK);
  }
}

TEST(FakeFlash, FailsOneCallAndWorksAgain) {
  Device device;
  device.flash.fail_call_at(2);
  EXPECT_EQ(device.write(0), TAILOR_PORT_OK);
  EXPECT_EQ(device.write(8), TAILOR_PORT_FAILED);
  EXPECT_EQ(device.write(8), TAILOR_PORT_OK);
}

TEST(FakeFlash, RestoresASnapshot) {
  Device device;
  ASSERT_EQ(device.write(0), TAILOR_PORT_OK);
  const FakeFlash::Snapshot before = device.flash.snapshot();
  ASSERT_EQ(device.erase(0), TAILOR_PORT_OK);
  ASSERT_EQ(device.write(0, 4), TAILOR_PORT_OK);
  device.flash.restore(before);
  EXPECT_EQ(device.flash.cells()[7], 7);
  EXPECT_EQ(device.write(4, 4), TAILOR_PORT_CONTRACT);
  EXPECT_EQ(device.write(8), TAILOR_PORT_OK);
}

}  // namespace
}  // namespace tailor::testing
