// SPDX-License-Identifier: Apache-2.0
#include "core/suit/manifest.hpp"

#include "core/cbor/map_reader.hpp"

namespace tailor::suit {
namespace {

Status take_components(cbor::Reader& reader, Manifest& manifest) noexcept {
  TAILOR_TRY_ASSIGN(manifest.component_count, reader.take_array());
  if (manifest.component_count == 0) return Error::kMissingKey;
  if (manifest.component_count > limits::kComponents) return Error::kTooManyComponents;
  const ByteView before = reader.rest();
  for (size_t i = 0; i < manifest.component_count; ++i) TAILOR_TRY(take_component_id(reader));
  manifest.components = before.first(before.size() - reader.rest().size());
  return kOk;
}

Status decode_common(ByteView content, Manifest& manifest) noexcept {
  cbor::Reader reader(content);
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t key, map.next_key());
    if (key == common_key::kComponents) {
      TAILOR_TRY(take_components(reader, manifest));
    } else if (key == common_key::kSharedSequence) {
      TAILOR_TRY_ASSIGN(manifest.shared_sequence, reader.take_bytes());
    } else {
      return Error::kUnknownKey;
    }
  }
  return reader.finish();
}

Status take_member(cbor::Reader& reader, int64_t key, Manifest& manifest) noexcept {
  const size_t index = Manifest::index_of(key);
  if (index == manifest.members.size()) return Error::kUnknownKey;
  Member& member = manifest.members[index];
  if (reader.next_is(cbor::Type::kArray) && is_severable(key)) {
    TAILOR_TRY_ASSIGN(const Digest digest, take_digest(reader));
    member = {digest.bytes, Member::Place::kSevered};
    return kOk;
  }
  TAILOR_TRY_ASSIGN(const ByteView content, reader.take_bytes());
  member = {content, Member::Place::kInPlace};
  return kOk;
}

}  // namespace

size_t Manifest::index_of(int64_t key) noexcept {
  size_t index = 0;
  while (index < kMemberKeys.size() && kMemberKeys[index] != key) ++index;
  return index;
}

Member Manifest::member(int64_t key) const noexcept {
  const size_t index = index_of(key);
  return index == members.size() ? Member{} : members[index];
}

Result<ByteView> Manifest::component(size_t index) const noexcept {
  if (index >= component_count) return Error::kComponentIndexInvalid;
  cbor::Reader reader(components);
  for (; index > 0; --index) TAILOR_TRY(reader.take_item());
  return reader.take_item();
}

Result<Manifest> decode_manifest(ByteView content) noexcept {
  cbor::Reader reader(content);
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  Manifest manifest;
  unsigned required_left = 3;
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t key, map.next_key());
    switch (key) {
      case manifest_key::kVersion: {
        TAILOR_TRY_ASSIGN(const uint64_t version, reader.take_unsigned());
        if (version != kManifestVersion) return Error::kManifestVersionUnsupported;
        --required_left;
        break;
      }
      case manifest_key::kSequenceNumber: {
        TAILOR_TRY_ASSIGN(manifest.sequence_number, reader.take_unsigned());
        --required_left;
        break;
      }
      case manifest_key::kCommon: {
        TAILOR_TRY_ASSIGN(const ByteView common, reader.take_bytes());
        TAILOR_TRY(decode_common(common, manifest));
        --required_left;
        break;
      }
      case manifest_key::kReferenceUri: {
        TAILOR_TRY_ASSIGN(manifest.reference_uri, reader.take_text());
        break;
      }
      default:
        TAILOR_TRY(take_member(reader, key, manifest));
    }
  }
  TAILOR_TRY(reader.finish());
  if (required_left != 0 || manifest.component_count == 0) return Error::kMissingKey;
  return manifest;
}

}  // namespace tailor::suit
