// SPDX-License-Identifier: Apache-2.0
// Trust domains: what a dependency must be, dependencies of one, two and too many levels, and set-parameters.
#include "core/processor/trust_domains.test.hpp"

namespace tailor::processor {
namespace {

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

}  // namespace
}  // namespace tailor::processor
