// SPDX-License-Identifier: Apache-2.0
#include "services/update/domain/manifest_reader.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "hosted/file.hpp"
#include "services/update/testing/sample.hpp"

namespace tailor::update_server {
namespace {

using testing::EnvelopeSpec;

SignerAnchors known_signer() {
  return SignerAnchors({testing::public_key(1)});
}

TEST(ReadEnvelope, GathersWhatChoosingNeeds) {
  const EnvelopeSpec spec{.sequence_number = 77};
  const Outcome<ManifestFacts> read = read_envelope(testing::envelope(spec), known_signer());
  ASSERT_TRUE(read.ok()) << read.error().to_text();
  const ManifestFacts& facts = read.value();
  EXPECT_EQ(facts.sequence_number, 77U);
  EXPECT_EQ(facts.vendors, std::vector<Uuid>{testing::kVendor});
  EXPECT_EQ(facts.classes, std::vector<Uuid>{testing::kClass});
  EXPECT_TRUE(facts.devices.empty());
  ASSERT_EQ(facts.components.size(), 1U);
  EXPECT_EQ(component_text(facts.components[0]), "00");
  ASSERT_EQ(facts.payloads.size(), 1U);
  EXPECT_EQ(facts.payloads[0].uri, testing::image_uri(spec.image));
  EXPECT_EQ(facts.payloads[0].size_bytes, spec.image.size());
  EXPECT_EQ(facts.payloads[0].digest, crypto::sha256(spec.image).value());
  EXPECT_EQ(facts.images(), std::vector<Digest>{crypto::sha256(spec.image).value()});
}

TEST(ReadEnvelope, FindsImagesInAbsoluteReferencesToo) {
  const Bytes image(10, 7);
  const EnvelopeSpec spec{.image = image, .uri = "coaps://server:5684" + testing::image_uri(image)};
  EXPECT_EQ(read_envelope(testing::envelope(spec), known_signer()).value().images().size(), 1U);
  const EnvelopeSpec elsewhere{.image = image, .uri = "coaps://server/other"};
  EXPECT_TRUE(read_envelope(testing::envelope(elsewhere), known_signer()).value().images().empty());
}

TEST(ReadEnvelope, FollowsASeveredSequence) {
  const Outcome<ManifestFacts> read = read_envelope(testing::envelope({.sever_install = true}), known_signer());
  ASSERT_TRUE(read.ok()) << read.error().to_text();
  EXPECT_EQ(read.value().payloads.size(), 1U);
}

TEST(ReadEnvelope, TakesIntegratedPayloads) {
  const Outcome<ManifestFacts> read = read_envelope(testing::envelope({.integrated = true}), known_signer());
  ASSERT_TRUE(read.ok()) << read.error().to_text();
  EXPECT_EQ(read.value().integrated, std::vector<std::string>{"#image"});
  EXPECT_TRUE(read.value().images().empty());
}

TEST(ReadEnvelope, AnyServerRefusesTheUnsignedAndTheAltered) {
  const SignerAnchors nobody({});
  EXPECT_TRUE(read_envelope(testing::envelope(), nobody).ok()) << "without signers, devices alone judge the signature";
  for (const SignerAnchors& signers : {nobody, known_signer()}) {
    EXPECT_EQ(read_envelope(testing::envelope({.sign = false}), signers).error().code, Error::kAuthenticationMissing);
    EXPECT_EQ(read_envelope({}, signers).error().code, Error::kTruncated);
  }
  EXPECT_EQ(read_envelope(testing::envelope({.key = 2}), known_signer()).error().code, Error::kSignatureInvalid)
      << "without a key id any known key is tried";
}

TEST(ReadEnvelope, NoSingleChangedByteOfASignedEnvelopeIsAccepted) {
  const Bytes good = testing::envelope({.image = Bytes(20, 1), .integrated = true});
  const SignerAnchors signers = known_signer();
  ASSERT_TRUE(read_envelope(good, signers).ok());
  for (size_t at = 0; at < good.size(); ++at) {
    Bytes changed = good;
    changed[at] ^= 0x01;
    EXPECT_FALSE(read_envelope(changed, signers).ok()) << "byte " << at;
  }
}

TEST(ReadEnvelope, EveryPrefixIsRefused) {
  const Bytes good = testing::envelope();
  const SignerAnchors signers = known_signer();
  for (size_t length = 0; length < good.size(); ++length) {
    const Bytes prefix(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(read_envelope(prefix, signers).ok()) << length;
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(read_envelope(longer, signers).ok());
}

TEST(ReadEnvelope, RefusesASeveredSequenceThatWasNotSigned) {
  // The last byte of the envelope belongs to the severed install sequence.
  Bytes changed = testing::envelope({.sever_install = true});
  changed.back() ^= 0x01;
  const Outcome<ManifestFacts> read = read_envelope(changed, SignerAnchors({}));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, Error::kSeveredDigestMismatch);
}

TEST(ReadEnvelopeVectors, ReadsThePublishedExamples) {
  const char* vectors = std::getenv("TAILOR_VECTORS");
  const char* source = std::getenv("TAILOR_SOURCE_DIR");
  const std::filesystem::path folder =
      (vectors != nullptr ? std::filesystem::path(vectors)
                          : std::filesystem::path(source != nullptr ? source : ".") / "../shared/vectors") /
      "suit/manifest-37";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no third-party vectors at " << folder;
  size_t read = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("example") || name.find("unsigned") != std::string::npos ||
        entry.path().extension() != ".suit")
      continue;
    const Bytes bytes = read_file(entry.path()).value();
    const Outcome<ManifestFacts> facts = read_envelope(bytes, SignerAnchors({}));
    EXPECT_TRUE(facts.ok()) << name << ": " << facts.error().to_text();
    if (!facts.ok()) continue;
    EXPECT_FALSE(facts.value().components.empty()) << name;
    EXPECT_FALSE(facts.value().vendors.empty()) << name;
    ++read;
  }
  EXPECT_GE(read, 6U);
}

}  // namespace
}  // namespace tailor::update_server
