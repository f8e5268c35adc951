// SPDX-License-Identifier: Apache-2.0
// Writes an image into a slot as it arrives, and knows after any power cut how far it had come. Marks in a region of
// their own say which intervals are complete; a scratch sector saves the good part of a sector that was being written.
// Knows no manifest and no journal.
#pragma once

#include "device/storage/crc32.hpp"
#include "device/storage/flash_region.hpp"

namespace tailor::boot {

/// Call sequence: start() for a new image, or resume() after a restart and after any error; write() in order; finish().
class SlotWriter {
 public:
  struct Regions {
    FlashRegion slot;
    FlashRegion progress;
    FlashRegion scratch;
  };
  /// What one reception is; the same values, and the same regions, again at resume().
  struct Session {
    uint64_t number;       ///< tells marks of this reception from older ones
    uint32_t mark_bytes;   ///< from mark_bytes_for()
    uint32_t image_bytes;  ///< 0: not known before finish()
  };

  SlotWriter() = default;
  SlotWriter(const SlotWriter&) = delete;
  SlotWriter& operator=(const SlotWriter&) = delete;

  /// The shortest interval, a power of two of at least `block_bytes`, for which the progress region has marks enough
  /// for a full slot and as many spare ones for restarts.
  /// @returns kFlashContract when even whole sectors would be too many
  [[nodiscard]] static Result<uint32_t> mark_bytes_for(const Regions& regions, uint32_t block_bytes) noexcept;

  /// Forgets an earlier reception.
  /// @returns kImageTooLarge when the image is longer than the slot
  /// @cost    erases the progress region and the scratch sector; the slot's own sectors are erased one by one, each
  ///          right before its first byte
  [[nodiscard]] Status start(const Regions& regions, const Session& session) noexcept;

  /// Finds the end of what is safely written, and makes the rest of its sector writable again.
  /// @returns the offset of the next byte to write
  /// @cost    reads the progress region and, unless the image is complete, erases it; up to two more erases and two
  ///          copies of a sector
  [[nodiscard]] Result<uint32_t> resume(const Regions& regions, const Session& session) noexcept;

  /// Appends image bytes.
  ///
  /// @pre offset is position()
  /// @returns kStateConflict for another offset, or after an error; kImageTooLarge, with nothing written, beyond the
  /// slot
  ///          or beyond the image's length; a flash error: the write is in doubt, resume() before the next one
  [[nodiscard]] Status write(uint32_t offset, ByteView bytes) noexcept;

  /// Writes what is still held back (less than a granule).
  /// @returns kImageSizeMismatch when the length is known and another one arrived
  [[nodiscard]] Status finish() noexcept;

  /// How many bytes of the image were accepted; they survive a restart up to the last mark.
  [[nodiscard]] uint32_t position() const noexcept { return position_; }
  [[nodiscard]] bool is_open() const noexcept { return open_; }

 private:
  struct Scratch {
    uint32_t sector;
    uint32_t length;
    uint32_t crc;
  };
  [[nodiscard]] static uint32_t mark_stride(const Regions& regions) noexcept;
  void mark(uint32_t interval_end, uint32_t data_crc) noexcept;
  [[nodiscard]] Status mark_anew(uint32_t end, const Scratch* saved) noexcept;
  [[nodiscard]] uint32_t marked_end() noexcept;
  [[nodiscard]] uint32_t mark_word(uint32_t end, uint32_t data_crc) const noexcept;
  [[nodiscard]] Result<Scratch> read_scratch() const noexcept;
  [[nodiscard]] Status save_to_scratch(uint32_t sector, uint32_t length) const noexcept;
  [[nodiscard]] Status restore_from_scratch(const Scratch& scratch) const noexcept;
  [[nodiscard]] Status append(ByteView bytes) noexcept;
  [[nodiscard]] Status flush() noexcept;

  Regions regions_;
  Session session_{};
  uint32_t position_ = 0;
  uint32_t next_mark_ = 0;  ///< offset in the progress region
  Crc32 interval_crc_;
  size_t held_ = 0;
  std::array<uint8_t, kMaxWriteGranuleBytes> granule_{};
  bool open_ = false;
};

}  // namespace tailor::boot
