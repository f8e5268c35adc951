// SPDX-License-Identifier: Apache-2.0
// What an update in state awaiting-trigger waits for: one list for flash, wire, store, API, CLI and dashboard. Numbers
// 1 to 9 are the wait events of SUIT update management; nobody keeps a second list.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.hpp"

namespace tailor::update {

enum class Awaited : uint8_t {
  kTrigger = 0,             ///< the deployment, or the device itself, holds the update until it is triggered
  kAuthorization = 1,       ///< a person or an application has to allow it
  kPower = 2,               ///< a power state
  kNetwork = 3,             ///< a network state
  kOtherDeviceVersion = 4,  ///< another device has to have a version
  kTime = 5,                ///< a point in time
  kTimeOfDay = 6,           ///< local time
  kDayOfWeek = 7,           ///< local time
  kTimeOfDayUtc = 8,
  kDayOfWeekUtc = 9,
};
inline constexpr uint8_t kAwaitedKinds = 10;

/// The one word in API and store, e.g. "time-of-day".
[[nodiscard]] std::string_view name_of(Awaited awaited) noexcept;
/// What people read: "waits for ..." goes before it.
[[nodiscard]] std::string_view words_of(Awaited awaited) noexcept;
/// @returns kValueOutOfRange for any other text
[[nodiscard]] Result<Awaited> awaited_from_name(std::string_view name) noexcept;
/// @returns kValueOutOfRange for a number that is none
[[nodiscard]] Result<Awaited> awaited_from_code(uint64_t code) noexcept;

}  // namespace tailor::update
