// SPDX-License-Identifier: Apache-2.0
// See layout.hpp.
#include "device/boot/layout.hpp"

#include "device/boot/slot_writer.hpp"

namespace tailor::boot {
namespace {

bool compiled_in(InstallMode mode) noexcept {
  switch (mode) {
    case InstallMode::kInPlace:
      return true;
    case InstallMode::kOverwrite:
      return kCanOverwrite;
    case InstallMode::kSwap:
      return kCanSwap;
  }
  return false;
}

}  // namespace

FlashRegion Layout::slot(Slot slot, bool turned) const noexcept {
  if (!kCanSwap || mode != InstallMode::kSwap || slot == Slot::kA) return slots[index_of(slot)];
  return slots[1].part(turned ? slots[1].sector_bytes() : 0, slots[0].size());
}

Status Layout::check() const noexcept {
  /// The manifest area's header and what stands around a stored manifest, in the largest granules.
  constexpr uint32_t kManifestHeaderBytes = 64;
  constexpr uint32_t kMostSectors = 0x4000;  // a move counts its steps in 16 bits
  for (const FlashRegion* region :
       {&journal, &manifests[0], &manifests[1], &slots[0], &slots[1], &progress, &scratch}) {
    TAILOR_TRY(region->check());
  }
  const uint32_t spare = mode == InstallMode::kSwap ? slots[0].sector_bytes() : 0;
  const bool fits = compiled_in(mode) && journal.size() / journal.sector_bytes() % 2 == 0 &&
                    journal.size() / 2 >= 2 * journal.round_up(kStateBytes) &&
                    manifests[0].size() >= limits::kManifestBytes + kManifestHeaderBytes &&
                    manifests[1].size() >= limits::kManifestBytes + kManifestHeaderBytes &&
                    slots[1].size() == slots[0].size() + spare && slots[0].sector_bytes() == slots[1].sector_bytes() &&
                    scratch.size() >= slots[0].sector_bytes() &&
                    slots[0].size() / slots[0].sector_bytes() <= kMostSectors;
  // What is copied sector by sector must have sectors of one size.
  const bool copies = mode != InstallMode::kOverwrite || (manifests[0].size() == manifests[1].size() &&
                                                          manifests[0].sector_bytes() == manifests[1].sector_bytes());
  if (!fits || !copies) return Error::kFlashContract;
  TAILOR_TRY(SlotWriter::mark_bytes_for({slots[0], progress, scratch}, 1));
  return kOk;
}

}  // namespace tailor::boot
