// SPDX-License-Identifier: Apache-2.0
// Encoder and decoder of the registration, from one list of keys. docs/formats/registration.md.
#include "core/update/registration.hpp"

#include <bit>

#include "core/update/fields.hpp"

namespace tailor::update {
namespace {

enum Key : int64_t {
  kVersionKey = 0,
  kDevice = 1,
  kVendor = 2,
  kClass = 3,
  kLifeCycle = 4,
  kComponents = 5,
  kModes = 6,
  kPreferredMode = 7,
  kBlockBytes = 8,
  kTrustStoreVersion = 9,
  kUpdateState = 10,
  kReason = 11,
  kAwaited = 12,
};

Status check(const Registration& registration) noexcept {
  TAILOR_TRY(fields::check(registration.components));
  if (registration.modes == 0 || registration.modes > kAllModes) return Error::kValueOutOfRange;
  if ((registration.modes & static_cast<uint8_t>(registration.preferred_mode)) == 0) return Error::kValueOutOfRange;
  const uint16_t block = registration.block_bytes;
  if (!std::has_single_bit(block) || block < 16 || block > limits::kBlockBytes) return Error::kValueOutOfRange;
  return kOk;
}

struct Fields {
  Registration registration;
  UpdateState state = UpdateState::kIdle;
  std::optional<Error> reason;
  Awaited awaited = Awaited::kTrigger;
};

Status take_field(cbor::Reader& reader, int64_t key, Fields& into) noexcept {
  Registration& registration = into.registration;
  switch (key) {
    case kVersionKey:
      return fields::take_version(reader, kMessageVersion);
    case kDevice: {
      TAILOR_TRY_ASSIGN(registration.device, fields::take_uuid(reader));
      return kOk;
    }
    case kVendor: {
      TAILOR_TRY_ASSIGN(registration.vendor, fields::take_uuid(reader));
      return kOk;
    }
    case kClass: {
      TAILOR_TRY_ASSIGN(registration.device_class, fields::take_uuid(reader));
      return kOk;
    }
    case kLifeCycle: {
      TAILOR_TRY_ASSIGN(const uint64_t code, reader.take_unsigned());
      TAILOR_TRY_ASSIGN(registration.life_cycle, life_cycle_from_code(code));
      return kOk;
    }
    case kComponents: {
      TAILOR_TRY_ASSIGN(registration.components, fields::take_components(reader));
      return kOk;
    }
    case kModes: {
      TAILOR_TRY_ASSIGN(const uint64_t modes, fields::take_up_to(reader, kAllModes));
      registration.modes = static_cast<uint8_t>(modes);
      return kOk;
    }
    case kPreferredMode: {
      TAILOR_TRY_ASSIGN(const uint64_t code, reader.take_unsigned());
      TAILOR_TRY_ASSIGN(registration.preferred_mode, delivery_mode_from_code(code));
      return kOk;
    }
    case kBlockBytes: {
      TAILOR_TRY_ASSIGN(const uint64_t bytes, fields::take_up_to(reader, limits::kBlockBytes));
      registration.block_bytes = static_cast<uint16_t>(bytes);
      return kOk;
    }
    case kTrustStoreVersion: {
      TAILOR_TRY_ASSIGN(registration.trust_store_version, reader.take_unsigned());
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
    default:
      return Error::kUnknownKey;
  }
}

}  // namespace

Result<ByteView> encode(const Registration& registration, MutableBytes out) noexcept {
  TAILOR_TRY(check(registration));
  const std::optional<Error> reason = registration.update.reason();
  cbor::Writer writer(out);
  writer.put_map(reason.has_value() || fields::tells_awaited(registration.update) ? 12 : 11);
  writer.put_unsigned(kVersionKey).put_unsigned(kMessageVersion);
  writer.put_unsigned(kDevice).put_bytes(registration.device.bytes);
  writer.put_unsigned(kVendor).put_bytes(registration.vendor.bytes);
  writer.put_unsigned(kClass).put_bytes(registration.device_class.bytes);
  writer.put_unsigned(kLifeCycle).put_unsigned(static_cast<uint64_t>(registration.life_cycle));
  fields::put(writer.put_unsigned(kComponents), registration.components);
  writer.put_unsigned(kModes).put_unsigned(registration.modes);
  writer.put_unsigned(kPreferredMode).put_unsigned(static_cast<uint64_t>(registration.preferred_mode));
  writer.put_unsigned(kBlockBytes).put_unsigned(registration.block_bytes);
  writer.put_unsigned(kTrustStoreVersion).put_unsigned(registration.trust_store_version);
  writer.put_unsigned(kUpdateState).put_unsigned(static_cast<uint64_t>(registration.update.state()));
  if (reason.has_value()) writer.put_unsigned(kReason).put_unsigned(static_cast<uint64_t>(*reason));
  fields::put_awaited(writer, kAwaited, registration.update);
  return writer.finish();
}

Result<Registration> decode_registration(ByteView message) noexcept {
  cbor::Reader reader(message);
  Fields into;
  TAILOR_TRY_ASSIGN(const fields::Keys keys,
                    fields::read_map(reader, [&](int64_t key) { return take_field(reader, key, into); }));
  TAILOR_TRY(reader.finish());
  TAILOR_TRY(keys.demand(kVersionKey, kUpdateState));
  TAILOR_TRY_ASSIGN(into.registration.update, UpdateStatus::make(into.state, into.reason, into.awaited));
  TAILOR_TRY(check(into.registration));
  return into.registration;
}

}  // namespace tailor::update
