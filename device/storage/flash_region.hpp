// SPDX-License-Identifier: Apache-2.0
// A part of the flash that one module owns, and a writer that gathers pieces into whole granules. Both turn the port's
// answers into errors and refuse what lies outside. They know nothing of what is stored.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "tailor/port/flash.h"

namespace tailor {

/// The largest write granule that the port header allows, bytes.
inline constexpr uint32_t kMaxWriteGranuleBytes = 32;

/// Whole sectors of a flash device; offsets count from the region's start.
class FlashRegion {
 public:
  /// A region without a byte, refused by every operation.
  FlashRegion() = default;
  /// @pre `flash` outlives the region; base and size are multiples of its sector size and inside the device
  FlashRegion(const tailor_flash_t& flash, uint32_t base, uint32_t size) noexcept
      : flash_(&flash), base_(base), size_(size) {}

  [[nodiscard]] uint32_t size() const noexcept { return size_; }
  /// Where it begins in its device.
  [[nodiscard]] uint32_t base() const noexcept { return base_; }
  [[nodiscard]] uint32_t sector_bytes() const noexcept { return flash_->geometry.sector_bytes; }
  [[nodiscard]] uint32_t granule_bytes() const noexcept { return flash_->geometry.write_granule_bytes; }
  [[nodiscard]] uint8_t erased_value() const noexcept { return flash_->geometry.erased_value; }
  /// Rounds up to whole granules.
  [[nodiscard]] uint32_t round_up(uint32_t bytes) const noexcept {
    return (bytes + granule_bytes() - 1) / granule_bytes() * granule_bytes();
  }
  /// The same flash, a part of this region.
  [[nodiscard]] FlashRegion part(uint32_t offset, uint32_t size) const noexcept {
    return {*flash_, base_ + offset, size};
  }

  /// Checks that geometry and bounds are what the port header allows; kFlashContract otherwise.
  [[nodiscard]] Status check() const noexcept;

  /// Fills `out` from `offset`.
  /// @returns kFlashReadFailed; kFlashContract beyond the end
  [[nodiscard]] Status read(uint32_t offset, MutableBytes out) const noexcept;
  /// Writes whole granules that are erased.
  /// @returns kFlashWriteFailed: the granules count as lost; kFlashContract: nothing was done
  [[nodiscard]] Status write(uint32_t offset, ByteView bytes) const noexcept;
  /// Erases the sector that holds `offset`.
  [[nodiscard]] Status erase_sector(uint32_t offset) const noexcept;
  /// Erases the sectors that hold [offset, offset + size).
  [[nodiscard]] Status erase(uint32_t offset, uint32_t size) const noexcept;
  /// Tells whether every byte of [offset, offset + size) reads as erased. After a power cut that does not prove that it
  /// may be written.
  [[nodiscard]] Result<bool> reads_erased(uint32_t offset, uint32_t size) const noexcept;
  /// The offset after the last byte of [offset, offset + size) that does not read as erased; `offset` if there is none.
  [[nodiscard]] Result<uint32_t> end_of_data(uint32_t offset, uint32_t size) const noexcept;
  /// CRC-32 of [offset, offset + size).
  [[nodiscard]] Result<uint32_t> crc(uint32_t offset, uint32_t size) const noexcept;

 private:
  [[nodiscard]] Status within(uint32_t offset, size_t size) const noexcept;

  const tailor_flash_t* flash_ = nullptr;
  uint32_t base_ = 0;
  uint32_t size_ = 0;
};

/// Writes pieces of any length one after the other; only whole granules reach the flash.
class FlashWriter {
 public:
  /// @pre `offset` is a multiple of the granule, and the flash is erased from there
  FlashWriter(const FlashRegion& region, uint32_t offset) noexcept : region_(region), offset_(offset) {}
  [[nodiscard]] Status append(ByteView bytes) noexcept;
  /// Fills the last granule with the erased value. @returns the offset of the granule after it
  [[nodiscard]] Result<uint32_t> finish() noexcept;

 private:
  const FlashRegion region_;
  uint32_t offset_;
  size_t held_ = 0;
  std::array<uint8_t, kMaxWriteGranuleBytes> granule_{};
};

/// Little-endian integers of flash records; one access where the processor has them so.
template <typename T>
void put_le(uint8_t* to, T value) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    __builtin_memcpy(to, &value, sizeof value);
    return;
  }
  for (size_t i = 0; i < sizeof(T); ++i) to[i] = static_cast<uint8_t>(static_cast<uint64_t>(value) >> (8 * i));
}
template <typename T>
[[nodiscard]] T get_le(const uint8_t* from) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    T value;
    __builtin_memcpy(&value, from, sizeof value);
    return value;
  }
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value |= static_cast<uint64_t>(from[i]) << (8 * i);
  return static_cast<T>(value);
}

}  // namespace tailor
