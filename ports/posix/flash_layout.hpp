// SPDX-License-Identifier: Apache-2.0
// The posix port's flash: geometry, regions, and the name of the component that the slots hold. docs/formats/flash.md
// shows the table. Changing anything here makes existing flash files unreadable.
#pragma once

#include <array>

#include "device/boot/layout.hpp"

namespace tailor::posix {

inline constexpr uint32_t kSectorBytes = 4096;
inline constexpr uint32_t kSlotBytes = 16U << 20U;
inline constexpr uint32_t kJournalBytes = 8 * kSectorBytes;
inline constexpr uint32_t kManifestAreaBytes = 2 * kSectorBytes;
/// Marks every KiB of a full slot, and as many spare ones.
inline constexpr uint32_t kProgressBytes = 64 * kSectorBytes;
inline constexpr uint32_t kScratchBytes = kSectorBytes;
inline constexpr uint32_t kRecordsBytes = 32 * kSectorBytes;

inline constexpr uint32_t kJournalAt = 0;
inline constexpr uint32_t kManifestsAt = kJournalAt + kJournalBytes;
inline constexpr uint32_t kProgressAt = kManifestsAt + 2 * kManifestAreaBytes;
inline constexpr uint32_t kScratchAt = kProgressAt + kProgressBytes;
inline constexpr uint32_t kRecordsAt = kScratchAt + kScratchBytes;
inline constexpr uint32_t kSlotsAt = kRecordsAt + kRecordsBytes;

inline constexpr tailor_flash_geometry_t kFlashGeometry{kSlotsAt + 2 * kSlotBytes, kSectorBytes, 4, 0xff};

/// ["app"]: the component that the slots hold.
inline constexpr std::array<uint8_t, 5> kImageComponent{0x81, 0x43, 'a', 'p', 'p'};

[[nodiscard]] inline boot::Layout boot_layout(const tailor_flash_t& flash) noexcept {
  return {.journal = {flash, kJournalAt, kJournalBytes},
          .manifests = {{flash, kManifestsAt, kManifestAreaBytes},
                        {flash, kManifestsAt + kManifestAreaBytes, kManifestAreaBytes}},
          .slots = {{flash, kSlotsAt, kSlotBytes}, {flash, kSlotsAt + kSlotBytes, kSlotBytes}},
          .progress = {flash, kProgressAt, kProgressBytes},
          .scratch = {flash, kScratchAt, kScratchBytes}};
}
/// Where the agent's records are.
[[nodiscard]] inline FlashRegion records_region(const tailor_flash_t& flash) noexcept {
  return {flash, kRecordsAt, kRecordsBytes};
}

}  // namespace tailor::posix
