// SPDX-License-Identifier: Apache-2.0
// Encoder and decoder of the status, from one list of keys. docs/formats/status.md.
#include "core/update/status.hpp"

#include "core/update/fields.hpp"

namespace tailor::update {
namespace {

enum Key : int64_t {
  kVersionKey = 0,
  kDevice = 1,
  kVendor = 2,
  kClass = 3,
  kLifeCycle = 4,
  kUpdateState = 5,
  kReason = 6,
  kManifestDigest = 7,
  kProgress = 8,
  kComponents = 9,
  kTrustStoreVersion = 10,
  kBoot = 11,
  kTime = 12,
  kAwaited = 13,
};

constexpr uint32_t kOptional =
    fields::Keys::bit(kReason) | fields::Keys::bit(kManifestDigest) | fields::Keys::bit(kProgress);

Status check(const DeviceStatus& status) noexcept {
  TAILOR_TRY(fields::check(status.components));
  if (status.expected_bytes != 0 && status.received_bytes > status.expected_bytes) return Error::kValueOutOfRange;
  return fields::check(status.boot);
}

bool has_progress(const DeviceStatus& status) noexcept {
  return status.received_bytes != 0 || status.expected_bytes != 0;
}

struct Fields {
  DeviceStatus status;
  UpdateState state = UpdateState::kIdle;
  std::optional<Error> reason;
  Awaited awaited = Awaited::kTrigger;
};

Status take_progress(cbor::Reader& reader, DeviceStatus& status) noexcept {
  TAILOR_TRY_ASSIGN(const size_t count, reader.take_array());
  if (count != 2) return Error::kValueOutOfRange;
  TAILOR_TRY_ASSIGN(status.received_bytes, reader.take_unsigned());
  TAILOR_TRY_ASSIGN(status.expected_bytes, reader.take_unsigned());
  if (!has_progress(status)) return Error::kValueOutOfRange;
  return kOk;
}

Status take_field(cbor::Reader& reader, int64_t key, Fields& into) noexcept {
  DeviceStatus& status = into.status;
  switch (key) {
    case kVersionKey:
      return fields::take_version(reader, kMessageVersion);
    case kDevice: {
      TAILOR_TRY_ASSIGN(status.device, fields::take_uuid(reader));
      return kOk;
    }
    case kVendor: {
      TAILOR_TRY_ASSIGN(status.vendor, fields::take_uuid(reader));
      return kOk;
    }
    case kClass: {
      TAILOR_TRY_ASSIGN(status.device_class, fields::take_uuid(reader));
      return kOk;
    }
    case kLifeCycle: {
      TAILOR_TRY_ASSIGN(const uint64_t code, reader.take_unsigned());
      TAILOR_TRY_ASSIGN(status.life_cycle, life_cycle_from_code(code));
      return kOk;
    }
    case kUpdateState: {
      TAILOR_TRY_ASSIGN(const uint64_t code, reader.take_unsigned());
      TAILOR_TRY_ASSIGN(into.state, update_state_from_code(code));
      return kOk;
    }
    case kReason:
      return fields::take_reason(reader, into.reason);
    case kAwaited:
      return fields::take_awaited(reader, into.awaited);
    case kManifestDigest: {
      TAILOR_TRY_ASSIGN(status.manifest_digest, fields::take_digest(reader));
      return kOk;
    }
    case kProgress:
      return take_progress(reader, status);
    case kComponents: {
      TAILOR_TRY_ASSIGN(status.components, fields::take_components(reader));
      return kOk;
    }
    case kTrustStoreVersion: {
      TAILOR_TRY_ASSIGN(status.trust_store_version, reader.take_unsigned());
      return kOk;
    }
    case kBoot: {
      TAILOR_TRY_ASSIGN(status.boot, fields::take_boot(reader));
      return kOk;
    }
    case kTime: {
      TAILOR_TRY_ASSIGN(status.time, fields::take_time(reader));
      return kOk;
    }
    default:
      return Error::kUnknownKey;
  }
}

}  // namespace

Result<ByteView> encode(const DeviceStatus& status, MutableBytes out) noexcept {
  TAILOR_TRY(check(status));
  const std::optional<Error> reason = status.update.reason();
  size_t pairs = 10;
  if (reason.has_value()) ++pairs;
  if (status.manifest_digest.has_value()) ++pairs;
  if (has_progress(status)) ++pairs;
  if (fields::tells_awaited(status.update)) ++pairs;

  cbor::Writer writer(out);
  writer.put_map(pairs);
  writer.put_unsigned(kVersionKey).put_unsigned(kMessageVersion);
  writer.put_unsigned(kDevice).put_bytes(status.device.bytes);
  writer.put_unsigned(kVendor).put_bytes(status.vendor.bytes);
  writer.put_unsigned(kClass).put_bytes(status.device_class.bytes);
  writer.put_unsigned(kLifeCycle).put_unsigned(static_cast<uint64_t>(status.life_cycle));
  writer.put_unsigned(kUpdateState).put_unsigned(static_cast<uint64_t>(status.update.state()));
  if (reason.has_value()) writer.put_unsigned(kReason).put_unsigned(static_cast<uint64_t>(*reason));
  if (status.manifest_digest.has_value()) writer.put_unsigned(kManifestDigest).put_bytes(*status.manifest_digest);
  if (has_progress(status)) {
    writer.put_unsigned(kProgress).put_array(2);
    writer.put_unsigned(status.received_bytes).put_unsigned(status.expected_bytes);
  }
  fields::put(writer.put_unsigned(kComponents), status.components);
  writer.put_unsigned(kTrustStoreVersion).put_unsigned(status.trust_store_version);
  fields::put(writer.put_unsigned(kBoot), status.boot);
  fields::put(writer.put_unsigned(kTime), status.time);
  fields::put_awaited(writer, kAwaited, status.update);
  return writer.finish();
}

Result<DeviceStatus> decode_status(ByteView message) noexcept {
  cbor::Reader reader(message);
  Fields into;
  TAILOR_TRY_ASSIGN(const fields::Keys keys,
                    fields::read_map(reader, [&](int64_t key) { return take_field(reader, key, into); }));
  TAILOR_TRY(reader.finish());
  TAILOR_TRY(keys.demand(kVersionKey, kTime, kOptional));
  TAILOR_TRY_ASSIGN(into.status.update, UpdateStatus::make(into.state, into.reason, into.awaited));
  TAILOR_TRY(check(into.status));
  return into.status;
}

}  // namespace tailor::update
