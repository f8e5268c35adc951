// SPDX-License-Identifier: Apache-2.0
#include "core/update/fields.hpp"

#include <algorithm>

namespace tailor::update::fields {
namespace {

/// Keys of a component's map.
enum ComponentKey : int64_t { kId = 0, kSequenceNumber = 1, kDigest = 2, kSize = 3, kVersion = 4 };

Result<InstalledComponent> take_component(cbor::Reader& reader) noexcept {
  InstalledComponent component;
  TAILOR_TRY_ASSIGN(const Keys keys, read_map(reader, [&](int64_t key) -> Status {
                      switch (key) {
                        case kId: {
                          TAILOR_TRY_ASSIGN(component.id, take_component_id(reader, 1));
                          return kOk;
                        }
                        case kSequenceNumber: {
                          TAILOR_TRY_ASSIGN(component.sequence_number, reader.take_unsigned());
                          return kOk;
                        }
                        case kDigest: {
                          TAILOR_TRY_ASSIGN(component.digest, take_digest(reader));
                          return kOk;
                        }
                        case kSize: {
                          TAILOR_TRY_ASSIGN(component.size_bytes, reader.take_unsigned());
                          return kOk;
                        }
                        case kVersion: {
                          TAILOR_TRY_ASSIGN(component.version, take_sized_text(reader, 1, kVersionBytes));
                          return kOk;
                        }
                        default:
                          return Error::kUnknownKey;
                      }
                    }));
  TAILOR_TRY(keys.demand(kId, kSize));
  return component;
}

}  // namespace

Status take_version(cbor::Reader& reader, uint64_t version) noexcept {
  TAILOR_TRY_ASSIGN(const uint64_t found, reader.take_unsigned());
  if (found != version) return Error::kUnsupportedVersion;
  return kOk;
}

Result<uint64_t> take_up_to(cbor::Reader& reader, uint64_t max) noexcept {
  TAILOR_TRY_ASSIGN(const uint64_t value, reader.take_unsigned());
  if (value > max) return Error::kValueOutOfRange;
  return value;
}

Result<ByteView> take_sized_bytes(cbor::Reader& reader, size_t min, size_t max) noexcept {
  TAILOR_TRY_ASSIGN(const ByteView bytes, reader.take_bytes());
  if (bytes.size() < min || bytes.size() > max) return Error::kValueOutOfRange;
  return bytes;
}

Result<std::string_view> take_sized_text(cbor::Reader& reader, size_t min, size_t max) noexcept {
  TAILOR_TRY_ASSIGN(const std::string_view text, reader.take_text());
  if (text.size() < min || text.size() > max) return Error::kValueOutOfRange;
  return text;
}

Result<Uuid> take_uuid(cbor::Reader& reader) noexcept {
  TAILOR_TRY_ASSIGN(const ByteView bytes, reader.take_bytes());
  return Uuid::from_bytes(bytes);
}

Result<crypto::Sha256Digest> take_digest(cbor::Reader& reader) noexcept {
  crypto::Sha256Digest digest{};
  TAILOR_TRY_ASSIGN(const ByteView bytes, take_sized_bytes(reader, digest.size(), digest.size()));
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

Status take_reason(cbor::Reader& reader, std::optional<Error>& reason) noexcept {
  TAILOR_TRY_ASSIGN(const uint64_t code, take_up_to(reader, UINT8_MAX));
  if (code == 0) return Error::kValueOutOfRange;
  reason = error_from_code(static_cast<uint8_t>(code));
  return kOk;
}

Status take_awaited(cbor::Reader& reader, Awaited& awaited) noexcept {
  TAILOR_TRY_ASSIGN(const uint64_t code, reader.take_unsigned());
  if (code == 0) return Error::kValueOutOfRange;
  TAILOR_TRY_ASSIGN(awaited, awaited_from_code(code));
  return kOk;
}

Result<TrustedTime> take_time(cbor::Reader& reader) noexcept {
  TAILOR_TRY_ASSIGN(const size_t count, reader.take_array());
  if (count != 1 && count != 2) return Error::kValueOutOfRange;
  TAILOR_TRY_ASSIGN(const uint64_t kind, reader.take_unsigned());
  const bool has_seconds = kind != static_cast<uint64_t>(TrustedTime::Kind::kUnknown);
  if (has_seconds != (count == 2)) return Error::kValueOutOfRange;
  UnixSeconds seconds = 0;
  if (has_seconds) {
    TAILOR_TRY_ASSIGN(seconds, reader.take_unsigned());
  }
  return TrustedTime::from_code(kind, seconds);
}

Result<BootInfo> take_boot(cbor::Reader& reader) noexcept {
  TAILOR_TRY_ASSIGN(const size_t count, reader.take_array());
  if (count != 4) return Error::kValueOutOfRange;
  BootInfo boot;
  TAILOR_TRY_ASSIGN(const uint64_t running, take_up_to(reader, UINT8_MAX));
  TAILOR_TRY_ASSIGN(const uint64_t slots, take_up_to(reader, UINT8_MAX));
  TAILOR_TRY_ASSIGN(boot.trial, reader.take_bool());
  TAILOR_TRY_ASSIGN(const uint64_t attempts, take_up_to(reader, UINT8_MAX));
  boot.running_slot = static_cast<uint8_t>(running);
  boot.slots = static_cast<uint8_t>(slots);
  boot.trial_attempts = static_cast<uint8_t>(attempts);
  TAILOR_TRY(check(boot));
  return boot;
}

Result<ComponentId> take_component_id(cbor::Reader& reader, size_t min_parts) noexcept {
  TAILOR_TRY_ASSIGN(const size_t parts, reader.take_array());
  if (parts > limits::kComponentIdParts) return Error::kValueOutOfRange;
  ComponentId id;
  for (size_t i = 0; i < parts; ++i) {
    TAILOR_TRY_ASSIGN(const ByteView part, reader.take_bytes());
    TAILOR_TRY(id.push_back(part, Error::kValueOutOfRange));
  }
  TAILOR_TRY(check(id, min_parts));
  return id;
}

Result<InstalledComponents> take_components(cbor::Reader& reader) noexcept {
  TAILOR_TRY_ASSIGN(const size_t count, reader.take_array());
  if (count > limits::kComponents) return Error::kTooManyComponents;
  InstalledComponents components;
  for (size_t i = 0; i < count; ++i) {
    TAILOR_TRY_ASSIGN(const InstalledComponent component, take_component(reader));
    TAILOR_TRY(components.push_back(component, Error::kTooManyComponents));
  }
  return components;
}

Status check(const ComponentId& id, size_t min_parts) noexcept {
  size_t bytes = 0;
  for (const ByteView part : id) bytes += part.size();
  if (id.size() < min_parts || bytes > limits::kComponentIdBytes) return Error::kValueOutOfRange;
  return kOk;
}

Status check(const InstalledComponents& components) noexcept {
  for (const InstalledComponent& component : components) {
    TAILOR_TRY(check(component.id, 1));
    if (component.version.size() > kVersionBytes) return Error::kValueOutOfRange;
  }
  return kOk;
}

Status check(const BootInfo& boot) noexcept {
  if (boot.slots == 0 || boot.running_slot >= boot.slots) return Error::kValueOutOfRange;
  return kOk;
}

void put_awaited(cbor::Writer& writer, int64_t key, const UpdateStatus& update) noexcept {
  if (tells_awaited(update)) writer.put_int(key).put_unsigned(static_cast<uint64_t>(*update.awaited()));
}

void put(cbor::Writer& writer, const TrustedTime& time) noexcept {
  if (time.kind() == TrustedTime::Kind::kUnknown) {
    writer.put_array(1).put_unsigned(static_cast<uint64_t>(time.kind()));
    return;
  }
  writer.put_array(2).put_unsigned(static_cast<uint64_t>(time.kind())).put_unsigned(time.seconds());
}

void put(cbor::Writer& writer, const BootInfo& boot) noexcept {
  writer.put_array(4).put_unsigned(boot.running_slot).put_unsigned(boot.slots).put_bool(boot.trial);
  writer.put_unsigned(boot.trial_attempts);
}

void put(cbor::Writer& writer, const ComponentId& id) noexcept {
  writer.put_array(id.size());
  for (const ByteView part : id) writer.put_bytes(part);
}

void put(cbor::Writer& writer, const InstalledComponents& components) noexcept {
  writer.put_array(components.size());
  for (const InstalledComponent& component : components) {
    writer.put_map(component.version.empty() ? 4 : 5);
    put(writer.put_unsigned(kId), component.id);
    writer.put_unsigned(kSequenceNumber).put_unsigned(component.sequence_number);
    writer.put_unsigned(kDigest).put_bytes(component.digest);
    writer.put_unsigned(kSize).put_unsigned(component.size_bytes);
    if (!component.version.empty()) writer.put_unsigned(kVersion).put_text(component.version);
  }
}

}  // namespace tailor::update::fields
