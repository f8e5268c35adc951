// SPDX-License-Identifier: Apache-2.0
// Updates of a whole device in every mode: pull, hybrid, push, an operator's direct manifest; triggers; revert;
// resuming.
#include "tests/device/operator_node.hpp"
#include "tests/device/written_update.hpp"

namespace tailor::sim {
namespace {

using update::UpdateState;
using Strings = std::vector<std::string>;

const Strings kWholeWay = {"offered", "authorized", "fetching", "staged", "installing", "trial", "confirmed"};

std::string payload_path(const UpdateSpec& spec) {
  return "/payload/" + to_base64url(crypto::sha256(World::image_of(spec)).value());
}

TEST(DeviceUpdate, PullsInstallsConfirmsAndReports) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.publish({});
  ASSERT_TRUE(world.until_runs("v2"));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed") && world.second.heard("confirmed"); }));
  EXPECT_EQ(world.first.states(), kWholeWay);
  EXPECT_EQ(world.second.states(), kWholeWay);
  ASSERT_TRUE(world.until_registered());
  const auto registration = update::decode_registration(*world.first.registration).value();
  EXPECT_EQ(registration.components[0].sequence_number, 2U);
  EXPECT_EQ(registration.components[0].version, "v2");
  EXPECT_EQ(registration.components[0].digest, crypto::sha256(World::image_of({})).value());
  EXPECT_FALSE(world.device.control().boot_data().on_trial);
}

TEST(DeviceUpdate, AsksForEachBlockOnce) {
  World world;
  std::vector<uint32_t> asked;
  world.first.before_block = [&](uint32_t offset) { asked.push_back(offset); };
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.publish({});
  ASSERT_TRUE(world.until_runs("v2"));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  std::vector<uint32_t> each;
  const uint32_t block = 16U << world.device.settings.block_szx;
  for (uint32_t offset = 0; offset < World::image_of({}).size(); offset += block) each.push_back(offset);
  EXPECT_EQ(asked, each);
  EXPECT_EQ(world.second.blocks, 0U);
}

// The digest algorithms of SUIT beside SHA-256: on the way into the slot, and at each boot.
TEST(DeviceUpdate, AnImageMayBeNamedByAnyDigestThatTheBackendHas) {
  for (const auto algorithm : {crypto::HashAlgorithm::kSha384, crypto::HashAlgorithm::kSha512}) {
    World world;
    world.device.boot();
    ASSERT_TRUE(world.until_registered());
    const WrittenUpdate update{.hash = algorithm};
    Bytes damaged = World::image_of({});
    damaged[4321] ^= 1;
    const std::string path = to_base64url(crypto::sha256(World::image_of({})).value());
    world.first.has_image_as(path, damaged);
    world.second.has_image_as(path, damaged);
    world.first.offers(envelope_of(world, update));
    ASSERT_TRUE(world.until([&] { return world.first.heard("refused(ImageDigestMismatch)"); }));
    EXPECT_EQ(world.device.running(), "v1");
    WrittenUpdate good = update;
    good.spec.sequence = 3;
    publish(world, good);
    ASSERT_TRUE(world.until_runs("v2")) << static_cast<int>(algorithm);
    ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
    world.device.switch_off();
    world.device.boot();
    EXPECT_EQ(world.device.running(), "v2") << "the boot program compares the same digest";
  }
}

TEST(DeviceUpdate, OneAfterTheOther) {
  World world;
  world.device.boot();
  for (uint64_t sequence = 2; sequence <= 5; ++sequence) {
    ASSERT_TRUE(world.until_registered());
    UpdateSpec spec;
    spec.name = "v" + std::to_string(sequence);
    spec.sequence = sequence;
    world.publish(spec);
    ASSERT_TRUE(world.until_runs(spec.name)) << spec.name;
    ASSERT_TRUE(world.until([&] { return world.state() == UpdateState::kConfirmed; }));
  }
}

TEST(DeviceUpdate, HybridIsNotifiedThenPulls) {
  World world({.modes = static_cast<uint8_t>(update::DeliveryMode::kHybrid)});
  world.device.settings.poll_interval_ms = 24 * 3'600'000;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  ASSERT_TRUE(world.until([&] { return world.first.polls == 1; }));
  world.link.run_for(10'000);
  world.publish({});
  ASSERT_TRUE(world.until_runs("v2", 60));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
}

TEST(DeviceUpdate, PushNeedsNoGet) {
  World world({.modes = static_cast<uint8_t>(update::DeliveryMode::kPush)});
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  const UpdateSpec spec;
  Caller caller;
  caller.send(*world.first.endpoint_of(world.device.address()), coap::Code::kPut, "/manifest", update::kFormatEnvelope,
              world.envelope_of(spec), world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }));
  ASSERT_EQ(caller.code, coap::Code::kChanged) << as_text(caller.answer);
  EXPECT_EQ(world.state(), UpdateState::kFetching);
  caller.send(*world.first.endpoint_of(world.device.address()), coap::Code::kPut, payload_path(spec),
              update::kFormatOctets, World::image_of(spec), world.link.now());
  ASSERT_TRUE(world.until_runs("v2"));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  EXPECT_EQ(world.first.gets, 0U);
  EXPECT_EQ(world.second.gets, 0U);
  EXPECT_EQ(world.first.states(), kWholeWay);
}

TEST(DeviceUpdate, PushIsRefusedByADeviceThatDoesNotTakeIt) {
  World world({.modes = static_cast<uint8_t>(update::DeliveryMode::kHybrid)});
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  Caller caller;
  caller.send(*world.first.endpoint_of(world.device.address()), coap::Code::kPut, "/manifest", update::kFormatEnvelope,
              world.envelope_of({}), world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }));
  EXPECT_EQ(caller.code, coap::Code::kForbidden);
  EXPECT_EQ(world.state(), UpdateState::kIdle);
}

TEST(DeviceUpdate, OperatorsManifestDirectlyAndImageFromTheServer) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  const UpdateSpec spec;
  world.second.has_image(World::image_of(spec));  // the first server says it has none
  OperatorNode person(world.link, world.authority, world.operator_id);
  person.connect(world.device.address());
  ASSERT_TRUE(world.until([&] { return person.open() || person.failure.has_value(); }, 30));
  ASSERT_TRUE(person.open());
  Caller caller;
  caller.send(person.endpoint(), coap::Code::kPut, "/manifest", update::kFormatEnvelope, world.envelope_of(spec),
              world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }, 60));
  EXPECT_EQ(caller.code, coap::Code::kChanged) << as_text(caller.answer);
  ASSERT_TRUE(world.until_runs("v2"));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
}

TEST(DeviceUpdate, OperatorReadsStatusAndDiscovers) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  OperatorNode person(world.link, world.authority, world.operator_id);
  person.connect(world.device.address());
  ASSERT_TRUE(world.until([&] { return person.open(); }, 30));
  Caller caller;
  caller.send(person.endpoint(), coap::Code::kGet, "/status", coap::format::kNone, {}, world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }, 60));
  const auto status = update::decode_status(caller.answer).value();
  EXPECT_EQ(status.device, world.device_id);
  EXPECT_EQ(status.life_cycle, update::LifeCycle::kRegistered);
  ASSERT_EQ(status.components.size(), 2U);
  EXPECT_EQ(status.components[0].version, "v1");
  caller.send(person.endpoint(), coap::Code::kGet, "/.well-known/core", coap::format::kNone, {}, world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }, 60));
  const std::string links(as_text(caller.answer));
  for (const char* path : {"</manifest>", "</payload", "</trigger>", "</status>"}) {
    EXPECT_NE(links.find(path), std::string::npos) << links;
  }
}

TEST(DeviceUpdate, StrangersAreRefusedAtTheListeningPort) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  const pki::TestAuthority elsewhere;
  struct Row {
    const char* name;
    const pki::TestAuthority& authority;
    pki::Role role;
    Uuid id;
  } rows[] = {{"operator who is not listed", world.authority, pki::Role::kOperator, uuid4().value()},
              {"listed operator of another authority", elsewhere, pki::Role::kOperator, world.operator_id},
              {"a device with the operator's id", world.authority, pki::Role::kDevice, world.operator_id},
              {"a server", world.authority, pki::Role::kUpdateServer, world.first.id}};
  std::vector<std::unique_ptr<OperatorNode>> people;  // the network keeps their addresses to the end
  for (const Row& row : rows) {
    people.push_back(std::make_unique<OperatorNode>(world.link, row.authority, row.id, row.role));
    OperatorNode& person = *people.back();
    person.connect(world.device.address());
    ASSERT_TRUE(world.until([&] { return person.failure.has_value() || person.open(); }, 120)) << row.name;
    EXPECT_FALSE(person.open()) << row.name;
  }
  OperatorNode person(world.link, world.authority, world.operator_id);
  person.connect(world.device.address());
  EXPECT_TRUE(world.until([&] { return person.open(); }, 60)) << "the listed operator comes after the strangers";
}

TEST(DeviceUpdate, WaitsForItsTrigger) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  const UpdateSpec spec;
  world.first.has_image(World::image_of(spec));
  OperatorNode person(world.link, world.authority, world.operator_id);
  person.connect(world.device.address());
  ASSERT_TRUE(world.until([&] { return person.open(); }, 30));
  Caller caller;
  caller.send(person.endpoint(), coap::Code::kPost, "/trigger", coap::format::kNone, {}, world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }, 60));
  EXPECT_EQ(caller.code, coap::Code::kConflict) << "nothing waits yet";
  caller.send(person.endpoint(), coap::Code::kPut, "/manifest?hold=1", update::kFormatEnvelope, world.envelope_of(spec),
              world.link.now());
  ASSERT_TRUE(world.until([&] { return world.first.heard("awaiting-trigger"); }));
  world.link.run_for(60'000);
  EXPECT_EQ(world.device.running(), "v1");
  world.device.boot();  // a restart does not count as a trigger
  world.link.run_for(60'000);
  EXPECT_EQ(world.device.running(), "v1");
  EXPECT_EQ(world.state(), UpdateState::kAwaitingTrigger);
  OperatorNode again(world.link, world.authority, world.operator_id);
  again.connect(world.device.address());
  ASSERT_TRUE(world.until([&] { return again.open(); }, 60));
  caller.send(again.endpoint(), coap::Code::kPost, "/trigger", coap::format::kNone, {}, world.link.now());
  ASSERT_TRUE(world.until_runs("v2"));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
}

TEST(DeviceUpdate, AnImageThatCrashesIsReverted) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  UpdateSpec spec;
  spec.behaviour = "crashes";
  world.publish(spec);
  ASSERT_TRUE(world.until([&] { return world.first.heard("reverted(TrialCrashed)"); }));
  EXPECT_EQ(world.device.running(), "v1");
  ASSERT_TRUE(world.until_registered());
  EXPECT_EQ(update::decode_registration(*world.first.registration)->components[0].version, "v1");
  spec.behaviour = "good";
  spec.sequence = 3;
  world.publish(spec);
  ASSERT_TRUE(world.until_runs("v2")) << "a reverted update blocks nothing";
}

TEST(DeviceUpdate, AnImageThatReachesNobodyIsReverted) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  UpdateSpec spec;
  spec.behaviour = "mute";
  world.publish(spec);
  ASSERT_TRUE(world.until_runs("v2"));
  ASSERT_TRUE(world.until([&] { return world.first.heard("reverted(TrialNotConfirmed)"); }, 1200));
  EXPECT_EQ(world.device.running(), "v1");
}

TEST(DeviceUpdate, AfterARevertTheOldSequenceNumberStillCounts) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  UpdateSpec spec;
  spec.behaviour = "crashes";
  spec.sequence = 9;
  world.publish(spec);
  ASSERT_TRUE(world.until([&] { return world.first.heard("reverted(TrialCrashed)"); }));
  spec = {};
  spec.name = "v3";
  spec.sequence = 3;  // below the one that was reverted: counters rise at confirm, never at install
  world.publish(spec);
  EXPECT_TRUE(world.until_runs("v3"));
}

TEST(DeviceUpdate, DownloadGoesOnAtTheLastBlockAfterEachKill) {
  UpdateSpec spec;
  spec.bytes = 20'000;  // 40 blocks of 512
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  size_t kills = 0;
  bool kill = false;
  world.first.before_block = [&](uint32_t offset) {
    if (offset != 0 && offset % 4096 == 0 && offset / 4096 > kills) kill = true;
  };
  world.publish(spec);
  while (world.device.running() != "v2") {
    ASSERT_TRUE(world.until([&] { return kill || world.device.running() == "v2"; }));
    if (!kill) break;
    kill = false;
    ++kills;
    world.device.switch_off();
    world.device.boot();
  }
  EXPECT_EQ(kills, 4U);
  // At most the block under way is fetched twice, and a mark's worth before it.
  EXPECT_LE(world.first.blocks, 40 + 3 * kills);
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
}

TEST(DeviceUpdate, GoesOnFromTheSecondServerWhenTheFirstDies) {
  World world;
  world.device.settings.connect_timeout_ms = 5'000;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  UpdateSpec spec;
  spec.bytes = 20'000;
  bool dead = false;
  world.first.before_block = [&](uint32_t offset) { dead = dead || offset >= 8192; };
  world.publish(spec);
  ASSERT_TRUE(world.until([&] { return dead; }));
  world.first.set_alive(false);
  ASSERT_TRUE(world.until_runs("v2", 3600));
  EXPECT_GT(world.second.blocks, 0U);
  EXPECT_LE(world.first.blocks + world.second.blocks, 42U) << "what the first sent was not fetched again";
  ASSERT_TRUE(world.until([&] { return world.second.heard("confirmed"); }, 3600));
}

TEST(DeviceUpdate, ImageInsideTheEnvelope) {
  for (const size_t bytes : {size_t{300}, size_t{20'000}}) {
    World world;
    world.device.boot();
    ASSERT_TRUE(world.until_registered());
    UpdateSpec spec;
    spec.uri = "#app";
    spec.integrated = true;
    spec.bytes = bytes;
    world.first.offers(world.envelope_of(spec));
    ASSERT_TRUE(world.until_runs("v2")) << bytes;
    ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
    EXPECT_EQ(world.first.blocks, 0U);
  }
}

TEST(DeviceUpdate, ReEnrolsWithTheNextKeyWhenTheUpdateBreaksItsCertificate) {
  World world;
  world.device.generation_of_v3 = 1;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  EXPECT_EQ(world.ca.last_generation, 0U);
  UpdateSpec spec;
  spec.name = "v3";
  world.publish(spec);
  ASSERT_TRUE(world.until_runs("v3"));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  EXPECT_EQ(world.ca.last_generation, 1U);
  EXPECT_EQ(world.ca.enrolments, 4U) << "two key pairs, twice";
  ASSERT_TRUE(world.until_registered());
  EXPECT_EQ(update::decode_registration(*world.second.registration)->components[0].version, "v3");
}

TEST(DeviceUpdate, TheInstalledManifestIsPassedOver) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.first.auto_settle = false;  // the server goes on offering
  world.publish({});
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  const size_t boots = world.device.boots;
  world.link.run_for(120'000);
  EXPECT_EQ(world.device.boots, boots);
  EXPECT_EQ(world.first.states(), kWholeWay);
}

// From the offer to the confirmation, at flash operations all along the way, in the middle of them too.
TEST(DeviceUpdate, APowerCutDuringAnUpdateEndsWithOneOfTheTwoImagesAndThenTheNew) {
  for (const testing::Cut cut : {testing::Cut::kBefore, testing::Cut::kTorn, testing::Cut::kAfter}) {
    for (uint64_t operation = 1;; operation += 3) {
      SCOPED_TRACE(std::string(testing::name_of(cut)) + " at " + std::to_string(operation));
      World world;
      world.device.boot();
      ASSERT_TRUE(world.until_registered());
      world.publish({});
      const bool was_cut = world.loses_power_at(operation, cut);
      if (was_cut) world.device.boot();
      ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed") && world.device.running() == "v2"; }, 3600))
          << ::testing::PrintToString(world.first.states());
      EXPECT_EQ(world.device.flash.violation(), "");
      // 18 blocks of 512. After a cut the block under way comes twice, and what no mark told of; never the whole image,
      // wherever in the command sequences the cut was.
      EXPECT_LE(world.first.blocks, 18U + 4U);
      if (!was_cut) {
        EXPECT_GT(operation, 10U);
        break;
      }
    }
  }
}

// The claim of the whole: with three of ten datagrams lost each way, doubled and reordered.
TEST(DeviceUpdate, EnrolmentToReportCompletesThroughTheLossyLinkAt30PercentLoss) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    World world({.mode = seed % 2 == 0 ? trust::BootstrapMode::kIdevid : trust::BootstrapMode::kPsk, .seed = seed});
    world.link.set_faults({.loss_percent = 30, .duplicate_percent = 10, .min_delay_ms = 5, .max_delay_ms = 200});
    world.device.settings.connect_timeout_ms = 120'000;
    world.device.settings.trial_timeout_ms = 3'600'000;
    world.device.boot();
    ASSERT_TRUE(world.until_registered(24 * uint64_t{3600})) << "seed " << seed;
    world.publish({});
    ASSERT_TRUE(world.until_runs("v2", 24 * uint64_t{3600})) << "seed " << seed;
    ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }, 24 * uint64_t{3600})) << "seed " << seed;
    const auto states = world.first.states();
    EXPECT_EQ(states.back(), "confirmed") << "seed " << seed;
    EXPECT_GT(world.link.counters().lost, 20U);
  }
}

}  // namespace
}  // namespace tailor::sim
