// SPDX-License-Identifier: Apache-2.0
// The device's way to its servers: enrolment in both modes, power cuts and faults on the way, registration, dead and
// unwelcome servers, renewal, retirement.
#include <set>

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
      EXPECT_EQ(registration.life_cycle, LifeCycle::kRegistered);
      ASSERT_EQ(registration.components.size(), 2U);
      EXPECT_EQ(registration.components[0].sequence_number, 1U);
      EXPECT_EQ(registration.components[0].version, "v1");
      EXPECT_EQ(registration.components[0].digest,
                crypto::sha256(World::image_of({.name = "v1", .sequence = 1})).value());
      ASSERT_EQ(registration.components[1].id.size(), 1U);
      EXPECT_EQ(as_text(registration.components[1].id[0]), "trust");
      EXPECT_EQ(registration.components[1].sequence_number, 0U) << "the factory's came with no manifest";
      EXPECT_EQ(registration.components[1].version, "1");
    }
  }
}

TEST(DeviceLife, ARestartEnrolsAndRegistersNoSecondTime) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.device.boot();
  EXPECT_EQ(world.device.agent().life_cycle(), LifeCycle::kRegistered);
  world.link.run_for(60'000);
  EXPECT_EQ(world.ca.enrolments, 2U);
  EXPECT_EQ(world.first.registrations, 1U);
}

// At every flash operation, in the middle of it too: the device comes back, enrols with the keys that the CA may have
// seen already, and registers.
TEST(DeviceLife, APowerCutAtAnyFlashOperationLocksNobodyOut) {
  for (const testing::Cut cut : {testing::Cut::kBefore, testing::Cut::kTorn, testing::Cut::kAfter}) {
    for (uint64_t operation = 1;; ++operation) {
      SCOPED_TRACE(std::string(testing::name_of(cut)) + " at " + std::to_string(operation));
      World world;
      world.device.flash.cut_power_at(operation, cut);
      world.device.boot();
      world.until([&] {
        return !world.device.flash.has_power() || world.device.agent().life_cycle() == LifeCycle::kRegistered;
      });
      const bool was_cut = !world.device.flash.has_power();
      if (was_cut) {
        world.device.switch_off();
        world.device.flash.power_on();
        world.device.boot();
        ASSERT_TRUE(world.until_registered());
      }
      std::set<std::array<uint8_t, 64>> keys;
      for (const auto& key : world.ca.keys) keys.insert(key.xy);
      EXPECT_EQ(keys.size(), 2U) << "a retry brings the same keys";
      EXPECT_EQ(world.device.flash.violation(), "");
      if (!was_cut) {
        EXPECT_GT(operation, 5U);
        break;
      }
    }
  }
}

// The n-th call of the flash port fails, n = 1, 2, ...: the device may restart, and then it all goes on.
TEST(DeviceLife, AFailingFlashCallDelaysButDoesNotLockOut) {
  for (uint64_t call = 1; call <= 60; ++call) {
    SCOPED_TRACE(call);
    World world;
    world.device.boot();
    world.device.flash.fail_call_at(call);
    if (!world.until_registered(900)) {
      world.device.boot();
      ASSERT_TRUE(world.until_registered());
    }
  }
}

TEST(DeviceLife, APreSharedKeyEndsWithTheFirstUseOfItsCertificate) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until([&] { return world.ca.first_uses == 1; }));
  world.link.run_for(1'000);
  world.device.boot();
  world.link.run_for(60'000);
  EXPECT_EQ(world.ca.first_uses, 1U) << "once for each generation";
}

TEST(DeviceLife, TheFirstUseIsTriedUntilTheCaSawIt) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until([&] { return world.ca.enrolments == 2 && world.device.agent().identity().enrolled(); }));
  world.ca.set_alive(false);
  ASSERT_TRUE(world.until_registered()) << "servers are not kept waiting";
  EXPECT_EQ(world.ca.first_uses, 0U);
  world.device.boot();
  world.link.run_for(300'000);
  world.ca.set_alive(true);
  EXPECT_TRUE(world.until([&] { return world.ca.first_uses == 1; }));
}

TEST(DeviceLife, AFactoryCertificateHasNoGenerationToEnd) {
  World world({.mode = trust::BootstrapMode::kIdevid});
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.link.run_for(300'000);
  EXPECT_EQ(world.ca.first_uses, 0U);
}

TEST(DeviceLife, KeepsAskingACaThatIsAway) {
  World world;
  world.ca.set_alive(false);
  world.device.boot();
  world.link.run_for(300'000);
  EXPECT_EQ(world.device.agent().life_cycle(), LifeCycle::kFactory);
  world.ca.set_alive(true);
  EXPECT_TRUE(world.until_registered());
}

TEST(DeviceLife, KeepsAskingACaThatRefuses) {
  World world;
  world.ca.refuse_with = Error::kCsrInvalid;
  world.device.boot();
  world.link.run_for(120'000);
  EXPECT_EQ(world.device.agent().life_cycle(), LifeCycle::kFactory);
  world.ca.refuse_with.reset();
  EXPECT_TRUE(world.until_registered());
}

TEST(DeviceLife, GoesOnWithoutTheServerThatIsDead) {
  World world;
  world.first.set_alive(false);
  world.device.settings.connect_timeout_ms = 5'000;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  EXPECT_EQ(world.second.registrations, 1U);
  EXPECT_TRUE(world.until([&] { return world.second.polls > 0; })) << "polls go on to the next server";
  // The dead one comes back and gets its profile.
  world.first.set_alive(true);
  EXPECT_TRUE(world.until([&] { return world.first.registrations == 1; }));
}

TEST(DeviceLife, AServerThatIsNotListedIsNotTalkedTo) {
  World world({.second_server_listed = false});
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.link.run_for(300'000);
  EXPECT_EQ(world.first.registrations, 1U);
  EXPECT_EQ(world.second.registrations, 0U);
  EXPECT_EQ(world.second.gets, 0U);
}

TEST(DeviceLife, RenewsItsCertificatesBeforeTheyEnd) {
  World world;
  world.device.settings.trust_wall_clock = true;
  world.device.settings.poll_interval_ms = 3'600'000;
  world.device.settings.keepalive_ms = 3'600'000;
  world.device.wall_seconds = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(world.authority.now().time_since_epoch()).count());
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.link.run_for(15 * 3'600'000);
  EXPECT_EQ(world.ca.renewals, 0U);
  world.link.run_for(2 * 3'600'000);
  EXPECT_EQ(world.ca.renewals, 2U) << "at two thirds of 25 hours, for both key pairs";
  EXPECT_EQ(world.ca.enrolments, 2U);
  EXPECT_EQ(world.device.agent().life_cycle(), LifeCycle::kRegistered);
}

TEST(DeviceLife, EnrolsAnewWhenItsCertificatesEndedWhileItWasOff) {
  World world;
  world.device.settings.trust_wall_clock = true;
  world.device.wall_seconds = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(world.authority.now().time_since_epoch()).count());
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.device.switch_off();
  world.ca.validity = std::chrono::hours(24 * 365);  // the CA lives on; this one's clock is the test's
  world.device.wall_seconds += 100 * 3600;
  world.device.boot();
  ASSERT_TRUE(world.until([&] { return world.ca.last_generation == 1U; })) << "with the next pre-shared key";
  EXPECT_TRUE(world.until([&] { return world.device.agent().identity().enrolled(); }));
}

TEST(DeviceLife, AClockThatWasSetBackIsNotBelieved) {
  World world;
  world.device.settings.trust_wall_clock = true;
  world.device.wall_seconds = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(world.authority.now().time_since_epoch()).count());
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  const auto before = world.device.agent().time(world.link.now());
  EXPECT_EQ(before.kind(), update::TrustedTime::Kind::kSynced);
  world.device.wall_seconds -= 1'000'000;
  world.device.boot();
  world.link.run_for(10'000);
  const auto after = world.device.agent().time(world.link.now());
  EXPECT_EQ(after.kind(), update::TrustedTime::Kind::kAtLeast);
  EXPECT_GE(after.seconds() + update::TrustedClock::kFloorStep, before.seconds());
}

TEST(DeviceLife, RetirementLeavesNoKeyInFlash) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  const auto scalar = world.device.agent().identity().credentials(agent::Purpose::kUpdates).key->secret_scalar();
  const auto holds = [&](ByteView needle) {
    const auto& cells = world.device.flash.cells();
    return std::search(cells.begin(), cells.end(), needle.begin(), needle.end()) != cells.end();
  };
  EXPECT_TRUE(holds(scalar));
  EXPECT_TRUE(holds(world.ca.factory_secret));
  ASSERT_TRUE(world.device.agent().retire().ok());
  EXPECT_FALSE(holds(scalar));
  EXPECT_FALSE(holds(world.ca.factory_secret));
  EXPECT_EQ(world.device.agent().life_cycle(), LifeCycle::kRetired);
}

}  // namespace
}  // namespace tailor::sim
