// SPDX-License-Identifier: Apache-2.0
// Where in flash everything of the update lives, and how an image gets from where it is received to where it runs. A
// port fills one in; docs/formats/flash.md shows the posix port's and says what each mode guarantees.
#pragma once

#include "core/base/limits.hpp"
#include "device/boot/options.hpp"
#include "device/boot/state.hpp"
#include "device/storage/flash_region.hpp"

namespace tailor::boot {

/// How a staged image is installed.
enum class InstallMode : uint8_t {
  kInPlace = 0x1d,    ///< each slot is executed where it is; nothing is moved
  kOverwrite = 0x6a,  ///< slot A is executed; boot copies slot B over it: no trial, no way back
  kSwap = 0xb6,       ///< slot A is executed; boot exchanges the two, and exchanges them back when the trial fails
};

struct Layout {
  FlashRegion journal;       ///< an even number of sectors; each half holds two States or more
  FlashRegion manifests[2];  ///< by slot: a stored envelope and a header
  FlashRegion slots[2];      ///< of one size; to swap, B has one sector more than A
  FlashRegion progress;      ///< marks of the reception: 8 bytes (or a granule) for each mark
  FlashRegion scratch;       ///< one sector of a slot
  InstallMode mode = InstallMode::kInPlace;

  /// Whether images run in slot A only.
  [[nodiscard]] bool moves() const noexcept { return kCanMove && mode != InstallMode::kInPlace; }

  /// The place of an image: what a swap keeps free at one end of slot B is left out. `turned` as in the State.
  [[nodiscard]] FlashRegion slot(Slot slot, bool turned = false) const noexcept;
  /// The place of the envelope of the image in a slot: a swap exchanges images, and leaves the envelopes where they
  /// are.
  [[nodiscard]] const FlashRegion& manifest(Slot slot, bool turned = false) const noexcept {
    return manifests[index_of(slot) ^ static_cast<size_t>(turned)];
  }

  /// kFlashContract unless every region is possible and fits its use, and the mode is compiled in.
  [[nodiscard]] Status check() const noexcept;
};

}  // namespace tailor::boot
