// SPDX-License-Identifier: Apache-2.0
// The boot journal: whole States, appended in two alternating halves of a flash region. The highest number counts.
// Knows what a state looks like in flash, and nothing of what it means.
#pragma once

#include "device/boot/state.hpp"
#include "device/storage/flash_region.hpp"

namespace tailor::boot {

class Journal {
 public:
  /// @pre an even number of sectors, each half with room for two states or more
  explicit Journal(const FlashRegion& region) noexcept : region_(region) {}

  /// Finds the newest state.
  ///
  /// A record that is torn, or cannot be read, counts as absent: an uncorrectable read error must not stop a device
  /// from booting.
  /// @returns kNotFound when there is none; kFlashContract for an impossible region
  [[nodiscard]] Result<State> load() noexcept;

  /// Whether the state that load() found may be gone at the next start: a power cut may have left its record so that it
  /// reads as whole by chance. Append the state again before anything is done on its account.
  [[nodiscard]] bool in_doubt() const noexcept { return in_doubt_; }

  /// Whether append() has succeeded since load(): then no record of an earlier run counts any more.
  [[nodiscard]] bool has_written() const noexcept { return written_; }

  /// Makes `state` the newest one; its number is set. After a power cut either it or the state before is the newest.
  ///
  /// It is written twice: the second copy says that the first one is sound.
  /// @pre load() was called on this object
  /// A record that cannot be written, or does not read back, goes to the other half at once; that is tried twice.
  /// @returns kFlashWriteFailed, kFlashEraseFailed: the state before still counts, at least until a restart
  /// @cost two writes; and the erase of a half for the first record after load(), and when the half is full
  [[nodiscard]] Status append(State& state) noexcept;
  /// The same, written once: for a state that another one follows in the same run.
  [[nodiscard]] Status append_passing(State& state) noexcept;

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  [[nodiscard]] uint32_t half_bytes() const noexcept { return region_.size() / 2; }
  [[nodiscard]] uint32_t record_bytes() const noexcept { return region_.round_up(kStateBytes); }
  [[nodiscard]] uint32_t records_per_half() const noexcept { return half_bytes() / record_bytes(); }
  [[nodiscard]] Status write_at(uint32_t half, uint32_t index, State& state) noexcept;
  [[nodiscard]] Status start_half(State& state) noexcept;
  [[nodiscard]] Result<bool> put(State& state) noexcept;

  FlashRegion region_;
  uint64_t last_number_ = 0;  ///< that was written, or may have been
  uint32_t half_ = 0;         ///< that is erased when the next one is started
  uint32_t next_ = kNone;     ///< index in the other half; kNone: start half_
  bool in_doubt_ = true;
  bool written_ = false;
};

}  // namespace tailor::boot
