// SPDX-License-Identifier: Apache-2.0
// The cells of a NOR flash and what a power cut leaves in them: a value that is copied cheaply (sectors are shared
// until they change), so that a test goes on from thousands of cuts of one run. Knows no port and no caller.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "tailor/port/flash.h"

namespace tailor::testing {

/// What became of the granule or the sector at which power failed.
enum class Loss : uint8_t {
  kNothing,     ///< nothing was done
  kHalf,        ///< the first half of the bytes was done
  kDone,        ///< all was done, but the caller never learnt it
  kRandom,      ///< each bit that had to change did, or did not; after an erase any bit may read as anything
  kUnstable,    ///< each such bit reads anew as either, at each read, until the next erase
  kFlicker,     ///< reads as done or as not begun, as a whole, decided anew at each start of the device
  kUnreadable,  ///< reading fails until the next erase (an uncorrectable error)
  kUnseen,      ///< reads as erased, and takes no write before the next erase
};
inline constexpr Loss kAllLosses[] = {Loss::kNothing,  Loss::kHalf,    Loss::kDone,       Loss::kRandom,
                                      Loss::kUnstable, Loss::kFlicker, Loss::kUnreadable, Loss::kUnseen};
[[nodiscard]] std::string_view name_of(Loss loss) noexcept;

/// One thing that flash does at a time: the granule or the sector at `offset`.
struct FlashOperation {
  bool is_erase = false;
  uint32_t offset = 0;
  std::vector<uint8_t> data;  ///< of the granule
};

class Cells {
 public:
  enum class Answer : uint8_t { kDone, kRefused, kBreach };

  /// Erased, all of it.
  explicit Cells(const tailor_flash_geometry_t& geometry);

  /// Reads; `start` decides what flickers, `random` what is unstable (and moves on).
  /// @returns false when a granule cannot be read
  [[nodiscard]] bool read(uint32_t offset, MutableBytes out, uint64_t start, uint64_t& random) const;
  /// Whether a write of a granule is taken: kBreach when it was written by an operation that came to its end, kRefused
  /// by a part with error-correcting codes (granules of 8 bytes or more) when a cut has touched it. Smaller granules
  /// then keep what is unsound, and program the rest.
  Answer program(const FlashOperation& operation);
  /// The same for whole granules inside one sector that are all erased, at once. @returns false, and does nothing, when
  /// one of them is not
  [[nodiscard]] bool program_erased(uint32_t offset, ByteView bytes);
  void erase(uint32_t offset);
  /// Does what is left when power fails in the operation.
  void cut(const FlashOperation& operation, Loss loss, uint64_t random);

  /// Whether every byte was put there by operations that came to their end, or is erased.
  [[nodiscard]] bool sound(uint32_t offset, uint32_t length) const;
  /// Whether every read gives the same each time: nothing flickers, nothing is unstable.
  [[nodiscard]] bool steady() const noexcept { return fickle_ == 0; }
  /// A hash of everything that the future depends on. Costs what changed since it was asked for last.
  [[nodiscard]] uint64_t hash() const;
  /// The same of whole sectors.
  [[nodiscard]] uint64_t hash(uint32_t offset, uint32_t length) const;
  /// For tests that damage cells.
  void poke(uint32_t offset, uint8_t value);
  [[nodiscard]] uint8_t peek(uint32_t offset) const;
  [[nodiscard]] const tailor_flash_geometry_t& geometry() const noexcept { return geometry_; }

 private:
  enum class Granule : uint8_t { kErased, kWritten, kTouched, kUnstable, kFlicker, kErasing, kUnreadable, kUnseen };
  struct Sector {
    std::vector<uint8_t> bytes;
    std::vector<uint8_t> other;  ///< of kUnstable, kFlicker, kErasing: what it reads as else; empty when all is sound
    std::vector<Granule> granules;
    uint32_t unsound = 0;  ///< granules that do not simply read as their bytes
    uint32_t fickle = 0;   ///< of them those that read differently from time to time
    uint32_t touched = 0;  ///< granules that a cut has left, and that read as their bytes
    uint64_t hash = 0;     ///< 0: not known
  };

 public:
  /// One sector as it was, to go back to after a cut was tried on these very cells.
  class Saved {
    friend class Cells;
    std::shared_ptr<Sector> sector_;
    uint32_t index_ = 0;
  };
  [[nodiscard]] Saved save(uint32_t offset) const;
  void restore(const Saved& saved);

 private:
  Sector& change(uint32_t offset);
  void forget_hash(uint32_t index);
  [[nodiscard]] uint64_t sector_hash(uint32_t index) const;
  [[nodiscard]] const Sector& at(uint32_t offset) const { return *sectors_[offset / geometry_.sector_bytes]; }
  void mark(Sector& sector, uint32_t granule, Granule what);

  tailor_flash_geometry_t geometry_;
  std::vector<std::shared_ptr<Sector>> sectors_;
  uint32_t fickle_ = 0;                 ///< of all sectors
  mutable uint64_t hashes_ = 0;         ///< the sum over all sectors that are not in changed_
  mutable std::vector<uint8_t> dirty_;  ///< by sector: it is in changed_
  mutable std::vector<uint32_t> changed_;
};

/// A step of a small generator (xorshift).
uint64_t next_random(uint64_t& state) noexcept;
/// Mixes values into one that is as good as random.
[[nodiscard]] uint64_t mixed(uint64_t a, uint64_t b) noexcept;

}  // namespace tailor::testing
