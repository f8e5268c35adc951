// SPDX-License-Identifier: Apache-2.0
// Trust domains: dependencies inside an envelope that streams past, envelopes that are stored, and records that name a
// place in a tree.
#include "core/processor/receiver.hpp"
#include "core/processor/stored_envelope.hpp"
#include "core/processor/trust_domains.test.hpp"

namespace tailor::processor {
namespace {

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
