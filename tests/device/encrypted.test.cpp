// SPDX-License-Identifier: Apache-2.0
// Updates whose image is encrypted for the device: fetched to the staging component and decrypted on the way into the
// slot, or written by the manifest itself; what a stranger to the key, a changed ciphertext and power cuts make of
// them.
#include <functional>

#include "authoring/encryption.hpp"
#include "core/cose/verification_key.hpp"
#include "core/report/sealed.hpp"
#include "core/report/suit_report.hpp"
#include "core/suit/encoder/envelope_encoder.hpp"
#include "core/suit/encoder/sequence_writer.hpp"
#include "core/trust/kek.hpp"
#include "tests/device/world.hpp"

namespace tailor::sim {
namespace {

using crypto::ContentAlgorithm;
using update::UpdateState;
using Strings = std::vector<std::string>;

const Strings kWholeWay = {"offered", "authorized", "fetching", "staged", "installing", "trial", "confirmed"};
const authoring::ComponentParts kStaging = {{0}, {1}};

struct Encrypted {
  UpdateSpec spec{};
  ContentAlgorithm algorithm = ContentAlgorithm::kA128Gcm;
  bool key_id = false;      ///< the recipient is named by its thumbprint
  bool integrated = false;  ///< the ciphertext travels in the envelope
  bool written = false;     ///< the manifest itself has the ciphertext
  bool sized = true;        ///< digest and size of the ciphertext are told
};

/// The device's own key for updates, as the CA has certified it.
crypto::P256PublicKey device_key(const World& world) {
  return world.ca.keys.at(0);
}

authoring::RecipientKey recipient(const crypto::P256PublicKey& key, bool key_id) {
  authoring::RecipientKey out;
  out.key = SecretBytes(key.xy);
  if (key_id) {
    const auto name = cose::thumbprint(cose::VerificationKey(key)).value();
    out.key_id.assign(name.begin(), name.end());
  }
  return out;
}

struct Made {
  Bytes envelope, ciphertext;
};

/// @param to  consumed: keys are not copied
Made encrypt(World& world, const Encrypted& wanted, authoring::RecipientKey to) {
  const Bytes image = World::image_of(wanted.spec);
  std::vector<authoring::RecipientKey> recipients;
  recipients.push_back(std::move(to));
  const auto encrypted = authoring::encrypt_image(wanted.algorithm, recipients, image).value();
  const auto digest_of = [](ByteView bytes) {
    const auto digest = crypto::sha256(bytes).value();
    return authoring::ImageDigest{crypto::HashAlgorithm::kSha256, Bytes(digest.begin(), digest.end())};
  };
  authoring::ComponentDescription app;
  app.id = {{0}};
  app.digest = digest_of(image);
  app.size_bytes = image.size();
  app.encryption_info = encrypted.info;
  if (wanted.written) {
    app.content = encrypted.ciphertext;
  } else {
    app.staging = authoring::PlaceDescription{.id = kStaging};
    if (wanted.sized) {
      app.staging->digest = digest_of(encrypted.ciphertext);
      app.staging->size_bytes = encrypted.ciphertext.size();
    }
    app.uri = wanted.integrated ? "#app" : authoring::image_uri(digest_of(encrypted.ciphertext).bytes);
    if (wanted.integrated) app.payload = encrypted.ciphertext;
  }
  authoring::ManifestDescription manifest;
  manifest.vendor = vendor_id(wanted.spec.vendor);
  manifest.device_class = class_id(manifest.vendor, wanted.spec.class_name);
  manifest.sequence_number = wanted.spec.sequence;
  manifest.components.push_back(app);
  const Bytes envelope = authoring::create_envelope(manifest).value();
  return {World::signed_envelope(envelope, world.signer), encrypted.ciphertext};
}

/// Both servers have the ciphertext, the first offers the update.
Made publish(World& world, const Encrypted& wanted, authoring::RecipientKey to) {
  const Made made = encrypt(world, wanted, std::move(to));
  world.first.has_image(made.ciphertext);
  world.second.has_image(made.ciphertext);
  world.first.offers(made.envelope);
  return made;
}
Made publish(World& world, const Encrypted& wanted) {
  return publish(world, wanted, recipient(device_key(world), wanted.key_id));
}

void start(World& world) {
  world.device.boot();
  ASSERT_TRUE(world.until_registered());
}

/// What the last SUIT_Report says went wrong.
std::optional<report::Failure> failure_told(World& world) {
  const auto report = update::decode_report(world.first.reports.back()).value();
  const auto inside = report::unseal(report.suit_report, world.ca.keys.at(0)).value();
  return report::decode_suit_report(inside).value().failure;
}

TEST(DeviceEncrypted, TheImageIsDecryptedIntoTheSlotAndRuns) {
  struct Row {
    const char* name;
    Encrypted wanted;
  };
  const Row rows[] = {
      {"AES-GCM", {}},
      {"AES-GCM 256", {.algorithm = ContentAlgorithm::kA256Gcm}},
      {"AES-CTR", {.algorithm = ContentAlgorithm::kA128Ctr}},
      {"ChaCha20", {.algorithm = ContentAlgorithm::kChaCha20Poly1305}},
      {"the recipient is named", {.key_id = true}},
      {"ciphertext of unknown size", {.sized = false}},
      {"ciphertext in the envelope", {.integrated = true}},
      {"ciphertext in the envelope, of unknown size", {.integrated = true, .sized = false}},
      {"written by the manifest", {.spec = {.bytes = 600}, .written = true}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    World world;
    start(world);
    const Made made = publish(world, row.wanted);
    ASSERT_TRUE(world.until_runs("v2")) << ::testing::PrintToString(world.first.states());
    ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
    EXPECT_EQ(world.first.states(), kWholeWay);
    const bool fetched = !row.wanted.integrated && !row.wanted.written;
    EXPECT_LE(world.first.blocks, fetched ? made.ciphertext.size() / 512 + 2 : 0U);
    ASSERT_TRUE(world.until_registered());
    const auto registration = update::decode_registration(*world.first.registration).value();
    EXPECT_EQ(registration.components[0].digest, crypto::sha256(World::image_of(row.wanted.spec)).value());
    world.device.boot();
    EXPECT_EQ(world.device.running(), "v2") << "the boot program verifies the stored manifest each time";
  }
}

TEST(DeviceEncrypted, TheKeyOfTheFactorySecretOpensToo) {
  World world;
  start(world);
  const auto kek = trust::derive_kek(world.ca.factory_secret, world.device_id).value();
  authoring::RecipientKey to;
  to.kind = suit::DecryptionKeyKind::kAesKw;
  to.key = SecretBytes(kek.secret_bytes());
  to.key_id.assign(trust::kKekId.begin(), trust::kKekId.end());
  publish(world, Encrypted{}, std::move(to));
  ASSERT_TRUE(world.until_runs("v2"));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
}

TEST(DeviceEncrypted, OneAfterTheOther) {
  World world;
  world.device.boot();
  for (uint64_t sequence = 2; sequence <= 4; ++sequence) {
    ASSERT_TRUE(world.until_registered());
    Encrypted wanted;
    wanted.spec.name = "v" + std::to_string(sequence);
    wanted.spec.sequence = sequence;
    publish(world, wanted);
    ASSERT_TRUE(world.until_runs(wanted.spec.name)) << sequence;
    ASSERT_TRUE(world.until([&] { return world.state() == UpdateState::kConfirmed; }));
  }
}

TEST(DeviceEncrypted, AStrangerToTheKeyRefusesAndSaysWhy) {
  for (const bool key_id : {true, false}) {
    World world;
    start(world);
    const auto stranger = crypto::public_key_of(world.stranger).value();
    publish(world, Encrypted{.key_id = key_id}, recipient(stranger, key_id));
    const Error reason = key_id ? Error::kDecryptionKeyMissing : Error::kDecryptionFailed;
    ASSERT_TRUE(world.until([&] { return world.first.heard("refused(" + std::string(name_of(reason)) + ")"); }))
        << ::testing::PrintToString(world.first.states());
    const auto failure = failure_told(world);
    ASSERT_TRUE(failure.has_value());
    EXPECT_EQ(failure->code, static_cast<int64_t>(reason));
    EXPECT_EQ(failure->record.section, suit::manifest_key::kInstall);
    world.device.boot();
    EXPECT_EQ(world.device.running(), "v1");
  }
}

TEST(DeviceEncrypted, AChangedCiphertextLeavesTheRunningImageUntouched) {
  struct Row {
    const char* name;
    Encrypted wanted;
    size_t at;
    Error reason;
  };
  const Row rows[] = {
      {"its digest is told", {}, 4000, Error::kImageDigestMismatch},
      {"first byte", {.sized = false}, 0, Error::kDecryptionFailed},
      {"last byte of the tag", {.sized = false}, 9015, Error::kDecryptionFailed},
      {"a cipher that proves nothing",
       {.algorithm = ContentAlgorithm::kA128Ctr, .sized = false},
       4000,
       Error::kImageDigestMismatch},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    World world;
    start(world);
    const Bytes before = world.device.flash.cells();
    const Made made = encrypt(world, row.wanted, recipient(device_key(world), false));
    Bytes changed = made.ciphertext;
    changed.at(row.at) ^= 0x10;
    world.first.has_image_as(to_base64url(crypto::sha256(made.ciphertext).value()), changed);
    world.first.offers(made.envelope);
    ASSERT_TRUE(world.until([&] { return world.first.heard("refused(" + std::string(name_of(row.reason)) + ")"); }))
        << ::testing::PrintToString(world.first.states());
    // The slot of the running image, bit by bit.
    const Bytes& after = world.device.flash.cells();
    EXPECT_TRUE(std::equal(before.begin() + 4 * 4096, before.begin() + 16 * 4096, after.begin() + 4 * 4096));
    world.device.boot();
    EXPECT_EQ(world.device.running(), "v1");
    // And nothing keeps the right one from coming.
    Encrypted next;
    next.spec.sequence = 3;
    publish(world, next);
    ASSERT_TRUE(world.until_runs("v2"));
  }
}

TEST(DeviceEncrypted, APayloadThatDoesNotFitIsRefused) {
  World world;
  start(world);
  Encrypted wanted;
  wanted.spec.bytes = kStagingBytes - 15;
  publish(world, wanted);
  ASSERT_TRUE(world.until([&] { return world.first.heard("refused(ImageTooLarge)"); }));
}

TEST(DeviceEncrypted, ReceptionGoesOnAfterEachKillAndFetchesNothingTwice) {
  for (const bool sized : {true, false}) {
    Encrypted wanted;
    wanted.spec.bytes = 20'000;  // 40 blocks of 512
    wanted.sized = sized;
    World world;
    start(world);
    size_t kills = 0;
    bool kill = false;
    world.first.before_block = [&](uint32_t offset) {
      if (offset != 0 && offset % 4096 == 0 && offset / 4096 > kills) kill = true;
    };
    publish(world, wanted);
    while (world.device.running() != "v2") {
      ASSERT_TRUE(world.until([&] { return kill || world.device.running() == "v2"; }));
      if (!kill) break;
      kill = false;
      ++kills;
      world.device.switch_off();
      world.device.boot();
    }
    EXPECT_EQ(kills, 4U);
    EXPECT_LE(world.first.blocks, 40 + 3 * kills);
    ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  }
}

TEST(DeviceEncrypted, APushedCiphertextNeedsNoGet) {
  World world({.modes = static_cast<uint8_t>(update::DeliveryMode::kPush)});
  start(world);
  const Made made = encrypt(world, {}, recipient(device_key(world), false));
  Caller caller;
  coap::Endpoint* session = world.first.endpoint_of(world.device.address());
  caller.send(*session, coap::Code::kPut, "/manifest", update::kFormatEnvelope, made.envelope, world.link.now());
  ASSERT_TRUE(world.until([&] { return caller.done(); }));
  ASSERT_EQ(caller.code, coap::Code::kChanged) << as_text(caller.answer);
  caller.send(*session, coap::Code::kPut, "/payload/" + to_base64url(crypto::sha256(made.ciphertext).value()),
              update::kFormatOctets, made.ciphertext, world.link.now());
  ASSERT_TRUE(world.until_runs("v2"));
  ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  EXPECT_EQ(world.first.gets, 0U);
}

/// An envelope that copies what it staged, plain, and lets go of a component: `unlinked` 0 is the image, 1 what is
/// staged.
Bytes unlinking_envelope(World& world, uint64_t unlinked) {
  using namespace suit;
  const Bytes image = World::image_of({});
  const auto digest = crypto::sha256(image).value();
  const std::string uri = "/img/" + to_base64url(digest);
  const Uuid vendor = vendor_id("vendor.example");
  const Uuid device_class = class_id(vendor, "sensor");
  const auto sequence = [](const std::function<void(SequenceWriter&)>& write) {
    Bytes out(400);
    SequenceWriter writer(out);
    write(writer);
    out.resize(writer.finish().value().size());
    return out;
  };
  const Bytes shared = sequence([&](SequenceWriter& s) {
    s.set_component_index(0).override_parameters(
        {.vendor = vendor, .device_class = device_class, .digest = digest, .image_size = image.size()});
    s.command(command::kVendorIdentifier, 15).command(command::kClassIdentifier, 15);
  });
  const Bytes install = sequence([&](SequenceWriter& s) {
    s.set_component_index(1).override_parameters({.uri = uri}).command(command::kFetch, 2);
    s.set_component_index(0).override_parameters({.source_component = 1}).command(command::kCopy, 2);
    s.command(command::kImageMatch, 15).set_component_index(unlinked).command(command::kUnlink, 2);
  });
  const Bytes validate = sequence(
      [](SequenceWriter& s) { s.set_component_index(0).command(command::kImageMatch, reporting::kRecordOnFailure); });
  const ManifestMember members[] = {{manifest_key::kValidate, validate, false},
                                    {manifest_key::kInstall, install, false}};
  const Bytes zero = {0}, one = {1};
  std::array<suit::ComponentId, 2> components;
  EXPECT_TRUE(components[0].push_back(zero, Error::kInternal).ok());
  EXPECT_TRUE(components[1].push_back(zero, Error::kInternal).ok());
  EXPECT_TRUE(components[1].push_back(one, Error::kInternal).ok());
  ManifestParts parts;
  parts.sequence_number = 2;
  parts.components = components;
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

TEST(DeviceEncrypted, UnlinkRemovesWhatWasStagedAndNeverTheImage) {
  {
    World world;
    start(world);
    world.first.offers(unlinking_envelope(world, 1));
    ASSERT_TRUE(world.until_runs("v2")) << ::testing::PrintToString(world.first.states());
    ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
    storage::RecordStore store(world.device.records());
    ASSERT_TRUE(store.mount().ok());
    std::array<uint8_t, 56> kept{};
    ASSERT_TRUE(store.get(agent::record::kStaging, kept).ok());
    EXPECT_EQ(kept[1], 0) << "nothing is complete there";
  }
  World world;
  start(world);
  world.first.offers(unlinking_envelope(world, 0));
  ASSERT_TRUE(world.until([&] { return world.first.heard("refused(CommandUnsupported)"); }))
      << ::testing::PrintToString(world.first.states());
  world.device.boot();
  EXPECT_EQ(world.device.running(), "v1");
}

TEST(DeviceEncrypted, AnEnvelopeWithItsCiphertextIsTakenAgainAfterARestart) {
  Encrypted wanted;
  wanted.spec.bytes = 20'000;
  wanted.integrated = true;
  for (uint64_t operation : {30U, 60U, 90U, 120U}) {
    World world;
    start(world);
    publish(world, wanted);
    world.device.flash.cut_power_at(operation, testing::Cut::kTorn);
    ASSERT_TRUE(world.until([&] { return !world.device.flash.has_power(); }));
    world.device.flash.power_on();
    world.device.boot();
    ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); })) << operation;
    EXPECT_EQ(world.device.running(), "v2");
    for (const std::string& state : world.first.states()) EXPECT_FALSE(state.starts_with("refused")) << state;
  }
}

// From the offer to the confirmation: reception of the ciphertext, copy, and all around them.
TEST(DeviceEncrypted, APowerCutAnywhereEndsWithOneOfTheTwoImagesAndThenTheNew) {
  for (const testing::Cut cut : {testing::Cut::kBefore, testing::Cut::kTorn, testing::Cut::kAfter}) {
    for (uint64_t operation = 1;; operation += 7) {
      SCOPED_TRACE(std::string(testing::name_of(cut)) + " at " + std::to_string(operation));
      World world;
      start(world);
      publish(world, Encrypted{});
      const bool was_cut = world.loses_power_at(operation, cut);
      if (was_cut) world.device.boot();
      ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed") && world.device.running() == "v2"; }, 3600))
          << ::testing::PrintToString(world.first.states());
      EXPECT_EQ(world.device.flash.violation(), "");
      EXPECT_LE(world.first.blocks, 18U + 4U) << "ciphertext that was there was fetched again";
      if (!was_cut) {
        EXPECT_GT(operation, 50U);
        break;
      }
    }
  }
}

}  // namespace
}  // namespace tailor::sim
