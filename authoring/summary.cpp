// SPDX-License-Identifier: Apache-2.0
#include "authoring/summary.hpp"

#include <algorithm>

#include "authoring/sequence_reader.hpp"
#include "core/base/limits.hpp"
#include "core/cbor/map_reader.hpp"
#include "core/cose/sign1.hpp"
#include "core/suit/envelope.hpp"
#include "core/suit/manifest.hpp"

namespace tailor::authoring {
namespace {

namespace manifest_key = suit::manifest_key;

struct Section {
  int64_t key;
  const char* name;
};
/// In the order in which they run (manifest 6.6); the text is none that runs.
constexpr Section kSections[] = {
    {manifest_key::kPayloadFetch, "payload-fetch"},
    {manifest_key::kInstall, "install"},
    {manifest_key::kValidate, "validate"},
    {manifest_key::kLoad, "load"},
    {manifest_key::kInvoke, "invoke"},
};

Outcome<ComponentParts> parts_of(ByteView encoded) {
  TAILOR_TRY_ASSIGN(const suit::ComponentId id,
                    with_context(suit::decode_component_id(encoded), "component identifier"));
  ComponentParts parts;
  for (const ByteView part : id) parts.emplace_back(part.begin(), part.end());
  return parts;
}

AuthenticationBlock block_of(ByteView block) {
  AuthenticationBlock out;
  const Result<cose::Sign1> sign1 = cose::decode_sign1(block);
  if (sign1.ok()) {
    out.kind = "COSE_Sign1";
    out.algorithm = sign1->algorithm;
    out.key_id = to_hex(sign1->key_id);
    return out;
  }
  cbor::Reader reader(block);
  const Result<uint64_t> tag = reader.take_tag();
  out.kind = tag.ok() ? "tag " + std::to_string(tag.value()) : "unknown";
  return out;
}

Outcome<void> read_authentication(ByteView wrapper, EnvelopeSummary& out) {
  cbor::Reader reader(wrapper);
  TAILOR_TRY_ASSIGN(const size_t count, with_context(reader.take_array(), "authentication wrapper"));
  if (count == 0) return fail(Error::kAuthenticationMissing, "authentication wrapper without digest");
  TAILOR_TRY_ASSIGN(const ByteView encoded, with_context(reader.take_bytes(), "digest"));
  TAILOR_TRY_ASSIGN(const suit::Digest digest, with_context(suit::decode_digest(encoded), "digest"));
  if (digest.algorithm != crypto::HashAlgorithm::kSha256) return fail(Error::kAlgorithmUnsupported, "digest");
  std::copy(digest.bytes.begin(), digest.bytes.end(), out.digest.begin());
  for (size_t i = 1; i < count; ++i) {
    TAILOR_TRY_ASSIGN(const ByteView block, with_context(reader.take_bytes(), "authentication block"));
    out.blocks.push_back(block_of(block));
  }
  return with_context(reader.finish(), "authentication wrapper");
}

/// Reads one language of the text member: what it says of the manifest, and versions of components.
Outcome<void> read_language(cbor::Reader& reader, EnvelopeSummary& out) {
  TAILOR_TRY_ASSIGN(cbor::MapReader map, with_context(cbor::MapReader::open(reader), "text"));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const ByteView key, with_context(map.next_key_item(), "text"));
    cbor::Reader key_reader(key);
    if (key_reader.next_is(cbor::Type::kArray)) {
      TAILOR_TRY_ASSIGN(const ComponentParts id, parts_of(key));
      TAILOR_TRY_ASSIGN(cbor::MapReader texts, with_context(cbor::MapReader::open(reader), "text"));
      while (texts.more()) {
        TAILOR_TRY_ASSIGN(const int64_t label, with_context(texts.next_key(), "text"));
        TAILOR_TRY_ASSIGN(const std::string_view text, with_context(reader.take_text(), "text"));
        for (ComponentSummary& component : out.components) {
          if (component.id == id && label == suit::component_text_key::kComponentVersion) component.version = text;
        }
      }
      continue;
    }
    TAILOR_TRY_ASSIGN(const int64_t label, with_context(key_reader.take_int(), "text"));
    TAILOR_TRY_ASSIGN(const std::string_view text, with_context(reader.take_text(), "text"));
    if (label == suit::text_key::kManifestDescription) out.description = text;
    if (label == suit::text_key::kUpdateDescription) out.update_description = text;
  }
  return kOk;
}

Outcome<void> read_text(ByteView content, EnvelopeSummary& out) {
  cbor::Reader reader(content);
  TAILOR_TRY_ASSIGN(cbor::MapReader languages, with_context(cbor::MapReader::open(reader), "text"));
  while (languages.more()) {
    TAILOR_TRY(with_context(languages.next_key_item(), "text"));
    TAILOR_TRY(read_language(reader, out));
  }
  return with_context(reader.finish(), "text");
}

}  // namespace

Outcome<EnvelopeSummary> summarize(ByteView bytes) {
  EnvelopeSummary out;
  TAILOR_TRY_ASSIGN(const suit::Envelope envelope, with_context(suit::Envelope::from_bytes(bytes), "envelope"));
  TAILOR_TRY(read_authentication(envelope.authentication(), out));
  TAILOR_TRY_ASSIGN(const suit::Manifest manifest,
                    with_context(suit::decode_manifest(envelope.manifest()), "manifest"));
  out.sequence_number = manifest.sequence_number;
  out.reference_uri = manifest.reference_uri;
  for (size_t i = 0; i < manifest.component_count; ++i) {
    TAILOR_TRY_ASSIGN(const ByteView encoded, with_context(manifest.component(i), "components"));
    TAILOR_TRY_ASSIGN(ComponentParts id, parts_of(encoded));
    out.components.push_back({.id = std::move(id),
                              .vendor = {},
                              .device_class = {},
                              .digest = {},
                              .size_bytes = {},
                              .uri = {},
                              .version = {}});
  }

  // Severed members that came along stand in for what the manifest has only a digest of.
  std::vector<suit::EnvelopeMember> members;
  suit::Envelope::Members rest = envelope.members();
  while (rest.more()) {
    TAILOR_TRY_ASSIGN(const suit::EnvelopeMember member, with_context(rest.next(), "envelope"));
    if (member.key == 0) {
      out.payloads.push_back({std::string(member.uri), member.content.size()});
    } else {
      members.push_back(member);
    }
  }
  const auto content_of = [&](int64_t key, const char* name) -> ByteView {
    const suit::Member& member = manifest.member(key);
    if (member.place == suit::Member::Place::kInPlace) return member.bytes;
    if (member.place == suit::Member::Place::kAbsent) return {};
    out.severed.emplace_back(name);
    const auto found = std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.key == key; });
    return found == members.end() ? ByteView{} : found->content;
  };

  SequenceReader sequences(manifest.component_count);
  if (!manifest.shared_sequence.empty()) {
    TAILOR_TRY(sequences.read(manifest.shared_sequence, "manifest.common.shared-sequence"));
  }
  for (const Section& section : kSections) {
    const ByteView content = content_of(section.key, section.name);
    if (content.empty()) continue;
    out.sections.emplace_back(section.name);
    TAILOR_TRY(sequences.read(content, std::string("manifest.") + section.name));
  }
  for (size_t i = 0; i < out.components.size(); ++i) {
    const Parameters& set = sequences.parameters()[i];
    out.components[i].vendor = set.vendor;
    out.components[i].device_class = set.device_class;
    out.components[i].digest = set.digest;
    out.components[i].size_bytes = set.size_bytes;
    out.components[i].uri = set.uri;
  }
  const ByteView text = content_of(manifest_key::kText, "text");
  if (!text.empty()) TAILOR_TRY(read_text(text, out));
  return out;
}

std::string algorithm_name(int64_t cose_algorithm) {
  switch (cose_algorithm) {
    case cose::algorithm::kEs256:
      return "ES256";
    case cose::algorithm::kEsp256:
      return "ESP256";
    case cose::algorithm::kEdDsa:
      return "EdDSA";
    case cose::algorithm::kEd25519:
      return "Ed25519";
    case cose::algorithm::kHssLms:
      return "HSS-LMS";
    default:
      return std::to_string(cose_algorithm);
  }
}

}  // namespace tailor::authoring
