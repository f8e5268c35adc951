// SPDX-License-Identifier: Apache-2.0
// The device's way to its servers: enrolment in both modes, power cuts on the way, registration, dead servers, renewal.
#include "tests/device/world.hpp"

namespace tailor::sim {
namespace {

using update::LifeCycle;

TEST(DeviceLife, EnrolsAndRegistersEverywhereInBothModes) {
  for (const auto mode : {trust::BootstrapMode::kPsk, trust::BootstrapMode::kIdevid}) {
    for (const uint8_t pairs : {uint8_t{1}, uint8_t{2}}) {
      World world({.mode = mode, .key_pairs = pairs});
      world.device.boot();
      ASSERT_TRUE(world.until_registered()) << name_of(mode);
      EXPECT_EQ(world.ca.enrolments, pairs);
      EXPECT_EQ(world.first.registrations, 1U);
      EXPECT_EQ(world.second.registrations, 1U);
      const auto registration = update::decode_registration(*world.first.registration).value();
      EXPECT_EQ(registration.device, world.device_id);
      ASSERT_EQ(registration.components.size(), 1U);
      EXPECT_EQ(registration.components[0].sequence_number, 1U);
      EXPECT_EQ(registration.components[0].version, "v1");
      EXPECT_EQ(registration.components[0].digest,
                crypto::sha256(World::image_of({.name = "v1", .sequence = 1})).value());
    }
  }
}

}  // namespace
}  // namespace tailor::sim
