// SPDX-License-Identifier: Apache-2.0
#include "core/suit/manifest.hpp"

#include "core/cbor/map_reader.hpp"

namespace tailor::suit {
namespace {

ByteView taken(ByteView before, const cbor::Reader& reader) noexcept {
  return before.first(before.size() - reader.rest().size());
}

Status take_components(cbor::Reader& reader, Manifest& manifest) noexcept {
  TAILOR_TRY_ASSIGN(manifest.component_count, reader.take_array());
  if (manifest.component_count > limits::kComponents) return Error::kTooManyComponents;
  const ByteView before = reader.rest();
  for (size_t i = 0; i < manifest.component_count; ++i) TAILOR_TRY(take_component_id(reader));
  manifest.components = taken(before, reader);
  return kOk;
}

Status take_dependencies(cbor::Reader& reader, Manifest& manifest) noexcept {
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  if (!map.more()) return Error::kValueOutOfRange;  // one or more, or no such key
  const ByteView before = reader.rest();
  while (map.more()) {
    cbor::Reader entry(reader.rest());
    TAILOR_TRY_ASSIGN(const Dependency dependency, Manifest::take_dependency(entry));
    if (dependency.index >= limits::kComponents) return Error::kTooManyComponents;
    TAILOR_TRY(map.next_key());
    TAILOR_TRY(reader.take_item());
  }
  manifest.dependencies = taken(before, reader);
  return kOk;
}

Status decode_common(ByteView content, Manifest& manifest) noexcept {
  cbor::Reader reader(content);
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t key, map.next_key());
    if (key == common_key::kComponents) {
      TAILOR_TRY(take_components(reader, manifest));
    } else if (key == common_key::kDependencies) {
      TAILOR_TRY(take_dependencies(reader, manifest));
    } else if (key == common_key::kSharedSequence) {
      TAILOR_TRY_ASSIGN(manifest.shared_sequence, reader.take_bytes());
      if (manifest.shared_sequence.empty()) return Error::kTruncated;  // empty means absent
    } else {
      return Error::kUnknownKey;
    }
  }
  return reader.finish();
}

/// A version: one number or more (update-management 4.1).
Status check_version(ByteView encoded) noexcept {
  cbor::Reader reader(encoded);
  TAILOR_TRY_ASSIGN(const size_t parts, reader.take_array());
  if (parts == 0 || parts > limits::kVersionParts) return Error::kValueOutOfRange;
  for (size_t i = 0; i < parts; ++i) TAILOR_TRY(reader.take_int());
  return reader.finish();
}

Status take_member(cbor::Reader& reader, int64_t key, Manifest& manifest) noexcept {
  const size_t index = Manifest::index_of(key);
  if (index == manifest.members.size()) return Error::kUnknownKey;
  Member& member = manifest.members[index];
  if (reader.next_is(cbor::Type::kArray) && is_severable(key)) {
    TAILOR_TRY_ASSIGN(const Digest digest, take_digest(reader));
    member = {digest.bytes, Member::Place::kSevered, digest.algorithm};
    return kOk;
  }
  TAILOR_TRY_ASSIGN(member.bytes, reader.take_bytes());
  member.place = Member::Place::kInPlace;
  return kOk;
}

Status take_value(cbor::Reader& reader, int64_t key, Manifest& manifest) noexcept {
  switch (key) {
    case manifest_key::kVersion: {
      TAILOR_TRY_ASSIGN(const uint64_t version, reader.take_unsigned());
      return version == kManifestVersion ? Status(kOk) : Status(Error::kManifestVersionUnsupported);
    }
    case manifest_key::kSequenceNumber: {
      TAILOR_TRY_ASSIGN(manifest.sequence_number, reader.take_unsigned());
      return kOk;
    }
    case manifest_key::kCommon: {
      TAILOR_TRY_ASSIGN(const ByteView common, reader.take_bytes());
      return decode_common(common, manifest);
    }
    case manifest_key::kReferenceUri: {
      TAILOR_TRY_ASSIGN(manifest.reference_uri, reader.take_text());
      return kOk;
    }
    case manifest_key::kManifestComponentId: {
      TAILOR_TRY_ASSIGN(manifest.component_id, take_component_id(reader));
      return kOk;
    }
    case manifest_key::kSetVersion: {
      TAILOR_TRY_ASSIGN(manifest.set_version, reader.take_bytes());
      return check_version(manifest.set_version);
    }
    default:
      return take_member(reader, key, manifest);
  }
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

Result<Dependency> Manifest::take_dependency(cbor::Reader& reader) noexcept {
  Dependency dependency;
  TAILOR_TRY_ASSIGN(dependency.index, reader.take_unsigned());
  TAILOR_TRY_ASSIGN(const size_t pairs, reader.take_map());
  if (pairs > 1) return Error::kUnknownKey;
  if (pairs == 1) {
    TAILOR_TRY_ASSIGN(const int64_t key, reader.take_int());
    if (key != dependency_key::kPrefix) return Error::kUnknownKey;
    TAILOR_TRY_ASSIGN(dependency.prefix, take_component_id(reader));
  }
  return dependency;
}

Result<Manifest> decode_manifest(ByteView content) noexcept {
  cbor::Reader reader(content);
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  Manifest manifest;
  unsigned required_left = 3;
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t key, map.next_key());
    TAILOR_TRY(take_value(reader, key, manifest));
    if (key <= manifest_key::kCommon) --required_left;
  }
  TAILOR_TRY(reader.finish());
  if (required_left != 0 || (manifest.component_count == 0 && manifest.dependencies.empty())) return Error::kMissingKey;
  return manifest;
}

}  // namespace tailor::suit
