// SPDX-License-Identifier: Apache-2.0
// See fake_flash.hpp. A power cut makes all later calls fail, so that code under test unwinds without changing anything
// more; the test then gives power back and starts with fresh objects, as a reset would.
#include "testing/fake_flash.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace tailor::testing {

const char* name_of(Cut cut) noexcept {
  switch (cut) {
    case Cut::kBefore:
      return "before";
    case Cut::kHalf:
      return "half";
    case Cut::kTorn:
      return "torn";
    case Cut::kUnseen:
      return "unseen";
    case Cut::kAfter:
      return "after";
  }
  return "?";
}

FakeFlash::FakeFlash(const tailor_flash_geometry_t& geometry, uint64_t seed)
    : geometry_(geometry),
      port_{this, geometry,
            [](void* self, uint32_t offset, uint8_t* bytes, uint32_t length) {
              return static_cast<FakeFlash*>(self)->read(offset, bytes, length);
            },
            [](void* self, uint32_t offset, const uint8_t* bytes, uint32_t length) {
              return static_cast<FakeFlash*>(self)->write(offset, bytes, length);
            },
            [](void* self, uint32_t offset) { return static_cast<FakeFlash*>(self)->erase(offset); }},
      bytes_(geometry.size_bytes, geometry.erased_value),
      programmed_(geometry.size_bytes / geometry.write_granule_bytes, false),
      weak_(programmed_.size(), false),
      erases_(geometry.size_bytes / geometry.sector_bytes, 0),
      random_(seed * 0x9e3779b97f4a7c15U + 1) {}

void FakeFlash::cut_power_at(uint64_t operation, Cut cut) noexcept {
  cut_in_ = operation;
  cut_ = cut;
}

void FakeFlash::power_on() noexcept {
  powered_ = true;
  cut_in_ = 0;
}

void FakeFlash::fail_call_at(uint64_t call) noexcept {
  fail_in_ = call;
}

uint64_t FakeFlash::erases() const noexcept {
  return std::accumulate(erases_.begin(), erases_.end(), uint64_t{0});
}

void FakeFlash::restore(const Snapshot& snapshot) {
  bytes_ = snapshot.bytes;
  programmed_ = snapshot.programmed;
  weak_ = snapshot.weak;
}

tailor_port_status_t FakeFlash::breach(const std::string& what) {
  if (violation_.empty()) violation_ = what;
  return TAILOR_PORT_CONTRACT;
}

bool FakeFlash::fails_now() noexcept {
  ++calls_;
  return !powered_ || (fail_in_ != 0 && --fail_in_ == 0);
}

bool FakeFlash::cut_now() noexcept {
  ++operations_;
  if (cut_in_ == 0 || --cut_in_ != 0) return false;
  powered_ = false;
  return true;
}

uint8_t FakeFlash::random_byte() noexcept {
  random_ ^= random_ << 13U;
  random_ ^= random_ >> 7U;
  random_ ^= random_ << 17U;
  return static_cast<uint8_t>(random_ >> 32U);
}

tailor_port_status_t FakeFlash::read(uint32_t offset, uint8_t* bytes, uint32_t length) {
  if (fails_now()) return TAILOR_PORT_FAILED;
  if (offset > bytes_.size() || length > bytes_.size() - offset) return breach("read beyond the end");
  if (length > 0) std::memcpy(bytes, bytes_.data() + offset, length);
  return TAILOR_PORT_OK;
}

tailor_port_status_t FakeFlash::write(uint32_t offset, const uint8_t* bytes, uint32_t length) {
  if (fails_now()) return TAILOR_PORT_FAILED;
  const uint32_t granule = geometry_.write_granule_bytes;
  if (offset > bytes_.size() || length > bytes_.size() - offset) return breach("write beyond the end");
  if (offset % granule != 0 || length % granule != 0) return breach("write that is not aligned to the granule");
  for (uint32_t at = offset / granule; at < (offset + length) / granule; ++at) {
    if (programmed_[at]) return breach("write without erase at offset " + std::to_string(at * granule));
  }
  for (uint32_t at = offset / granule; at < (offset + length) / granule; ++at) {
    if (weak_[at]) return TAILOR_PORT_FAILED;
  }
  const bool cut = cut_now();
  if (cut && cut_ == Cut::kBefore) return TAILOR_PORT_FAILED;
  for (uint32_t at = offset / granule; at < (offset + length) / granule; ++at) {
    (cut && cut_ == Cut::kUnseen ? weak_ : programmed_)[at] = true;
  }
  if (cut && cut_ == Cut::kUnseen) return TAILOR_PORT_FAILED;
  for (uint32_t i = 0; i < length; ++i) {
    // Programming moves bits away from the erased value, never back.
    const uint8_t cell = bytes_[offset + i];
    uint8_t changes = static_cast<uint8_t>((cell ^ bytes[i]) & ~(cell ^ geometry_.erased_value));
    if (cut && cut_ == Cut::kHalf && i >= length / 2) break;
    if (cut && cut_ == Cut::kTorn) changes = static_cast<uint8_t>(changes & random_byte());
    bytes_[offset + i] = static_cast<uint8_t>(bytes_[offset + i] ^ changes);
  }
  written_bytes_ += length;
  return cut ? TAILOR_PORT_FAILED : TAILOR_PORT_OK;
}

tailor_port_status_t FakeFlash::erase(uint32_t offset) {
  if (fails_now()) return TAILOR_PORT_FAILED;
  const uint32_t sector = geometry_.sector_bytes;
  if (offset >= bytes_.size()) return breach("erase beyond the end");
  if (offset % sector != 0) return breach("erase that is not aligned to the sector");
  const bool cut = cut_now();
  if (cut && cut_ == Cut::kBefore) return TAILOR_PORT_FAILED;
  // A sector whose erase was cut needs another erase, whatever it reads as.
  const bool whole = !cut || cut_ == Cut::kAfter;
  const bool unseen = cut && cut_ == Cut::kUnseen;
  for (uint32_t at = offset; at < offset + sector; ++at) {
    programmed_[at / geometry_.write_granule_bytes] = !whole && !unseen;
    weak_[at / geometry_.write_granule_bytes] = unseen;
    if (whole || unseen || (cut_ == Cut::kHalf && at < offset + sector / 2)) bytes_[at] = geometry_.erased_value;
    if (cut && cut_ == Cut::kTorn) bytes_[at] = random_byte();
  }
  ++erases_[offset / sector];
  return cut ? TAILOR_PORT_FAILED : TAILOR_PORT_OK;
}

}  // namespace tailor::testing
