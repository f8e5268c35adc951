// SPDX-License-Identifier: Apache-2.0
// The status: what a device answers to GET /status. Encoder and decoder side by side; docs/formats/status.md has the
// format.
#pragma once

#include "core/update/life_cycle.hpp"
#include "core/update/profile.hpp"
#include "core/update/trusted_time.hpp"
#include "core/update/update_state.hpp"

namespace tailor::update {

struct DeviceStatus {
  Uuid device;
  Uuid vendor;
  Uuid device_class;
  LifeCycle life_cycle = LifeCycle::kFactory;
  UpdateStatus update;
  std::optional<crypto::Sha256Digest> manifest_digest;  ///< of the update at hand or the last one
  uint64_t received_bytes = 0;                          ///< of the payload being fetched
  uint64_t expected_bytes = 0;                          ///< 0 when not known
  InstalledComponents components;
  uint64_t trust_store_version = 0;
  BootInfo boot;
  TrustedTime time;
};

/// Writes the message in deterministic encoding.
/// @returns the bytes written; kBufferTooSmall; kValueOutOfRange for a status that decode would refuse
[[nodiscard]] Result<ByteView> encode(const DeviceStatus& status, MutableBytes out) noexcept;

/// Reads the message; anything that encode would not have written is refused. Views point into `message`.
[[nodiscard]] Result<DeviceStatus> decode_status(ByteView message) noexcept;

}  // namespace tailor::update
