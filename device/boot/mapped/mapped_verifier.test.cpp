// SPDX-License-Identifier: Apache-2.0
// The verifier that reads in place, beside the one over the processor: what boots, what each lie gives, and that the
// two agree on it.
#include "device/boot/mapped/mapped_verifier.hpp"

#include <functional>
#include <string>

#include "device/boot/manifest_area.hpp"
#include "device/boot/mapped/trusted.test.hpp"
#include "device/boot/stored_envelope.hpp"
#include "device/boot/suit_verifier.hpp"
#include "testing/fake_flash.hpp"
#include "testing/suit/author.hpp"

namespace tailor::boot::mapped {
namespace {

using suit::SequenceWriter;
using testing::Author;
using testing::FakeFlash;
using testing::sequence;
namespace command = suit::command;
namespace key = suit::manifest_key;

constexpr auto kEverything = "80"_hex;
constexpr auto kInstalledOnly = "8b 01 02 03 05 0c 0e 0f 14 17 18 18 18 20"_hex;
constexpr auto kNoInvoke = "84 01 02 03 05"_hex;

class MappedVerifierTest : public ::testing::Test {
 protected:
  using Write = std::function<void(SequenceWriter&)>;

  MappedVerifierTest() {
    for (size_t i = 0; i < image_.size(); ++i) image_[i] = static_cast<uint8_t>(i * 3);
    EXPECT_TRUE(slot_.write(0, image_).ok());
    trusts(author_);
  }
  void trusts(const Author& author, ByteView commands = {}) {
    trusted_.add(Trusted::public_key(author.key()), trust::Role::kAuthor, {{kEverything, commands, {}}});
  }
  suit::Parameters right() {
    return {.vendor = trusted_.identity().vendor,
            .device_class = trusted_.identity().device_class,
            .digest = *crypto::sha256(image_),
            .image_size = image_.size()};
  }
  Octets shared() {
    return sequence([this](SequenceWriter& s) {
      s.override_parameters(right()).command(command::kVendorIdentifier, 15).command(command::kClassIdentifier, 15);
    });
  }
  static Octets validate() {
    return sequence([](SequenceWriter& s) { s.command(command::kImageMatch, 15); });
  }
  static Octets invoke() {
    return sequence([](SequenceWriter& s) { s.command(command::kInvoke, 2); });
  }
  Author good() {
    return Author(author_).number(7).shared(shared()).member(key::kValidate, validate()).member(key::kInvoke, invoke());
  }
  /// A good manifest with this as its validate.
  Octets validating(const Write& write) {
    return Author(author_).number(7).shared(shared()).member(key::kValidate, sequence(write)).envelope();
  }
  void store_bytes(ByteView envelope) {
    ASSERT_TRUE(ManifestArea(area_).erase().ok());
    const ByteView pieces[] = {envelope};
    ASSERT_TRUE(ManifestArea(area_).store(1, pieces).ok());
  }
  /// As the agent would.
  void store(const Octets& envelope) {
    const auto whole = suit::Envelope::from_bytes(envelope);
    ASSERT_TRUE(whole.ok());
    ASSERT_TRUE(ManifestArea(area_).erase().ok());
    ASSERT_TRUE(ManifestArea(area_).store(1, StoredEnvelope::from_envelope(*whole).pieces()).ok());
  }
  Verification verify() {
    const Octets sealed = trusted_.sealed(), bundle = trusted_.bundle(sealed);
    Trust trust;
    EXPECT_TRUE(trust.open(kEsp256, bundle, sealed).ok());
    MappedVerifier verifier({{flash_.cells().data()}, trust, component_, slot_b_at_});
    return verifier.verify(area_, slot_.part(0, static_cast<uint32_t>(image_.size())));
  }
  Verification verify_by_processor() {
    const trust::Key anchor = Trusted::public_key(trusted_.authority());
    const trust::TrustPolicy policy(trusted_.store(), anchor);
    Layout layout;
    layout.slots[1] = FlashRegion(flash_.port(), slot_b_at_, 4096);
    SuitVerifier verifier({trusted_.identity(), policy, policy, component_, suit::kStrict, &layout});
    return verifier.verify(area_, slot_.part(0, static_cast<uint32_t>(image_.size())));
  }
  /// What both say: no error when the image passes.
  Error both() {
    const Verification in_place = verify();
    const Verification processor = verify_by_processor();
    EXPECT_EQ(in_place.verdict.passes(), processor.verdict.passes()) << name_of(processor.error);
    if (in_place.verdict.passes()) {
      EXPECT_EQ(in_place.image.sequence, processor.image.sequence);
      EXPECT_EQ(in_place.image.component, processor.image.component);
      EXPECT_EQ(in_place.image.image_bytes, processor.image.image_bytes);
      EXPECT_EQ(in_place.image.digest, processor.image.digest);
      return Error{};
    }
    EXPECT_EQ(in_place.error, processor.error) << name_of(in_place.error) << " " << name_of(processor.error);
    return in_place.error;
  }
  Error both(const Octets& envelope) {
    store(envelope);
    return both();
  }

  Author author_;
  Trusted trusted_;
  Octets image_ = Octets(600);
  Octets component_ = testing::component_id(0);
  FakeFlash flash_{{16384, 1024, 4, 0xff}};
  FlashRegion area_{flash_.port(), 0, 4096};
  FlashRegion slot_{flash_.port(), 4096, 4096};
  uint32_t slot_b_at_ = 8192;
};

TEST_F(MappedVerifierTest, PassesTheImageOfATrustedManifest) {
  store(good().envelope());
  EXPECT_EQ(both(), Error{});
  EXPECT_EQ(verify().image.sequence, 7U);
}

TEST_F(MappedVerifierTest, PassesAManifestWithoutInvokeAndOneWithMembersItHasNoUseFor) {
  EXPECT_EQ(both(Author(author_).shared(shared()).member(key::kValidate, validate()).envelope()), Error{});
  Author severed = good();
  severed.member(key::kInstall, sequence([](SequenceWriter& s) { s.command(command::kFetch, 2); }), true);
  severed.payload("#image", Octets(3000, 9)).version({1, 2}).number(UINT64_MAX);
  EXPECT_EQ(both(severed.envelope()), Error{});
}

TEST_F(MappedVerifierTest, RefusesEachLieWithItsReason) {
  store(good().envelope());
  image_.resize(599);
  EXPECT_EQ(both(), Error::kImageDigestMismatch) << "a byte less";
  image_.resize(601);
  EXPECT_EQ(both(), Error::kImageDigestMismatch) << "a byte behind the image";
  image_.resize(600);
  component_ = testing::component_id(9);
  EXPECT_EQ(both(), Error::kComponentUnknown);
  component_ = testing::component_id(0);
  EXPECT_EQ(both(), Error{});
  trusted_.store().signers[0].rights.clear();
  EXPECT_EQ(both(), Error::kSignerNotPermitted);
  trusted_.store().signers.clear();
  EXPECT_EQ(both(), Error::kSignatureInvalid) << "the anchor might have signed";
  trusts(Author());
  EXPECT_EQ(both(), Error::kSignatureInvalid) << "another signer";
  ASSERT_TRUE(ManifestArea(area_).erase().ok());
  EXPECT_EQ(both(), Error::kNotFound);
}

TEST_F(MappedVerifierTest, RefusesWhatIsMeantForAnother) {
  const auto changed = [this](const std::function<void(suit::Parameters&)>& change) {
    suit::Parameters parameters = right();
    change(parameters);
    return both(validating([&](SequenceWriter& s) {
      s.override_parameters(parameters).command(command::kVendorIdentifier, 15).command(command::kClassIdentifier, 15);
      s.command(command::kImageMatch, 15);
    }));
  };
  EXPECT_EQ(changed([](suit::Parameters&) {}), Error{});
  EXPECT_EQ(changed([](suit::Parameters& p) { p.vendor->bytes[0] ^= 1; }), Error::kVendorMismatch);
  EXPECT_EQ(changed([](suit::Parameters& p) { p.device_class->bytes[15] ^= 1; }), Error::kClassMismatch);
  EXPECT_EQ(changed([](suit::Parameters& p) { (*p.digest)[31] ^= 1; }), Error::kImageDigestMismatch);
  EXPECT_EQ(changed([](suit::Parameters& p) { p.image_size = 599; }), Error::kImageDigestMismatch);
  EXPECT_EQ(changed([](suit::Parameters& p) { p.image_size = (uint64_t{1} << 32U) + 600; }),
            Error::kImageDigestMismatch);
}

TEST_F(MappedVerifierTest, AsksForTheRightToEverythingThatIsDone) {
  trusted_.store().signers.clear();
  trusts(author_, kNoInvoke);
  EXPECT_EQ(both(good().envelope()), Error::kSignerNotPermitted) << "invoke";
  trusted_.store().signers.clear();
  trusts(author_, kInstalledOnly);
  EXPECT_EQ(both(good().envelope()), Error{});
}

TEST_F(MappedVerifierTest, CountsEachSigner) {
  const Author second;
  trusted_.add(Trusted::public_key(second.key()), trust::Role::kOperator, {{kEverything, {}, {}}});
  trust::Policy policy;
  policy.prefix = kEverything;
  ASSERT_TRUE(policy.clauses.push_back({2, 0b1110}, Error::kInternal).ok());
  ASSERT_TRUE(trusted_.store().policies.push_back(policy, Error::kInternal).ok());
  const Octets one = good().envelope();
  EXPECT_EQ(both(one), Error::kSignerNotPermitted);
  const auto whole = suit::Envelope::from_bytes(one);
  const auto signed_by = [&](const crypto::P256PrivateKey& signer, ByteView key_id) {
    std::array<uint8_t, 256> block;
    const auto made = suit::sign_manifest(whole->manifest(), signer, key_id, block);
    EXPECT_TRUE(made.ok());
    Octets out(one.size() + made->size() + 16);
    const auto added = suit::add_authentication_block(one, *made, out);
    EXPECT_TRUE(added.ok());
    out.resize(added->size());
    return out;
  };
  const auto thumbprint = [](const crypto::P256PrivateKey& of) {
    return cose::thumbprint(Trusted::public_key(of)).value();
  };
  EXPECT_EQ(both(signed_by(second.key(), {})), Error{});
  EXPECT_EQ(both(signed_by(second.key(), thumbprint(second.key()))), Error{});
  EXPECT_EQ(both(signed_by(author_.key(), {})), Error::kSignerNotPermitted) << "a key counts once";
  EXPECT_EQ(both(signed_by(Author().key(), {})), Error::kSignerNotPermitted) << "a stranger does not count";
  EXPECT_EQ(both(signed_by(second.key(), thumbprint(Author().key()))), Error::kSignerNotPermitted);
  trusted_.store().policies.clear();
  EXPECT_EQ(both(signed_by(Author().key(), {})), Error{}) << "one is enough";
  EXPECT_EQ(both(signed_by(Author().key(), thumbprint(second.key()))), Error::kSignatureInvalid) << "a forgery";
  EXPECT_EQ(both(signed_by(Author().key(), thumbprint(trusted_.authority()))), Error::kSignatureInvalid)
      << "a forgery in the anchor's name";
}

TEST_F(MappedVerifierTest, RefusesAManifestThatDoesNotLookAtTheImage) {
  EXPECT_EQ(both(validating([](SequenceWriter& s) { s.command(command::kVendorIdentifier, 15); })),
            Error::kSequenceMissing);
  EXPECT_EQ(both(Author(author_).shared(shared()).member(key::kInvoke, invoke()).envelope()), Error::kSequenceMissing);
  EXPECT_EQ(both(Author(author_).shared(shared()).envelope()), Error::kSequenceMissing);
  EXPECT_EQ(both(validating([](SequenceWriter& s) {
              // In a branch that is not taken.
              const Octets taken = sequence([](SequenceWriter& b) { b.command(command::kClassIdentifier, 15); });
              const Octets other = validate();
              s.try_each(std::array<ByteView, 2>{taken, other}, false);
            })),
            Error::kSequenceMissing);
}

TEST_F(MappedVerifierTest, RefusesCommandsThatABootloaderHasNoUseFor) {
  EXPECT_EQ(both(validating([](SequenceWriter& s) {
              s.override_parameters({.uri = "#x"}).command(command::kFetch, 2).command(command::kImageMatch, 15);
            })),
            Error::kCommandUnsupported);
  EXPECT_EQ(both(Author(author_)
                     .shared(sequence(
                         [this](SequenceWriter& s) { s.override_parameters(right()).command(command::kInvoke, 2); }))
                     .member(key::kValidate, validate())
                     .envelope()),
            Error::kCommandNotAllowed);
  EXPECT_EQ(both(validating([](SequenceWriter& s) { s.set_component_index(1).command(command::kImageMatch, 15); })),
            Error::kComponentIndexInvalid);
  EXPECT_EQ(both(validating([](SequenceWriter& s) { s.command(command::kAbort, 2).command(command::kImageMatch, 2); })),
            Error::kManifestAborted);
  EXPECT_EQ(both(validating([](SequenceWriter& s) { s.command(command::kImageMatch, 16); })), Error::kValueOutOfRange);
}

/// An image for each slot, as manifests for images that execute in place have them.
TEST_F(MappedVerifierTest, TakesTheBranchOfTheSlot) {
  const auto branch = [this](uint64_t slot, uint8_t change) {
    return sequence([&, this](SequenceWriter& s) {
      crypto::Sha256Digest digest = *crypto::sha256(image_);
      digest[0] ^= change;
      s.override_parameters({.slot = slot}).command(command::kComponentSlot, 5);
      s.override_parameters({.digest = digest, .image_size = image_.size()});
    });
  };
  const auto envelope = [&, this](const std::vector<Octets>& branches, bool or_nothing) {
    const Octets by_slot = sequence([&, this](SequenceWriter& s) {
      s.override_parameters({.vendor = trusted_.identity().vendor, .device_class = trusted_.identity().device_class});
      const std::vector<ByteView> views(branches.begin(), branches.end());
      s.try_each(views, or_nothing).command(command::kVendorIdentifier, 15).command(command::kClassIdentifier, 15);
    });
    return Author(author_).shared(by_slot).member(key::kValidate, validate()).member(key::kInvoke, invoke()).envelope();
  };
  EXPECT_EQ(both(envelope({branch(0, 0), branch(1, 1)}, false)), Error{});
  EXPECT_EQ(both(envelope({branch(1, 1), branch(0, 0)}, false)), Error{});
  EXPECT_EQ(both(envelope({branch(0, 1), branch(1, 0)}, false)), Error::kImageDigestMismatch);
  EXPECT_EQ(both(envelope({branch(2, 0), branch(3, 0)}, false)), Error::kTryEachExhausted);
  EXPECT_EQ(both(envelope({branch(1, 0)}, true)), Error::kImageDigestMismatch) << "no digest is set";
  slot_b_at_ = 4096;
  EXPECT_EQ(both(envelope({branch(0, 1), branch(1, 0)}, false)), Error{}) << "in the second slot";
}

TEST_F(MappedVerifierTest, EndsSequencesWhereConditionsDoNotHold) {
  using Nested = std::function<void(SequenceWriter&)>;
  const Nested fails = [](SequenceWriter& s) { s.command(command::kDeviceIdentifier, 15); };
  const Nested soft = [&](SequenceWriter& s) { fails(s.override_parameters({.soft_failure = true})); };
  const Nested hard = [&](SequenceWriter& s) { fails(s.override_parameters({.soft_failure = false})); };
  const auto run = [this](const Nested& nested, bool each) {
    return both(validating([&](SequenceWriter& s) {
      const Octets inner = sequence(nested);
      if (each) {
        s.try_each(std::array<ByteView, 1>{inner}, true);
      } else {
        s.run_sequence(inner);
      }
      s.command(command::kImageMatch, 15);
    }));
  };
  EXPECT_EQ(run(fails, false), Error::kDeviceMismatch);
  EXPECT_EQ(run(soft, false), Error{});
  EXPECT_EQ(run(fails, true), Error{});
  EXPECT_EQ(run(hard, true), Error::kDeviceMismatch);
  EXPECT_EQ(both(validating([&](SequenceWriter& s) { soft(s); })), Error::kCommandNotAllowed);
  // Inside each other: as deep as it may be, and one deeper.
  Octets inner = validate();
  for (size_t depth = 1; depth <= limits::kSequenceDepth + 1; ++depth) {
    const Octets around = inner;
    const Error expected = depth <= limits::kSequenceDepth ? Error{} : Error::kCborTooDeep;
    EXPECT_EQ(both(validating([&](SequenceWriter& s) { s.run_sequence(around); })), expected) << depth;
    inner = sequence([&](SequenceWriter& s) { s.run_sequence(around); });
  }
}

TEST_F(MappedVerifierTest, RefusesWhatHasAnotherShapeThanOneComponent) {
  EXPECT_EQ(both(good().components(2).envelope()), Error::kComponentUnknown);
  Author dependent = Author(author_).shared(shared()).member(key::kValidate, validate()).components(1).depends_on(0);
  store(dependent.envelope());
  EXPECT_EQ(verify().error, Error::kTooManyDependencies);
  EXPECT_FALSE(verify_by_processor().verdict.passes());
}

TEST_F(MappedVerifierTest, RefusesTheImageWithAnyBitChanged) {
  store(good().envelope());
  for (uint32_t at = 0; at < 600; ++at) {
    flash_.cells()[4096 + at] ^= static_cast<uint8_t>(1U << (at % 8));
    ASSERT_EQ(verify().error, Error::kImageDigestMismatch) << at;
    flash_.cells()[4096 + at] ^= static_cast<uint8_t>(1U << (at % 8));
  }
  EXPECT_EQ(both(), Error{});
}

TEST_F(MappedVerifierTest, RefusesAStoredEnvelopeWithAnyByteChangedAndItsChecksumMadeGood) {
  // The area's CRC is no protection against somebody who writes the flash: the signature is.
  const Octets envelope = good().envelope();
  for (size_t at = 0; at < envelope.size(); ++at) {
    Octets changed = envelope;
    changed[at] ^= 0x01;
    store_bytes(changed);
    ASSERT_FALSE(verify().verdict.passes()) << at;
    store_bytes(ByteView(envelope).first(at));
    ASSERT_FALSE(verify().verdict.passes()) << "prefix " << at;
  }
}

}  // namespace
}  // namespace tailor::boot::mapped
