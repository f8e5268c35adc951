// SPDX-License-Identifier: Apache-2.0
// The CMSDK watchdog of the MPS2. Its first expiry interrupts, the second resets.
#pragma once

#include <cstdint>

namespace tailor::mps2 {

/// Starts the watchdog, which cannot be stopped before the next reset. Twice this time without a kick resets.
/// @param milliseconds  at most 171000
void start_watchdog(uint32_t milliseconds) noexcept;
/// Gives it its time again; nothing when this program has not started it.
void kick_watchdog() noexcept;

}  // namespace tailor::mps2
