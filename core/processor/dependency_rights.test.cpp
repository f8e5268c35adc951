// SPDX-License-Identifier: Apache-2.0
// Trust domains: rights of those who sign a dependency, rollback, and who refers to a component from staging to
// uninstall, with power cuts in between.
#include "core/processor/trust_domains.test.hpp"

namespace tailor::processor {
namespace {

TEST_F(TrustDomains, ADependencyIsNotOlderThanTheConfirmedOne) {
  const Octets inner = dependency().number(5).member(manifest_key::kInstall, {0x80}).envelope();
  device_[1]->content = inner;
  for (const uint64_t confirmed : {uint64_t{5}, uint64_t{6}, UINT64_MAX}) {
    platform_.manifest_numbers[component_id(1)] = confirmed;
    depend([&](SequenceWriter& s) { process(s, 1, inner); });
    EXPECT_EQ(run(), confirmed == 5 ? kNone : Error::kSequenceNumberTooLow);
  }
  author_ = std::move(dependency().number(3).kept_at(component_id(9)).member(manifest_key::kInstall, {0x80}));
  platform_.manifest_numbers[component_id(9)] = 3;
  EXPECT_EQ(run(), kNone);
  platform_.manifest_numbers[component_id(9)] = UINT64_MAX;
  EXPECT_EQ(run(), Error::kSequenceNumberTooLow) << "by manifest component id";
}

TEST_F(TrustDomains, RightsAreThoseOfWhoSignedWhatAsks) {
  const Author writer = Author();  // signs the dependency, and may write
  const Octets inner =
      std::move(Author().like(writer))
          .member(manifest_key::kInstall, sequence([](SequenceWriter& s) { s.command(command::kFetch, 2); }))
          .envelope();
  struct OneWriter final : Authorization {
    explicit OneWriter(const suit::TrustAnchors& anchors) : who(*anchors.candidate({}, 0)) {}
    Status permits(std::span<const cose::VerificationKey* const> signers, ByteView,
                   Action action) const noexcept override {
      const bool writes = action.kind == Action::Kind::kWrite;
      return !writes || *signers[0] == who ? Status(kOk) : Status(Error::kSignerNotPermitted);
    }
    cose::VerificationKey who;
  } only_writer(writer.anchors());
  authorization_ = &only_writer;
  device_[1]->content = inner;
  depend([&](SequenceWriter& s) {
    s.set_component_index(0).override_parameters({.uri = "p"});
    process(s, 1, inner);
  });
  // The fixture believes the root's key alone; here both are anchors.
  struct Both final : suit::TrustAnchors {
    const suit::TrustAnchors &a, &b;
    Both(const suit::TrustAnchors& first, const suit::TrustAnchors& second) : a(first), b(second) {}
    const cose::VerificationKey* candidate(ByteView id, size_t nth) const noexcept override {
      return nth == 0 ? a.candidate(id, 0) : nth == 1 ? b.candidate(id, 0) : nullptr;
    }
  } both(author_.anchors(), writer.anchors());
  const auto update = [&](bool root_writes) {
    depend([&](SequenceWriter& s) {
      s.set_component_index(0).override_parameters({.uri = "p"});
      if (root_writes) s.command(command::kFetch, 2);
      process(s, 1, inner);
    });
    envelope_ = author_.envelope();
    std::array<uint8_t, 2048> buffer;
    Dependencies dependencies(buffer, both);
    const auto authentic = suit::authenticate(suit::Envelope::from_bytes(envelope_).value(), both, {}).value();
    Processor processor(Seams{platform_, payloads_, only_writer, nullptr, &dependencies});
    const auto applicable = processor.check(authentic).value();
    EXPECT_TRUE(processor.start(applicable, Procedure::kUpdate).ok());
    const auto progress = processor.step();
    return progress.ok() ? kNone : progress.error();
  };
  EXPECT_EQ(update(false), kNone) << "the distributor sets, the author writes";
  EXPECT_EQ(update(true), Error::kSignerNotPermitted) << "the distributor may not";
}

// --- reference counts ---

class References : public TrustDomains {
 protected:
  References() {
    platform_.counts_references = true;
    inner_ = image_manifest();
  }
  /// A root that installs the dependency and can be uninstalled; told apart by its number.
  Author root(uint64_t number) {
    Author author = std::move(dependency().components(2).depends_on(1).number(number));
    author.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                    const Octets fetches = sequence([&](SequenceWriter& inner) {
                      inner.override_parameters({.uri = "dep"}).command(command::kFetch, 2);
                    });
                    const Octets there =
                        sequence([&](SequenceWriter& inner) { inner.command(command::kImageMatch, 15); });
                    const ByteView branches[] = {there, fetches};
                    name_dependency(s, 1, inner_);
                    s.try_each(branches, false).command(command::kDependencyIntegrity, 15);
                    if (number == 1) s.command(command::kProcessDependency, 2);
                  }));
    author.member(manifest_key::kUninstall, sequence([&](SequenceWriter& s) {
                    s.set_component_index(1).command(command::kUnlink, 15);
                    s.set_component_index(0).command(command::kUnlink, 15);
                  }));
    return author;
  }
  size_t references(uint8_t component) { return platform_.component(component_id(component))->references.size(); }
  Octets inner_;
};

TEST_F(References, AreCountedFromStagingToUninstall) {
  payloads_.payloads["dep"] = inner_;
  author_ = root(1);
  ASSERT_EQ(run(), kNone);
  EXPECT_EQ(references(0), 2U) << "root and dependency name it";
  EXPECT_EQ(references(1), 1U);
  ASSERT_EQ(run(), kNone) << "its own references do not hinder what is done again";
  EXPECT_EQ(references(0), 2U);

  Author other = dependency();
  other.number(7).member(manifest_key::kInstall, sequence([](SequenceWriter& s) {
                           s.override_parameters({.uri = "p"}).command(command::kFetch, 2);
                         }));
  author_ = std::move(other);
  platform_.log.clear();
  EXPECT_EQ(run(), Error::kComponentInUse);
  EXPECT_TRUE(platform_.log.empty());

  author_ = root(1);
  ASSERT_EQ(run(Procedure::kUninstall), kNone);
  EXPECT_EQ(references(0), 0U);
  EXPECT_EQ(references(1), 0U);
  EXPECT_EQ(platform_.log, (Log{"remove 1", "remove 0"})) << "the image goes with its last reference";
  ASSERT_EQ(run(Procedure::kUninstall), kNone) << "once more has no effect";
}

TEST_F(References, ADependencyOfTwoGoesWithTheSecond) {
  payloads_.payloads["dep"] = inner_;
  author_ = root(1);
  ASSERT_EQ(run(), kNone);
  Author second = std::move(dependency().named({component_id(1)}).depends_on(0).number(2));
  second.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                  s.override_parameters({.digest = manifest_digest(inner_)}).command(command::kImageMatch, 15);
                }));
  second.member(manifest_key::kUninstall, sequence([](SequenceWriter& s) { s.command(command::kUnlink, 15); }));
  author_ = second;
  ASSERT_EQ(run(), kNone);
  EXPECT_EQ(references(1), 2U);
  platform_.log.clear();
  ASSERT_EQ(run(Procedure::kUninstall), kNone);
  ASSERT_EQ(run(Procedure::kUninstall), kNone);
  EXPECT_EQ(references(1), 1U) << "one manifest takes away one reference, once";
  EXPECT_TRUE(platform_.log.empty()) << "the other still needs it";
  author_ = root(1);
  ASSERT_EQ(run(Procedure::kUninstall), kNone);
  EXPECT_EQ(references(1), 0U);
  EXPECT_TRUE(device_[1]->content.empty());
}

TEST_F(References, SurvivePowerCutsAtEveryCall) {
  payloads_.payloads["dep"] = inner_;
  for (const Procedure procedure : {Procedure::kUpdate, Procedure::kUninstall}) {
    for (int cut = 1;; ++cut) {
      ASSERT_LT(cut, 200);
      platform_.forget_references();
      for (uint8_t i = 0; i < 2; ++i) device_[i] = &platform_.add(component_id(i), std::to_string(i));
      author_ = root(1);
      platform_.fail_at = 0;
      if (procedure == Procedure::kUninstall) {
        ASSERT_EQ(run(), kNone);
      }
      platform_.calls = 0;
      platform_.fail_at = cut;
      const Error error = run(procedure);
      platform_.fail_at = 0;
      if (error == kNone) {
        EXPECT_GE(cut, 10);
        break;
      }
      // The components' open writes went with the power; what is persistent stayed.
      for (uint8_t i = 0; i < 2; ++i) {
        Octets content = device_[i]->content;
        device_[i] = &platform_.add(component_id(i), std::to_string(i));
        device_[i]->content = std::move(content);
      }
      EXPECT_EQ(run(procedure), kNone) << "after a cut at call " << cut;
      EXPECT_EQ(references(0), procedure == Procedure::kUpdate ? 2U : 0U) << cut;
      EXPECT_EQ(references(1), procedure == Procedure::kUpdate ? 1U : 0U) << cut;
      EXPECT_EQ(device_[0]->content, procedure == Procedure::kUpdate ? image_ : Octets{}) << cut;
    }
  }
}

TEST_F(References, UnlinkNeedsTheRightAndAPlatformThatCounts) {
  author_ = std::move(dependency().member(manifest_key::kUninstall,
                                          sequence([](SequenceWriter& s) { s.command(command::kUnlink, 15); })));
  authorization_ = &nothing_;
  EXPECT_EQ(run(Procedure::kUninstall), Error::kSignerNotPermitted);
  authorization_ = &all_;
  EXPECT_EQ(run(Procedure::kUninstall), kNone);
  platform_.counts_references = false;
  EXPECT_EQ(run(Procedure::kUninstall), Error::kCommandUnsupported);
}

}  // namespace
}  // namespace tailor::processor
