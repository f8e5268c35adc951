// SPDX-License-Identifier: Apache-2.0
// The registration: what a device tells each update server about itself (POST /reg, PUT /reg/<id>). Encoder and
// decoder side by side; docs/formats/registration.md has the format.
#pragma once

#include "core/update/life_cycle.hpp"
#include "core/update/profile.hpp"
#include "core/update/update_state.hpp"

namespace tailor::update {

struct Registration {
  Uuid device;
  Uuid vendor;
  Uuid device_class;
  LifeCycle life_cycle = LifeCycle::kEnrolled;
  InstalledComponents components;
  uint8_t modes = kAllModes;  ///< DeliveryMode bits, at least one
  DeliveryMode preferred_mode = DeliveryMode::kPull;
  uint16_t block_bytes = 512;  ///< preferred CoAP block: 16, 32, ... 1024
  uint64_t trust_store_version = 0;
  UpdateStatus update;
};

/// Writes the message in deterministic encoding.
/// @returns the bytes written; kBufferTooSmall; kValueOutOfRange for a registration that decode would refuse
[[nodiscard]] Result<ByteView> encode(const Registration& registration, MutableBytes out) noexcept;

/// Reads the message; anything that encode would not have written is refused. Views point into `message`.
/// @returns kUnsupportedVersion, kUnknownKey, kMissingKey, kValueOutOfRange, kTooManyComponents or a CBOR error
[[nodiscard]] Result<Registration> decode_registration(ByteView message) noexcept;

}  // namespace tailor::update
