// SPDX-License-Identifier: Apache-2.0
// A NOR flash behind the port, for power-loss proofs: it splits what is written into granules, writes down every
// operation so that a test can cut at each, keeps the contract against its caller, and fails calls that a test chooses.
#pragma once

#include <string>
#include <utility>

#include "testing/flash/cells.hpp"

namespace tailor::testing {

class NorFlash {
 public:
  explicit NorFlash(const tailor_flash_geometry_t& geometry);
  NorFlash(const NorFlash&) = delete;
  NorFlash& operator=(const NorFlash&) = delete;
  [[nodiscard]] const tailor_flash_t& port() const noexcept { return port_; }

  /// Goes on from these cells, as a device that starts; `seed` decides what unsound cells read as.
  void load(const Cells& cells, uint64_t seed);
  /// The device starts again: what flickers is decided anew.
  void restart() noexcept { start_ = mixed(start_, 3); }
  [[nodiscard]] const Cells& cells() const noexcept { return cells_; }
  [[nodiscard]] Cells& cells() noexcept { return cells_; }

  /// Operations since load(), in order; unless a test does not want them, for speed.
  [[nodiscard]] const std::vector<FlashOperation>& operations() const noexcept { return operations_; }
  [[nodiscard]] std::vector<FlashOperation> take_operations() noexcept { return std::exchange(operations_, {}); }
  void keep_operations(bool keep) noexcept { keeps_ = keep; }
  /// How many there were.
  [[nodiscard]] uint64_t operation_count() const noexcept { return count_; }
  /// Whether no call is to fail any more: then what follows depends on the cells alone.
  [[nodiscard]] bool is_faultless() const noexcept {
    return fail_operation_in_ == 0 && fail_read_in_ == 0 && dead_sector_ == kNone;
  }
  [[nodiscard]] bool read_will_fail() const noexcept { return fail_read_in_ != 0; }
  [[nodiscard]] uint64_t reads() const noexcept { return reads_; }
  /// Erases of a sector since load().
  [[nodiscard]] uint32_t erases(uint32_t sector) const { return erases_.at(sector); }
  /// Writes to granules that a cut had touched: allowed to nobody who could know.
  [[nodiscard]] uint64_t doubtful_writes() const noexcept { return doubtful_; }
  /// The first breach of the contract, in words; empty when there was none.
  [[nodiscard]] const std::string& violation() const noexcept { return violation_; }

  /// The n-th program or erase from now (1 is the next) fails and leaves `loss` behind; power stays. 0: none.
  void fail_operation(uint64_t number, Loss loss) noexcept {
    fail_operation_in_ = number;
    loss_ = loss;
  }
  /// From its n-th program or erase on (1 is the next one) a sector takes no more of either; the first that fails
  /// leaves `loss` behind. Until load().
  void kill_sector(uint32_t sector, uint64_t operation, Loss loss) noexcept;
  /// The n-th read from now fails; the ones after it work again. 0: none.
  void fail_read(uint64_t number) noexcept { fail_read_in_ = number; }

 private:
  tailor_port_status_t read(uint32_t offset, uint8_t* bytes, uint32_t length);
  tailor_port_status_t write(uint32_t offset, const uint8_t* bytes, uint32_t length);
  tailor_port_status_t erase(uint32_t offset);
  tailor_port_status_t breach(const std::string& what);
  [[nodiscard]] bool fails(const FlashOperation& operation);
  void note(const FlashOperation& operation);

  static constexpr uint32_t kNone = UINT32_MAX;

  tailor_flash_geometry_t geometry_;
  tailor_flash_t port_;
  Cells cells_;
  std::vector<FlashOperation> operations_;
  std::vector<uint32_t> erases_;
  std::string violation_;
  bool keeps_ = true;
  uint64_t count_ = 0;
  uint64_t start_ = 1, random_ = 1, reads_ = 0, doubtful_ = 0;
  uint64_t fail_operation_in_ = 0, fail_read_in_ = 0, dead_in_ = 0;
  uint32_t dead_sector_ = kNone;
  Loss loss_ = Loss::kNothing;
};

}  // namespace tailor::testing
