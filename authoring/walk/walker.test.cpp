// SPDX-License-Identifier: Apache-2.0
// What the walk finds, where: path and byte offset of every malformed class, and nothing in the official examples.
#include "authoring/walk/walker.hpp"

#include <gtest/gtest.h>

#include "authoring/manifest.hpp"
#include "authoring/testing.hpp"
#include "authoring/walk/flow.hpp"

namespace tailor::authoring {
namespace {

constexpr suit::Leniency kAll{.untagged_envelope = true,
                              .legacy_algorithms = true,
                              .missing_dependency_integrity = true,
                              .index_beyond_components = true};

/// An envelope with one signature-less wrapper and the manifest that `edit` changes.
ManifestModel model() {
  ManifestModel manifest;
  manifest.sequence_number = 1;
  manifest.components = {{{0}}};
  return manifest;
}
Bytes envelope(const ManifestModel& manifest, const IntegratedPayloads& payloads = {}) {
  return encode_envelope(manifest, payloads).value();
}
Bytes with_install(const Sequence& sequence) {
  ManifestModel manifest = model();
  manifest.add(suit::manifest_key::kInstall, sequence);
  return envelope(manifest);
}
Bytes with_parameter(int64_t label, Bytes value) {
  return with_install(Sequence().override_parameters(Parameters().set(label, std::move(value))));
}

TEST(Walker, FindsNothingInWhatTheModelMakes) {
  ManifestModel manifest = model();
  manifest.components = {{{0}}, {{1}}};
  manifest.dependencies = {{1, {}}};
  manifest.manifest_component_id = {{2}};
  manifest.set_version = {1, -1, 2};
  manifest.shared.set_component_index(0).override_parameters(Parameters().vendor({}).device_class({}));
  Parameters every;
  every.device({}).image_digest(crypto::Sha256Digest{}).image_size(1).slot(0).uri("u").source_component(1).content({});
  every.invoke_arguments({}).fetch_arguments({}).strict_order(true).soft_failure(false).use_before(1).minimum_battery(
      1);
  every.update_priority(-1).version(2, {1, 2}).wait_info({{cbor_int(1), cbor_int(2)}});
  every.component_metadata({{cbor_int(5), cbor_int(1)}});
  Sequence sequence;
  sequence.set_all_components().set_component_indices({0, 1}).override_parameters(every).set_parameters(every);
  sequence.override_multiple({{0, every}}).copy_parameters({{0, {3}}});
  sequence.try_each({Sequence().command(14, 0), Sequence().command(3, 15)}, true);
  sequence.run_sequence(Sequence().command(21, 2)).command(7, 15);
  manifest.add(suit::manifest_key::kInstall, sequence, true);
  manifest.members[suit::manifest_key::kText] = {
      .content = encode_texts({{"en", {.manifest = {{1, "d"}}, .components = {{{{0}}, {{6, "1"}}}}}}}),
      .severed = true};
  const Bytes bytes = envelope(manifest, {{"#a", {1, 2, 3}}});
  const Walked walked = walk_envelope(bytes);
  EXPECT_TRUE(walked.check().ok()) << walked.check().error().context;
  EXPECT_TRUE(walked.tagged());
  ASSERT_EQ(walked.payloads().size(), 1U);
  EXPECT_EQ(walked.payloads()[0]->path, "[\"#a\"]");
  EXPECT_EQ(walked.member(suit::manifest_key::kInstall)->path, "install");
  EXPECT_EQ(walked.member(suit::manifest_key::kText)->inner().type, cbor::Type::kMap);
  EXPECT_EQ(walked.manifest_digest().value(),
            digest_of_byte_string(crypto::HashAlgorithm::kSha256, manifest.encode().value()).value());
}

TEST(Walker, EveryFindingHasItsPlace) {
  const auto sequences = [](size_t depth) {
    Sequence inner = Sequence().command(3, 15);
    for (size_t i = 0; i < depth; ++i) inner = Sequence().run_sequence(inner);
    return inner;
  };
  ManifestModel two = model();
  two.components.push_back({{1}});
  ManifestModel process = two;
  process.add(suit::manifest_key::kInstall, Sequence().set_component_index(1).command(11, 0));
  ManifestModel unchecked = process;
  unchecked.dependencies = {{1, {}}};
  ManifestModel beyond = model();
  beyond.dependencies = {{1, {{5}}}};
  ManifestModel shared = model();
  shared.shared.command(21, 0);
  ManifestModel unselected = two;
  unselected.add(suit::manifest_key::kValidate, Sequence().command(3, 15));
  const std::string install = "manifest.install[0].";
  const struct {
    const char* name;
    Bytes bytes;
    Error code;
    std::string path;
    std::string rule;
  } rows[] = {
      {"command", with_install(Sequence().command(3, 15).command(30, 0)), Error::kCommandUnsupported,
       "manifest.install[1]", "command 30"},
      {"custom command", with_install(Sequence().custom(-300, cbor_null())), Error::kCommandUnsupported,
       "manifest.install[0]", "command -300"},
      {"policy", with_install(Sequence().command(3, 16)), Error::kValueOutOfRange, install + "image-match",
       "bits 0 to 3"},
      {"policy type", with_install(Sequence().custom(3, cbor_null())), Error::kCborWrongType, install + "image-match",
       "unsigned"},
      {"empty sequence", with_install(Sequence().run_sequence(Sequence())), Error::kValueOutOfRange,
       install + "run-sequence", "has a command"},
      {"parameter", with_parameter(31, cbor_int(1)), Error::kParameterUnsupported, install + "override-parameters",
       "key 31"},
      {"custom parameter", with_parameter(-1, cbor_int(1)), Error::kParameterUnsupported,
       install + "override-parameters", "key -1"},
      {"UUID", with_parameter(2, cbor_bytes(Bytes(15))), Error::kValueOutOfRange,
       install + "override-parameters.class-identifier", "16 bytes"},
      {"vendor", with_parameter(1, cbor_tagged(111, cbor_bytes({}))), Error::kCborWrongType,
       install + "override-parameters.vendor-identifier", "tag 112"},
      {"digest not wrapped", with_parameter(3, cbor_digest(crypto::Sha256Digest{})), Error::kCborWrongType,
       install + "override-parameters.image-digest", "a byte string"},
      {"digest empty", with_parameter(3, cbor_bytes({})), Error::kTruncated,
       install + "override-parameters.image-digest", "around CBOR"},
      {"digest trailing", with_parameter(3, cbor_bytes("82 2f 40 00"_hex)), Error::kValueOutOfRange,
       install + "override-parameters.image-digest.bytes", "32 bytes"},
      {"digest algorithm", with_parameter(3, cbor_bytes("82 10 40"_hex)), Error::kAlgorithmUnsupported,
       install + "override-parameters.image-digest.algorithm", "digest algorithm 16"},
      {"digest cut", with_parameter(3, cbor_bytes("82 2f 58"_hex)), Error::kTruncated,
       install + "override-parameters.image-digest.bytes", "ends inside"},
      {"long head", with_parameter(14, Bytes{0x18, 0x01}), Error::kCborNotCanonical,
       install + "override-parameters.image-size", "deterministic"},
      {"float", with_parameter(14, Bytes{0xF9, 0x3C, 0x00}), Error::kCborWrongType,
       install + "override-parameters.image-size", "unsigned"},
      {"boolean", with_parameter(13, cbor_null()), Error::kCborWrongType, install + "override-parameters.soft-failure",
       "true or false"},
      {"source", with_parameter(22, cbor_unsigned(1)), Error::kComponentIndexInvalid,
       install + "override-parameters.source-component", "component 1"},
      {"encryption", with_parameter(19, cbor_bytes(cbor_tagged(16, cbor_null()))), Error::kCborWrongType,
       install + "override-parameters.encryption-info", "an array"},
      {"version", with_parameter(28, cbor_bytes("82 06 81 01"_hex)), Error::kValueOutOfRange,
       install + "override-parameters.version.comparison", "1 to 5"},
      {"wait", with_parameter(29, cbor_bytes("a1 0a 00"_hex)), Error::kUnknownKey,
       install + "override-parameters.wait-info", "key 10"},
      {"day", with_parameter(29, cbor_bytes("a1 07 07"_hex)), Error::kValueOutOfRange,
       install + "override-parameters.wait-info.day-of-week", "0 to 6"},
      {"index", with_install(Sequence().set_component_index(1)), Error::kComponentIndexInvalid,
       install + "set-component-index", "component 1"},
      {"index false", with_install(Sequence().custom(12, cbor_bool(false))), Error::kCborWrongType,
       install + "set-component-index", "an index, true"},
      {"no index", with_install(Sequence().set_component_indices({})), Error::kValueOutOfRange,
       install + "set-component-index", "at least one"},
      {"one branch", with_install(Sequence().try_each({Sequence().command(3, 15)}, false)), Error::kValueOutOfRange,
       install + "try-each", "two branches"},
      {"branch", with_install(Sequence().try_each({Sequence().command(3, 15), Sequence().command(3, 99)}, false)),
       Error::kValueOutOfRange, install + "try-each[1][0].image-match", "bits"},
      {"nesting", with_install(sequences(5)), Error::kCborTooDeep,
       "manifest.install[0].run-sequence[0].run-sequence[0].run-sequence[0].run-sequence[0].run-sequence", "nest"},
      {"shared", envelope(shared), Error::kCommandNotAllowed, "manifest.common.shared-sequence[0].fetch", "conditions"},
      {"nothing selected", envelope(unselected), Error::kComponentIndexInvalid, "manifest.validate[0].image-match",
       "begins with set-component-index"},
      {"no dependency", envelope(process), Error::kCommandNotAllowed, "manifest.install[1].process-dependency",
       "works on a dependency"},
      {"unchecked dependency", envelope(unchecked), Error::kCommandNotAllowed, "manifest.install[1].process-dependency",
       "missing-dependency-integrity"},
      {"dependency beyond", envelope(beyond), Error::kComponentIndexInvalid, "manifest.common.dependencies.1",
       "index-beyond-components"},
  };
  for (const auto& row : rows) {
    const Walked walked = walk_envelope(row.bytes);
    ASSERT_FALSE(walked.findings().empty()) << row.name;
    const Finding& first = walked.findings().front();
    EXPECT_EQ(name_of(first.code), name_of(row.code)) << row.name << ": " << first.rule;
    EXPECT_EQ(first.path, row.path) << row.name;
    EXPECT_NE(first.rule.find(row.rule), std::string::npos) << row.name << ": " << first.rule;
    EXPECT_LT(first.offset, row.bytes.size()) << row.name;
  }
  EXPECT_TRUE(walk_envelope(with_install(sequences(4))).check().ok()) << "as deep as devices go";
}

TEST(Walker, OffsetsAreThoseOfTheFile) {
  const struct {
    const char* name;
    Bytes bytes;
    Error code;
    size_t offset;
  } rows[] = {
      {"empty", {}, Error::kTruncated, 0},
      {"cut head", bytes_of("d8"_hex), Error::kTruncated, 0},
      {"cut map", bytes_of("d8 6b a2 02"_hex), Error::kTruncated, 2},
      {"untagged", bytes_of("a2 02 43 81 41 80 03 41 a0"_hex), Error::kEnvelopeUntagged, 0},
      {"other tag", bytes_of("d8 6c a2 02 43 81 41 80 03 41 a0"_hex), Error::kEnvelopeUntagged, 0},
      {"indefinite", bytes_of("d8 6b bf 02 43 81 41 80 ff"_hex), Error::kCborNotCanonical, 2},
      {"keys swapped", bytes_of("d8 6b a2 03 41 a0 02 43 81 41 80"_hex), Error::kCborNotCanonical, 6},
      {"key twice", bytes_of("d8 6b a2 02 43 81 41 80 02 43 81 41 80"_hex), Error::kDuplicateKey, 8},
      {"trailing", bytes_of("d8 6b a2 02 43 81 41 80 03 41 a0 00"_hex), Error::kTrailingBytes, 11},
      {"delegation", bytes_of("d8 6b a3 01 40 02 43 81 41 80 03 41 a0"_hex), Error::kUnknownKey, 3},
  };
  for (const auto& row : rows) {
    const Walked walked = walk_envelope(row.bytes);
    const auto found = std::find_if(walked.findings().begin(), walked.findings().end(), [&](const Finding& finding) {
      return finding.code == row.code && finding.offset == row.offset;
    });
    EXPECT_NE(found, walked.findings().end()) << row.name << ": " << walked.check().error().context;
  }
}

TEST(Walker, EveryPrefixIsUnreadable) {
  const Bytes whole = with_install(Sequence().override_parameters(Parameters().uri("u")).command(21, 2));
  ASSERT_TRUE(walk_envelope(whole).check().ok());
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(walk_envelope(ByteView(whole).first(size)).readable()) << size;
  }
}

TEST(Walker, SwitchesAllowWhatTheyName) {
  ManifestModel beyond = model();
  beyond.dependencies = {{1, {{5}}}};
  beyond.add(suit::manifest_key::kInstall, Sequence().set_component_index(1).command(11, 0));
  const Bytes bytes = envelope(beyond);
  EXPECT_EQ(walk_envelope(bytes).findings().size(), 2U);
  EXPECT_EQ(walk_envelope(bytes, {.index_beyond_components = true}).findings().size(), 1U);
  EXPECT_EQ(walk_envelope(bytes, {.missing_dependency_integrity = true}).findings().size(), 1U);
  EXPECT_TRUE(walk_envelope(bytes, kAll).check().ok());
  EXPECT_FALSE(walk_envelope(ByteView(bytes).subspan(2)).check().ok());
  EXPECT_TRUE(walk_envelope(ByteView(bytes).subspan(2), kAll).check().ok());
}

TEST(Walker, ManyItemsEnd) {
  Bytes flood = bytes_of("d8 6b a3 02 43 81 41 80 03 41 a0 0e 5a 00100000 9a 000ffffb"_hex);
  flood.resize(flood.size() + 0xFFFFB, 0x00);
  const Walked walked = walk_envelope(flood);
  EXPECT_FALSE(walked.check().ok());
}

TEST(WalkerVectors, OfficialFilesAreUnderstood) {
  const struct {
    const char* file;
    suit::Leniency needs;
  } rows[] = {
      {"manifest-37/example0-signed.suit", {}},
      {"manifest-37/example1-signed.suit", {}},
      {"manifest-37/example2-signed.suit", {}},
      {"manifest-37/example2-signed-severed.suit", {}},
      {"manifest-37/example3-signed.suit", {}},
      {"manifest-37/example4-signed.suit", {}},
      {"manifest-37/example5-signed.suit", {}},
      {"trust-domains-11/example0_dependent.suit", {}},
      {"trust-domains-11/example1_process.suit", {.index_beyond_components = true}},
      {"trust-domains-11/example2_integrated.suit",
       {.missing_dependency_integrity = true, .index_beyond_components = true}},
      {"fwenc-24/suit-manifest-aes-kw.suit", {}},
      {"fwenc-24/suit-manifest-aes-kw-content.suit", {}},
      {"fwenc-24/suit-manifest-aes-kw-slot.suit", {}},
      {"fwenc-24/suit-manifest-es-ecdh-content.suit", {}},
      {"fwenc-24/suit-manifest-es-ecdh-dependency.suit", {.index_beyond_components = true}},
      {"teep-21/suit_integrated.cbor", {.untagged_envelope = true}},
      {"teep-21/suit_uri.cbor", {.untagged_envelope = true}},
      {"teep-21/suit_personalization.cbor",
       {.untagged_envelope = true, .missing_dependency_integrity = true, .index_beyond_components = true}},
  };
  for (const auto& row : rows) {
    const auto bytes = suit_vector(row.file);
    if (!bytes) GTEST_SKIP() << "vectors are not here";
    const Walked walked = walk_envelope(*bytes, row.needs);
    EXPECT_TRUE(walked.check().ok()) << row.file << ": " << walked.check().error().context;
    // each switch is needed
    for (bool suit::Leniency::*member :
         {&suit::Leniency::untagged_envelope, &suit::Leniency::missing_dependency_integrity,
          &suit::Leniency::index_beyond_components}) {
      suit::Leniency less = row.needs;
      if (!(less.*member)) continue;
      less.*member = false;
      EXPECT_FALSE(walk_envelope(*bytes, less).check().ok()) << row.file;
    }
  }
}

}  // namespace
}  // namespace tailor::authoring
