// SPDX-License-Identifier: Apache-2.0
#include "core/suit/manifest.hpp"

#include "core/cbor/map_reader.hpp"

namespace tailor::suit {
namespace {

/// What was consumed since the reader stood at `start`.
ByteView since(const uint8_t* start, const cbor::Reader& reader) noexcept {
  return {start, static_cast<size_t>(reader.rest().data() - start)};
}

void read_components(cbor::Reader& reader, Manifest& manifest) noexcept {
  manifest.component_count = reader.array();
  reader.require(manifest.component_count <= limits::kComponents, Error::kTooManyComponents);
  const uint8_t* const start = reader.rest().data();
  for (size_t i = 0; i < manifest.component_count && !reader.failed(); ++i) {
    read_component_id(reader, manifest.components);
  }
  manifest.components = since(start, reader);
}

/// Reads the metadata of a dependency.
void read_prefix(cbor::Reader& reader, ByteView& prefix) noexcept {
  cbor::IntegerMap metadata(reader);
  for (int32_t key; metadata.next(key);) {
    reader.require(key == dependency_key::kPrefix, Error::kUnknownKey);
    read_component_id(reader, prefix);
  }
}

void read_dependencies(cbor::Reader& reader, Manifest& manifest) noexcept {
  cbor::IntegerMap map(reader);
  reader.require(map.pairs_left() != 0, Error::kValueOutOfRange);  // one or more, or no such key
  const uint8_t* const start = reader.rest().data();
  for (int32_t index; map.next(index);) {
    reader.require(static_cast<uint32_t>(index) < limits::kComponents, Error::kTooManyComponents);
    ByteView prefix;
    read_prefix(reader, prefix);
  }
  manifest.dependencies = since(start, reader);
}

void read_common(cbor::Reader& outer, Manifest& manifest) noexcept {
  cbor::Reader reader(outer.bytes());
  cbor::IntegerMap map(reader);
  for (int32_t key; map.next(key);) {
    if (key == common_key::kComponents) {
      read_components(reader, manifest);
    } else if (key == common_key::kDependencies) {
      read_dependencies(reader, manifest);
    } else if (key == common_key::kSharedSequence) {
      reader.bytes(manifest.shared_sequence);
      reader.require(!manifest.shared_sequence.empty(), Error::kTruncated);  // empty means absent
    } else {
      reader.fail(Error::kUnknownKey);
    }
  }
  outer.fail_with(reader.finished());
}

/// A version: one number or more (update-management 4.1).
Status check_version(ByteView encoded) noexcept {
  cbor::Reader reader(encoded);
  size_t parts = reader.array();
  reader.require(parts != 0 && parts <= limits::kVersionParts, Error::kValueOutOfRange);
  for (; parts > 0; --parts) reader.integer();
  return reader.finished();
}

}  // namespace

Status Member::check_severed() const noexcept {
  if (place == Place::kInPlace) return Error::kDuplicateKey;
  return place == Place::kAbsent ? Status(Error::kSeveredDigestMismatch) : Status(kOk);
}

size_t Manifest::slot_of(int64_t key) noexcept {
  size_t slot = 0;
  while (slot < kMemberKeys.size() && kMemberKeys[slot] != key) ++slot;
  return slot;
}

Member Manifest::member(int64_t key) const noexcept {
  Member found;
  const size_t number = slot_of(key);
  if (number == kMemberKeys.size() || members_[number].offset == 0) return found;
  const Slot slot = members_[number];
  found.bytes = {start_ + slot.offset, slot.size};
  found.place = Member::Place::kInPlace;
  if ((severed_ >> number & 1U) == 0) return found;
  found.place = Member::Place::kSevered;
  Digest digest;
  if (!decode_digest(found.bytes, digest).ok()) __builtin_trap();  // it was read before
  found.bytes = digest.bytes;
  found.algorithm = digest.algorithm;
  return found;
}

Status Manifest::put(int64_t key, ByteView content) noexcept {
  const auto offset = static_cast<size_t>(content.data() - start_);
  if (offset + content.size() > kMaxBytes) return Error::kManifestTooLarge;
  const size_t number = slot_of(key);
  members_[number] = {static_cast<Offset>(offset), static_cast<Offset>(content.size())};
  severed_ = static_cast<uint16_t>(severed_ & ~(1U << number));
  return kOk;
}

void Manifest::read_member(cbor::Reader& reader, int32_t key) noexcept {
  const size_t number = slot_of(key);
  if (number == kMemberKeys.size()) return reader.fail(Error::kUnknownKey);
  const uint8_t* start = reader.rest().data();
  if (reader.next_is(cbor::Type::kArray) && is_severable(key)) {
    Digest digest;
    read_digest(reader, digest);
    severed_ = static_cast<uint16_t>(severed_ | 1U << number);
  } else {
    start = reader.bytes().data();
  }
  members_[number] = {static_cast<Offset>(start - start_), static_cast<Offset>(reader.rest().data() - start)};
}

Result<ByteView> Manifest::component(size_t index) const noexcept {
  if (index >= component_count) return Error::kComponentIndexInvalid;
  cbor::Reader reader(components);
  ByteView id;
  for (size_t i = 0; i <= index; ++i) reader.item(id);
  TAILOR_TRY(reader.status());
  return id;
}

void Manifest::read_dependency(cbor::Reader& reader, Dependency& dependency) noexcept {
  dependency.index = reader.number();
  dependency.prefix = {};
  read_prefix(reader, dependency.prefix);
}

Result<Dependency> Manifest::take_dependency(cbor::Reader& reader) noexcept {
  Dependency dependency;
  read_dependency(reader, dependency);
  TAILOR_TRY(reader.status());
  return dependency;
}

Status decode_manifest(ByteView content, Manifest& manifest) noexcept {
  if (content.size() > Manifest::kMaxBytes) return Error::kManifestTooLarge;
  cbor::Reader reader(content);
  cbor::IntegerMap map(reader);
  manifest = Manifest{};
  manifest.start_ = content.data();
  unsigned required_left = 3;
  for (int32_t key; map.next(key);) {
    if (key <= manifest_key::kCommon) --required_left;
    switch (key) {
      case manifest_key::kVersion:
        reader.require(reader.number() == kManifestVersion, Error::kManifestVersionUnsupported);
        break;
      case manifest_key::kSequenceNumber:
        manifest.sequence_number = reader.number();
        break;
      case manifest_key::kCommon:
        read_common(reader, manifest);
        break;
      case manifest_key::kReferenceUri:
        manifest.reference_uri = reader.text();
        break;
      case manifest_key::kManifestComponentId:
        read_component_id(reader, manifest.component_id);
        break;
      case manifest_key::kSetVersion:
        reader.bytes(manifest.set_version);
        reader.fail_with(check_version(manifest.set_version));
        break;
      default:
        manifest.read_member(reader, key);
    }
  }
  TAILOR_TRY(reader.finished());
  if (required_left != 0 || (manifest.component_count == 0 && manifest.dependencies.empty())) return Error::kMissingKey;
  return kOk;
}

Result<Manifest> decode_manifest(ByteView content) noexcept {
  Manifest manifest;
  TAILOR_TRY(decode_manifest(content, manifest));
  return manifest;
}

}  // namespace tailor::suit
