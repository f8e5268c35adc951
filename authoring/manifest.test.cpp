// SPDX-License-Identifier: Apache-2.0
// Reads back what the library made with the core's decoder, and compares with the official examples where they are.
#include "authoring/manifest.hpp"

#include <gtest/gtest.h>

#include "authoring/diagnostic.hpp"
#include "authoring/envelope_edit.hpp"
#include "authoring/summary.hpp"
#include "authoring/testing.hpp"
#include "core/cose/key.hpp"

namespace tailor::authoring {
namespace {

constexpr auto kVendor = "fa6b4a53 d5ad 5fdf be9d e663e4d41ffe"_hex;
constexpr auto kClass = "1492af14 2569 5e48 bf42 9b2d51f2ab45"_hex;
constexpr auto kPattern = "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210"_hex;
constexpr auto kPattern2 = "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff"_hex;

ManifestDescription base(uint64_t sequence_number) {
  ManifestDescription description;
  description.vendor = Uuid::from_bytes(kVendor).value();
  description.device_class = Uuid::from_bytes(kClass).value();
  description.sequence_number = sequence_number;
  description.components.push_back({.id = {{0}}, .digest = kPattern, .size_bytes = 34768, .uri = {}, .payload = {}});
  return description;
}

/// Descriptions with the semantics of the manifest draft's examples.
ManifestDescription example0() {
  ManifestDescription description = base(0);
  description.install = false;
  description.invoke = true;
  return description;
}
ManifestDescription example1() {
  ManifestDescription description = base(1);
  description.components[0].uri = "http://example.com/file.bin";
  return description;
}
ManifestDescription example5() {
  ManifestDescription description = base(5);
  description.invoke = true;
  description.components[0].uri = "http://example.com/file1.bin";
  description.components.push_back(
      {.id = {{1}}, .digest = kPattern2, .size_bytes = 76834, .uri = "http://example.com/file2.bin", .payload = {}});
  return description;
}

ManifestDescription example2() {
  ManifestDescription description = base(2);
  description.invoke = true;
  description.components[0].uri = "http://example.com/very/long/path/to/file/file.bin";
  description.text = TextDescription{};
  description.text->description = "severed: its length is no matter";
  description.sever = {suit::manifest_key::kInstall, suit::manifest_key::kText};
  return description;
}
ManifestDescription example3() {
  ManifestDescription description = base(3);
  description.components[0].slots = {
      {.slot = 0, .digest = kPattern, .size_bytes = 34768, .uri = "http://example.com/file1.bin"},
      {.slot = 1, .digest = kPattern2, .size_bytes = 76834, .uri = "http://example.com/file2.bin"}};
  return description;
}
ManifestDescription example4() {
  ManifestDescription description = base(4);
  description.invoke = true;
  ComponentDescription& image = description.components[0];
  image.uri = "http://example.com/file.bin";
  image.staging = PlaceDescription{.id = {{2}}, .digest = kPattern};
  image.load = PlaceDescription{.id = {{1}}, .digest = kPattern2, .size_bytes = 76834};
  return description;
}

constexpr suit::Leniency kLegacy{.legacy_algorithms = true};

struct Keys {
  crypto::P256PrivateKey secret = crypto::generate_p256().value();
  cose::VerificationKey open = crypto::public_key_of(secret).value();
};

Bytes signed_envelope(const ManifestDescription& description, const Keys& keys, KeyId key_id = KeyId::kOmit) {
  return sign_envelope(create_envelope(description).value(), keys.secret, key_id).value();
}

Outcome<Verified> verify(ByteView envelope, const Keys& keys) {
  return verify_envelope(envelope, {&keys.open, 1}, suit::kStrict);
}

TEST(Manifest, SameBytesAsTheOfficialExamplesForTheSameSemantics) {
  const Keys keys;
  const struct {
    const char* name;
    ManifestDescription description;
    size_t unsigned_size, signed_size;
  } rows[] = {
      {"example0", example0(), 161, 237}, {"example1", example1(), 196, 272}, {"example5", example5(), 306, 382}};
  for (const auto& row : rows) {
    const auto envelope = create_envelope(row.description);
    ASSERT_TRUE(envelope.ok()) << row.name << envelope.error().context;
    EXPECT_EQ(envelope->size(), row.unsigned_size) << row.name;
    EXPECT_EQ(signed_envelope(row.description, keys).size(), row.signed_size) << row.name;
    const auto official = suit_vector(std::string("manifest-37/") + row.name + "-unsigned.suit");
    if (official) {
      EXPECT_EQ(envelope.value(), *official) << row.name << envelope_diagnostic(envelope.value()).value();
    }
  }
}

// Branches and places may be told in other orders: no byte more for the same semantics.
TEST(Manifest, NoLargerThanTheOtherOfficialExamples) {
  const Keys keys;
  const struct {
    const char* name;
    ManifestDescription description;
    size_t unsigned_size, signed_size;  ///< of the official files
  } rows[] = {{"example2, severed", example2(), 257, 333},
              {"example3", example3(), 320, 396},
              {"example4", example4(), 327, 403}};
  for (const auto& row : rows) {
    const auto created = create_envelope(row.description);
    ASSERT_TRUE(created.ok()) << row.name << created.error().context;
    const Bytes bare = sever(*created, {}).value().envelope;
    EXPECT_LE(bare.size(), row.unsigned_size) << row.name << envelope_diagnostic(bare).value();
    EXPECT_LE(sign_envelope(bare, keys.secret, KeyId::kOmit).value().size(), row.signed_size) << row.name;
  }
}

TEST(Manifest, SignedEnvelopeVerifiesUnderItsKeyOnly) {
  const Keys author, stranger;
  for (const KeyId key_id : {KeyId::kOmit, KeyId::kThumbprint}) {
    const Bytes envelope = signed_envelope(example1(), author, key_id);
    const std::vector<cose::VerificationKey> both = {stranger.open, author.open};
    const auto verified = verify_envelope(envelope, both, suit::kStrict);
    ASSERT_TRUE(verified.ok()) << verified.error().context;
    EXPECT_EQ(verified->key_index, 1U);
    const auto refused = verify(envelope, stranger);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(describe(refused.error().code).error_class, ErrorClass::kUnauthentic);
  }
}

TEST(Manifest, UnsignedIsRefused) {
  const Keys keys;
  EXPECT_EQ(verify(create_envelope(example1()).value(), keys).error().code, Error::kAuthenticationMissing);
}

TEST(Manifest, TwoSignaturesStandBesideEachOther) {
  const Keys author, reviewer;
  const Bytes once = signed_envelope(example1(), author);
  const Bytes twice = sign_envelope(once, reviewer.secret, KeyId::kThumbprint).value();
  EXPECT_TRUE(verify(twice, author).ok());
  EXPECT_TRUE(verify(twice, reviewer).ok());
  EXPECT_EQ(summarize(twice)->blocks.size(), 2U);
  const Bytes three = sign_envelope(twice, reviewer.secret, KeyId::kOmit).value();
  EXPECT_EQ(sign_envelope(three, reviewer.secret, KeyId::kOmit).error().code, Error::kValueOutOfRange);
}

TEST(Manifest, EveryAlteredByteIsNoticed) {
  const Keys keys;
  ManifestDescription description = example1();
  description.text = TextDescription{.language = "en",
                                     .description = "d",
                                     .update_description = {},
                                     .vendor_name = {},
                                     .model_name = {},
                                     .vendor_domain = {},
                                     .version = "1.2.0"};
  const Bytes envelope = signed_envelope(description, keys);
  ASSERT_TRUE(verify(envelope, keys).ok());
  for (size_t i = 0; i < envelope.size(); ++i) {
    Bytes altered = envelope;
    altered[i] ^= 0x01;
    EXPECT_FALSE(verify(altered, keys).ok()) << "byte " << i;
  }
  for (size_t size = 0; size < envelope.size(); ++size) {
    EXPECT_FALSE(verify(ByteView(envelope).first(size), keys).ok()) << "prefix " << size;
  }
}

TEST(Manifest, PayloadInTheEnvelopeIsCheckedAgainstItsDigest) {
  const Keys keys;
  ManifestDescription description = base(3);
  description.components = {describe_image({bytes_of(as_bytes("app"))}, Bytes(5000, 0x42), "", true).value()};
  Bytes envelope = signed_envelope(description, keys);
  ASSERT_TRUE(verify(envelope, keys).ok());
  const auto summary = summarize(envelope).value();
  ASSERT_EQ(summary.payloads.size(), 1U);
  EXPECT_EQ(summary.payloads[0].uri, "#app");
  EXPECT_EQ(summary.payloads[0].size_bytes, 5000U);
  envelope.back() ^= 1;
  EXPECT_EQ(verify(envelope, keys).error().code, Error::kImageDigestMismatch);
}

TEST(Manifest, SummaryReadsBackTheDescription) {
  ManifestDescription description = example5();
  description.reference_uri = "https://example.com/m";
  description.text = TextDescription{.language = "en",
                                     .description = "what",
                                     .update_description = "new",
                                     .vendor_name = "V",
                                     .model_name = "M",
                                     .vendor_domain = "example.com",
                                     .version = "2.0.1"};
  const auto summary = summarize(create_envelope(description).value());
  ASSERT_TRUE(summary.ok()) << summary.error().context;
  EXPECT_EQ(summary->sequence_number, 5U);
  EXPECT_EQ(summary->reference_uri, "https://example.com/m");
  EXPECT_EQ(summary->sections, (std::vector<std::string>{"install", "validate", "invoke"}));
  EXPECT_EQ(summary->severed, std::vector<std::string>{"text"});
  ASSERT_EQ(summary->components.size(), 2U);
  EXPECT_EQ(summary->components[0].vendor, description.vendor);
  EXPECT_EQ(summary->components[0].device_class, description.device_class);
  EXPECT_EQ(summary->components[1].digest, kPattern2);
  EXPECT_EQ(summary->components[1].size_bytes, 76834U);
  EXPECT_EQ(summary->components[1].uri, "http://example.com/file2.bin");
  EXPECT_EQ(summary->components[1].version, "2.0.1");
  EXPECT_EQ(summary->description, "what");
  EXPECT_EQ(summary->update_description, "new");
  EXPECT_TRUE(summary->blocks.empty());
}

TEST(Manifest, DefaultUriNamesTheImageByDigest) {
  const auto component = describe_image({{0}}, Bytes{1, 2, 3}, "", false).value();
  EXPECT_EQ(component.uri, "/img/A5BYxvLAy0ksUzsKTRTvd8wPeKvMztUofYShogEc-4E");
  EXPECT_FALSE(component.payload.has_value());
}

TEST(Manifest, LargestSequenceNumberIsKept) {
  ManifestDescription description = example1();
  description.sequence_number = UINT64_MAX;
  EXPECT_EQ(summarize(create_envelope(description).value())->sequence_number, UINT64_MAX);
}

TEST(Manifest, RefusesDescriptionsThatDevicesWouldRefuse) {
  const auto with = [](auto change) {
    ManifestDescription description = example5();
    change(description);
    return description;
  };
  const struct {
    const char* name;
    ManifestDescription description;
  } rows[] = {
      {"no component", with([](auto& d) { d.components.clear(); })},
      {"no identifier", with([](auto& d) { d.components[0].id.clear(); })},
      {"same component twice", with([](auto& d) { d.components[1].id = d.components[0].id; })},
      {"no URI", with([](auto& d) { d.components[1].uri.clear(); })},
      {"long URI", with([](auto& d) { d.components[1].uri.assign(256, 'x'); })},
      {"payload with a foreign URI", with([](auto& d) { d.components[1].payload = Bytes{1}; })},
      {"no section", with([](auto& d) { d.install = d.validate = d.invoke = false; })},
      {"text without language", with([](auto& d) {
         d.text = TextDescription{};
         d.text->language.clear();
       })},
      {"nine components", with([](auto& d) {
         d.components.clear();
         for (uint8_t i = 0; i < 9; ++i) {
           d.components.push_back({.id = {{i}}, .digest = kPattern, .size_bytes = 1, .uri = "/x", .payload = {}});
         }
       })},
  };
  for (const auto& row : rows) {
    const auto envelope = create_envelope(row.description);
    ASSERT_FALSE(envelope.ok()) << row.name;
    EXPECT_EQ(envelope.error().code, Error::kValueOutOfRange) << row.name;
    EXPECT_FALSE(envelope.error().context.empty()) << row.name;
  }
  EXPECT_TRUE(create_envelope(with([](auto& d) { d.components[1].uri.assign(255, 'x'); })).ok());
  EXPECT_EQ(describe_image({{0}}, {}, "", false).error().code, Error::kValueOutOfRange);
}

TEST(Manifest, SigningRefusesAnEnvelopeWhoseDigestIsWrong) {
  const Keys keys;
  Bytes envelope = create_envelope(example1()).value();
  envelope.back() ^= 1;
  EXPECT_EQ(sign_envelope(envelope, keys.secret, KeyId::kOmit).error().code, Error::kManifestDigestMismatch);
}

TEST(Manifest, OfficialExamplesVerifyWithTheirOldAlgorithmName) {
  const auto key_file = suit_vector("keys/suit-wg-p256-public.cbor");
  if (!key_file) GTEST_SKIP() << "vectors are not here";
  const cose::VerificationKey key = cose::decode_key(*key_file).value().key;
  for (const char* name : {"example0-signed", "example1-signed", "example2-signed", "example2-signed-severed",
                           "example3-signed", "example4-signed", "example5-signed"}) {
    const Bytes envelope = suit_vector(std::string("manifest-37/") + name + ".suit").value();
    const auto lenient = verify_envelope(envelope, {&key, 1}, kLegacy);
    ASSERT_TRUE(lenient.ok()) << name << ": " << name_of(lenient.error().code) << " " << lenient.error().context;
    EXPECT_EQ(verify_envelope(envelope, {&key, 1}, suit::kStrict).error().code, Error::kAlgorithmUnsupported) << name;
  }
  for (const char* name : {"example0-unsigned", "example5-unsigned"}) {
    const Bytes envelope = suit_vector(std::string("manifest-37/") + name + ".suit").value();
    EXPECT_EQ(verify_envelope(envelope, {&key, 1}, kLegacy).error().code, Error::kAuthenticationMissing);
  }
}

TEST(Manifest, OldDraftsHaveTheOutcomeOfTheirTable) {
  const auto key_file = suit_vector("keys/suit-wg-p256-public.cbor");
  if (!key_file) GTEST_SKIP() << "vectors are not here";
  const cose::VerificationKey key = cose::decode_key(*key_file).value().key;
  const auto outcome = [&](const std::string& name) {
    return verify_envelope(suit_vector("old-drafts/suit_manifest_exp" + name + ".cbor").value(), {&key, 1}, kLegacy);
  };
  EXPECT_TRUE(outcome("0").ok());
  for (const char* name : {"1", "2A", "2B", "3", "4", "5", "E", "I", "ID", "R", "U"}) {
    const auto refused = outcome(name);
    ASSERT_FALSE(refused.ok()) << name;
    EXPECT_NE(describe(refused.error().code).error_class, ErrorClass::kPort) << name;
  }
}

}  // namespace
}  // namespace tailor::authoring
