// SPDX-License-Identifier: Apache-2.0
// Trust domains: dependencies of one, two and too many levels, set-parameters, rights, rollback, unlink and uninstall,
// with power cuts in between.
#include "core/processor/processing.test.hpp"
#include "core/processor/receiver.hpp"
#include "core/processor/stored_envelope.hpp"

namespace tailor::processor {
namespace {

using Log = std::vector<std::string>;
using testing::Author;
using testing::component_id;

/// Digest of the manifest in an envelope, as dependents name it.
crypto::Sha256Digest manifest_digest(const Octets& envelope) {
  return crypto::sha256(suit::Envelope::from_bytes(envelope)->manifest_item()).value();
}

void name_dependency(SequenceWriter& s, uint64_t index, const Octets& envelope) {
  s.set_component_index(index).override_parameters({.digest = manifest_digest(envelope)});
}
void process(SequenceWriter& s, uint64_t index, const Octets& envelope) {
  name_dependency(s, index, envelope);
  s.command(command::kDependencyIntegrity, 15).command(command::kProcessDependency, 2);
}

/// Component 0 is an image, component 1 the place of a dependency on it, component 2 of another.
class TrustDomains : public Processing {
 protected:
  TrustDomains() { author_ = Author(); }

  Author dependency() { return std::move(Author().like(author_)); }
  /// An author's manifest: fetches "p" into component 0.
  Octets image_manifest() {
    return dependency()
        .shared(sequence([&](SequenceWriter& s) { s.override_parameters({.digest = digest_of(image_)}); }))
        .member(manifest_key::kValidate, sequence([](SequenceWriter& s) { s.command(command::kImageMatch, 15); }))
        .member(manifest_key::kInstall, sequence([](SequenceWriter& s) {
                  s.set_parameters({.uri = "p"}).command(command::kFetch, 2).command(command::kImageMatch, 15);
                }))
        .member(manifest_key::kUninstall, sequence([](SequenceWriter& s) { s.command(command::kUnlink, 15); }))
        .envelope();
  }
  /// The root: components 0 and 1, of which 1 is the dependency.
  void depend(const std::function<void(SequenceWriter&)>& install_sequence) {
    author_ = std::move(dependency().components(2).depends_on(1));
    author_.member(manifest_key::kInstall, sequence(install_sequence));
  }
};

TEST_F(TrustDomains, ADependencyIsCheckedAndProcessedInTheSameSection) {
  const Octets inner = image_manifest();
  device_[1]->content = inner;
  depend([&](SequenceWriter& s) { process(s, 1, inner); });
  EXPECT_EQ(run(), kNone);
  EXPECT_EQ(device_[0]->content, image_);
  EXPECT_EQ(platform_.log, (Log{"open 0", "finish 0 1000", "digest 0"}))
      << "validate of the dependency was not asked for";
}

TEST_F(TrustDomains, FetchedThenResolvedThenProcessedInLockstep) {
  const Octets inner = image_manifest();
  payloads_.payloads["dep"] = inner;
  author_ = std::move(dependency().components(2).depends_on(1));
  const Octets resolve = sequence([&](SequenceWriter& s) {
    name_dependency(s, 1, inner);
    s.override_parameters({.image_size = inner.size(), .uri = "dep"}).command(command::kFetch, 2);
    s.command(command::kImageMatch, 15).command(command::kDependencyIntegrity, 15);
    s.command(command::kProcessDependency, 2);
  });
  const Octets section = sequence([&](SequenceWriter& s) { process(s, 1, inner); });
  author_.member(manifest_key::kValidate, section).member(manifest_key::kDependencyResolution, resolve, true);
  author_.member(manifest_key::kInstall, section);
  for (const bool pauses : {false, true}) {
    payloads_.pauses = pauses;
    platform_.log.clear();
    device_[1]->content.clear();
    EXPECT_EQ(run(), kNone);
    EXPECT_EQ(device_[1]->content, inner);
    EXPECT_EQ(platform_.log, (Log{"open 1", "finish 1 " + std::to_string(inner.size()), "open 0", "finish 0 1000",
                                  "digest 0", "digest 0"}));
  }
  platform_.log.clear();
  EXPECT_EQ(run(Procedure::kStaging), kNone);
  EXPECT_EQ(platform_.log.size(), 2U);
  EXPECT_FALSE(processor_->staged().ok());
  EXPECT_EQ(run(Procedure::kInstallation), kNone);
  EXPECT_TRUE(processor_->staged().ok());
}

TEST_F(TrustDomains, WhatADependencyMustBe) {
  const Octets inner = image_manifest();
  struct Row {
    const char* what;
    std::function<void(SequenceWriter&)> sequence;
    std::function<void(Octets&)> alter;
    Error error;
  };
  const auto keep = [](Octets&) {};
  const auto whole = [&](SequenceWriter& s) { process(s, 1, inner); };
  for (const Row& row : {
           Row{"no integrity check",
               [&](SequenceWriter& s) {
                 name_dependency(s, 1, inner);
                 s.command(command::kProcessDependency, 2);
               },
               keep, Error::kDependencyNotChecked},
           Row{"image-match is no integrity check",
               [&](SequenceWriter& s) {
                 name_dependency(s, 1, inner);
                 s.command(command::kImageMatch, 15).command(command::kProcessDependency, 2);
               },
               keep, Error::kDependencyNotChecked},
           Row{"processing a component that is none",
               [&](SequenceWriter& s) { s.set_component_index(0).command(command::kProcessDependency, 2); }, keep,
               Error::kDependencyNotListed},
           Row{"checking a component that is none",
               [&](SequenceWriter& s) { s.set_component_index(0).command(command::kDependencyIntegrity, 2); }, keep,
               Error::kDependencyNotListed},
           Row{"no digest",
               [&](SequenceWriter& s) { s.set_component_index(1).command(command::kDependencyIntegrity, 2); }, keep,
               Error::kParameterMissing},
           Row{"another digest",
               [&](SequenceWriter& s) {
                 s.set_component_index(1).override_parameters({.digest = digest_of({1})});
                 s.command(command::kDependencyIntegrity, 2);
               },
               keep, Error::kImageDigestMismatch},
           Row{"checked, and its section not processed",
               [&](SequenceWriter& s) {
                 name_dependency(s, 1, inner);
                 s.command(command::kDependencyIntegrity, 2);
               },
               keep, Error::kDependencyNotProcessed},
           Row{"altered signature", whole, [](Octets& e) { e[100] ^= 1; }, Error::kSignatureInvalid},
           Row{"altered manifest", whole, [](Octets& e) { e.back() ^= 1; }, Error::kManifestDigestMismatch},
           Row{"cut", whole, [](Octets& e) { e.pop_back(); }, Error::kTruncated},
           Row{"something behind it", whole, [](Octets& e) { e.push_back(0); }, Error::kTrailingBytes},
           Row{"nothing", whole, [](Octets& e) { e.clear(); }, Error::kTruncated},
           Row{"untagged", whole, [](Octets& e) { e.erase(e.begin(), e.begin() + 2); }, Error::kEnvelopeUntagged},
       }) {
    device_[1]->content = inner;
    row.alter(device_[1]->content);
    platform_.log.clear();
    depend(row.sequence);
    EXPECT_EQ(run(), row.error) << row.what;
    EXPECT_TRUE(platform_.log.empty()) << row.what;
  }
}

TEST_F(TrustDomains, EachPrefixOfADependencyIsRefused) {
  const Octets inner = image_manifest();
  depend([&](SequenceWriter& s) { process(s, 1, inner); });
  for (size_t length = 0; length < inner.size(); ++length) {
    device_[1]->content.assign(inner.begin(), inner.begin() + static_cast<ptrdiff_t>(length));
    EXPECT_EQ(run(), Error::kTruncated) << length;
  }
}

TEST_F(TrustDomains, ADependencyOfAStrangerIsRefused) {
  const Octets inner = Author().member(manifest_key::kInstall, {0x80}).envelope();
  device_[1]->content = inner;
  depend([&](SequenceWriter& s) { process(s, 1, inner); });
  EXPECT_EQ(run(), Error::kSignatureInvalid) << "by a key that is no anchor";
}

TEST_F(TrustDomains, WhatADependencyCannotDoIsFoundBeforeItRuns) {
  const Octets inner =
      dependency()
          .member(manifest_key::kInstall,
                  sequence([](SequenceWriter& s) { s.override_parameters({.uri = "p"}).command(command::kFetch, 2); }))
          .member(manifest_key::kUninstall, testing::from_hex("82 18 1e 0f"))
          .envelope();
  device_[1]->content = inner;
  depend([&](SequenceWriter& s) { process(s, 1, inner); });
  EXPECT_EQ(run(), Error::kCommandUnsupported);
  EXPECT_TRUE(platform_.log.empty());
}

TEST_F(TrustDomains, NoRoomForDependenciesMeansNone) {
  const Octets inner = image_manifest();
  device_[1]->content = inner;
  depend([&](SequenceWriter& s) { process(s, 1, inner); });
  ASSERT_EQ(run(), kNone);
  Processor processor(Seams{platform_, payloads_, all_});
  EXPECT_EQ(processor.check(**authentic_).error(), Error::kTooManyDependencies);
  for (size_t room = 0; room < inner.size(); room += 37) {
    std::vector<uint8_t> buffer(room);
    Dependencies dependencies(buffer, author_.anchors());
    Processor small(Seams{platform_, payloads_, all_, nullptr, &dependencies});
    const auto applicable = small.check(**authentic_);
    ASSERT_TRUE(applicable.ok());
    ASSERT_TRUE(small.start(*applicable, Procedure::kUpdate).ok());
    const auto progress = small.step();
    // Its heads and the tag are not held.
    EXPECT_TRUE(room + 16 >= inner.size() || progress.error() == Error::kManifestTooLarge) << room;
  }
}

TEST_F(TrustDomains, DepthLimitAndOnePast) {
  for (size_t i = 3; i < 6; ++i) {
    device_.push_back(&platform_.add(component_id(static_cast<uint8_t>(i)), std::to_string(i)));
  }
  for (const size_t depth : {limits::kDependencyDepth, limits::kDependencyDepth + 1}) {
    Octets inner = image_manifest();
    for (size_t i = 1; i < depth; ++i) {
      device_[i]->content = inner;
      const auto place = static_cast<uint8_t>(i);
      inner = dependency()
                  .named({component_id(place)})
                  .depends_on(0)
                  .member(manifest_key::kInstall, sequence([&](SequenceWriter& s) { process(s, 0, inner); }))
                  .envelope();
    }
    device_[depth]->content = inner;
    author_ = std::move(dependency().named({component_id(static_cast<uint8_t>(depth))}).depends_on(0));
    author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) { process(s, 0, inner); }));
    device_[0]->content.clear();
    EXPECT_EQ(run(), depth == limits::kDependencyDepth ? kNone : Error::kTooManyDependencies) << depth;
    EXPECT_EQ(device_[0]->content.empty(), depth != limits::kDependencyDepth);
  }
}

TEST_F(TrustDomains, ADependencyOnItselfEnds) {
  // Its digest cannot be known to itself; the lenient reading, without a check, is what could run in circles.
  leniency_.missing_dependency_integrity = true;
  const Octets circle = dependency()
                            .named({component_id(1)})
                            .depends_on(0)
                            .member(manifest_key::kInstall,
                                    sequence([](SequenceWriter& s) { s.command(command::kProcessDependency, 2); }))
                            .envelope();
  device_[1]->content = circle;
  author_ = std::move(dependency().named({component_id(1)}).depends_on(0));
  author_.member(manifest_key::kInstall,
                 sequence([](SequenceWriter& s) { s.command(command::kProcessDependency, 2); }));
  EXPECT_EQ(run(), Error::kTooManyDependencies);
}

TEST_F(TrustDomains, TheFirstWriterOfAParameterWins) {
  payloads_.payloads["cache"] = image_;
  const Octets inner = image_manifest();
  device_[1]->content = inner;
  struct Row {
    const char* what;
    bool overrides;
    std::string_view uri;
    Error error;
  };
  for (const Row& row :
       {Row{"set by the dependent", false, "cache", kNone}, Row{"overridden by the dependent", true, "cache", kNone},
        Row{"to where nothing is", false, "gone", Error::kPayloadUnavailable}}) {
    payloads_.payloads.erase("p");
    depend([&](SequenceWriter& s) {
      s.set_component_index(0);
      if (row.overrides) s.override_parameters({.uri = row.uri});
      if (!row.overrides) s.set_parameters({.uri = row.uri});
      process(s, 1, inner);
    });
    EXPECT_EQ(run(), row.error) << row.what;
  }
  device_[0] = &platform_.add(component_id(0), "0");
  // What the dependency overrides is the dependency's.
  depend([&](SequenceWriter& s) {
    s.set_component_index(0).set_parameters({.digest = digest_of({1}), .uri = "cache"});
    process(s, 1, inner);
  });
  EXPECT_EQ(run(), kNone);
}

TEST_F(TrustDomains, WhatADependencySetsStays) {
  const Octets inner =
      dependency()
          .member(manifest_key::kInstall, sequence([](SequenceWriter& s) { s.override_parameters({.uri = "p"}); }))
          .envelope();
  device_[1]->content = inner;
  depend([&](SequenceWriter& s) {
    process(s, 1, inner);
    s.set_component_index(0).command(command::kFetch, 2);
  });
  EXPECT_EQ(run(), kNone);
  EXPECT_EQ(device_[0]->content, image_);
}

TEST_F(TrustDomains, AllSelectedMeansDependenciesForProcessAndIsDependencyTellsThem) {
  const Octets inner = image_manifest();
  device_[1]->content = inner;
  const Octets of_dependencies = sequence(
      [](SequenceWriter& s) { s.command(command::kIsDependency, 15).command(command::kDependencyIntegrity, 15); });
  const Octets of_images = sequence([](SequenceWriter& s) { s.command(command::kInvoke, 2); });
  const ByteView branches[] = {of_dependencies, of_images};
  depend([&](SequenceWriter& s) {
    name_dependency(s, 1, inner);
    s.set_all_components().try_each(branches, false).command(command::kProcessDependency, 2);
  });
  EXPECT_EQ(run(), kNone);
  EXPECT_EQ(platform_.log, (Log{"invoke 0", "open 0", "finish 0 1000", "digest 0"}));
  const uint64_t both[] = {0, 1};
  depend([&](SequenceWriter& s) {
    name_dependency(s, 1, inner);
    s.command(command::kDependencyIntegrity, 15).set_component_indices(both).command(command::kProcessDependency, 2);
  });
  EXPECT_EQ(run(), Error::kDependencyNotListed) << "a list means each of its components";
}

TEST_F(TrustDomains, AnIndexBeyondTheComponentsNeedsItsSwitch) {
  const Octets inner = image_manifest();
  device_[1]->content = inner;
  author_ = std::move(dependency().depends_on(1, component_id(1)));
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) { process(s, 1, inner); }));
  EXPECT_EQ(run(), Error::kComponentIndexInvalid);
  leniency_.index_beyond_components = true;
  EXPECT_EQ(run(), kNone);
  author_ = std::move(dependency().depends_on(1));
  author_.member(manifest_key::kInstall, Octets{0x80});
  EXPECT_EQ(run(), Error::kComponentIndexInvalid) << "nothing names it";
  author_ = std::move(dependency().components(2).depends_on(1, component_id(2)));
  author_.member(manifest_key::kInstall, Octets{0x80});
  EXPECT_EQ(run(), Error::kUnknownKey) << "a prefix that would rename the dependency's components";
}

TEST_F(TrustDomains, WritingADependencyForgetsItsCheck) {
  const Octets inner = image_manifest();
  payloads_.payloads["dep"] = inner;
  device_[1]->content = inner;
  for (const bool checks_again : {false, true}) {
    depend([&](SequenceWriter& s) {
      process(s, 1, inner);
      s.override_parameters({.uri = "dep"}).command(command::kFetch, 2);
      if (checks_again) s.command(command::kDependencyIntegrity, 2);
      s.command(command::kProcessDependency, 2);
    });
    EXPECT_EQ(run(), checks_again ? kNone : Error::kDependencyNotChecked);
  }
}

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

// --- payloads inside a dependency ---

TEST_F(TrustDomains, IntegratedDependenciesAndTheirPayloadsStreamIn) {
  const Octets inner = dependency()
                           .member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                                     s.override_parameters({.digest = digest_of(image_), .uri = "#fw"});
                                     s.command(command::kFetch, 2).command(command::kImageMatch, 15);
                                   }),
                                   true)
                           .payload("#a", {1, 2})
                           .payload("#fw", image_)
                           .envelope();
  author_ = std::move(dependency().components(2).depends_on(1));
  author_.member(manifest_key::kDependencyResolution, sequence([&](SequenceWriter& s) {
                   name_dependency(s, 1, inner);
                   s.override_parameters({.image_size = inner.size(), .uri = "#dep"}).command(command::kFetch, 2);
                 }));
  author_.member(manifest_key::kInstall, sequence([&](SequenceWriter& s) { process(s, 1, inner); }));
  const Octets envelope = author_.payload("#dep", inner).envelope();
  for (const size_t chunk : {size_t{1}, size_t{64}, envelope.size()}) {
    device_[0]->content.clear();
    device_[1]->content.clear();
    std::array<uint8_t, 2048> buffer, dependency_buffer;
    Dependencies dependencies(dependency_buffer, author_.anchors());
    UpdateReceiver receiver(buffer, author_.anchors(), {platform_, payloads_, all_, nullptr, &dependencies});
    for (ByteView rest(envelope); !rest.empty();) {
      ByteView input = rest.first(std::min(chunk, rest.size()));
      const size_t offered = input.size();
      const auto progress = receiver.feed(input);
      ASSERT_TRUE(progress.ok()) << name_of(progress.error());
      rest = rest.subspan(offered - input.size());
    }
    EXPECT_TRUE(receiver.finish().ok() && receiver.staged().ok());
    EXPECT_EQ(device_[0]->content, image_);
  }
}

TEST_F(TrustDomains, AMissingPayloadOfADependencyIsTold) {
  const Octets inner = dependency()
                           .member(manifest_key::kInstall, sequence([](SequenceWriter& s) {
                                     s.override_parameters({.uri = "#none"}).command(command::kFetch, 2);
                                   }))
                           .payload("#nonf", {1})
                           .envelope();
  device_[1]->content = inner;
  depend([&](SequenceWriter& s) { process(s, 1, inner); });
  EXPECT_EQ(run(), Error::kPayloadUnavailable);
}

TEST_F(TrustDomains, StoredEnvelopesAreReadHeadByHead) {
  StoredMember found;
  for (const char* bad : {"", "d8 6b", "d8 6b 80", "a1", "a1 03", "a1 03 80", "bb ffffffffffffffff",
                          "a1 03 5a ffffffff", "a2 02 40 03 60", "a1 62 23"}) {
    device_[0]->content = testing::from_hex(bad);
    EXPECT_FALSE(find_member(*device_[0], 3, {}, found).ok()) << bad;
    EXPECT_FALSE(find_member(*device_[0], 0, "#x", found).ok()) << bad;
  }
  device_[0]->content = testing::from_hex("d8 6b a4 02 41 00 03 42 0102 60 40 62 23 78 43 040506");
  ASSERT_TRUE(find_member(*device_[0], 3, {}, found).ok());
  EXPECT_EQ(found.item, 7U);
  EXPECT_EQ(found.content, 8U);
  EXPECT_EQ(found.size, 2U);
  ASSERT_TRUE(find_member(*device_[0], 0, "#x", found).ok());
  EXPECT_EQ(found.size, 3U);
  EXPECT_EQ(find_member(*device_[0], 20, {}, found).error(), Error::kPayloadUnavailable);
  EXPECT_EQ(find_member(*device_[0], 0, "#y", found).error(), Error::kPayloadUnavailable);
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
  size_t references(uint8_t component) { return platform_.references[component_id(component)].size(); }
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
      platform_.references.clear();
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

// --- records ---

TEST_F(TrustDomains, RecordsSayWhereInTheTree) {
  const Octets inner =
      dependency()
          .member(manifest_key::kInstall, sequence([&](SequenceWriter& s) {
                    s.override_parameters({.digest = digest_of(image_)}).command(command::kImageMatch, 15);
                  }))
          .envelope();
  device_[1]->content = inner;
  device_[0]->content = {1};
  depend([&](SequenceWriter& s) { process(s, 1, inner); });
  EXPECT_EQ(run(), Error::kImageDigestMismatch);
  ASSERT_EQ(recorder_.lines.size(), 2U);
  EXPECT_EQ(recorder_.lines[0].command, command::kDependencyIntegrity);
  EXPECT_TRUE(recorder_.lines[0].ok);
  const auto& failure = recorder_.lines[1];
  EXPECT_EQ(failure.manifest, (std::vector<uint8_t>{1}));
  EXPECT_EQ(failure.section, manifest_key::kInstall);
  EXPECT_EQ(failure.component, 0);
  EXPECT_EQ(failure.command, command::kImageMatch);
  EXPECT_TRUE(failure.final && !failure.ok);
  EXPECT_EQ(failure.property, suit::parameter::kImageDigest);
  const suit::Digest measured = suit::decode_digest(cbor::Reader(failure.value).take_bytes().value()).value();
  EXPECT_TRUE(equal(measured.bytes, digest_of({1})));
  EXPECT_EQ(failure.offset, 42U) << "behind the array's head and override-parameters";
  const Position position = processor_->position();
  EXPECT_EQ(position.manifest_depth, 1);
  EXPECT_EQ(position.manifest[0], 1);
}

TEST_F(TrustDomains, PoliciesSayWhatIsRecorded) {
  for (uint64_t policy = 0; policy <= suit::reporting::kAll; ++policy) {
    for (const bool holds : {true, false}) {
      recorder_.lines.clear();
      author_ = dependency();
      const Octets branch = sequence([&](SequenceWriter& s) {
        s.override_parameters({.slot = holds ? 0U : 1U}).command(command::kComponentSlot, policy);
      });
      const ByteView branches[] = {branch};
      EXPECT_EQ(install([&](SequenceWriter& s) { s.try_each(branches, true); }), kNone);
      EXPECT_EQ(recorder_.lines.size(), (policy & (holds ? 5U : 10U)) != 0 ? 1U : 0U) << policy << holds;
      if (recorder_.lines.empty()) continue;
      EXPECT_FALSE(recorder_.lines[0].final);
      EXPECT_EQ(recorder_.lines[0].ok, holds);
      EXPECT_EQ(recorder_.lines[0].property, suit::parameter::kComponentSlot);
      EXPECT_EQ(recorder_.lines[0].value, Octets{0});
    }
  }
}

}  // namespace
}  // namespace tailor::processor
