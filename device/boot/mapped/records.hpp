// SPDX-License-Identifier: Apache-2.0
// Finds a record of the record store where it lies in flash, for boot programs: reads, and repairs nothing. The store
// itself is device/storage/record_store.hpp; docs/formats/flash.md has the bytes.
#pragma once

#include "device/storage/flash_region.hpp"

namespace tailor::boot::mapped {

/// Memory through which a flash device is read.
struct MappedFlash {
  const uint8_t* start;  ///< of the device, where offset 0 is
  [[nodiscard]] ByteView view(const FlashRegion& region) const noexcept {
    return {start + region.base(), region.size()};
  }
};

/// The newest value of a record.
///
/// A batch that is not whole counts as absent, and what stands behind it too, as for the store. A change during which
/// power failed may be seen here and be gone after the store's next mount: both values were written by the store.
/// @param store  all of its region
/// @returns kNotFound; kRecordMalformed, kUnsupportedVersion: no store
[[nodiscard]] Result<ByteView> find_record(ByteView store, uint32_t granule_bytes, uint16_t id) noexcept;

}  // namespace tailor::boot::mapped
