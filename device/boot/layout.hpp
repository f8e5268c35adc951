// SPDX-License-Identifier: Apache-2.0
// Where in flash everything of the update lives. A port fills one in; docs/formats/flash.md shows the posix port's.
#pragma once

#include "core/base/limits.hpp"
#include "device/boot/state.hpp"
#include "device/storage/flash_region.hpp"

namespace tailor::boot {

struct Layout {
  FlashRegion journal;       ///< an even number of sectors; each half holds a State or more
  FlashRegion manifests[2];  ///< by slot: a stored envelope and a header
  FlashRegion slots[2];      ///< of one size
  FlashRegion progress;      ///< marks of the reception: 8 bytes (or a granule) for each mark
  FlashRegion scratch;       ///< one sector of a slot

  [[nodiscard]] const FlashRegion& slot(Slot slot) const noexcept { return slots[index_of(slot)]; }
  [[nodiscard]] const FlashRegion& manifest(Slot slot) const noexcept { return manifests[index_of(slot)]; }

  /// kFlashContract unless every region is possible and fits its use.
  [[nodiscard]] Status check() const noexcept;
};

}  // namespace tailor::boot
