// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "core/suit/encoder/envelope_encoder.hpp"
#include "core/suit/manifest.hpp"
#include "testing/suit/known_keys.hpp"
#include "testing/vectors/vectors.hpp"

namespace tailor::suit {
namespace {

using testing::Octets;

const Uuid kVendor = Uuid::from_text("fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe").value();
const Uuid kClass = Uuid::from_text("1492af14-2569-5e48-bf42-9b2d51f2ab45").value();
constexpr auto kDigest = "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210"_hex;
constexpr auto kPartZero = "00"_hex;

ComponentId component_zero() {
  ComponentId id;
  (void)id.push_back(kPartZero, Error::kValueOutOfRange).ok();
  return id;
}

/// Buffers of one author's work.
struct Desk {
  std::array<uint8_t, 512> shared, install, validate, branch_a, branch_b, manifest, block;
  std::array<uint8_t, 2048> envelope;
};

// Manifest draft, example 1: what our encoder makes of the same semantics has not one byte more.
TEST(Encoder, MakesExample1ByteForByte) {
  Desk desk;
  const ByteView shared =
      SequenceWriter(desk.shared)
          .override_parameters({.vendor = kVendor, .device_class = kClass, .digest = kDigest, .image_size = 34768})
          .command(command::kVendorIdentifier, 15)
          .command(command::kClassIdentifier, 15)
          .finish()
          .value();
  const ByteView install = SequenceWriter(desk.install)
                               .override_parameters({.uri = "http://example.com/file.bin"})
                               .command(command::kFetch, 2)
                               .command(command::kImageMatch, 15)
                               .finish()
                               .value();
  const ByteView validate = SequenceWriter(desk.validate).command(command::kImageMatch, 15).finish().value();
  const ComponentId components[] = {component_zero()};
  const ManifestMember members[] = {{manifest_key::kValidate, validate}, {manifest_key::kInstall, install}};
  const ByteView manifest = encode_manifest({.sequence_number = 1,
                                             .components = components,
                                             .shared_sequence = shared,
                                             .reference_uri = {},
                                             .members = members},
                                            desk.manifest)
                                .value();
  const ByteView envelope = encode_envelope({manifest, {}, {}, {}}, desk.envelope).value();
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors";
  const Octets published = testing::read_octets(*folder / "suit/manifest-37/example1-unsigned.suit");
  EXPECT_TRUE(equal(envelope, published));
}

// Manifest draft, example 3: try-each over two slots, in the shared sequence and in install.
TEST(Encoder, MakesTryEachOfExample3) {
  Desk desk;
  const auto branch = [](MutableBytes out, uint64_t slot, std::string_view uri) {
    return SequenceWriter(out)
        .override_parameters({.slot = slot})
        .command(command::kComponentSlot, 5)
        .override_parameters({.uri = uri})
        .finish()
        .value();
  };
  const ByteView branches[] = {branch(desk.branch_a, 0, "http://example.com/file1.bin"),
                               branch(desk.branch_b, 1, "http://example.com/file2.bin")};
  const ByteView install = SequenceWriter(desk.install)
                               .try_each(branches, false)
                               .command(command::kFetch, 2)
                               .command(command::kImageMatch, 15)
                               .finish()
                               .value();
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors";
  const Octets published = testing::read_octets(*folder / "suit/manifest-37/example3-signed.suit");
  const Manifest manifest = decode_manifest(Envelope::from_bytes(published)->manifest()).value();
  EXPECT_TRUE(equal(install, manifest.member(manifest_key::kInstall).bytes));
}

TEST(Encoder, ReencodesEveryExample) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors";
  for (const char* name : {"example0", "example1", "example2", "example3", "example4", "example5"}) {
    const Octets published = testing::read_octets(*folder / "suit/manifest-37" / (std::string(name) + "-signed.suit"));
    const Envelope envelope = Envelope::from_bytes(published).value();
    const Manifest manifest = decode_manifest(envelope.manifest()).value();
    std::vector<ComponentId> components;
    for (size_t i = 0; i < manifest.component_count; ++i) {
      components.push_back(decode_component_id(manifest.component(i).value()).value());
    }
    std::vector<ManifestMember> members;
    for (const int64_t key : Manifest::kMemberKeys) {
      const Member member = manifest.member(key);
      if (member.place != Member::Place::kInPlace) continue;
      members.push_back({key, member.bytes, false});
    }
    for (Envelope::Members severed = envelope.members(); severed.more();) {
      const EnvelopeMember member = severed.next().value();
      members.push_back({member.key, member.content, true});
    }
    Desk desk;
    const ByteView again = encode_manifest({manifest.sequence_number, components, manifest.shared_sequence,
                                            manifest.reference_uri, members},
                                           desk.envelope)
                               .value();
    EXPECT_TRUE(equal(again, envelope.manifest())) << name;

    cbor::Reader blocks(envelope.authentication());
    ASSERT_EQ(blocks.take_array().value(), 2U);
    (void)blocks.take_bytes().ok();
    const ByteView block[] = {blocks.take_bytes().value()};
    const EnvelopeParts parts{envelope.manifest(), block, members, {}};
    EXPECT_TRUE(equal(encode_envelope(parts, desk.envelope).value(), published)) << name;
    EXPECT_EQ(envelope_bytes(parts), published.size()) << name;
    EXPECT_EQ(encode_envelope(parts, MutableBytes(desk.envelope).first(published.size() - 1)).error(),
              Error::kBufferTooSmall);
  }
}

TEST(Encoder, TextMapOfExample2) {
  const auto folder = testing::vectors_folder();
  if (!folder) GTEST_SKIP() << "no vectors";
  const Octets published = testing::read_octets(*folder / "suit/manifest-37/example2-signed.suit");
  const Envelope envelope = Envelope::from_bytes(published).value();
  Envelope::Members members = envelope.members();
  (void)members.next().ok();
  const ByteView text = members.next().value().content;
  const std::string all(as_text(text));
  const size_t description = all.find("## Example 2");
  const size_t end = all.find("\x81\x41", description);
  const TextEntry entries[] = {
      {text_key::kManifestDescription, std::string_view(all).substr(description, end - description)}};
  const TextEntry component_entries[] = {
      {component_text_key::kVendorDomain, "arm.com"},
      {component_text_key::kComponentDescription,
       "This component is a demonstration. The digest is a sample pattern, not a real one."}};
  const ComponentText components[] = {{component_zero(), component_entries}};
  Desk desk;
  EXPECT_TRUE(equal(encode_text("en-US", entries, components, desk.envelope).value(), text));
}

TEST(Encoder, RefusesWhatTheDecoderWould) {
  Desk desk;
  const ComponentId components[] = {component_zero()};
  const ByteView sequence = SequenceWriter(desk.install).command(command::kImageMatch, 15).finish().value();
  const ManifestMember descending[] = {{manifest_key::kInstall, sequence}, {manifest_key::kValidate, sequence}};
  EXPECT_EQ(encode_manifest({1, components, {}, {}, descending}, desk.manifest).error(), Error::kCborNotCanonical);
  const ManifestMember severed_validate[] = {{manifest_key::kValidate, sequence, true}};
  EXPECT_EQ(encode_manifest({1, components, {}, {}, severed_validate}, desk.manifest).error(), Error::kValueOutOfRange);
  EXPECT_EQ(encode_manifest({1, {}, {}, {}, {}}, desk.manifest).error(), Error::kValueOutOfRange);
  const ByteView manifest = encode_manifest({1, components, {}, {}, {}}, desk.manifest).value();
  const IntegratedPayload unordered[] = {{"#long", {}}, {"#b", {}}};
  EXPECT_EQ(encode_envelope({manifest, {}, {}, unordered}, desk.envelope).error(), Error::kCborNotCanonical);
}

TEST(Encoder, AddedSignaturesVerify) {
  Desk desk;
  const ComponentId components[] = {component_zero()};
  const ByteView manifest = encode_manifest({7, components, {}, {}, {}}, desk.manifest).value();
  const ByteView unsigned_envelope = encode_envelope({manifest, {}, {}, {}}, desk.envelope).value();
  Octets envelope(unsigned_envelope.begin(), unsigned_envelope.end());
  std::vector<cose::VerificationKey> keys;
  for (size_t count = 1; count <= limits::kAuthenticationBlocks; ++count) {
    const crypto::P256PrivateKey key = crypto::generate_p256().value();
    keys.emplace_back(crypto::public_key_of(key).value());
    const ByteView block = sign_manifest(manifest, key, {}, desk.block).value();
    Octets next(envelope.size() + block.size() + 9);
    next.resize(add_authentication_block(envelope, block, next).value().size());
    envelope = next;
    const testing::KnownKeys anchors(keys);
    const auto authentic = authenticate(Envelope::from_bytes(envelope).value(), anchors, {});
    ASSERT_TRUE(authentic.ok()) << name_of(authentic.error());
    EXPECT_EQ(authentic->signers().size(), count);
    EXPECT_EQ(authentic->manifest().sequence_number, 7U);
  }
  const ByteView block = sign_manifest(manifest, crypto::generate_p256().value(), {}, desk.block).value();
  Octets next(envelope.size() + block.size() + 9);
  EXPECT_EQ(add_authentication_block(envelope, block, next).error(), Error::kValueOutOfRange) << "one past the limit";
}

TEST(Encoder, SetsComponentIndices) {
  Desk desk;
  const uint64_t indices[] = {0, 2};
  const ByteView sequence = SequenceWriter(desk.install)
                                .set_component_index(1)
                                .set_component_indices(indices)
                                .set_all_components()
                                .run_sequence("80"_hex)
                                .finish()
                                .value();
  EXPECT_TRUE(equal(sequence, "88 0c01 0c820002 0cf5 1820 4180"_hex));
  EXPECT_EQ(SequenceWriter(MutableBytes(desk.install).first(3)).set_component_index(1).command(3, 15).finish().error(),
            Error::kBufferTooSmall);
}

}  // namespace
}  // namespace tailor::suit
