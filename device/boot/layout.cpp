// SPDX-License-Identifier: Apache-2.0
// See layout.hpp.
#include "device/boot/layout.hpp"

#include "device/boot/slot_writer.hpp"

namespace tailor::boot {

Status Layout::check() const noexcept {
  /// The manifest area's header and what stands around a stored manifest, in the largest granules.
  constexpr uint32_t kManifestHeaderBytes = 64;
  for (const FlashRegion* region :
       {&journal, &manifests[0], &manifests[1], &slots[0], &slots[1], &progress, &scratch}) {
    TAILOR_TRY(region->check());
  }
  const bool fits = journal.size() / journal.sector_bytes() % 2 == 0 && journal.size() / 2 >= kStateBytes &&
                    manifests[0].size() >= limits::kManifestBytes + kManifestHeaderBytes &&
                    manifests[1].size() >= limits::kManifestBytes + kManifestHeaderBytes &&
                    slots[0].size() == slots[1].size() && slots[0].sector_bytes() == slots[1].sector_bytes() &&
                    scratch.size() >= slots[0].sector_bytes();
  if (!fits) return Error::kFlashContract;
  TAILOR_TRY(SlotWriter::mark_bytes_for({slots[0], progress, scratch}, 1));
  return kOk;
}

}  // namespace tailor::boot
