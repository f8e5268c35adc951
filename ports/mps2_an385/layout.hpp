// SPDX-License-Identifier: Apache-2.0
// The board's flash as the device library sees it: geometry, regions, and the name of the component that the slots
// hold. Used by the firmware and by the host program that makes the flash file in the factory.
#pragma once

#include <array>

#include "device/boot/layout.hpp"
#include "ports/mps2_an385/board.h"

namespace tailor::mps2 {

inline constexpr tailor_flash_geometry_t kFlashGeometry{TAILOR_DEVICE_BYTES, TAILOR_PAGE_BYTES, TAILOR_WORD_BYTES,
                                                        0xff};

static_assert(TAILOR_SLOT_BYTES % TAILOR_PAGE_BYTES == 0 && TAILOR_MANIFEST_AREA_BYTES % TAILOR_PAGE_BYTES == 0 &&
              TAILOR_PROGRESS_BYTES % TAILOR_PAGE_BYTES == 0);
// A kill can end the host's write between two of its pages: a sector is in one, and an erase happens or does not.
static_assert(4096 % TAILOR_PAGE_BYTES == 0);

/// Where the device of the flash driver begins in the address space: right behind boot and recovery program.
inline constexpr uintptr_t kFlashAddress = TAILOR_DEVICE_AT;

/// Between two kicks, unless the board's command line says otherwise. The boot program starts the watchdog for an image
/// on trial, so that one that hangs at once is an attempt too.
inline constexpr uint32_t kWatchdogMs = TAILOR_WATCHDOG_MS;

/// ["app"]: the component that the slots hold.
inline constexpr std::array<uint8_t, 5> kImageComponent{0x81, 0x43, 'a', 'p', 'p'};

[[nodiscard]] inline boot::Layout boot_layout(const tailor_flash_t& flash) noexcept {
  return {.journal = {flash, TAILOR_JOURNAL_AT, TAILOR_JOURNAL_BYTES},
          .manifests = {{flash, TAILOR_MANIFESTS_AT, TAILOR_MANIFEST_AREA_BYTES},
                        {flash, TAILOR_MANIFESTS_AT + TAILOR_MANIFEST_AREA_BYTES, TAILOR_MANIFEST_AREA_BYTES}},
          .slots = {{flash, TAILOR_SLOT_A_AT, TAILOR_SLOT_BYTES}, {flash, TAILOR_SLOT_B_AT, TAILOR_SLOT_BYTES}},
          .progress = {flash, TAILOR_PROGRESS_AT, TAILOR_PROGRESS_BYTES},
          .scratch = {flash, TAILOR_SCRATCH_AT, TAILOR_SCRATCH_BYTES}};
}
/// Where the agent's records are.
[[nodiscard]] inline FlashRegion records_region(const tailor_flash_t& flash) noexcept {
  return {flash, TAILOR_RECORDS_AT, TAILOR_RECORDS_BYTES};
}

}  // namespace tailor::mps2
