// SPDX-License-Identifier: Apache-2.0
#include "authoring/model/manifest_model.hpp"

namespace tailor::authoring {
namespace {

namespace manifest_key = suit::manifest_key;

bool severable(int64_t key) {
  return key == manifest_key::kCoswid || key == manifest_key::kDependencyResolution ||
         key == manifest_key::kPayloadFetch || key == manifest_key::kCandidateVerification ||
         key == manifest_key::kInstall || key == manifest_key::kText;
}

Bytes encode_common(const ManifestModel& manifest) {
  CborPairs common;
  if (!manifest.dependencies.empty()) {
    CborPairs dependencies;
    for (const auto& [index, prefix] : manifest.dependencies) {
      CborPairs metadata;
      if (!prefix.empty()) metadata.emplace_back(cbor_int(suit::dependency_key::kPrefix), cbor_component_id(prefix));
      dependencies.emplace_back(cbor_unsigned(index), cbor_map(std::move(metadata)));
    }
    common.emplace_back(cbor_int(suit::common_key::kDependencies), cbor_map(std::move(dependencies)));
  }
  std::vector<Bytes> components;
  for (const ComponentParts& id : manifest.components) components.push_back(cbor_component_id(id));
  common.emplace_back(cbor_int(suit::common_key::kComponents), cbor_array(components));
  if (!manifest.shared.empty()) {
    common.emplace_back(cbor_int(suit::common_key::kSharedSequence), cbor_bytes(manifest.shared.encode()));
  }
  return cbor_map(std::move(common));
}

CborPairs text_entries(const std::map<int64_t, std::string>& texts) {
  CborPairs pairs;
  for (const auto& [key, text] : texts) pairs.emplace_back(cbor_int(key), cbor_text(text));
  return pairs;
}

}  // namespace

void ManifestModel::add(int64_t key, const Sequence& sequence, bool severed) {
  if (!sequence.empty()) members[key] = {.content = sequence.encode(), .severed = severed};
}

Outcome<Bytes> ManifestModel::encode() const {
  if (components.empty()) return fail(Error::kValueOutOfRange, "a manifest needs a component");
  CborPairs map;
  map.emplace_back(cbor_int(manifest_key::kVersion), cbor_unsigned(suit::kManifestVersion));
  map.emplace_back(cbor_int(manifest_key::kSequenceNumber), cbor_unsigned(sequence_number));
  map.emplace_back(cbor_int(manifest_key::kCommon), cbor_bytes(encode_common(*this)));
  if (!reference_uri.empty()) map.emplace_back(cbor_int(manifest_key::kReferenceUri), cbor_text(reference_uri));
  if (!manifest_component_id.empty()) {
    map.emplace_back(cbor_int(manifest_key::kManifestComponentId), cbor_component_id(manifest_component_id));
  }
  if (!set_version.empty()) {
    std::vector<Bytes> parts;
    for (const int64_t part : set_version) parts.push_back(cbor_int(part));
    map.emplace_back(cbor_int(manifest_key::kSetVersion), cbor_bytes(cbor_array(parts)));
  }
  for (const auto& [key, member] : members) {
    if (!member.severed) {
      map.emplace_back(cbor_int(key), cbor_bytes(member.content));
      continue;
    }
    if (!severable(key)) return fail(Error::kValueOutOfRange, "this member cannot be severed");
    TAILOR_TRY_ASSIGN(const ImageDigest digest, digest_of_byte_string(digest_algorithm, member.content));
    map.emplace_back(cbor_int(key), cbor_digest(digest));
  }
  return cbor_map(std::move(map));
}

Outcome<Bytes> encode_envelope(const ManifestModel& manifest, const IntegratedPayloads& payloads) {
  TAILOR_TRY_ASSIGN(const Bytes content, manifest.encode());
  TAILOR_TRY_ASSIGN(const ImageDigest digest, digest_of_byte_string(manifest.digest_algorithm, content));
  CborPairs map;
  map.emplace_back(cbor_int(suit::envelope_key::kAuthentication),
                   cbor_bytes(cbor_array({cbor_bytes(cbor_digest(digest))})));
  map.emplace_back(cbor_int(suit::envelope_key::kManifest), cbor_bytes(content));
  for (const auto& [key, member] : manifest.members) {
    if (member.severed) map.emplace_back(cbor_int(key), cbor_bytes(member.content));
  }
  for (const auto& [uri, payload] : payloads) map.emplace_back(cbor_text(uri), cbor_bytes(payload));
  return cbor_tagged(suit::kEnvelopeTag, cbor_map(std::move(map)));
}

Bytes encode_texts(const Texts& texts) {
  CborPairs languages;
  for (const auto& [language, text] : texts) {
    CborPairs entries = text_entries(text.manifest);
    for (const auto& [id, of_component] : text.components) {
      entries.emplace_back(cbor_component_id(id), cbor_map(text_entries(of_component)));
    }
    languages.emplace_back(cbor_text(language), cbor_map(std::move(entries)));
  }
  return cbor_map(std::move(languages));
}

}  // namespace tailor::authoring
