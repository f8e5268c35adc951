// SPDX-License-Identifier: Apache-2.0
// NOR flash in memory for tests: it keeps the contract of tailor/port/flash.h against its caller, counts, and loses
// power or fails at an operation chosen by the test. It knows nothing of what is stored.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tailor/port/flash.h"

namespace tailor::testing {

/// What became of the write or erase during which power failed.
enum class Cut : uint8_t {
  kBefore,  ///< nothing was done
  kHalf,    ///< the first half of the bytes was done
  kTorn,    ///< write: some of the bits that had to change did; erase: every byte of the sector is random
  kUnseen,  ///< what was touched reads as erased, but takes no write before the next erase: every write to it fails
  kAfter,   ///< all was done, but the caller never learnt it
};
inline constexpr Cut kAllCuts[] = {Cut::kBefore, Cut::kHalf, Cut::kTorn, Cut::kUnseen, Cut::kAfter};

/// Names a cut in test messages.
[[nodiscard]] const char* name_of(Cut cut) noexcept;

class FakeFlash {
 public:
  /// Starts erased. `seed` decides the bits of torn operations.
  explicit FakeFlash(const tailor_flash_geometry_t& geometry, uint64_t seed = 1);
  FakeFlash(const FakeFlash&) = delete;
  FakeFlash& operator=(const FakeFlash&) = delete;

  [[nodiscard]] const tailor_flash_t& port() const noexcept { return port_; }

  // --- faults ---
  /// Power fails at the n-th write or erase from now (1 is the next). Afterwards every call fails until power_on().
  void cut_power_at(uint64_t operation, Cut cut) noexcept;
  /// Ends a power cut, and takes back one that has not happened.
  void power_on() noexcept;
  [[nodiscard]] bool has_power() const noexcept { return powered_; }
  /// The n-th call from now of any kind answers FAILED and does nothing; the calls after it work again. 0: none.
  void fail_call_at(uint64_t call) noexcept;

  // --- what was seen ---
  [[nodiscard]] uint64_t operations() const noexcept { return operations_; }  ///< writes and erases begun
  [[nodiscard]] uint64_t calls() const noexcept { return calls_; }            ///< reads, writes and erases
  [[nodiscard]] uint64_t written_bytes() const noexcept { return written_bytes_; }
  [[nodiscard]] uint32_t erases(uint32_t sector) const { return erases_.at(sector); }
  [[nodiscard]] uint64_t erases() const noexcept;
  /// The first breach of the contract, in words; empty when there was none.
  [[nodiscard]] const std::string& violation() const noexcept { return violation_; }

  // --- content ---
  struct Snapshot {
    std::vector<uint8_t> bytes;
    std::vector<bool> programmed;
    std::vector<bool> weak;
  };
  [[nodiscard]] Snapshot snapshot() const { return {bytes_, programmed_, weak_}; }
  void restore(const Snapshot& snapshot);
  /// The cells themselves, for tests that damage them.
  [[nodiscard]] std::vector<uint8_t>& cells() noexcept { return bytes_; }

 private:
  tailor_port_status_t read(uint32_t offset, uint8_t* bytes, uint32_t length);
  tailor_port_status_t write(uint32_t offset, const uint8_t* bytes, uint32_t length);
  tailor_port_status_t erase(uint32_t offset);
  tailor_port_status_t breach(const std::string& what);
  [[nodiscard]] bool fails_now() noexcept;
  [[nodiscard]] bool cut_now() noexcept;
  [[nodiscard]] uint8_t random_byte() noexcept;

  tailor_flash_geometry_t geometry_;
  tailor_flash_t port_;
  std::vector<uint8_t> bytes_;
  std::vector<bool> programmed_;  ///< by granule: written, or left unsure by a cut, since the last whole erase
  std::vector<bool> weak_;        ///< by granule: left by Cut::kUnseen
  std::vector<uint32_t> erases_;  ///< by sector
  std::string violation_;
  uint64_t random_;
  uint64_t operations_ = 0, calls_ = 0, written_bytes_ = 0;
  uint64_t cut_in_ = 0, fail_in_ = 0;
  Cut cut_ = Cut::kBefore;
  bool powered_ = true;
};

}  // namespace tailor::testing
