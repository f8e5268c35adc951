// SPDX-License-Identifier: Apache-2.0
// The threats of RFC 9124 section 4.2 that the processing of a manifest can meet, one test each: published cases that
// show the attack refused, and with it the case in which nobody attacks accepted. What only a device, a channel or an
// author can meet is tested there; docs/requirements.md says where.
#include "tests/suit/vector_case.hpp"

namespace tailor::conformance {
namespace {

TEST(Threat, ImgExpired_OldManifestsAreNotReplayed) {
  expect_as_stated({"fetch", "equal-sequence-number", "large-sequence-number", "sequence-number-lower",
                    "sequence-number-zero", "sequence-number-of-32-bits", "sequence-number-of-63-bits",
                    "dependency-older-than-installed"});
}

TEST(Threat, ImgExpired_TheNumberThatWasInstalledCounts) {
  VectorCase newer = VectorCase::read("large-sequence-number");
  const VectorCase older = VectorCase::read("fetch");
  const auto fresh = declare(older.device);
  EXPECT_EQ(fresh->receive(older.envelope, "update").verdict, trial::Verdict::kDone);
  newer.device["components"][0]["sequence_number"] = UINT64_MAX;
  const auto updated = declare(newer.device);
  EXPECT_EQ(updated->receive(older.envelope, "update").error, Error::kSequenceNumberTooLow);
  EXPECT_TRUE(updated->device.untouched());
}

TEST(Threat, ImgExpiredOffline_StaleReleasesHaveAnEnd) {
  expect_as_stated({"use-before", "use-before-over", "use-before-long-over", "use-before-without-clock",
                    "use-before-of-64-bits", "use-before-unset"});
}

TEST(Threat, ImgIncompatible_OnlyForThisDevice) {
  expect_as_stated({"device-identifier", "device-identifier-of-another", "vendor-of-others", "class-of-others",
                    "vendor-cut", "vendor-without-parameter", "dependency-for-others"});
}

TEST(Threat, ImgFormat_WhatIsNotUnderstoodIsNotGuessed) {
  expect_as_stated({"parameter-unknown", "parameter-custom", "command-unknown", "command-custom",
                    "manifest-key-unknown", "envelope-key-unknown", "install-of-older-drafts"});
}

TEST(Threat, ImgLocation_OnlyPlacesThatTheSignerMayWrite) {
  expect_as_stated({"rights-over-both", "component-unknown", "component-unknown-among-others", "index-beyond",
                    "index-beyond-in-list", "index-missing", "rights-over-one", "rights-over-none",
                    "rights-over-a-longer-prefix"});
}

TEST(Threat, NetRedirect_AHostileSourceChangesNothingForGood) {
  expect_as_stated({"payload-differs", "payload-short", "payload-long", "payload-endless", "payload-missing",
                    "image-too-large", "rights-without-uri"});
}

TEST(Threat, ImgReplace_WhatIsInstalledIsCheckedBeforeItRuns) {
  expect_as_stated(
      {"secure-boot", "boot-of-another-image", "boot-of-a-shorter-image", "boot-of-nothing", "validate-fails"});
}

TEST(Threat, ImgReplace_EveryBitOfTheInstalledImage) {
  const VectorCase boot = VectorCase::read("secure-boot");
  const Octets image = octets(boot.device.at("components").at(0).at("content"));
  for (size_t at = 0; at < image.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Octets altered = image;
      altered[at] = static_cast<uint8_t>(altered[at] ^ (1U << bit));
      Json state = boot.device;
      state["components"][0]["content"] = to_hex(altered);
      const auto device = declare(state);
      EXPECT_EQ(device->receive(boot.envelope, "invoke").error, Error::kImageDigestMismatch);
      EXPECT_EQ(trial::outcome_of(*device).at("invoked"), Json::array());
    }
  }
}

TEST(Threat, ImgNonAuth_OnlyWhatTheRightKeySigned) {
  expect_as_stated({"unsigned",
                    "signed-by-a-stranger",
                    "two-strangers",
                    "signature-altered",
                    "signature-of-another-manifest",
                    "digest-of-another-manifest",
                    "algorithm-of-another-key",
                    "algorithm-unprotected",
                    "public-key-as-hmac-secret",
                    "signature-as-sign",
                    "ecdsa-zero",
                    "ecdsa-r-zero",
                    "ecdsa-s-zero",
                    "ecdsa-order",
                    "ed25519-altered",
                    "ed25519-s-not-reduced",
                    "hss-lms-path-altered",
                    "hss-lms-leaf-number-altered",
                    "hmac-truncated",
                    "dependency-unsigned",
                    "dependency-signed-by-a-stranger"});
}

TEST(Threat, UpdWrongPrecursor_ItsDigestIsCheckedBeforeAnythingIsWritten) {
  expect_as_stated({"precursor", "precursor-differs", "precursor-one-bit-off", "version-equal", "version-equal-fails"});
}

TEST(Threat, UpdUnapproved_TheOwnerIsAskedAndRightsAreNeeded) {
  expect_as_stated({"update-authorized", "update-authorized-no", "update-authorized-later",
                    "wait-for-authorization-to-come", "wait-for-authorization-denied", "rights-need-their-signature"});
}

TEST(Threat, ImgDisclosure_OnlyItsRecipientsReadThePayload) {
  expect_as_stated({"encrypted-write-a128kw-a128ctr", "encrypted-copy-ecdh-a128gcm", "encrypted-several-recipients",
                    "encrypted-for-others", "encrypted-without-keys", "encrypted-wrapped-key-altered",
                    "encrypted-gcm-tag-altered", "encrypted-gcm-first-byte-altered", "encrypted-ctr-altered"});
}

TEST(Threat, MfstOverride_ADependentHasTheRightsOfItsSigners) {
  expect_as_stated({"dependency-of-another-signer", "dependent-without-rights", "dependency-without-rights",
                    "rights-without-digest", "rights-without-uri", "dependency-of-another-digest"});
}

TEST(Threat, ImgExtra_NothingFollowsTheImage) {
  expect_as_stated({"payload-long", "boot-of-a-longer-image", "check-content-prefix"});
}

TEST(Threat, MixAndMatch_OneManifestTiesAllComponents) {
  expect_as_stated({"two-integrated-payloads", "boot-of-mixed-releases"});
}

TEST(Threat, EndlessData_StopsAtTheCapacity) {
  expect_as_stated({"payload-endless", "payload-long"});
}

}  // namespace
}  // namespace tailor::conformance
