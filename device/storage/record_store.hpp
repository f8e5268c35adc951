// SPDX-License-Identifier: Apache-2.0
// Small records that survive power cuts: keys, certificates, the trust store, counters, states. A log in one of two
// banks of flash; docs/formats/flash.md has the bytes. It knows no record's meaning and keeps no secret from one who
// can read the flash: encrypting flash, or fusing its read-out, is the platform's part.
#pragma once

#include <array>
#include <span>

#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"
#include "device/storage/flash_region.hpp"

namespace tailor::storage {

/// Names a record; 0 and 0xffff are not used.
using RecordId = uint16_t;

/// One change of a batch: a new value, or the end of the record.
struct RecordChange {
  static RecordChange put(RecordId id, ByteView value) noexcept { return {id, value, false}; }
  static RecordChange erase(RecordId id) noexcept { return {id, {}, true}; }
  RecordId id;
  ByteView value;
  bool erased;
};

/// Call sequence: format() once in the factory; mount() at each start; then the rest.
///
/// A change either happened or did not, whenever power fails; what was written is read back. When a change answers
/// kFlashWriteFailed or kFlashEraseFailed, it has not happened for this run; after a restart it may have.
class RecordStore {
 public:
  /// @pre the region is an even number of sectors; half of it is the room for all records
  explicit RecordStore(const FlashRegion& region) noexcept : region_(region) {}
  RecordStore(const RecordStore&) = delete;
  RecordStore& operator=(const RecordStore&) = delete;

  /// Makes an empty store; everything in the region is erased.
  [[nodiscard]] Status format() noexcept;

  /// Finds the records. After a cut it also repairs: the last change is completed or undone for good.
  ///
  /// @returns kRecordMalformed when the region was never formatted, or its first format was cut;
  ///          kUnsupportedVersion for a store of a newer format; port errors
  /// @cost    reads the used half once; after a cut one compaction
  [[nodiscard]] Status mount() noexcept;

  /// Copies a record's value to the start of `out`.
  /// @returns kNotFound; kBufferTooSmall; kRecordMalformed when the flash lost bits; kStateConflict before mount()
  [[nodiscard]] Result<ByteView> get(RecordId id, MutableBytes out) const noexcept;
  /// The length of a record's value; kNotFound.
  [[nodiscard]] Result<size_t> size_of(RecordId id) const noexcept;

  /// Replaces or adds one record.
  /// @returns kStorageFull, with nothing changed, when the records would not fit or there would be too many
  /// @cost    12 bytes and the value; sometimes (when the half is full) a compaction
  [[nodiscard]] Status put(RecordId id, ByteView value) noexcept;
  /// Makes up to limits::kStoreBatch changes together: after a power cut all of them hold, or none. Of two changes of
  /// one record the later counts.
  [[nodiscard]] Status put_batch(std::span<const RecordChange> changes) noexcept;
  /// Removes a record; kOk also when there was none. The old bytes stay in flash until purge() or a later compaction.
  [[nodiscard]] Status erase(RecordId id) noexcept;
  /// Leaves no byte of replaced or removed records in flash. After a power cut it must be called again.
  [[nodiscard]] Status purge() noexcept;

  [[nodiscard]] size_t records() const noexcept { return count_; }

 private:
  struct Entry {
    RecordId id;
    uint32_t offset;  ///< in the active bank
  };
  using Index = std::array<Entry, limits::kStoreRecords>;
  struct Header {
    uint8_t kind;
    RecordId id;
    uint16_t length;
    uint8_t left;  ///< records of the same batch that follow
    uint32_t crc;
  };
  struct Found {
    Header header;
    uint32_t offset;
    uint32_t next;
  };

  [[nodiscard]] FlashRegion bank(unsigned which) const noexcept {
    return region_.part(which * (region_.size() / 2), region_.size() / 2);
  }
  [[nodiscard]] uint32_t first_record() const noexcept;
  [[nodiscard]] uint32_t record_bytes(size_t value_bytes) const noexcept;
  [[nodiscard]] Result<uint64_t> read_generation(unsigned which) const noexcept;
  [[nodiscard]] Status write_generation(unsigned which, uint64_t generation) const noexcept;
  [[nodiscard]] Result<Header> read_header(const FlashRegion& from, uint32_t offset) const noexcept;
  [[nodiscard]] Result<Found> read_record(const FlashRegion& from, uint32_t offset) const noexcept;
  [[nodiscard]] Result<uint32_t> end_of_batch(Found record) const noexcept;
  [[nodiscard]] Status scan() noexcept;
  [[nodiscard]] Status apply(RecordId id, bool erased, uint32_t offset) noexcept;
  [[nodiscard]] const Entry* find(RecordId id) const noexcept;
  [[nodiscard]] Status append(std::span<const RecordChange> changes) noexcept;
  [[nodiscard]] Status compact(std::span<const RecordChange> changes) noexcept;
  [[nodiscard]] Result<uint32_t> copy_record(const Entry& entry, const FlashRegion& to, uint32_t at) const noexcept;
  [[nodiscard]] Result<uint32_t> write_record(const FlashRegion& to, uint32_t at, const RecordChange& change,
                                              uint8_t left) const noexcept;

  FlashRegion region_;
  Index index_{};
  size_t count_ = 0;
  uint64_t generation_ = 0;
  unsigned active_ = 0;
  uint32_t tail_ = 0;
  bool mounted_ = false;
  bool torn_ = true;  ///< the bank's end is unsure: the next change goes to the other bank
};

}  // namespace tailor::storage
