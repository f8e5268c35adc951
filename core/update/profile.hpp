// SPDX-License-Identifier: Apache-2.0
// What registration, report and status have in common: installed components, delivery modes, boot information. Plain
// values with views into the message they were read from; the codecs stand in registration, report and status.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/fixed_list.hpp"
#include "core/base/limits.hpp"
#include "core/base/uuid.hpp"
#include "core/crypto/crypto.hpp"

namespace tailor::update {

/// Version of the three message formats, their key 0.
inline constexpr uint64_t kMessageVersion = 1;

/// CoAP content formats (experimental range of RFC 7252 12.3): no number is registered for any of these.
inline constexpr uint16_t kFormatEnvelope = 65000;
inline constexpr uint16_t kFormatRegistration = 65001;
inline constexpr uint16_t kFormatReport = 65002;
inline constexpr uint16_t kFormatStatus = 65003;
inline constexpr uint16_t kFormatTrustStore = 65004;
inline constexpr uint16_t kFormatOctets = 42;

/// How an update reaches a device. The values are bits of `modes`.
enum class DeliveryMode : uint8_t { kPull = 1, kPush = 2, kHybrid = 4 };
inline constexpr uint8_t kAllModes = 7;
/// "pull", "push" or "hybrid".
[[nodiscard]] std::string_view name_of(DeliveryMode mode) noexcept;
/// @returns kValueOutOfRange for any other text
[[nodiscard]] Result<DeliveryMode> delivery_mode_from_name(std::string_view name) noexcept;
/// @returns kValueOutOfRange unless exactly one known bit is set
[[nodiscard]] Result<DeliveryMode> delivery_mode_from_code(uint64_t code) noexcept;

/// The parts of a SUIT component identifier (SUIT manifest 8.4.5.1).
using ComponentId = FixedList<ByteView, limits::kComponentIdParts>;
/// Whether `id` begins with all parts of `prefix`.
[[nodiscard]] bool starts_with(const ComponentId& id, const ComponentId& prefix) noexcept;

/// One installed component.
struct InstalledComponent {
  ComponentId id;
  uint64_t sequence_number = 0;  ///< of the manifest that installed it; 0 for what came from the factory
  crypto::Sha256Digest digest{};
  uint64_t size_bytes = 0;
  std::string_view version;  ///< for people; at most kVersionBytes
};
using InstalledComponents = FixedList<InstalledComponent, limits::kComponents>;

/// Bytes of a version text or of a report's "where".
inline constexpr size_t kVersionBytes = 32;
inline constexpr size_t kWhereBytes = 64;

/// What the boot program decided last.
struct BootInfo {
  uint8_t running_slot = 0;
  uint8_t slots = 1;
  bool trial = false;          ///< the running image has not confirmed itself
  uint8_t trial_attempts = 0;  ///< boots of the image on trial, this one included
  friend bool operator==(const BootInfo&, const BootInfo&) = default;
};

}  // namespace tailor::update
