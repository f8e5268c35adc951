// SPDX-License-Identifier: Apache-2.0
// The small ports of the board: clocks, entropy, log, reboot with watchdog. Each is a constant table; there is one
// board.
#pragma once

#include "core/base/bytes.hpp"
#include "tailor/port/entropy.h"
#include "tailor/port/log.h"
#include "tailor/port/reboot.h"
#include "tailor/port/time.h"

namespace tailor::mps2 {

/// SysTick; the calendar is the host's, by semihosting.
extern const tailor_time_t time_port;

/// QEMU's board has no source of entropy and none is pretended: each byte comes from the host's /dev/urandom, by
/// semihosting. A real board puts its generator here.
extern const tailor_entropy_t entropy_port;
/// The same for crypto::psa::set_entropy_source().
[[nodiscard]] Status fill_random(MutableBytes bytes) noexcept;

/// One line to the host's console: "12.345 info boot.start key=value", seconds since reset.
extern const tailor_log_t log_port;

/// Resets the system; kicks the watchdog.
extern const tailor_reboot_t reboot_port;
}  // namespace tailor::mps2
