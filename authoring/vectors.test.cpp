// SPDX-License-Identifier: Apache-2.0
// The outcome of every published envelope under the keys of its table, with the switches that it needs and not without
// any of them (docs/formats/suit-decisions.md lists them).
#include <gtest/gtest.h>

#include "authoring/key_file.hpp"
#include "authoring/manifest.hpp"
#include "authoring/summary.hpp"
#include "authoring/testing.hpp"

namespace tailor::authoring {
namespace {

constexpr suit::Leniency kAll{.untagged_envelope = true,
                              .legacy_algorithms = true,
                              .missing_dependency_integrity = true,
                              .index_beyond_components = true};

struct Row {
  std::string file;
  std::vector<const char*> keys;
  suit::Leniency needs = {};
};

const char* const kGroup = "suit-wg-p256.pem";
const char* const kMac = "fwenc-hmac256.cbor";
const char* const kDelegated = "libcsuit-delegated-p256.cbor";

std::vector<Row> valid_files() {
  std::vector<Row> rows;
  for (const char* name :
       {"0-signed", "1-signed", "2-signed", "2-signed-severed", "3-signed", "4-signed", "5-signed"}) {
    rows.push_back({std::string("manifest-37/example") + name + ".suit", {kGroup}, {.legacy_algorithms = true}});
  }
  rows.push_back({"old-drafts/suit_manifest_exp0.cbor", {kGroup}, {.legacy_algorithms = true}});
  rows.push_back({"trust-domains-11/example0_dependent.suit", {kGroup}, {}});
  rows.push_back({"trust-domains-11/example1_process.suit", {kGroup}, {.index_beyond_components = true}});
  rows.push_back({"trust-domains-11/example2_integrated.suit",
                  {kGroup},
                  {.missing_dependency_integrity = true, .index_beyond_components = true}});
  for (const char* name : {"aes-kw", "aes-kw-content", "aes-kw-slot"}) {
    rows.push_back({std::string("fwenc-24/suit-manifest-") + name + ".suit", {kMac}, {}});
  }
  rows.push_back({"fwenc-24/suit-manifest-es-ecdh-content.suit", {kGroup}, {}});
  rows.push_back(
      {"fwenc-24/suit-manifest-es-ecdh-dependency.suit", {kDelegated, kGroup}, {.index_beyond_components = true}});
  rows.push_back({"teep-21/suit_integrated.cbor", {kGroup}, {.untagged_envelope = true}});
  rows.push_back({"teep-21/suit_uri.cbor", {kGroup}, {.untagged_envelope = true}});
  rows.push_back({"teep-21/suit_personalization.cbor",
                  {kGroup},
                  {.untagged_envelope = true, .missing_dependency_integrity = true, .index_beyond_components = true}});
  return rows;
}

std::vector<cose::VerificationKey> keys(const std::vector<const char*>& names) {
  std::vector<cose::VerificationKey> out;
  for (const char* name : names) {
    const auto key = read_key_to_verify(vectors_folder() / "suit" / "keys" / name);
    EXPECT_TRUE(key.ok()) << name << ": " << key.error().context;
    if (key.ok()) out.push_back(*key);
  }
  return out;
}

bool is_unauthentic(Error code) {
  return describe(code).error_class == ErrorClass::kUnauthentic;
}

std::vector<std::string> payload_names(ByteView bytes) {
  std::vector<std::string> names;
  const Walked walked = walk_envelope(bytes, kAll);
  for (const Node* payload : walked.payloads()) names.push_back(uri_of_payload(*payload));
  return names;
}

TEST(PublishedVectors, ValidWithTheSwitchesTheyNeedAndNoFewer) {
  if (!suit_vector("MANIFEST.tsv")) GTEST_SKIP() << "vectors are not here";
  for (const Row& row : valid_files()) {
    const Bytes bytes = suit_vector(row.file).value();
    const auto verified = verify_envelope(bytes, keys(row.keys), row.needs);
    ASSERT_TRUE(verified.ok()) << row.file << ": " << name_of(verified.error().code) << " " << verified.error().context;
    EXPECT_TRUE(verified->notes.empty()) << row.file;
    EXPECT_TRUE(verify_envelope(bytes, keys(row.keys), kAll).ok()) << row.file;
    for (bool suit::Leniency::*member :
         {&suit::Leniency::untagged_envelope, &suit::Leniency::legacy_algorithms,
          &suit::Leniency::missing_dependency_integrity, &suit::Leniency::index_beyond_components}) {
      suit::Leniency less = row.needs;
      if (!(less.*member)) continue;
      less.*member = false;
      const auto refused = verify_envelope(bytes, keys(row.keys), less);
      ASSERT_FALSE(refused.ok()) << row.file;
      EXPECT_FALSE(is_unauthentic(refused.error().code)) << row.file << ": unsupported, not unauthentic";
    }
  }
}

TEST(PublishedVectors, NotAuthenticUnderAnotherKeyOrWithAnyOctetChanged) {
  if (!suit_vector("MANIFEST.tsv")) GTEST_SKIP() << "vectors are not here";
  for (const Row& row : valid_files()) {
    const Bytes bytes = suit_vector(row.file).value();
    const auto known = keys(row.keys);
    const cose::VerificationKey stranger =
        known.front().is_secret() ? cose::VerificationKey::from_bytes(cose::KeyKind::kHmac256, Bytes(32, 1)).value()
                                  : keys({"libcsuit-device-report-p256.cbor"}).front();
    const auto refused = verify_envelope(bytes, {&stranger, 1}, row.needs);
    ASSERT_FALSE(refused.ok()) << row.file;
    EXPECT_TRUE(is_unauthentic(refused.error().code)) << row.file << ": " << refused.error().context;
    for (size_t i = 0; i < bytes.size(); i += 3) {
      Bytes altered = bytes;
      altered[i] ^= 0x04;
      const auto verified = verify_envelope(altered, known, row.needs);
      if (!verified.ok()) continue;
      // Nothing signs the name under which a payload stands, and a dependency's own signature is told apart.
      EXPECT_TRUE(!verified->notes.empty() || payload_names(altered) != payload_names(bytes))
          << row.file << " byte " << i;
    }
  }
}

TEST(PublishedVectors, UnsignedAndOldDraftsAreRefused) {
  if (!suit_vector("MANIFEST.tsv")) GTEST_SKIP() << "vectors are not here";
  for (const char* name :
       {"0-unsigned", "1-unsigned", "2-unsigned-severed", "3-unsigned", "4-unsigned", "5-unsigned"}) {
    const Bytes bytes = suit_vector(std::string("manifest-37/example") + name + ".suit").value();
    EXPECT_EQ(verify_envelope(bytes, keys({kGroup}), kAll).error().code, Error::kAuthenticationMissing) << name;
  }
  for (const char* name : {"1", "2A", "2B", "3", "4", "5", "E", "I", "ID", "R", "U"}) {
    const Bytes bytes = suit_vector(std::string("old-drafts/suit_manifest_exp") + name + ".cbor").value();
    const auto refused = verify_envelope(bytes, keys({kGroup, kDelegated}), kAll);
    ASSERT_FALSE(refused.ok()) << name;
    EXPECT_FALSE(is_unauthentic(refused.error().code)) << name << ": " << refused.error().context;
    const bool dependencies = refused.error().context.find("dependencies: a map") != std::string::npos;  // ID
    EXPECT_TRUE(dependencies || refused.error().context.find("17") != std::string::npos) << refused.error().context;
  }
}

TEST(PublishedVectors, ADependencySignedByAnotherIsANote) {
  const auto bytes = suit_vector("fwenc-24/suit-manifest-es-ecdh-dependency.suit");
  if (!bytes) GTEST_SKIP() << "vectors are not here";
  const auto verified = verify_envelope(*bytes, keys({kDelegated}), {.index_beyond_components = true});
  ASSERT_TRUE(verified.ok()) << verified.error().context;
  ASSERT_EQ(verified->notes.size(), 1U);
  EXPECT_NE(verified->notes[0].find("dependency"), std::string::npos);
}

}  // namespace
}  // namespace tailor::authoring
