// SPDX-License-Identifier: Apache-2.0
// Updates that wait: held by their deployment in pull and hybrid mode, by the device's own setting, and what a trigger
// does to each. Push is in update.test.cpp.
#include <set>

#include "core/report/capabilities.hpp"
#include "core/report/sealed.hpp"
#include "core/report/suit_report.hpp"
#include "core/suit/encoder/envelope_encoder.hpp"
#include "tests/device/world.hpp"

namespace tailor::sim {
namespace {

using update::Awaited;
using update::DeliveryMode;
using update::UpdateState;
using Strings = std::vector<std::string>;

void hold_update(World& world) {
  world.first.holds = true;
  world.publish({});
}

TEST(DeviceWaiting, AHeldDeploymentIsStagedAndInstalledAfterItsTriggerInPullMode) {
  World world({.modes = static_cast<uint8_t>(DeliveryMode::kPull)});
  world.device.settings.poll_interval_ms = 60'000;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  hold_update(world);
  ASSERT_TRUE(world.until([&] { return world.first.heard("awaiting-trigger"); }));
  EXPECT_EQ(world.device.agent().update_status().awaited(), Awaited::kTrigger);
  world.link.run_for(300'000);
  EXPECT_EQ(world.state(), UpdateState::kAwaitingTrigger) << "polls in the meantime are no trigger";
  world.device.boot();
  world.link.run_for(300'000);
  EXPECT_EQ(world.state(), UpdateState::kAwaitingTrigger) << "nor is a restart";
  EXPECT_EQ(world.device.running(), "v1");
  const size_t blocks = world.first.blocks;
  world.first.holds = false;
  ASSERT_TRUE(world.until_runs("v2", 120));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  EXPECT_EQ(world.first.blocks, blocks) << "the staged image is the one that is installed";
}

TEST(DeviceWaiting, AHeldDeploymentIsNotifiedOfItsTriggerInHybridMode) {
  World world({.modes = static_cast<uint8_t>(DeliveryMode::kHybrid)});
  world.device.settings.poll_interval_ms = 24 * 3'600'000;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  ASSERT_TRUE(world.until([&] { return world.first.polls == 1; }));
  hold_update(world);
  ASSERT_TRUE(world.until([&] { return world.first.heard("awaiting-trigger"); }, 120));
  world.link.run_for(60'000);
  EXPECT_EQ(world.device.running(), "v1");
  world.first.holds = false;
  world.first.notify_update();
  ASSERT_TRUE(world.until_runs("v2", 60));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
}

TEST(DeviceWaiting, ATriggerThatComesBeforeTheImageIsCompleteIsNotLost) {
  World world({.modes = static_cast<uint8_t>(DeliveryMode::kHybrid)});
  world.device.settings.poll_interval_ms = 24 * 3'600'000;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  ASSERT_TRUE(world.until([&] { return world.first.polls == 1; }));
  bool told = false;
  world.first.before_block = [&](uint32_t offset) {
    if (offset < 2048 || told) return;
    told = true;
    world.first.holds = false;
    world.first.notify_update();
  };
  hold_update(world);
  ASSERT_TRUE(world.until_runs("v2", 120));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  EXPECT_FALSE(world.first.heard("awaiting-trigger"));
}

TEST(DeviceWaiting, TheDevicesOwnHoldIsNotTheServersToEnd) {
  World world({.modes = static_cast<uint8_t>(DeliveryMode::kPull)});
  world.device.settings.poll_interval_ms = 60'000;
  world.device.settings.hold_always = true;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.publish({});
  ASSERT_TRUE(world.until([&] { return world.first.heard("awaiting-trigger"); }));
  world.link.run_for(300'000);
  EXPECT_EQ(world.state(), UpdateState::kAwaitingTrigger);
  Caller caller;
  ASSERT_TRUE(world.until([&] { return world.first.endpoint_of(world.device.address()) != nullptr; }, 300));
  caller.send(*world.first.endpoint_of(world.device.address()), coap::Code::kPost, "/trigger", coap::format::kNone, {},
              world.link.now());
  ASSERT_TRUE(world.until_runs("v2"));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
}

TEST(DeviceWaiting, AnotherUpdateReplacesOneThatWaits) {
  World world({.modes = static_cast<uint8_t>(DeliveryMode::kPull)});
  world.device.settings.poll_interval_ms = 60'000;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  hold_update(world);
  ASSERT_TRUE(world.until([&] { return world.first.heard("awaiting-trigger"); }));
  UpdateSpec next;
  next.name = "v3";
  next.sequence = 3;
  world.first.holds = false;
  world.publish(next);
  ASSERT_TRUE(world.until_runs("v3"));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
}

TEST(DeviceWaiting, AHeldUpdateWhoseDeploymentIsCancelledIsGivenUp) {
  for (const auto mode : {DeliveryMode::kPull, DeliveryMode::kHybrid}) {
    World world({.modes = static_cast<uint8_t>(mode)});
    world.device.settings.poll_interval_ms = 60'000;
    world.device.boot();
    ASSERT_TRUE(world.until_registered());
    hold_update(world);
    ASSERT_TRUE(world.until([&] { return world.first.heard("awaiting-trigger"); }));
    world.device.boot();
    ASSERT_TRUE(world.until([&] { return world.state() == UpdateState::kAwaitingTrigger; }));
    world.first.offers({});
    ASSERT_TRUE(world.until([&] { return world.state() == UpdateState::kIdle; }, 300));
    EXPECT_EQ(world.device.control().boot_data().phase, boot::Phase::kIdle) << "the staged image does not count";
    world.link.run_for(600'000);
    world.device.boot();
    EXPECT_EQ(world.device.running(), "v1");
    EXPECT_EQ(world.state(), UpdateState::kIdle);
    world.first.holds = false;
    world.publish({});
    ASSERT_TRUE(world.until_runs("v2")) << "ordered again it is taken again";
  }
}

TEST(DeviceWaiting, AServerThatNeverOfferedTheUpdateTakesNothingAway) {
  World world({.modes = static_cast<uint8_t>(DeliveryMode::kPull)});
  world.device.settings.poll_interval_ms = 60'000;
  world.device.settings.connect_timeout_ms = 5'000;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  hold_update(world);
  ASSERT_TRUE(world.until([&] { return world.first.heard("awaiting-trigger"); }));
  world.first.set_alive(false);
  const size_t polls = world.second.polls;
  ASSERT_TRUE(world.until([&] { return world.second.polls > polls + 2; }, 3600)) << "the second has nothing to offer";
  EXPECT_EQ(world.state(), UpdateState::kAwaitingTrigger);
}

/// An envelope whose install sequence waits for an event before it fetches the image.
Bytes waiting_envelope(World& world, ByteView wait_info) {
  using namespace suit;
  const Bytes image = World::image_of({});
  const auto digest = crypto::sha256(image).value();
  const std::string uri = "/img/" + to_base64url(digest);
  const auto vendor = vendor_id("vendor.example");
  const auto device_class = class_id(vendor, "sensor");
  const auto encoded = [](const std::function<void(cbor::Writer&)>& write) {
    Bytes out(600);
    cbor::Writer writer(out);
    write(writer);
    out.resize(writer.finish().value().size());
    return out;
  };
  const Bytes digest_item = encoded([&](cbor::Writer& w) { put_digest(w, digest); });
  const Bytes shared = encoded([&](cbor::Writer& w) {
    w.put_array(6).put_int(command::kOverrideParameters).put_map(4);
    w.put_int(parameter::kVendorIdentifier).put_bytes(vendor.bytes);
    w.put_int(parameter::kClassIdentifier).put_bytes(device_class.bytes);
    w.put_int(parameter::kImageDigest).put_bytes(digest_item);
    w.put_int(parameter::kImageSize).put_unsigned(image.size());
    w.put_int(command::kVendorIdentifier).put_unsigned(reporting::kAll);
    w.put_int(command::kClassIdentifier).put_unsigned(reporting::kAll);
  });
  const Bytes install = encoded([&](cbor::Writer& w) {
    w.put_array(8).put_int(command::kOverrideParameters).put_map(2);
    w.put_int(parameter::kUri).put_text(uri).put_int(parameter::kWaitInfo).put_bytes(wait_info);
    w.put_int(command::kWait).put_unsigned(reporting::kRecordOnSuccess);
    w.put_int(command::kFetch).put_unsigned(reporting::kRecordOnSuccess);
    w.put_int(command::kImageMatch).put_unsigned(reporting::kAll);
  });
  const Bytes validate = encoded(
      [&](cbor::Writer& w) { w.put_array(2).put_int(command::kImageMatch).put_unsigned(reporting::kRecordOnFailure); });
  const Bytes invoke = encoded([&](cbor::Writer& w) { w.put_array(2).put_int(command::kInvoke).put_unsigned(0); });
  const ManifestMember members[] = {{manifest_key::kValidate, validate, false},
                                    {manifest_key::kInvoke, invoke, false},
                                    {manifest_key::kInstall, install, false}};
  suit::ComponentId component;
  const Bytes part = {0};
  EXPECT_TRUE(component.push_back(part, Error::kInternal).ok());
  ManifestParts parts;
  parts.sequence_number = 2;
  parts.components = {&component, 1};
  parts.shared_sequence = shared;
  parts.members = members;
  Bytes manifest(1024), block(256), envelope(2048);
  manifest.resize(encode_manifest(parts, manifest).value().size());
  const ByteView signature = sign_manifest(manifest, world.signer, {}, block).value();
  envelope.resize(
      encode_envelope({.manifest = manifest, .authentication_blocks = {&signature, 1}}, envelope).value().size());
  world.first.has_image(image);
  return envelope;
}

TEST(DeviceWaiting, AManifestWaitsForItsTimeAndSaysSo) {
  World world;
  constexpr uint64_t kNow = 1'795'190'400;
  world.device.settings.trust_wall_clock = true;
  world.device.wall_seconds = kNow;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.first.offers(waiting_envelope(world, "a1 05 1a 6b00 9500"_hex));  // 10,000 s later or so
  ASSERT_TRUE(world.until([&] { return world.first.heard("awaiting-trigger"); }));
  EXPECT_EQ(world.device.agent().update_status().awaited(), Awaited::kTime);
  EXPECT_EQ(world.first.blocks, 0U) << "the wait comes before the fetch";
  world.device.wall_seconds = 0x6b009500;
  ASSERT_TRUE(world.until_runs("v2", 120));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  const Strings way = {"offered", "authorized", "fetching", "awaiting-trigger", "fetching",
                       "staged",  "installing", "trial",    "confirmed"};
  EXPECT_EQ(world.first.states(), way);
}

TEST(DeviceWaiting, AManifestWaitsForConsentWhichTheTriggerGives) {
  World world({.modes = static_cast<uint8_t>(DeliveryMode::kHybrid)});
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.first.offers(waiting_envelope(world, "a1 01 00"_hex));
  ASSERT_TRUE(world.until([&] { return world.first.heard("awaiting-trigger"); }));
  EXPECT_EQ(world.device.agent().update_status().awaited(), Awaited::kAuthorization);
  world.link.run_for(120'000);
  EXPECT_EQ(world.state(), UpdateState::kAwaitingTrigger);
  Caller caller;
  caller.send(*world.first.endpoint_of(world.device.address()), coap::Code::kPost, "/trigger", coap::format::kNone, {},
              world.link.now());
  ASSERT_TRUE(world.until_runs("v2"));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
}

TEST(DeviceWaiting, EventsThatThisDeviceDoesNotKnowAreRefusedAndItTellsWhatItCan) {
  const Bytes power = {0xa1, 0x02, 0x01}, another_network = {0xa1, 0x03, 0x02}, local_time = {0xa1, 0x06, 0x00};
  for (const Bytes& info : {power, another_network, local_time}) {
    World world;
    world.device.boot();
    ASSERT_TRUE(world.until_registered());
    world.first.offers(waiting_envelope(world, info));
    ASSERT_TRUE(world.until([&] { return world.first.heard("refused(ParameterUnsupported)"); })) << to_hex(info);
    const auto report = update::decode_report(world.first.reports.back()).value();
    const auto inside = report::unseal(report.suit_report, world.ca.keys.at(0)).value();
    const auto told = report::decode_suit_report(inside).value();
    ASSERT_TRUE(told.failure.has_value());
    EXPECT_EQ(told.failure->reason, report::Reason::kParameterUnsupported);
    EXPECT_EQ(told.failure->record.section, suit::manifest_key::kInstall);
    EXPECT_GT(told.failure->record.offset, 1U);
    EXPECT_TRUE(report::decode_capabilities(told.capabilities).ok()) << "something was unsupported";
    EXPECT_GT(told.record_count, 0U) << "what the policies of the shared sequence asked for";
  }
}

// Power, the version of another device, and local time, each with what lets the update go on.
TEST(DeviceWaiting, AManifestWaitsForItsSurroundingsAlsoOverARestart) {
  using Surroundings = SimDevice::Surroundings;
  struct Row {
    const char* name;
    Bytes info;
    Awaited awaited;
    Surroundings before, after;
  };
  const Row rows[] = {
      {"power, unknown at first", {0xa1, 0x02, 0x01}, Awaited::kPower, {}, {.power = true}},
      {"power", {0xa1, 0x02, 0x01}, Awaited::kPower, {.power = false}, {.power = true}},
      {"gateway of 1.4 or more",
       {0xa1, 0x04, 0x82, 0x42, 'g', 'w', 0x81, 0x82, 0x02, 0x82, 0x01, 0x04},
       Awaited::kOtherDeviceVersion,
       {.gateway = {1, 3, 9}},
       {.gateway = {1, 4}}},
      // 1'795'190'400 is a Friday, four in the afternoon UTC: in a place 13 hours ahead it is Saturday.
      {"Saturday, local", {0xa1, 0x07, 0x06}, Awaited::kDayOfWeek, {}, {.local_offset_s = 13 * 3600}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    World world;
    world.device.settings.trust_wall_clock = true;
    world.device.wall_seconds = 1'795'190'400;
    world.device.surroundings = row.before;
    world.device.boot();
    ASSERT_TRUE(world.until_registered());
    world.first.offers(waiting_envelope(world, row.info));
    ASSERT_TRUE(world.until([&] { return world.first.heard("awaiting-trigger"); }))
        << ::testing::PrintToString(world.first.states());
    EXPECT_EQ(world.device.agent().update_status().awaited(), row.awaited);
    world.device.switch_off();
    world.first.set_alive(false);  // nobody offers it again
    world.second.set_alive(false);
    world.device.boot();
    EXPECT_EQ(world.state(), UpdateState::kAwaitingTrigger) << "the wait is taken up where it was";
    EXPECT_EQ(world.device.agent().update_status().awaited(), row.awaited);
    world.first.set_alive(true);
    world.second.set_alive(true);
    world.link.run_for(60'000);
    EXPECT_EQ(world.first.blocks, 0U);
    world.device.surroundings = row.after;
    ASSERT_TRUE(world.until_runs("v2", 600));
    ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  }
}

// A restart at each command: while it waits, in the middle of the fetch, and behind it.
TEST(DeviceWaiting, RestartsInTheMiddleOfTheSequencesChangeNothing) {
  World world;
  world.device.settings.trust_wall_clock = true;
  world.device.wall_seconds = 1'795'190'400;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.first.offers(waiting_envelope(world, "a1 05 1a 6b00 9500"_hex));
  ASSERT_TRUE(world.until([&] { return world.first.heard("awaiting-trigger"); }));
  world.device.switch_off();
  world.device.boot();
  ASSERT_TRUE(world.until([&] { return world.state() == UpdateState::kAwaitingTrigger; }, 300));
  bool half = false;
  world.first.before_block = [&](uint32_t offset) { half = half || offset >= 4096; };
  world.device.wall_seconds = 0x6b009500;
  ASSERT_TRUE(world.until([&] { return half; }, 300));
  world.device.switch_off();
  world.device.boot();
  ASSERT_TRUE(world.until_runs("v2"));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  EXPECT_LE(world.first.blocks, 18U + 4U);
  const auto report = update::decode_report(world.first.reports.back()).value();
  const auto inside = report::unseal(report.suit_report, world.ca.keys.at(0)).value();
  const auto told = report::decode_suit_report(inside).value();
  EXPECT_FALSE(told.failure.has_value());
  std::multiset<std::pair<int64_t, uint32_t>> places;
  for (report::Entries entries(told.records); entries.more();) {
    if (!entries.next_is_record()) {
      ASSERT_TRUE(entries.take_claims().ok());
      continue;
    }
    const auto record = entries.take_record().value();
    places.emplace(record.section, record.offset);
  }
  EXPECT_FALSE(places.empty()) << "records from before the restarts are in the report of the outcome";
  for (const auto& place : places) EXPECT_EQ(places.count(place), 1U) << "nothing is told twice";
}

}  // namespace
}  // namespace tailor::sim
