// SPDX-License-Identifier: Apache-2.0
// The trust store as a component of a whole device: signers, servers, operators, CAs and revocations change by an
// update that the trust provisioning authority signed, at once and as a whole, and never back.
#include "tests/device/operator_node.hpp"
#include "tests/device/world.hpp"

namespace tailor::sim {
namespace {

using update::UpdateState;
using Strings = std::vector<std::string>;

const Strings kWholeWay = {"offered", "authorized", "fetching", "staged", "installing", "confirmed"};
const authoring::ComponentParts kImage = {{0}};

uint64_t version_of(World& world) {
  return world.device.agent().identity().trust().version;
}

authoring::TrustedSigner signer_of(const crypto::P256PrivateKey& key, bool installed_only = false) {
  authoring::TrustedRight right{.prefix = kImage};
  if (installed_only) right.commands = authoring::commands_of_installed_images();
  return {crypto::public_key_of(key).value(), trust::Role::kAuthor, {right}};
}

/// The first server offers an envelope; waits for what becomes of it.
bool ends_with(World& world, const Bytes& envelope, const std::string& state) {
  const size_t before = world.first.states().size();
  world.first.offers(envelope);
  return world.until(
      [&] {
        const Strings states = world.first.states();
        return std::count(states.begin() + static_cast<std::ptrdiff_t>(before), states.end(), state) > 0;
      },
      1200);
}

Bytes image_update(World& world, const crypto::P256PrivateKey& key, const std::string& name, uint64_t sequence,
                   authoring::KeyId id = authoring::KeyId::kOmit) {
  UpdateSpec spec;
  spec.name = name;
  spec.sequence = sequence;
  world.first.has_image(World::image_of(spec));
  world.second.has_image(World::image_of(spec));
  return World::signed_envelope(world.unsigned_envelope(spec), key, id);
}

TEST(DeviceTrust, IsUpdatedWithoutRebootAndReported) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.first.offers(world.trust_envelope(world.next_trust()));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed") && world.second.heard("confirmed"); }));
  EXPECT_EQ(world.first.states(), kWholeWay);
  EXPECT_EQ(world.second.states(), kWholeWay);
  EXPECT_EQ(version_of(world), 2U);
  EXPECT_EQ(world.device.boots, 1U);
  ASSERT_TRUE(world.until_registered());
  for (ScriptedServer* server : {&world.first, &world.second}) {
    const auto registration = update::decode_registration(*server->registration).value();
    EXPECT_EQ(registration.trust_store_version, 2U);
    ASSERT_EQ(registration.components.size(), 2U);
    EXPECT_EQ(registration.components[0].sequence_number, 1U) << "the image is as it was";
    EXPECT_EQ(registration.components[1].sequence_number, 2U);
    EXPECT_EQ(registration.components[1].version, "2");
  }
  world.device.boot();
  EXPECT_EQ(version_of(world), 2U) << "after a restart too";
  EXPECT_EQ(world.device.running(), "v1");
  EXPECT_EQ(world.device.flash.violation(), "");
}

// DESIGN: a signer's key is rotated and revoked by an update of the trust store (RFC 9124 4.2.16 THREAT.KEY.EXPOSURE).
TEST(DeviceTrust, ASignersKeyIsRotatedAndRevoked) {
  World world;
  const crypto::P256PrivateKey successor = crypto::generate_p256().value();
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  ASSERT_TRUE(ends_with(world, image_update(world, world.signer, "v2", 2), "confirmed")) << "before: the old key's";
  ASSERT_EQ(world.device.running(), "v2");
  EXPECT_TRUE(ends_with(world, image_update(world, successor, "v3", 3), "refused(SignatureInvalid)"));

  // The old key keeps what it has signed running, and installs nothing any more.
  world.trust.signers = {signer_of(world.signer, true), signer_of(successor)};
  ASSERT_TRUE(ends_with(world, world.trust_envelope(world.next_trust()), "confirmed"));
  EXPECT_TRUE(ends_with(world, image_update(world, world.signer, "v4", 4), "refused(SignerNotPermitted)"));
  world.device.boot();
  EXPECT_EQ(world.device.running(), "v2") << "what the old key signed still starts";
  ASSERT_TRUE(ends_with(world, image_update(world, successor, "v3", 3), "confirmed"));
  EXPECT_EQ(world.device.running(), "v3");

  // Nothing that it signed runs: now it goes.
  world.trust.signers = {signer_of(successor)};
  ASSERT_TRUE(ends_with(world, world.trust_envelope(world.next_trust()), "confirmed"));
  EXPECT_TRUE(ends_with(world, image_update(world, world.signer, "v5", 5), "refused(SignatureInvalid)"));
  EXPECT_TRUE(ends_with(world, image_update(world, world.signer, "v5", 5, authoring::KeyId::kThumbprint),
                        "refused(SignerUnknown)"));
  ASSERT_TRUE(ends_with(world, image_update(world, successor, "v6", 6), "confirmed"));
  EXPECT_EQ(world.device.running(), "v6");
}

TEST(DeviceTrust, ARunningImageIsNotLockedOut) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.trust.signers = {signer_of(world.stranger)};
  EXPECT_TRUE(ends_with(world, world.trust_envelope(world.next_trust()), "refused(TrustStoreLocksOut)"));
  EXPECT_EQ(version_of(world), 1U);
  world.device.boot();
  EXPECT_EQ(world.device.running(), "v1");
}

TEST(DeviceTrust, AnAuthorAndAnOperatorHaveToSignTogether) {
  World world;
  const crypto::P256PrivateKey owner = crypto::generate_p256().value();
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  ASSERT_TRUE(ends_with(world, World::signed_envelope(image_update(world, world.signer, "v2", 2), owner), "confirmed"))
      << "an unknown second signature does no harm";
  world.trust.signers.push_back(signer_of(owner));
  world.trust.signers.back().role = trust::Role::kOperator;
  world.trust.policies = {{kImage, {{1, {trust::Role::kAuthor}}, {1, {trust::Role::kOperator}}}}};
  ASSERT_TRUE(ends_with(world, world.trust_envelope(world.next_trust()), "confirmed"));
  const Bytes alone = image_update(world, world.signer, "v3", 3);
  EXPECT_TRUE(ends_with(world, alone, "refused(SignerNotPermitted)"));
  EXPECT_TRUE(ends_with(world, World::signed_envelope(alone, world.signer), "refused(SignerNotPermitted)"));
  EXPECT_TRUE(ends_with(world, image_update(world, owner, "v4", 4), "refused(SignerNotPermitted)"));
  ASSERT_TRUE(ends_with(world, World::signed_envelope(alone, owner), "confirmed"));
  EXPECT_EQ(world.device.running(), "v3");
}

TEST(DeviceTrust, RightsNameCommandsAndParameters) {
  const std::vector<int64_t> commands = {1, 2, 3, 21}, parameters = {1, 2, 3, 14, 21};
  const auto without = [](std::vector<int64_t> labels, int64_t label) {
    std::erase(labels, label);
    return labels;
  };
  const struct {
    const char* name;
    authoring::TrustedRight right;
    bool permitted;
  } rows[] = {{"just what the update uses", {kImage, commands, parameters}, true},
              {"every command, these parameters", {kImage, std::nullopt, parameters}, true},
              {"no fetch", {kImage, without(commands, 21), parameters}, false},
              {"no image match", {kImage, without(commands, 3), std::nullopt}, false},
              {"no class identifier", {kImage, without(commands, 2), std::nullopt}, false},
              {"write instead of fetch", {kImage, std::vector<int64_t>{1, 2, 3, 18}, std::nullopt}, false},
              {"no URI", {kImage, std::nullopt, without(parameters, 21)}, false},
              {"no image size", {kImage, commands, without(parameters, 14)}, false}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    World world;
    const crypto::P256PrivateKey limited = crypto::generate_p256().value();
    world.device.boot();
    ASSERT_TRUE(world.until_registered());
    world.trust.signers.push_back({crypto::public_key_of(limited).value(), trust::Role::kDistributor, {row.right}});
    ASSERT_TRUE(ends_with(world, world.trust_envelope(world.next_trust()), "confirmed"));
    EXPECT_TRUE(ends_with(world, image_update(world, limited, "v2", 2),
                          row.permitted ? "confirmed" : "refused(SignerNotPermitted)"))
        << ::testing::PrintToString(world.first.states());
    EXPECT_EQ(world.device.running(), row.permitted ? "v2" : "v1");
  }
}

/// What the first server offers, and why the device refuses it.
struct Refusal {
  const char* name;
  std::function<Bytes(World&)> envelope;
  const char* expected;
};

TEST(DeviceTrust, EachBadTrustStoreIsRefusedAndTheOldOneStays) {
  const auto altered = [](Bytes bytes, size_t at) {
    bytes[at] ^= 1;
    return bytes;
  };
  const std::vector<Refusal> rows = {
      {"manifest signed by a signer of everything",
       [](World& w) {
         const auto store = w.next_trust();
         return World::signed_envelope(w.unsigned_trust_envelope(World::sealed(store, w.authority_key), 2), w.signer);
       },
       "refused(SignerNotPermitted)"},
      {"manifest signed by a stranger",
       [](World& w) {
         const auto store = w.next_trust();
         return World::signed_envelope(w.unsigned_trust_envelope(World::sealed(store, w.authority_key), 2), w.stranger);
       },
       "refused(SignatureInvalid)"},
      {"store sealed by another authority",
       [](World& w) {
         const auto store = w.next_trust();
         return World::signed_envelope(w.unsigned_trust_envelope(World::sealed(store, w.stranger), 2), w.authority_key);
       },
       "refused(SignatureInvalid)"},
      {"image signed by the authority", [](World& w) { return image_update(w, w.authority_key, "v2", 2); },
       "refused(SignerNotPermitted)"},
      {"lower version",
       [](World& w) {
         w.trust.version = 0;
         w.trust.version = 1;
         const Bytes old = World::sealed(w.trust, w.authority_key);
         w.trust.version = 7;
         EXPECT_TRUE(ends_with(w, w.trust_envelope(w.trust), "confirmed"));
         return World::signed_envelope(w.unsigned_trust_envelope(old, 9), w.authority_key);
       },
       "refused(TrustStoreTooOld)"},
      {"another document of the same version",
       [](World& w) {
         w.trust.revoked_serials.push_back({7});
         return World::signed_envelope(w.unsigned_trust_envelope(World::sealed(w.trust, w.authority_key), 9),
                                       w.authority_key);
       },
       "refused(TrustStoreTooOld)"},
      {"lower sequence number",
       [](World& w) {
         EXPECT_TRUE(ends_with(w, w.trust_envelope(w.next_trust()), "confirmed"));
         const auto store = w.next_trust();
         return World::signed_envelope(w.unsigned_trust_envelope(World::sealed(store, w.authority_key), 1),
                                       w.authority_key);
       },
       "refused(SequenceNumberTooLow)"},
      {"altered store in the envelope",
       [&](World& w) {
         Bytes envelope = w.trust_envelope(w.next_trust());
         return altered(envelope, envelope.size() - 3);
       },
       "refused(SignatureInvalid)"},
      {"store that is none",
       [](World& w) { return World::signed_envelope(w.unsigned_trust_envelope(Bytes(100, 0xa0), 2), w.authority_key); },
       "refused(CborWrongType)"},
      {"store larger than devices keep",
       [](World& w) {
         return World::signed_envelope(w.unsigned_trust_envelope(Bytes(limits::kTrustStoreBytes + 1), 2),
                                       w.authority_key);
       },
       "refused(ImageTooLarge)"},
      {"server's address that is none",
       [](World& w) {
         w.trust.server_uris.push_back("coaps://[::1");
         return w.trust_envelope(w.next_trust());
       },
       "refused(ValueOutOfRange)"},
      {"together with an image",
       [](World& w) {
         authoring::ManifestDescription manifest;
         manifest.vendor = vendor_id("vendor.example");
         manifest.device_class = class_id(manifest.vendor, "sensor");
         manifest.sequence_number = 2;
         manifest.components.push_back(authoring::describe_image({{0}}, World::image_of({}), "", false).value());
         manifest.components.push_back(authoring::describe_image(authoring::component_from_text("trust").value(),
                                                                 World::sealed(w.next_trust(), w.authority_key),
                                                                 "#trust", true)
                                           .value());
         return World::signed_envelope(
             World::signed_envelope(authoring::create_envelope(manifest).value(), w.authority_key), w.signer);
       },
       "refused(TooManyComponents)"},
  };
  for (const Refusal& row : rows) {
    SCOPED_TRACE(row.name);
    World world;
    world.device.boot();
    ASSERT_TRUE(world.until_registered());
    const Bytes envelope = row.envelope(world);
    const uint64_t before = version_of(world);
    EXPECT_TRUE(ends_with(world, envelope, row.expected)) << ::testing::PrintToString(world.first.states());
    EXPECT_EQ(version_of(world), before);
    EXPECT_FALSE(world.device.agent().identity().has_staged_trust());
    world.device.boot();
    EXPECT_EQ(version_of(world), before);
    world.trust.server_uris = {"coaps://first", "coaps://second"};
    world.trust.version = 20;
    EXPECT_TRUE(ends_with(world, world.trust_envelope(world.trust), "confirmed")) << "a good one still goes through";
  }
}

TEST(DeviceTrust, ComesInEveryModeIntegratedAndFetched) {
  for (const auto mode : {update::DeliveryMode::kPull, update::DeliveryMode::kPush, update::DeliveryMode::kHybrid}) {
    for (const bool integrated : {true, false}) {
      SCOPED_TRACE(std::string(name_of(mode)) + (integrated ? ", integrated" : ", fetched"));
      World world({.modes = static_cast<uint8_t>(mode)});
      world.device.boot();
      ASSERT_TRUE(world.until_registered());
      const auto store = world.next_trust();
      const Bytes sealed = World::sealed(store, world.authority_key);
      const Bytes envelope =
          World::signed_envelope(world.unsigned_trust_envelope(sealed, 2, integrated), world.authority_key);
      world.first.has_image(sealed);
      if (mode == update::DeliveryMode::kPush) {
        Caller caller;
        caller.send(*world.first.endpoint_of(world.device.address()), coap::Code::kPut, "/manifest",
                    update::kFormatEnvelope, envelope, world.link.now());
        ASSERT_TRUE(world.until([&] { return caller.done(); }));
        EXPECT_EQ(caller.code, coap::Code::kChanged) << as_text(caller.answer);
        if (!integrated) {
          caller.send(*world.first.endpoint_of(world.device.address()), coap::Code::kPut,
                      "/payload/" + to_base64url(crypto::sha256(sealed).value()), update::kFormatOctets, sealed,
                      world.link.now());
          ASSERT_TRUE(world.until([&] { return caller.done(); }));
          EXPECT_EQ(caller.code, coap::Code::kChanged) << as_text(caller.answer);
        }
      } else {
        world.first.offers(envelope);
      }
      ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
      EXPECT_EQ(version_of(world), 2U);
      EXPECT_EQ(world.first.gets == 0U, mode == update::DeliveryMode::kPush);
    }
  }
}

TEST(DeviceTrust, WaitsForItsTriggerAlsoAcrossARestart) {
  World world;
  world.device.settings.hold_always = true;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.first.offers(world.trust_envelope(world.next_trust()));
  ASSERT_TRUE(world.until([&] { return world.first.heard("awaiting-trigger"); }));
  EXPECT_EQ(version_of(world), 1U);
  world.device.boot();
  EXPECT_EQ(world.state(), UpdateState::kAwaitingTrigger);
  ASSERT_TRUE(world.until([&] { return world.first.endpoint_of(world.device.address()) != nullptr; }));
  world.link.run_for(5'000);
  Caller caller;
  caller.send(*world.first.endpoint_of(world.device.address()), coap::Code::kPost, "/trigger", coap::format::kNone, {},
              world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }));
  EXPECT_EQ(caller.code, coap::Code::kChanged);
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  EXPECT_EQ(version_of(world), 2U);
}

TEST(DeviceTrust, AnUpdateThatIsInForceIsPassedOver) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.first.auto_settle = false;
  world.first.offers(world.trust_envelope(world.next_trust()));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  world.device.boot();
  world.link.run_for(120'000);
  EXPECT_EQ(world.first.states(), kWholeWay);
}

TEST(DeviceTrust, TheListOfServersCountsAtOnce) {
  World world;
  ScriptedServer third(world.link, world.authority, uuid4().value());
  world.hosts["third"] = third.address();
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  ASSERT_NE(world.second.endpoint_of(world.device.address()), nullptr);
  const size_t handshakes = world.second.handshakes;
  world.trust.servers = {world.first.id, third.id};
  world.trust.server_uris = {"coaps://third", "coaps://first"};
  world.first.offers(world.trust_envelope(world.next_trust()));
  ASSERT_TRUE(world.until([&] { return third.heard("confirmed") && world.first.heard("confirmed"); }));
  ASSERT_TRUE(world.until_registered());
  EXPECT_EQ(third.registrations, 1U);
  EXPECT_EQ(update::decode_registration(*third.registration)->trust_store_version, 2U);
  const size_t polls = world.second.polls;
  const size_t reports = world.second.reports.size();
  world.link.run_for(300'000);
  EXPECT_EQ(world.second.endpoint_of(world.device.address()), nullptr) << "its session was dropped";
  EXPECT_EQ(world.second.handshakes, handshakes);
  EXPECT_EQ(world.second.polls, polls);
  EXPECT_EQ(world.second.reports.size(), reports);
  EXPECT_FALSE(world.second.heard("confirmed"));
  EXPECT_GT(third.polls, 10U) << "the first of the new list is the one that is asked";
  // And the new server's word counts.
  UpdateSpec spec;
  third.has_image(World::image_of(spec));
  third.offers(world.envelope_of(spec));
  EXPECT_TRUE(world.until_runs("v2"));
}

TEST(DeviceTrust, ARevokedServerLosesItsSessionAndGetsNoOther) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  const auto peer = x509::parse_peer_identity(world.second.certificate()).value();
  world.trust.revoked_serials.push_back({peer.serial().begin(), peer.serial().end()});
  ASSERT_TRUE(ends_with(world, world.trust_envelope(world.next_trust()), "confirmed"));
  const size_t reports = world.second.reports.size();
  world.link.run_for(300'000);
  EXPECT_EQ(world.second.endpoint_of(world.device.address()), nullptr);
  EXPECT_EQ(world.second.reports.size(), reports);
  EXPECT_NE(world.first.endpoint_of(world.device.address()), nullptr) << "the other one stays";
}

TEST(DeviceTrust, AnOperatorWhoIsOutLosesTheSession) {
  World world;
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  OperatorNode person(world.link, world.authority, world.operator_id);
  person.connect(world.device.address());
  ASSERT_TRUE(world.until([&] { return person.open(); }, 30));
  world.trust.operators = {uuid4().value()};
  ASSERT_TRUE(ends_with(world, world.trust_envelope(world.next_trust()), "confirmed"));
  ASSERT_TRUE(world.until([&] { return person.failure.has_value(); }, 120));
  OperatorNode again(world.link, world.authority, world.operator_id);
  again.connect(world.device.address());
  ASSERT_TRUE(world.until([&] { return again.open() || again.failure.has_value(); }, 60));
  EXPECT_FALSE(again.open());
}

TEST(DeviceTrust, ACaThatIsOutTakesItsSessionsWithIt) {
  World world;
  const pki::TestAuthority other;
  ScriptedServer elsewhere(world.link, other, world.first.id);
  world.hosts["elsewhere"] = elsewhere.address();
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
  world.trust.authorities = {other.root().der()};
  world.trust.server_uris = {"coaps://elsewhere", "coaps://first"};
  const size_t handshakes = world.first.handshakes;
  world.first.offers(world.trust_envelope(world.next_trust()));
  // The one server of the new CA does not know the old CA's devices here, so it is enough that it is called.
  ASSERT_TRUE(world.until([&] { return version_of(world) == 2 && elsewhere.handshakes > 0; }, 1200));
  world.link.run_for(60'000);
  EXPECT_EQ(world.first.endpoint_of(world.device.address()), nullptr);
  EXPECT_EQ(world.first.handshakes, handshakes);
}

// At every flash operation, in the middle of it too: the old store or the new one, whole; and then the new one.
TEST(DeviceTrust, APowerCutLeavesTheOldOrTheNewStoreWhole) {
  for (const testing::Cut cut : {testing::Cut::kBefore, testing::Cut::kTorn, testing::Cut::kAfter}) {
    for (uint64_t operation = 1;; ++operation) {
      SCOPED_TRACE(std::string(testing::name_of(cut)) + " at " + std::to_string(operation));
      World world;
      world.device.boot();
      ASSERT_TRUE(world.until_registered());
      world.trust.operators = {uuid4().value()};
      const authoring::TrustDescription next = world.next_trust();
      world.first.offers(world.trust_envelope(next));
      world.device.flash.cut_power_at(operation, cut);
      world.until([&] { return !world.device.flash.has_power() || world.first.heard("confirmed"); });
      const bool was_cut = !world.device.flash.has_power();
      world.device.flash.power_on();
      world.device.boot();
      const trust::TrustStore& found = world.device.agent().identity().trust();
      ASSERT_TRUE(found.version == 1 || found.version == 2);
      EXPECT_EQ(found.lists_operator(world.operator_id), found.version == 1);
      EXPECT_EQ(found.lists_operator(next.operators[0]), found.version == 2);
      ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }, 3600))
          << ::testing::PrintToString(world.first.states());
      EXPECT_EQ(version_of(world), 2U);
      ASSERT_TRUE(world.until_registered());
      EXPECT_EQ(world.device.flash.violation(), "");
      if (!was_cut) {
        EXPECT_GT(operation, 10U);
        break;
      }
    }
  }
}

}  // namespace
}  // namespace tailor::sim
