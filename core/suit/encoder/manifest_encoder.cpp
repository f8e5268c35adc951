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
  if (parts.components.empty()) return Error::kValueOutOfRange;
  cbor::Writer writer(out);
  writer.put_map(3 + (parts.reference_uri.empty() ? 0U : 1U) + parts.members.size());
  writer.put_int(manifest_key::kVersion).put_unsigned(kManifestVersion);
  writer.put_int(manifest_key::kSequenceNumber).put_unsigned(parts.sequence_number);
  writer.put_int(manifest_key::kCommon);
  const size_t common = writer.open();
  writer.put_map(parts.shared_sequence.empty() ? 1 : 2);
  writer.put_int(common_key::kComponents).put_array(parts.components.size());
  for (const ComponentId& id : parts.components) put_component_id(writer, id);
  if (!parts.shared_sequence.empty()) writer.put_int(common_key::kSharedSequence).put_bytes(parts.shared_sequence);
  writer.close_bytes(common);
  if (!parts.reference_uri.empty()) writer.put_int(manifest_key::kReferenceUri).put_text(parts.reference_uri);
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
