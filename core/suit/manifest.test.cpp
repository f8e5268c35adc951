// SPDX-License-Identifier: Apache-2.0
#include "core/suit/manifest.hpp"

#include <gtest/gtest.h>

#include "testing/vectors/vectors.hpp"

namespace tailor::suit {
namespace {

using testing::from_hex;
using testing::Octets;

constexpr const char* kDigest = "82 2f 5820 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

TEST(Manifest, DecodesItsParts) {
  const Octets bytes =
      from_hex(std::string("a7 01 01 02 1b ffffffffffffffff 03 4e a2 02 82 81 41 00 82 41 01 41 02 04 41 80 "
                           "04 61 75 07 42 80 80 14") +
               kDigest + "17 41 a0");
  const Manifest manifest = decode_manifest(bytes).value();
  EXPECT_EQ(manifest.sequence_number, UINT64_MAX);
  EXPECT_EQ(manifest.reference_uri, "u");
  EXPECT_EQ(manifest.component_count, 2U);
  EXPECT_TRUE(equal(manifest.component(0).value(), "81 41 00"_hex));
  EXPECT_TRUE(equal(manifest.component(1).value(), "82 41 01 41 02"_hex));
  EXPECT_EQ(manifest.component(2).error(), Error::kComponentIndexInvalid);
  EXPECT_TRUE(equal(manifest.shared_sequence, "80"_hex));
  EXPECT_EQ(manifest.member(manifest_key::kValidate).place, Member::Place::kInPlace);
  EXPECT_TRUE(equal(manifest.member(manifest_key::kValidate).bytes, "80 80"_hex));
  EXPECT_EQ(manifest.member(manifest_key::kInstall).place, Member::Place::kSevered);
  EXPECT_EQ(manifest.member(manifest_key::kInstall).bytes.size(), 32U);
  EXPECT_EQ(manifest.member(manifest_key::kText).place, Member::Place::kInPlace);
  EXPECT_EQ(manifest.member(manifest_key::kLoad).place, Member::Place::kAbsent);
  EXPECT_EQ(manifest.member(99).place, Member::Place::kAbsent);
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(decode_manifest(ByteView(bytes).first(length)).ok()) << length;
  }
}

TEST(Manifest, DecodesWhatTheCompanionsAdd) {
  const Octets bytes =
      from_hex(std::string("aa 01 01 02 05 03 55 a2 01 a2 00 a0 01 a1 01 81 43 612e62 02 82 81 41 00 81 41 01"
                           "05 82 41 72 41 01 06 44 83 01 02 20 07 41 80 0e") +
               kDigest + "0f 42 80 80 12" + kDigest + "18 18 41 80");
  const Manifest manifest = decode_manifest(bytes).value();
  EXPECT_TRUE(equal(manifest.component_id, "82 41 72 41 01"_hex));
  EXPECT_TRUE(equal(manifest.set_version, "83 01 02 20"_hex));
  cbor::Reader entries(manifest.dependencies);
  const Dependency first = Manifest::take_dependency(entries).value();
  EXPECT_EQ(first.index, 0U);
  EXPECT_TRUE(first.prefix.empty());
  const Dependency second = Manifest::take_dependency(entries).value();
  EXPECT_EQ(second.index, 1U);
  EXPECT_TRUE(equal(second.prefix, "81 43 612e62"_hex));
  EXPECT_TRUE(entries.at_end());
  EXPECT_EQ(manifest.member(manifest_key::kCoswid).place, Member::Place::kSevered);
  EXPECT_EQ(manifest.member(manifest_key::kDependencyResolution).place, Member::Place::kInPlace);
  EXPECT_EQ(manifest.member(manifest_key::kCandidateVerification).place, Member::Place::kSevered);
  EXPECT_TRUE(manifest.has(manifest_key::kUninstall));
  EXPECT_FALSE(manifest.has(manifest_key::kInstall));
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(decode_manifest(ByteView(bytes).first(length)).ok()) << length;
  }
}

TEST(Manifest, ComponentsMayBeDependenciesAlone) {
  const Manifest manifest = decode_manifest(from_hex("a3 01 01 02 05 03 49 a1 01 a1 00 a1 01 81 41 64")).value();
  EXPECT_EQ(manifest.component_count, 0U);
  EXPECT_FALSE(manifest.dependencies.empty());
}

TEST(Manifest, Refusals) {
  struct Row {
    const char* what;
    std::string bytes;
    Error error;
  };
  const std::string common = "03 46 a1 02 81 81 41 00";
  const std::string head = "01 01 02 05" + common;
  const Row kRows[] = {
      {"not a map", "80", Error::kCborWrongType},
      {"version 2", "a3 01 02 02 05" + common, Error::kManifestVersionUnsupported},
      {"no version", "a2 02 05" + common, Error::kMissingKey},
      {"no sequence number", "a2 01 01" + common, Error::kMissingKey},
      {"no common", "a2 01 01 02 05", Error::kMissingKey},
      {"negative sequence number", "a3 01 01 02 20" + common, Error::kCborWrongType},
      {"sequence number as bignum", "a3 01 01 02 c2 41 05" + common, Error::kCborWrongType},
      {"empty common", "a3 01 01 02 05 03 41 a0", Error::kMissingKey},
      {"no component", "a3 01 01 02 05 03 43 a1 02 80", Error::kMissingKey},
      {"component id without parts", "a3 01 01 02 05 03 44 a1 02 81 80", Error::kValueOutOfRange},
      {"component id of text", "a3 01 01 02 05 03 46 a1 02 81 81 61 61", Error::kCborWrongType},
      {"dependency with unknown metadata", "a3 01 01 02 05 03 4c a2 01 a1 00 a1 02 00 02 81 81 41 00",
       Error::kUnknownKey},
      {"dependency with metadata beyond the prefix",
       "a3 01 01 02 05 03 50 a2 01 a1 00 a2 01 81 41 00 02 00 02 81 81 41 00", Error::kUnknownKey},
      {"dependency with an empty prefix", "a3 01 01 02 05 03 4c a2 01 a1 00 a1 01 80 02 81 81 41 00",
       Error::kValueOutOfRange},
      {"dependencies as array", "a3 01 01 02 05 03 48 a2 01 80 02 81 81 41 00", Error::kCborWrongType},
      {"dependency index of text", "a3 01 01 02 05 03 4a a2 01 a1 60 a0 02 81 81 41 00", Error::kCborWrongType},
      {"dependency beyond the limit", "a3 01 01 02 05 03 4a a2 01 a1 08 a0 02 81 81 41 00", Error::kTooManyComponents},
      {"dependency twice", "a3 01 01 02 05 03 4c a2 01 a2 00 a0 00 a0 02 81 81 41 00", Error::kDuplicateKey},
      {"common key 3", "a3 01 01 02 05 03 48 a2 02 81 81 41 00 03 a0", Error::kUnknownKey},
      {"trailing in common", "a3 01 01 02 05 03 47 a1 02 81 81 41 00 00", Error::kTrailingBytes},
      {"key 17, install of old drafts", "a4" + head + "11 41 80", Error::kUnknownKey},
      {"key 1 twice over, delegation", "a4 01 01 01 01 02 05" + common, Error::kDuplicateKey},
      {"key 19", "a4" + head + "13 41 80", Error::kUnknownKey},
      {"key 25", "a4" + head + "18 19 41 80", Error::kUnknownKey},
      {"manifest component id of text", "a4" + head + "05 81 60", Error::kCborWrongType},
      {"set version without numbers", "a4" + head + "06 41 80", Error::kValueOutOfRange},
      {"set version of text", "a4" + head + "06 42 81 60", Error::kCborWrongType},
      {"set version of seven numbers", "a4" + head + "06 48 87 01 02 03 20 04 05 06", Error::kValueOutOfRange},
      {"set version with trailing bytes", "a4" + head + "06 43 81 01 00", Error::kTrailingBytes},
      {"uninstall severed", "a4" + head + "18 18" + kDigest, Error::kCborWrongType},
      {"negative key", "a4" + head + "20 00", Error::kUnknownKey},
      {"text key", "a4" + head + "61 61 00", Error::kCborWrongType},
      {"validate severed", "a4" + head + "07" + kDigest, Error::kCborWrongType},
      {"install severed with SHA-512 of one octet", "a4" + head + "14 82 38 2b 41 00", Error::kValueOutOfRange},
      {"install severed with SHA-1", "a4" + head + "14 82 2d 41 00", Error::kAlgorithmUnsupported},
      {"digest algorithm that is SHA-256 in its low 32 bits", "a4" + head + "14 82 3b 000000010000000f 41 00",
       Error::kAlgorithmUnsupported},
      {"digest of 31 octets",
       "a4" + head + "14 82 2f 581f 00112233445566778899aabbccddeeff00112233445566778899aabbccddee",
       Error::kValueOutOfRange},
      {"digest with extension",
       "a4" + head + "14 83 2f 5820 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 00",
       Error::kValueOutOfRange},
      {"install as array of commands", "a4" + head + "14 80", Error::kValueOutOfRange},
      {"key twice", "a5" + head + "07 41 80 07 41 80", Error::kDuplicateKey},
      {"descending keys", "a5" + head + "09 41 80 07 41 80", Error::kCborNotCanonical},
      {"trailing bytes", "a3" + head + "00", Error::kTrailingBytes},
      {"tag 1070 around it", "d9 042e a3" + head, Error::kCborWrongType},
  };
  for (const Row& row : kRows) {
    const Octets bytes = from_hex(row.bytes);
    const auto decoded = decode_manifest(bytes);
    ASSERT_FALSE(decoded.ok()) << row.what;
    EXPECT_EQ(decoded.error(), row.error) << row.what << ": " << name_of(decoded.error());
  }
}

Octets with_components(size_t count) {
  Octets common = {0xA1, 0x02, static_cast<uint8_t>(0x80 + count)};
  for (size_t i = 0; i < count; ++i) common.insert(common.end(), {0x81, 0x41, static_cast<uint8_t>(i)});
  Octets bytes = {0xA3, 0x01, 0x01, 0x02, 0x05, 0x03, 0x58, static_cast<uint8_t>(common.size())};
  if (common.size() < 24) bytes = {0xA3, 0x01, 0x01, 0x02, 0x05, 0x03, static_cast<uint8_t>(0x40 + common.size())};
  bytes.insert(bytes.end(), common.begin(), common.end());
  return bytes;
}

TEST(Manifest, ComponentLimitAndOnePast) {
  EXPECT_EQ(decode_manifest(with_components(limits::kComponents)).value().component_count, limits::kComponents);
  EXPECT_EQ(decode_manifest(with_components(limits::kComponents + 1)).error(), Error::kTooManyComponents);
}

TEST(ComponentId, LimitsAndRoundTrip) {
  ComponentId id;
  constexpr auto kPart = "0102"_hex;
  std::array<uint8_t, 200> buffer;
  for (size_t parts = 1; parts <= limits::kComponentIdParts; ++parts) {
    ASSERT_TRUE(id.push_back(kPart, Error::kInternal).ok());
    cbor::Writer writer(buffer);
    const ByteView encoded = put_component_id(writer, id).finish().value();
    const ComponentId decoded = decode_component_id(encoded).value();
    ASSERT_EQ(decoded.size(), parts);
    EXPECT_TRUE(equal(decoded[parts - 1], kPart));
    for (size_t length = 0; length < encoded.size(); ++length) {
      EXPECT_EQ(decode_component_id(encoded.first(length)).error(), Error::kTruncated);
    }
  }
  EXPECT_EQ(decode_component_id("85 40 40 40 40 40"_hex).error(), Error::kValueOutOfRange) << "one part too many";
  EXPECT_EQ(decode_component_id("81 40 00"_hex).error(), Error::kTrailingBytes);
  Octets longest = {0x81, 0x58, limits::kComponentIdBytes - 3};
  longest.resize(limits::kComponentIdBytes);
  EXPECT_TRUE(decode_component_id(longest).ok());
  ++longest[2];
  longest.push_back(0);
  EXPECT_EQ(decode_component_id(longest).error(), Error::kValueOutOfRange) << "one octet too many";
}

TEST(Digest, ComparesWhatItIsGiven) {
  constexpr auto kAbc = "616263"_hex;
  constexpr auto kEncoded = "82 2f 5820 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"_hex;
  const Digest digest = decode_digest(kEncoded).value();
  EXPECT_TRUE(check_digest(digest, kAbc, Error::kImageDigestMismatch).ok());
  EXPECT_EQ(check_digest(digest, ByteView(kAbc).first(2), Error::kImageDigestMismatch).error(),
            Error::kImageDigestMismatch);
  EXPECT_EQ(decode_digest("82 2f 40 00"_hex).error(), Error::kValueOutOfRange);
  constexpr auto kAbc384 =
      "82 38 2a 5830 cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
      "8086072ba1e7cc2358baeca134c825a7"_hex;
  EXPECT_TRUE(check_digest(decode_digest(kAbc384).value(), kAbc, Error::kImageDigestMismatch).ok());
  constexpr auto kAbc512 =
      "82 38 2b 5840 ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"_hex;
  EXPECT_TRUE(check_digest(decode_digest(kAbc512).value(), kAbc, Error::kImageDigestMismatch).ok());
  for (size_t length = 0; length < kEncoded.size(); ++length) {
    EXPECT_EQ(decode_digest(ByteView(kEncoded).first(length)).error(), Error::kTruncated);
  }
}

}  // namespace
}  // namespace tailor::suit
