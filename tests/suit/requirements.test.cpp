// SPDX-License-Identifier: Apache-2.0
// The requirements of RFC 9124 sections 4.3 and 4.5 that the processing of a manifest can meet, one test each.
#include <algorithm>

#include "tests/suit/vector_case.hpp"

namespace tailor::conformance {
namespace {

TEST(Requirement, SecSequence) {
  expect_as_stated({"large-sequence-number", "equal-sequence-number", "sequence-number-lower",
                    "sequence-number-of-32-bits", "sequence-number-of-63-bits"});
}

TEST(Requirement, SecCompatible) {
  expect_as_stated({"fetch", "device-identifier", "vendor-of-others", "class-of-others"});
}

TEST(Requirement, SecExp) {
  expect_as_stated({"use-before", "use-before-over", "use-before-without-clock"});
}

TEST(Requirement, SecAuthentic) {
  expect_as_stated({"fetch", "ed25519", "hss-lms", "hmac", "cose-sign", "cose-mac", "unsigned", "signed-by-a-stranger",
                    "signature-altered", "payload-differs"});
}

TEST(Requirement, SecAuthImgLoc) {
  expect_as_stated({"component-slot-0", "component-slot-1", "component-unknown", "rights-over-one"});
}

TEST(Requirement, SecAuthRemoteLoc) {
  expect_as_stated({"fetch", "fetch-arguments", "fetch-arguments-unknown", "rights-without-uri", "severed-altered"});
}

TEST(Requirement, SecAuthExec) {
  expect_as_stated({"secure-boot", "load-and-invoke", "boot-of-another-image", "boot-of-a-longer-image"});
}

TEST(Requirement, SecAuthPrecursor) {
  expect_as_stated({"precursor", "precursor-differs"});
}

TEST(Requirement, SecAuthCompatibility) {
  // The identifiers are in the signed part: altering them breaks the digest.
  const VectorCase one = VectorCase::read("fetch");
  const Octets vendor = testing::from_hex(one.device.at("vendor").get<std::string>());
  const auto found = std::search(one.envelope.begin(), one.envelope.end(), vendor.begin(), vendor.end());
  ASSERT_NE(found, one.envelope.end());
  Octets altered = one.envelope;
  altered[static_cast<size_t>(found - one.envelope.begin())] ^= 1U;
  const auto device = declare(one.device);
  EXPECT_EQ(device->receive(altered, "update").error, Error::kManifestDigestMismatch);
}

TEST(Requirement, SecRights) {
  expect_as_stated({"rights-over-both", "rights-over-one", "rights-need-their-signature"});
}

TEST(Requirement, SecAccessControl) {
  expect_as_stated({"rights-over-commands", "rights-without-fetch", "rights-without-digest",
                    "dependency-without-rights", "dependent-without-rights", "dependency-of-another-signer"});
}

TEST(Requirement, SecImgCompleteDigest) {
  expect_as_stated({"payload-long", "payload-short", "boot-of-a-longer-image"});
}

TEST(Requirement, UseMfstPreCheck) {
  expect_as_stated({"precursor-differs", "minimum-battery-low", "version-equal-fails", "update-authorized-no"});
}

TEST(Requirement, UseMfstOverrideRemote) {
  expect_as_stated({"set-parameters-of-the-dependent", "set-parameters-alone"});
}

TEST(Requirement, UseMfstComponent) {
  expect_as_stated({"two-integrated-payloads", "dependency", "dependency-of-a-dependency", "index-list"});
}

TEST(Requirement, UseMfstMultiAuth) {
  expect_as_stated({"two-blocks", "two-blocks-one-known", "cose-sign-two", "blocks-of-two-algorithms"});
}

TEST(Requirement, UseImgVersions) {
  expect_as_stated({"version-at-least", "version-at-least-fails", "version-lesser", "precursor"});
}

TEST(Requirement, UseImgSelect) {
  expect_as_stated({"component-slot-0", "component-slot-1", "component-slot-2", "try-each-second"});
}

TEST(Requirement, UseExec) {
  expect_as_stated({"secure-boot", "load-and-invoke"});
}

TEST(Requirement, UseLoad) {
  expect_as_stated({"load-and-invoke"});
}

TEST(Requirement, UsePayload) {
  expect_as_stated({"integrated-payload", "two-integrated-payloads", "dependency-in-the-envelope"});
}

}  // namespace
}  // namespace tailor::conformance
