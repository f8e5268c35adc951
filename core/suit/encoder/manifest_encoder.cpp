// SPDX-License-Identifier: Apache-2.0
#include "core/suit/encoder/manifest_encoder.hpp"

#include "core/suit/digest.hpp"
#include "core/suit/manifest.hpp"

namespace tailor::suit {
namespace {

Status put_members(cbor::Writer& writer, std::span<const ManifestMember> members) noexcept {
  int64_t previous = manifest_key::kReferenceUri;
  for (const ManifestMember& member : members) {
    if (member.key <= previous) return Error::kCborNotCanonical;
    previous = member.key;
    writer.put_int(member.key);
    if (!member.severed) {
      writer.put_bytes(member.content);
      continue;
    }
    if (!is_severable(member.key)) return Error::kValueOutOfRange;
    TAILOR_TRY_ASSIGN(const crypto::Sha256Digest digest, digest_of_item(member.content));
    put_digest(writer, digest);
  }
  return kOk;
}

void put_dependencies(cbor::Writer& writer, std::span<const DependencyPart> dependencies) noexcept {
  if (dependencies.empty()) return;
  writer.put_int(common_key::kDependencies).put_map(dependencies.size());
  for (const DependencyPart& dependency : dependencies) {
    writer.put_unsigned(dependency.index).put_map(dependency.prefix.empty() ? 0 : 1);
    if (!dependency.prefix.empty()) put_component_id(writer.put_int(dependency_key::kPrefix), dependency.prefix);
  }
}

void put_entries(cbor::Writer& writer, std::span<const TextEntry> entries) noexcept {
  for (const TextEntry& entry : entries) writer.put_int(entry.key).put_text(entry.text);
}

}  // namespace

Result<crypto::Sha256Digest> digest_of_item(ByteView content) noexcept {
  uint8_t head[cbor::kMaxHeadBytes];
  const size_t length = cbor::encode_head(cbor::Type::kBytes, content.size(), head);
  crypto::Hash hash;
  TAILOR_TRY(hash.update(ByteView(head, length)));
  TAILOR_TRY(hash.update(content));
  crypto::Sha256Digest digest;
  TAILOR_TRY(hash.finish(digest));
  return digest;
}

Result<ByteView> encode_manifest(const ManifestParts& parts, MutableBytes out) noexcept {
  if (parts.components.empty() && parts.dependencies.empty()) return Error::kValueOutOfRange;
  cbor::Writer writer(out);
  const size_t optional = (parts.reference_uri.empty() ? 0U : 1U) + (parts.component_id.empty() ? 0U : 1U) +
                          (parts.set_version.empty() ? 0U : 1U);
  writer.put_map(3 + optional + parts.members.size());
  writer.put_int(manifest_key::kVersion).put_unsigned(kManifestVersion);
  writer.put_int(manifest_key::kSequenceNumber).put_unsigned(parts.sequence_number);
  writer.put_int(manifest_key::kCommon);
  const size_t common = writer.open();
  writer.put_map((parts.dependencies.empty() ? 0U : 1U) + (parts.components.empty() ? 0U : 1U) +
                 (parts.shared_sequence.empty() ? 0U : 1U));
  put_dependencies(writer, parts.dependencies);
  if (!parts.components.empty()) {
    writer.put_int(common_key::kComponents).put_array(parts.components.size());
    for (const ComponentId& id : parts.components) put_component_id(writer, id);
  }
  if (!parts.shared_sequence.empty()) writer.put_int(common_key::kSharedSequence).put_bytes(parts.shared_sequence);
  writer.close_bytes(common);
  if (!parts.reference_uri.empty()) writer.put_int(manifest_key::kReferenceUri).put_text(parts.reference_uri);
  if (!parts.component_id.empty()) {
    put_component_id(writer.put_int(manifest_key::kManifestComponentId), parts.component_id);
  }
  if (!parts.set_version.empty()) {
    writer.put_int(manifest_key::kSetVersion);
    const size_t version = writer.open();
    writer.put_array(parts.set_version.size());
    for (const int64_t number : parts.set_version) writer.put_int(number);
    writer.close_bytes(version);
  }
  TAILOR_TRY(put_members(writer, parts.members));
  return writer.finish();
}

Result<ByteView> encode_text(std::string_view language, std::span<const TextEntry> entries,
                             std::span<const ComponentText> components, MutableBytes out) noexcept {
  cbor::Writer writer(out);
  writer.put_map(1).put_text(language).put_map(entries.size() + components.size());
  put_entries(writer, entries);
  for (const ComponentText& component : components) {
    put_component_id(writer, component.id).put_map(component.entries.size());
    put_entries(writer, component.entries);
  }
  return writer.finish();
}

}  // namespace tailor::suit
