// SPDX-License-Identifier: Apache-2.0
// The verifier over the real processor and real signatures: what boots, and what each lie in flash gives.
#include "device/boot/suit_verifier.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "device/boot/manifest_area.hpp"
#include "device/boot/stored_envelope.hpp"
#include "testing/fake_flash.hpp"
#include "testing/suit/author.hpp"
#include "testing/suit/declared_platform.hpp"

namespace tailor::boot {
namespace {

using suit::SequenceWriter;
using testing::Author;
using testing::FakeFlash;
using testing::Octets;
using testing::sequence;
namespace command = suit::command;
namespace key = suit::manifest_key;

class SuitVerifierTest : public ::testing::Test {
 protected:
  SuitVerifierTest() {
    identity_.vendor.bytes.fill(1);
    identity_.device_class.bytes.fill(2);
    identity_.device.bytes.fill(3);
    for (size_t i = 0; i < image_.size(); ++i) image_[i] = static_cast<uint8_t>(i * 3);
    EXPECT_TRUE(slot_.write(0, image_).ok());
  }

  Octets shared() {
    return sequence([this](SequenceWriter& s) {
      s.override_parameters({.vendor = identity_.vendor,
                             .device_class = identity_.device_class,
                             .digest = *crypto::sha256(image_),
                             .image_size = image_.size()});
      s.command(command::kVendorIdentifier, 15).command(command::kClassIdentifier, 15);
    });
  }
  static Octets validate() {
    return sequence([](SequenceWriter& s) { s.command(command::kImageMatch, 15); });
  }
  static Octets invoke() {
    return sequence([](SequenceWriter& s) { s.command(command::kInvoke, 2); });
  }
  Author author() {
    Author author;
    author.number(7).shared(shared()).member(key::kValidate, validate()).member(key::kInvoke, invoke());
    return author;
  }
  /// Stores an envelope as the agent would: tag, wrapper, manifest.
  void store(const Octets& envelope) {
    const auto whole = suit::Envelope::from_bytes(envelope);
    ASSERT_TRUE(whole.ok());
    ASSERT_TRUE(ManifestArea(area_).erase().ok());
    ASSERT_TRUE(ManifestArea(area_).store(1, StoredEnvelope::from_envelope(*whole).pieces()).ok());
  }
  Verification verify(const suit::TrustAnchors& anchors, const processor::Authorization& authorization) {
    SuitVerifier verifier({identity_, anchors, authorization, component_});
    return verifier.verify(area_, slot_.part(0, static_cast<uint32_t>(image_.size())));
  }
  Verification verify(const Author& author) { return verify(author.anchors(), testing::AllowAll()); }
  Error refusal(const Author& author) {
    const Verification verification = verify(author);
    EXPECT_FALSE(verification.verdict.passes());
    return verification.error;
  }

  processor::Identity identity_;
  Octets image_ = Octets(600);
  Octets component_ = testing::component_id(0);
  FakeFlash flash_{{16384, 1024, 4, 0xff}};
  FlashRegion area_{flash_.port(), 0, 4096};
  FlashRegion slot_{flash_.port(), 4096, 4096};
};

TEST_F(SuitVerifierTest, PassesTheImageOfATrustedManifest) {
  const Author good = author();
  store(good.envelope());
  const Verification verification = verify(good);
  ASSERT_TRUE(verification.verdict.passes()) << name_of(verification.error);
  EXPECT_EQ(verification.image.sequence, 7U);
  EXPECT_EQ(verification.image.image_bytes, 600U);
  EXPECT_EQ(verification.image.digest, *crypto::sha256(image_));
  EXPECT_EQ(verification.image.component, *component_key(component_));
}

TEST_F(SuitVerifierTest, PassesAManifestWithoutInvoke) {
  Author plain;
  plain.number(1).shared(shared()).member(key::kValidate, validate());
  store(plain.envelope());
  EXPECT_TRUE(verify(plain).verdict.passes());
}

TEST_F(SuitVerifierTest, LeavesSeveredMembersOut) {
  Author severed = author();
  severed.member(key::kInstall, sequence([](SequenceWriter& s) { s.command(command::kFetch, 2); }), true);
  severed.payload("#image", Octets(3000, 9));
  store(severed.envelope());
  EXPECT_TRUE(verify(severed).verdict.passes());
}

TEST_F(SuitVerifierTest, RefusesEachLieWithItsReason) {
  const Author good = author();
  store(good.envelope());
  EXPECT_EQ(verify(Author().anchors(), testing::AllowAll()).error, Error::kSignatureInvalid) << "another signer";
  EXPECT_EQ(verify(testing::KnownKeys({}), testing::AllowAll()).error, Error::kSignerUnknown);
  EXPECT_EQ(verify(good.anchors(), testing::AllowNothing()).error, Error::kSignerNotPermitted);

  identity_.vendor.bytes[0] ^= 1;
  EXPECT_EQ(refusal(good), Error::kVendorMismatch);
  identity_.vendor.bytes[0] ^= 1;
  identity_.device_class.bytes[15] ^= 1;
  EXPECT_EQ(refusal(good), Error::kClassMismatch);
  identity_.device_class.bytes[15] ^= 1;
  component_ = testing::component_id(9);
  EXPECT_EQ(refusal(good), Error::kComponentUnknown);
  component_ = testing::component_id(0);
  image_.resize(599);
  EXPECT_EQ(refusal(good), Error::kImageDigestMismatch) << "a byte less";
  image_.resize(601);
  EXPECT_EQ(refusal(good), Error::kImageDigestMismatch) << "a byte behind the image";
  image_.resize(600);
  ASSERT_TRUE(ManifestArea(area_).erase().ok());
  EXPECT_EQ(refusal(good), Error::kNotFound);
}

TEST_F(SuitVerifierTest, RefusesAManifestThatDoesNotLookAtTheImage) {
  Author blind;
  blind.number(1).shared(shared()).member(
      key::kValidate, sequence([](SequenceWriter& s) { s.command(command::kVendorIdentifier, 15); }));
  store(blind.envelope());
  EXPECT_EQ(refusal(blind), Error::kSequenceMissing);
  Author unvalidated;
  unvalidated.number(1).shared(shared()).member(key::kInvoke, invoke());
  store(unvalidated.envelope());
  EXPECT_EQ(refusal(unvalidated), Error::kSequenceMissing);
}

TEST_F(SuitVerifierTest, RefusesCommandsThatABootloaderHasNoUseFor) {
  Author writing;
  writing.number(1).shared(shared()).member(
      key::kValidate, sequence([](SequenceWriter& s) {
        s.override_parameters({.uri = "#x"}).command(command::kFetch, 2).command(command::kImageMatch, 15);
      }));
  store(writing.envelope());
  EXPECT_EQ(refusal(writing), Error::kCommandUnsupported);
}

/// A root over a manifest that is kept beside it.
class DependentVerifierTest : public SuitVerifierTest {
 protected:
  DependentVerifierTest() {
    dependency_author_.number(4).shared(shared()).member(key::kValidate, validate());
    area_ = FlashRegion(flash_.port(), 8192, 4096);
  }
  Octets dependency() const { return dependency_author_.envelope(); }
  /// Component 0 is the image, component 1 the place of the dependency.
  Author root(const Octets& dependency) {
    const auto whole = suit::Envelope::from_bytes(dependency);
    EXPECT_TRUE(whole.ok());
    const auto digest = crypto::sha256(whole->manifest_item()).value();
    Author root;
    root.number(9).components(2).depends_on(1);
    root.shared(sequence([&](SequenceWriter& s) { s.set_component_index(1).override_parameters({.digest = digest}); }));
    root.member(key::kValidate, sequence([](SequenceWriter& s) {
                  s.set_component_index(1).command(command::kDependencyIntegrity, 15);
                  s.command(command::kProcessDependency, 2);
                }));
    return root;
  }
  void store_both(const Octets& envelope, const Octets& dependency) {
    store(envelope);
    const ByteView pieces[] = {dependency};
    ASSERT_TRUE(ManifestArea(dependency_region(area_)).store(0, pieces).ok());
  }
  Verification verify_both(const Author& root, const processor::Authorization& authorization = testing::AllowAll()) {
    SuitVerifier::Settings settings{identity_, both_, authorization, component_};
    both_.first = &root.anchors();
    both_.second = &dependency_author_.anchors();
    settings.dependency_component = place_;
    SuitVerifier verifier(settings);
    return verifier.verify(area_, slot_.part(0, static_cast<uint32_t>(image_.size())));
  }

  /// Two authors are believed.
  struct Both final : suit::TrustAnchors {
    const suit::TrustAnchors* first = nullptr;
    const suit::TrustAnchors* second = nullptr;
    const cose::VerificationKey* candidate(ByteView key_id, size_t nth) const noexcept override {
      if (nth == 0) return first->candidate(key_id, 0);
      return second->candidate(key_id, nth - 1);
    }
  };
  Author dependency_author_;
  Octets place_ = testing::component_id(1);
  Both both_;
};

TEST_F(DependentVerifierTest, PassesWhenBothManifestsHold) {
  const Author good = root(dependency());
  store_both(good.envelope(), dependency());
  const Verification verification = verify_both(good);
  ASSERT_TRUE(verification.verdict.passes()) << name_of(verification.error);
  EXPECT_EQ(verification.image.sequence, 9U) << "the root's";
  EXPECT_EQ(verification.image.digest, *crypto::sha256(image_));
}

TEST_F(DependentVerifierTest, RefusesEachLieWithItsReason) {
  const Author good = root(dependency());
  store_both(good.envelope(), dependency());
  EXPECT_EQ(verify(good).error, Error::kComponentUnknown) << "a boot program that has no place for it";
  EXPECT_EQ(verify_both(good, testing::AllowNothing()).error, Error::kSignerNotPermitted);
  const Octets other = Author(dependency_author_).number(5).envelope();
  store_both(good.envelope(), other);
  EXPECT_EQ(verify_both(good).error, Error::kImageDigestMismatch) << "another than the root names";
  store(good.envelope());
  EXPECT_FALSE(verify_both(good).verdict.passes()) << "none";
  store_both(good.envelope(), dependency());
  image_.resize(599);
  EXPECT_EQ(verify_both(good).error, Error::kImageDigestMismatch) << "the image";
}

TEST_F(DependentVerifierTest, RefusesADependencyWithAnyByteChangedAndItsChecksumMadeGood) {
  const Author good = root(dependency());
  const Octets envelope = good.envelope(), whole = dependency();
  for (size_t at = 0; at < whole.size(); ++at) {
    Octets changed = whole;
    changed[at] ^= 0x01;
    store_both(envelope, changed);
    ASSERT_FALSE(verify_both(good).verdict.passes()) << at;
  }
}

TEST_F(SuitVerifierTest, RefusesTheImageWithAnyBitChanged) {
  const Author good = author();
  store(good.envelope());
  for (uint32_t at = 0; at < 600; ++at) {
    flash_.cells()[4096 + at] ^= static_cast<uint8_t>(1U << (at % 8));
    ASSERT_EQ(refusal(good), Error::kImageDigestMismatch) << at;
    flash_.cells()[4096 + at] ^= static_cast<uint8_t>(1U << (at % 8));
  }
  EXPECT_TRUE(verify(good).verdict.passes());
}

TEST_F(SuitVerifierTest, RefusesAStoredEnvelopeWithAnyByteChangedAndItsChecksumMadeGood) {
  // The area's CRC is no protection against somebody who writes the flash: the signature is.
  const Author good = author();
  const Octets envelope = good.envelope();
  const size_t whole = envelope.size();
  for (size_t at = 0; at < whole; ++at) {
    Octets changed = envelope;
    changed[at] ^= 0x01;
    ASSERT_TRUE(ManifestArea(area_).erase().ok());
    const ByteView pieces[] = {changed};
    ASSERT_TRUE(ManifestArea(area_).store(1, pieces).ok());
    ASSERT_FALSE(verify(good).verdict.passes()) << at;
  }
}

TEST_F(SuitVerifierTest, AFailedReadIsNoImage) {
  const Author good = author();
  store(good.envelope());
  for (uint64_t call = 1; call < 10; ++call) {
    flash_.fail_call_at(call);
    const Verification verification = verify(good);
    const bool reached = !verification.verdict.passes();
    flash_.fail_call_at(0);
    if (!reached) break;
    EXPECT_EQ(verification.error, Error::kFlashReadFailed) << call;
  }
}

}  // namespace
}  // namespace tailor::boot
