// SPDX-License-Identifier: Apache-2.0
// The device's life cycle: factory, enrolled, registered, maintenance, retired, as a literal table. The device drives
// it, the update server keeps the last one it heard of; both use these words.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.hpp"

namespace tailor::update {

/// Numbers are stable: flash, store and wire keep them.
enum class LifeCycle : uint8_t {
  kFactory = 0,      ///< knows its factory bundle; has no valid certificate of the CA
  kEnrolled = 1,     ///< holds certificates; its servers' profiles may be missing or out of date
  kRegistered = 2,   ///< every server of its list that can be reached has a true profile
  kMaintenance = 3,  ///< an update is under way
  kRetired = 4,      ///< out of service: revoked and wiped
};
inline constexpr uint8_t kLifeCycles = 5;

enum class LifeEvent : uint8_t {
  kEnrol = 0,             ///< certificates were issued and stored
  kRegister = 1,          ///< registered at the servers
  kStartMaintenance = 2,  ///< an update was authorized
  kAbortMaintenance = 3,  ///< the update ended without a change: profiles are still true
  kEndMaintenance = 4,    ///< the update ended with a change (new image, or reverted): register again everywhere
  kLoseCertificate = 5,   ///< certificates are void (an update broke them, or they expired): enrol again
  kProfileChanged = 6,    ///< something that servers know has changed: register again
  kRetire = 7,            ///< taken out of service
  kReset = 8,             ///< a retired device starts anew with a new bundle
};
inline constexpr uint8_t kLifeEvents = 9;

/// @returns kStateConflict when the table has no such row
[[nodiscard]] Result<LifeCycle> next(LifeCycle state, LifeEvent event) noexcept;
[[nodiscard]] std::string_view name_of(LifeCycle state) noexcept;
[[nodiscard]] std::string_view name_of(LifeEvent event) noexcept;
/// @returns kValueOutOfRange for any other text
[[nodiscard]] Result<LifeCycle> life_cycle_from_name(std::string_view name) noexcept;
/// @returns kValueOutOfRange for a number that is no state
[[nodiscard]] Result<LifeCycle> life_cycle_from_code(uint64_t code) noexcept;

}  // namespace tailor::update
