// SPDX-License-Identifier: Apache-2.0
// The memory protection unit as the boot program uses it: while it judges images, nothing but itself executes. A jump
// that went astray faults then, wherever it ends. Knows no image and no verdict.
#pragma once

#include <cstdint>

namespace tailor::mps2 {

/// Lets the boot program's region of flash execute, and no other memory (ARMv7-M B3.5).
void forbid_other_code() noexcept;
/// Lets boot and recovery program execute, and still no slot.
void allow_recovery_code() noexcept;
/// Lets all memory execute, as after reset, when `astray` is 0; changes nothing otherwise.
void allow_all_code(uint32_t astray) noexcept;

}  // namespace tailor::mps2
