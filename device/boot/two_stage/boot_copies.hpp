// SPDX-License-Identifier: Apache-2.0
// Two copies of a boot program in flash, and the choice between them: what a first stage that never changes does before
// anything else. A copy counts by its record, which is written after the program, and twice; the newest copy whose
// program has the digest of its record is started. The other copy is the only one that is ever erased.
#pragma once

#include "core/crypto/crypto.hpp"
#include "device/boot/verdict.hpp"
#include "device/storage/flash_region.hpp"

namespace tailor::boot {

/// Where the program begins in a copy: behind its two records, at a place where a vector table may stand.
inline constexpr uint32_t kCopyProgramAt = 256;

/// A copy whose program has been compared with its record.
struct BootCopy {
  Verdict verdict;  ///< check it again right before the jump
  uint8_t index = 0;
  uint64_t sequence = 0;
  uint32_t bytes = 0;
  crypto::Sha256Digest digest{};
};

class BootCopies {
 public:
  /// @param first, second  of the same size, whole sectors; a program may have as many bytes as a copy less
  ///                       kCopyProgramAt
  BootCopies(const FlashRegion& first, const FlashRegion& second) noexcept : copies_{first, second} {}

  /// Finds the copy to start: the newest that is whole, the first one of two that are equally new.
  /// @returns kNoValidImage when neither is
  /// @cost    a digest of each copy that has a record; writes nothing
  [[nodiscard]] Result<BootCopy> choose() const noexcept;

  /// Makes a copy ready to be written: the one that choose() would not start.
  ///
  /// First the copy that stays is made sure of: when a power cut may have left its record in doubt, the second one is
  /// written. So there is a copy that boots, whatever happens to this one.
  /// @returns its index; kNoValidImage: nothing to fall back to, and nothing is erased; kImageTooLarge; flash errors
  [[nodiscard]] Result<uint8_t> prepare(uint32_t bytes) const noexcept;
  /// The place of a copy's program.
  [[nodiscard]] FlashRegion program(uint8_t index, uint32_t bytes) const noexcept {
    return copies_[index].part(kCopyProgramAt, bytes);
  }
  [[nodiscard]] uint32_t room() const noexcept { return copies_[0].size() - kCopyProgramAt; }
  /// Makes a copy count, whose program is complete and has been verified: the next start chooses it if it is the
  /// newest.
  /// @returns kImageDigestMismatch: flash does not hold that program; flash errors
  [[nodiscard]] Status commit(uint8_t index, uint64_t sequence, uint32_t bytes,
                              const crypto::Sha256Digest& digest) const noexcept;
  /// Makes the first copy of a device that has none.
  [[nodiscard]] Status format() const noexcept;

 private:
  struct Record {
    uint64_t sequence;
    uint32_t bytes;
    crypto::Sha256Digest digest;
  };
  static constexpr uint32_t kRecordBytes = 64;
  [[nodiscard]] uint32_t record_at(uint32_t number) const noexcept { return number * (kCopyProgramAt / 2); }
  [[nodiscard]] Result<Record> read_record(uint8_t index, uint32_t number) const noexcept;
  [[nodiscard]] Status write_record(uint8_t index, uint32_t number, const Record& record) const noexcept;
  [[nodiscard]] Result<BootCopy> look_at(uint8_t index) const noexcept;
  [[nodiscard]] Status make_sure(const BootCopy& copy) const noexcept;

  FlashRegion copies_[2];
};

}  // namespace tailor::boot
