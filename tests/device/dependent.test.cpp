// SPDX-License-Identifier: Apache-2.0
// Updates in two layers: the author's manifest as a dependency of a distributor's, which says for whom the image is
// encrypted and where it is. Who may do what in such a tree, what boot verifies of it, and power cuts.
#include "authoring/description_file.hpp"
#include "authoring/encryption.hpp"
#include "tests/device/world.hpp"

namespace tailor::sim {
namespace {

using update::UpdateState;

const authoring::ComponentParts kApp = {{0}}, kStaging = {{0}, {1}}, kPlace = {{1}};

authoring::ImageDigest digest_of(ByteView bytes) {
  const auto digest = crypto::sha256(bytes).value();
  return {crypto::HashAlgorithm::kSha256, Bytes(digest.begin(), digest.end())};
}

struct Tree {
  UpdateSpec spec{};
  uint64_t author_sequence = 5;
  bool integrated = false;  ///< the author's envelope travels in the distributor's
  authoring::ComponentParts place_of_root{};
};

/// A world with a distributor, who may keep dependencies, and say where the image is and for whom, and nothing else.
struct TwoLayers {
  explicit TwoLayers(const WorldSettings& wanted = {})
      : distributor(crypto::generate_p256().value()), world(with(wanted, distributor)) {
    world.device.boot();
    EXPECT_TRUE(world.until_registered());
  }

  static WorldSettings with(WorldSettings wanted, const crypto::P256PrivateKey& key) {
    using namespace suit;
    const std::vector<int64_t> commands = {command::kVendorIdentifier, command::kClassIdentifier};
    const std::vector<int64_t> parameters = {parameter::kVendorIdentifier, parameter::kClassIdentifier,
                                             parameter::kEncryptionInfo, parameter::kUri};
    wanted.more_signers.push_back(
        {crypto::public_key_of(key).value(),
         trust::Role::kDistributor,
         {{.prefix = kPlace}, {.prefix = kApp, .commands = commands, .parameters = parameters}}});
    return wanted;
  }

  /// The author's manifest: the plaintext's digest, a staging place, nothing about keys or places on the net.
  [[nodiscard]] Bytes authors(const Tree& tree, const crypto::P256PrivateKey& key) {
    const Bytes image = World::image_of(tree.spec);
    authoring::ComponentDescription app;
    app.id = kApp;
    app.digest = digest_of(image);
    app.size_bytes = image.size();
    app.staging = authoring::PlaceDescription{.id = kStaging};
    app.uri = "/img/somewhere";
    app.overridable = true;
    authoring::ManifestDescription manifest = head(tree.spec, tree.author_sequence);
    manifest.components.push_back(app);
    return World::signed_envelope(authoring::create_envelope(manifest).value(), key);
  }
  [[nodiscard]] Bytes authors(const Tree& tree) { return authors(tree, world.signer); }

  /// The distributor's manifest, not signed yet.
  [[nodiscard]] authoring::ManifestDescription distributors(const Tree& tree, const Bytes& author) {
    authoring::RecipientKey device;
    device.key = SecretBytes(world.ca.keys.at(0).xy);
    std::vector<authoring::RecipientKey> recipients;
    recipients.push_back(std::move(device));
    const auto encrypted =
        authoring::encrypt_image(crypto::ContentAlgorithm::kA128Gcm, recipients, World::image_of(tree.spec)).value();
    ciphertext = encrypted.ciphertext;
    authoring::ManifestDescription manifest = head(tree.spec, tree.spec.sequence);
    manifest.manifest_component_id = tree.place_of_root;
    authoring::ComponentDescription app, staging;
    app.by_dependency = staging.by_dependency = true;
    app.id = kApp;
    app.encryption_info = encrypted.info;
    staging.id = kStaging;
    staging.uri = authoring::image_uri(digest_of(ciphertext).bytes);
    manifest.components = {app, staging};
    const std::string uri = tree.integrated ? "#author" : authoring::image_uri(digest_of(author).bytes);
    manifest.dependencies.push_back(authoring::describe_dependency(kPlace, author, uri, tree.integrated).value());
    return manifest;
  }

  void offer(const Bytes& author, const Bytes& root) {
    for (ScriptedServer* server : {&world.first, &world.second}) {
      server->has_image(author);
      server->has_image(ciphertext);
    }
    world.first.offers(root);
  }
  void publish(const Tree& tree) {
    const Bytes author = authors(tree);
    offer(author, signed_root(distributors(tree, author)));
  }
  [[nodiscard]] Bytes signed_root(const authoring::ManifestDescription& description) const {
    return World::signed_envelope(authoring::create_envelope(description).value(), distributor);
  }
  [[nodiscard]] ::testing::AssertionResult refuses(Error reason) {
    const std::string wanted = "refused(" + std::string(name_of(reason)) + ")";
    if (!world.until([&] { return world.first.heard(wanted); })) {
      return ::testing::AssertionFailure() << ::testing::PrintToString(world.first.states());
    }
    world.device.boot();
    return world.device.running() == "v1" ? ::testing::AssertionSuccess()
                                          : ::testing::AssertionFailure() << "runs " << world.device.running();
  }

  static authoring::ManifestDescription head(const UpdateSpec& spec, uint64_t sequence) {
    authoring::ManifestDescription manifest;
    manifest.vendor = vendor_id(spec.vendor);
    manifest.device_class = class_id(manifest.vendor, spec.class_name);
    manifest.sequence_number = sequence;
    return manifest;
  }

  crypto::P256PrivateKey distributor;
  World world;
  Bytes ciphertext;
};

TEST(DeviceDependent, TheDistributorsManifestOverTheAuthorsRunsAndIsVerifiedAtEachBoot) {
  for (const bool integrated : {false, true}) {
    TwoLayers two;
    two.publish({.integrated = integrated});
    World& world = two.world;
    ASSERT_TRUE(world.until_runs("v2")) << ::testing::PrintToString(world.first.states());
    ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
    for (int boots = 0; boots < 2; ++boots) {
      world.device.boot();
      EXPECT_EQ(world.device.running(), "v2");
    }
    ASSERT_TRUE(world.until_registered());
    const auto registration = update::decode_registration(*world.first.registration).value();
    EXPECT_EQ(registration.components[0].digest, crypto::sha256(World::image_of({})).value());
    EXPECT_EQ(registration.components[0].sequence_number, 2U) << "the root's";
  }
}

TEST(DeviceDependent, OneAfterTheOtherAndAPlainOneInBetween) {
  TwoLayers two;
  World& world = two.world;
  for (uint64_t sequence = 2; sequence <= 5; ++sequence) {
    ASSERT_TRUE(world.until_registered());
    Tree tree{.author_sequence = sequence};
    tree.spec.name = "v" + std::to_string(sequence);
    tree.spec.sequence = sequence;
    sequence == 4 ? world.publish(tree.spec) : two.publish(tree);
    ASSERT_TRUE(world.until_runs(tree.spec.name)) << sequence << ::testing::PrintToString(world.first.states());
    ASSERT_TRUE(world.until([&] { return world.state() == UpdateState::kConfirmed; }));
  }
}

// What the distributor has no right to stays the author's, whoever's manifest stands on top.
TEST(DeviceDependent, ADistributorMayNotWriteWhatOnlyTheAuthorMay) {
  {
    SCOPED_TRACE("an image of its own");
    TwoLayers two;
    two.offer({}, World::signed_envelope(two.world.unsigned_envelope({}), two.distributor));
    EXPECT_TRUE(two.refuses(Error::kSignerNotPermitted));
  }
  {
    SCOPED_TRACE("an author's manifest of its own");
    TwoLayers two;
    const Bytes author = two.authors({}, two.distributor);
    two.offer(author, two.signed_root(two.distributors({}, author)));
    EXPECT_TRUE(two.refuses(Error::kSignerNotPermitted));
  }
  {
    SCOPED_TRACE("an image of its own beside the author's manifest");
    TwoLayers two;
    const Bytes author = two.authors({});
    authoring::ManifestDescription root = two.distributors({}, author);
    UpdateSpec other;
    other.name = "v9";
    root.components[0] = authoring::describe_image(kApp, World::image_of(other), "", false).value();
    two.world.first.has_image(World::image_of(other));
    two.offer(author, two.signed_root(root));
    EXPECT_TRUE(two.refuses(Error::kSignerNotPermitted));
  }
  {
    SCOPED_TRACE("a dependency that a stranger signed");
    TwoLayers two;
    const Bytes author = two.authors({}, two.world.stranger);
    two.offer(author, two.signed_root(two.distributors({}, author)));
    EXPECT_TRUE(two.refuses(Error::kSignatureInvalid));
  }
  {
    SCOPED_TRACE("a root that the author signed, who has no place for dependencies");
    TwoLayers two;
    const Bytes author = two.authors({});
    two.offer(author, World::signed_envelope(authoring::create_envelope(two.distributors({}, author)).value(),
                                             two.world.signer));
    EXPECT_TRUE(two.refuses(Error::kSignerNotPermitted));
  }
}

TEST(DeviceDependent, AnotherDependencyThanTheRootNamesIsRefused) {
  TwoLayers two;
  const Bytes author = two.authors({});
  const Bytes other = two.authors({.author_sequence = 6});
  two.offer(other, two.signed_root(two.distributors({}, author)));
  two.world.first.has_image_as(to_base64url(crypto::sha256(author).value()), other);
  EXPECT_TRUE(two.refuses(Error::kImageDigestMismatch));
}

TEST(DeviceDependent, ADependencyThatDoesNotFitItsPlaceIsRefused) {
  TwoLayers two;
  Tree tree;
  UpdateSpec with_image = tree.spec;
  with_image.uri = "#app";
  with_image.integrated = true;
  const Bytes author = two.world.envelope_of(with_image);
  two.offer(author, two.signed_root(two.distributors(tree, author)));
  EXPECT_TRUE(two.refuses(Error::kManifestTooLarge));
}

TEST(DeviceDependent, NumbersRiseForEachPlaceAtConfirmAndNeverFall) {
  TwoLayers two;
  World& world = two.world;
  const authoring::ComponentParts place = {{1}, {7}};
  two.publish({.author_sequence = 5, .place_of_root = place});
  ASSERT_TRUE(world.until_runs("v2"));
  ASSERT_TRUE(world.until([&] { return world.state() == UpdateState::kConfirmed; }));
  world.device.boot();
  struct Row {
    const char* name;
    uint64_t sequence, author_sequence;
    bool taken;
  };
  const Row rows[] = {
      {"the author's is older", 3, 4, false}, {"the root is older", 1, 6, false}, {"both as they are", 3, 5, true}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    ASSERT_TRUE(world.until_registered());
    world.first.reports.clear();
    Tree tree{.author_sequence = row.author_sequence, .place_of_root = place};
    tree.spec.name = "v3";
    tree.spec.sequence = row.sequence;
    two.publish(tree);
    const std::string end = row.taken ? "confirmed" : "refused(SequenceNumberTooLow)";
    ASSERT_TRUE(world.until([&] { return world.first.heard(end); })) << ::testing::PrintToString(world.first.states());
  }
  EXPECT_EQ(world.device.running(), "v3");
}

// The boot program believes neither manifest because the agent did.
TEST(DeviceDependent, ADependencyThatWasChangedInFlashDoesNotBoot) {
  TwoLayers two;
  World& world = two.world;
  two.publish({});
  world.device.reboots = false;
  ASSERT_TRUE(world.until([&] { return world.device.agent().reboot_wanted().has_value(); }));
  const Bytes author = two.authors({});
  Bytes& cells = world.device.flash.cells();
  // It lies somewhere in the flash, byte for byte; a bit in the middle of it.
  auto at = std::search(cells.begin(), cells.end(), author.begin(), author.begin() + 4);
  for (; at != cells.end() && !std::equal(author.begin(), author.begin() + 40, at);) {
    at = std::search(at + 1, cells.end(), author.begin(), author.begin() + 4);
  }
  ASSERT_NE(at, cells.end());
  at[static_cast<ptrdiff_t>(author.size() / 2)] ^= 0x01;
  world.device.reboots = true;
  world.device.boot();
  EXPECT_EQ(world.device.running(), "v1");
  ASSERT_TRUE(world.until([&] {
    const auto states = world.first.states();
    return !states.empty() && states.back().starts_with("reverted");
  })) << ::testing::PrintToString(world.first.states());
}

TEST(DeviceDependent, ReceptionGoesOnAfterEachKillAndFetchesNothingTwice) {
  for (const bool integrated : {false, true}) {
    TwoLayers two;
    World& world = two.world;
    Tree tree{.integrated = integrated};
    tree.spec.bytes = 20'000;
    size_t kills = 0;
    bool kill = false;
    world.first.before_block = [&](uint32_t offset) {
      if (offset != 0 && offset % 4096 == 0 && offset / 4096 > kills) kill = true;
    };
    two.publish(tree);
    while (world.device.running() != "v2") {
      ASSERT_TRUE(world.until([&] { return kill || world.device.running() == "v2"; }));
      if (!kill) break;
      kill = false;
      ++kills;
      world.device.switch_off();
      world.device.boot();
    }
    EXPECT_EQ(kills, 4U);
    EXPECT_LE(world.first.blocks, 40 + 4 + 3 * kills) << "the dependency has up to three blocks";
    ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed"); }));
  }
}

TEST(DeviceDependent, APowerCutAnywhereEndsWithOneOfTheTwoImagesAndThenTheNew) {
  for (const testing::Cut cut : {testing::Cut::kBefore, testing::Cut::kTorn, testing::Cut::kAfter}) {
    for (uint64_t operation = 1;; operation += 7) {
      SCOPED_TRACE(std::string(testing::name_of(cut)) + " at " + std::to_string(operation));
      TwoLayers two;
      World& world = two.world;
      two.publish({.place_of_root = {{1}, {7}}});
      const bool was_cut = world.loses_power_at(operation, cut);
      if (was_cut) world.device.boot();
      ASSERT_TRUE(world.until([&] { return world.first.heard("confirmed") && world.device.running() == "v2"; }, 3600))
          << ::testing::PrintToString(world.first.states());
      EXPECT_EQ(world.device.flash.violation(), "");
      EXPECT_LE(world.first.blocks, 18U + 3U + 6U) << "something was fetched again";
      if (!was_cut) {
        EXPECT_GT(operation, 50U);
        break;
      }
    }
  }
}

}  // namespace
}  // namespace tailor::sim
