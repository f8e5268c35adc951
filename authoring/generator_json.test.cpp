// SPDX-License-Identifier: Apache-2.0
// Rebuilds the official examples from the documents beside them, byte for byte where they are on this machine.
#include "authoring/generator_json.hpp"

#include <gtest/gtest.h>

#include "authoring/manifest.hpp"
#include "authoring/testing.hpp"
#include "core/cbor/writer.hpp"
#include "core/suit/envelope.hpp"

namespace tailor::authoring {
namespace {

constexpr const char* kDocument = R"({
  "components": [{
    "install-id": ["00"],
    "install-digest": {"algorithm-id": "sha256",
      "digest-bytes": "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210"},
    "vendor-id": "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe",
    "class-id": "1492af14-2569-5e48-bf42-9b2d51f2ab45",
    "install-size": 34768,
    "uri": "http://example.com/file.bin"
  }],
  "manifest-version": 1,
  "manifest-sequence-number": 1
})";

Outcome<ImportedDescription> import(std::string_view text, ImportTexts texts = ImportTexts::kAsGenerated) {
  return import_generator_json(text, ".", texts);
}

std::string with(const std::string& from, const std::string& to) {
  std::string document = kDocument;
  const size_t at = document.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return document.replace(at, from.size(), to);
}

TEST(GeneratorJson, MakesADescription) {
  const auto imported = import(kDocument);
  ASSERT_TRUE(imported.ok()) << imported.error().context;
  EXPECT_TRUE(imported->notes.empty());
  EXPECT_EQ(imported->description.components[0].uri, "http://example.com/file.bin");
  EXPECT_EQ(imported->description.components[0].id, ComponentParts{{0}});
  EXPECT_EQ(create_envelope(imported->description)->size(), 196U) << "example 1";
}

TEST(GeneratorJson, SaysWhatIsNotCarried) {
  const auto imported = import(with("\"install-size\"", "\"frobnicate\": 1, \"install-size\""));
  ASSERT_TRUE(imported.ok());
  EXPECT_EQ(imported->notes, std::vector<std::string>{"components[0].frobnicate is not carried"});
}

TEST(GeneratorJson, RefusesWithThePath) {
  const struct {
    const char* name;
    std::string document;
    const char* says;
  } rows[] = {
      {"no JSON", "{", "at byte 1: no JSON"},
      {"array", "[]", "document: not an object"},
      {"version", with("\"manifest-version\": 1", "\"manifest-version\": 2"), "manifest-version: has to be 1"},
      {"no sequence number", with("manifest-sequence-number", "x"), "manifest-sequence-number: is missing"},
      {"negative sequence number", with("number\": 1", "number\": -1"),
       "manifest-sequence-number: not a natural number"},
      {"no components", with("\"components\": [{", "\"x\": [{"), "components: not an array"},
      {"id", with("[\"00\"]", "[\"0\"]"), "components[0].install-id: '0' is not hexadecimal"},
      {"id of numbers", with("[\"00\"]", "[0]"), "components[0].install-id: not an array"},
      {"no id", with("install-id", "x"), "components[0].install-id: is missing"},
      {"digest algorithm", with("sha256", "md5"), "components[0].install-digest.algorithm-id: 'md5'"},
      {"digest length", with("00112233", "112233"), "components[0].install-digest.digest-bytes: not a digest"},
      {"no size", with("install-size", "x"), "components[0].install-size: is missing"},
      {"vendor", with("fa6b4a53", "fa6b4a5"), "components[0].vendor-id: not a UUID"},
      {"offset", with("\"install-size\"", "\"offset\": 1, \"install-size\""), "components[0].offset: is not in the"},
      {"dependencies", with("\"manifest-version\"", "\"dependencies\": [], \"manifest-version\""),
       "dependencies: of old"},
      {"load", with("\"uri\"", "\"loadable\": true, \"uri\""), "load-id: is missing"},
      {"staging", with("\"uri\"", "\"install-on-download\": false, \"uri\""), "download-id: is missing"},
      {"flag", with("\"uri\"", "\"bootable\": 1, \"uri\""), "components[0].bootable: neither true nor false"},
      {"file", with("\"uri\"", "\"file\": \"none\", \"uri\""), "none"},
  };
  for (const auto& row : rows) {
    const auto imported = import(row.document);
    ASSERT_FALSE(imported.ok()) << row.name;
    EXPECT_NE(imported.error().context.find(row.says), std::string::npos)
        << row.name << ": " << imported.error().context;
  }
}

/// What was signed of an official file, and everything behind it.
Bytes without_signatures(ByteView envelope) {
  const auto parsed = suit::Envelope::from_bytes(envelope, suit::kStrict).value();
  cbor::Reader wrapper(parsed.authentication());
  EXPECT_TRUE(wrapper.take_array().ok());
  const ByteView digest = wrapper.take_item().value();
  cbor::Reader reader(envelope);
  EXPECT_TRUE(reader.take_tag().ok());
  const size_t members = reader.take_map().value();
  EXPECT_TRUE(reader.take_int().ok());
  EXPECT_TRUE(reader.take_item().ok());
  Bytes out(envelope.size());
  cbor::Writer writer(out);
  writer.put_tag(suit::kEnvelopeTag).put_map(members).put_int(suit::envelope_key::kAuthentication);
  const size_t mark = writer.open();
  writer.put_array(1).put_encoded(digest).close_bytes(mark).put_encoded(reader.rest());
  out.resize(writer.finish().value().size());
  return out;
}

TEST(GeneratorJsonVectors, RebuildsEveryOfficialExample) {
  if (!suit_vector("manifest-37/example0.json")) GTEST_SKIP() << "vectors are not here";
  for (const char* name : {"example0", "example1", "example2", "example3", "example4", "example5"}) {
    const std::string base = std::string("manifest-37/") + name;
    const auto imported = import(as_text(suit_vector(base + ".json").value()));
    ASSERT_TRUE(imported.ok()) << name << ": " << imported.error().context;
    const auto rebuilt = create_envelope(imported->description);
    ASSERT_TRUE(rebuilt.ok()) << name << ": " << rebuilt.error().context;
    const auto official = suit_vector(base + "-unsigned.suit");
    // Example 2 is published unsigned only where its members are gone.
    EXPECT_EQ(*rebuilt, official ? *official : without_signatures(suit_vector(base + "-signed.suit").value())) << name;
  }
}

TEST(GeneratorJsonVectors, Example2SaysWhichTextsItDropped) {
  const auto document = suit_vector("manifest-37/example2.json");
  if (!document) GTEST_SKIP() << "vectors are not here";
  const auto imported = import(as_text(*document)).value();
  EXPECT_EQ(imported.notes.size(), 3U) << "model-info, component-version, include-json";
  auto all = import(as_text(*document), ImportTexts::kAll).value();
  EXPECT_EQ(all.notes, std::vector<std::string>{"include-json is not carried"});
  EXPECT_EQ(all.description.texts["en-US"].components[{{0}}][suit::component_text_key::kComponentVersion], "v1.0.1");
}

}  // namespace
}  // namespace tailor::authoring
