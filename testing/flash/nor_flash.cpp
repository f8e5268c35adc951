// SPDX-License-Identifier: Apache-2.0
// See nor_flash.hpp.
#include "testing/flash/nor_flash.hpp"

#include <algorithm>

namespace tailor::testing {

NorFlash::NorFlash(const tailor_flash_geometry_t& geometry)
    : geometry_(geometry),
      port_{this, geometry,
            [](void* self, uint32_t offset, uint8_t* bytes, uint32_t length) {
              return static_cast<NorFlash*>(self)->read(offset, bytes, length);
            },
            [](void* self, uint32_t offset, const uint8_t* bytes, uint32_t length) {
              return static_cast<NorFlash*>(self)->write(offset, bytes, length);
            },
            [](void* self, uint32_t offset) { return static_cast<NorFlash*>(self)->erase(offset); }},
      cells_(geometry),
      erases_(geometry.size_bytes / geometry.sector_bytes, 0) {}

void NorFlash::load(const Cells& cells, uint64_t seed) {
  cells_ = cells;
  operations_.clear();
  erases_.assign(erases_.size(), 0);
  start_ = mixed(seed, 1);
  random_ = mixed(seed, 2);
  reads_ = doubtful_ = count_ = 0;
  fail_operation_in_ = fail_read_in_ = 0;
  dead_sector_ = kNone;
}

tailor_port_status_t NorFlash::breach(const std::string& what) {
  if (violation_.empty()) violation_ = what;
  return TAILOR_PORT_CONTRACT;
}

void NorFlash::note(const FlashOperation& operation) {
  ++count_;
  if (keeps_) operations_.push_back(operation);
}

void NorFlash::kill_sector(uint32_t sector, uint64_t operation, Loss loss) noexcept {
  dead_sector_ = sector;
  dead_in_ = operation;
  loss_ = loss;
}

bool NorFlash::fails(const FlashOperation& operation) {
  if (operation.offset / geometry_.sector_bytes == dead_sector_ && (dead_in_ == 0 || --dead_in_ == 0)) {
    if (loss_ != Loss::kNothing) cells_.cut(operation, loss_, mixed(random_, operation.offset));
    loss_ = Loss::kNothing;
    return true;
  }
  if (fail_operation_in_ == 0 || --fail_operation_in_ != 0) return false;
  cells_.cut(operation, loss_, mixed(random_, operation.offset));
  return true;
}

tailor_port_status_t NorFlash::read(uint32_t offset, uint8_t* bytes, uint32_t length) {
  if (offset > geometry_.size_bytes || length > geometry_.size_bytes - offset) return breach("read beyond the end");
  ++reads_;
  if (fail_read_in_ != 0 && --fail_read_in_ == 0) return TAILOR_PORT_FAILED;
  return cells_.read(offset, {bytes, length}, start_, random_) ? TAILOR_PORT_OK : TAILOR_PORT_FAILED;
}

tailor_port_status_t NorFlash::write(uint32_t offset, const uint8_t* bytes, uint32_t length) {
  const uint32_t granule = geometry_.write_granule_bytes;
  if (offset > geometry_.size_bytes || length > geometry_.size_bytes - offset) return breach("write beyond the end");
  if (offset % granule != 0 || length % granule != 0) return breach("write that is not aligned to the granule");
  FlashOperation operation{false, offset, std::vector<uint8_t>(granule)};
  for (uint32_t at = 0; at < length; at += granule) {
    // Where nobody looks at single granules, a sector is written at once.
    if (!keeps_ && fail_operation_in_ == 0 && dead_sector_ == kNone) {
      const uint32_t to_end = geometry_.sector_bytes - (offset + at) % geometry_.sector_bytes;
      const uint32_t piece = std::min(length - at, to_end);
      if (cells_.program_erased(offset + at, {bytes + at, piece})) {
        count_ += piece / granule;
        at += piece - granule;
        continue;
      }
    }
    operation.offset = offset + at;
    std::copy_n(bytes + at, granule, operation.data.begin());
    note(operation);
    if (fails(operation)) return TAILOR_PORT_FAILED;
    if (!cells_.sound(offset + at, granule)) ++doubtful_;
    const Cells::Answer answer = cells_.program(operation);
    if (answer == Cells::Answer::kBreach) return breach("write without erase at " + std::to_string(offset + at));
    if (answer == Cells::Answer::kRefused) return TAILOR_PORT_FAILED;
  }
  return TAILOR_PORT_OK;
}

tailor_port_status_t NorFlash::erase(uint32_t offset) {
  if (offset >= geometry_.size_bytes) return breach("erase beyond the end");
  if (offset % geometry_.sector_bytes != 0) return breach("erase that is not aligned to the sector");
  const FlashOperation operation{true, offset, {}};
  note(operation);
  ++erases_[offset / geometry_.sector_bytes];
  if (fails(operation)) return TAILOR_PORT_FAILED;
  cells_.erase(offset);
  return TAILOR_PORT_OK;
}

}  // namespace tailor::testing
