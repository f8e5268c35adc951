// SPDX-License-Identifier: Apache-2.0
// See tailor/port_test.h. Each check is a function that says what is broken; the first one that does ends the test.
#include "tailor/port_test.h"

#include <algorithm>
#include <array>
#include <bit>

namespace {

constexpr uint32_t kLargestGranule = 32;
constexpr uint32_t kSmallestSector = 256;

/// A byte that differs from its neighbours, from its place in the next granule, and from both erased values.
constexpr uint8_t pattern(uint32_t offset) {
  return static_cast<uint8_t>((offset * 7 + offset / 251) % 253 + 1);
}

class FlashTest {
 public:
  FlashTest(const tailor_flash_t& flash, uint32_t offset) noexcept
      : flash_(flash), geometry_(flash.geometry), first_(offset), second_(offset + flash.geometry.sector_bytes) {}

  const char* run() noexcept {
    if (const char* broken = check_geometry()) return broken;
    for (const auto check : {&FlashTest::check_erase, &FlashTest::check_write, &FlashTest::check_long_write,
                             &FlashTest::check_refusals, &FlashTest::check_ends}) {
      if (const char* broken = (this->*check)()) return broken;
    }
    return nullptr;
  }

 private:
  using Bytes = std::array<uint8_t, TAILOR_PORT_TEST_SCRATCH_BYTES>;

  [[nodiscard]] bool erase(uint32_t offset) const noexcept {
    return flash_.erase(flash_.context, offset) == TAILOR_PORT_OK;
  }
  [[nodiscard]] tailor_port_status_t write(uint32_t offset, const uint8_t* bytes, uint32_t length) const noexcept {
    return flash_.write(flash_.context, offset, bytes, length);
  }
  [[nodiscard]] tailor_port_status_t read(uint32_t offset, uint8_t* bytes, uint32_t length) const noexcept {
    return flash_.read(flash_.context, offset, bytes, length);
  }
  /// Whether [from, to) reads as `expected(offset)`.
  template <typename Expected>
  [[nodiscard]] bool reads_as(uint32_t from, uint32_t to, Expected expected) noexcept {
    while (from < to) {
      const uint32_t count = std::min<uint32_t>(to - from, TAILOR_PORT_TEST_SCRATCH_BYTES);
      if (read(from, scratch_.data(), count) != TAILOR_PORT_OK) return false;
      for (uint32_t i = 0; i < count; ++i) {
        if (scratch_[i] != expected(from + i)) return false;
      }
      from += count;
    }
    return true;
  }
  [[nodiscard]] bool reads_erased(uint32_t from, uint32_t to) noexcept {
    return reads_as(from, to, [this](uint32_t) { return geometry_.erased_value; });
  }
  [[nodiscard]] bool reads_pattern(uint32_t from, uint32_t to) noexcept { return reads_as(from, to, pattern); }
  [[nodiscard]] bool write_pattern(uint32_t offset, uint32_t length) noexcept {
    for (uint32_t i = 0; i < length; ++i) scratch_[i] = pattern(offset + i);
    return write(offset, scratch_.data(), length) == TAILOR_PORT_OK;
  }

  const char* check_geometry() const noexcept {
    if (!std::has_single_bit(geometry_.sector_bytes) || geometry_.sector_bytes < kSmallestSector) {
      return "geometry: sector_bytes is no power of two of at least 256";
    }
    if (!std::has_single_bit(geometry_.write_granule_bytes) || geometry_.write_granule_bytes > kLargestGranule) {
      return "geometry: write_granule_bytes is no power of two up to 32";
    }
    if (geometry_.size_bytes % geometry_.sector_bytes != 0)
      return "geometry: size_bytes is not a multiple of sector_bytes";
    const uint32_t last = geometry_.size_bytes - 2 * geometry_.sector_bytes;
    if (geometry_.size_bytes < 2 * geometry_.sector_bytes || first_ % geometry_.sector_bytes != 0 || first_ > last) {
      return "test: offset is not that of two sectors inside the device";
    }
    return nullptr;
  }

  const char* check_erase() noexcept {
    if (!erase(first_) || !erase(second_)) return "erase: not OK";
    if (!reads_erased(first_, second_ + geometry_.sector_bytes))
      return "erase: an erased sector does not read as erased";
    return nullptr;
  }

  const char* check_write() noexcept {
    const uint32_t granule = geometry_.write_granule_bytes;
    for (uint32_t offset = first_; offset < second_; offset += granule) {
      if (!write_pattern(offset, granule)) return "write: a granule is not written";
      if (!reads_pattern(offset, offset + granule)) return "write: a granule does not read as it was written";
      const uint32_t next = offset + granule;
      if (!reads_erased(next, next + granule)) return "write: the granule behind the written one has changed";
    }
    if (!reads_pattern(first_, second_)) return "write: a granule has changed when others were written";
    if (!reads_erased(second_, second_ + geometry_.sector_bytes)) return "write: the next sector has changed";
    for (uint32_t at = 1; at < granule + 2; ++at) {
      uint8_t byte = 0;
      if (read(first_ + at, &byte, 1) != TAILOR_PORT_OK || byte != pattern(first_ + at)) {
        return "read: a single byte at an odd offset is not what was written";
      }
    }
    if (!erase(second_) || !reads_pattern(first_, second_))
      return "erase: the sector before the erased one has changed";
    if (!erase(first_) || !reads_erased(first_, second_)) return "erase: a written sector does not become erased";
    return nullptr;
  }

  const char* check_long_write() noexcept {
    const uint32_t length = std::max<uint32_t>(geometry_.write_granule_bytes * 4, 64);
    if (!write_pattern(first_, length)) return "write: several granules in one call are not written";
    if (!reads_pattern(first_, first_ + length)) return "write: several granules do not read as they were written";
    if (!reads_erased(first_ + length, second_)) return "write: more than the given length has changed";
    return nullptr;
  }

  /// The first granules of the first sector are written, the rest is erased.
  const char* check_refusals() noexcept {
    const uint32_t granule = geometry_.write_granule_bytes;
    const uint32_t blank = second_ - granule;
    Bytes zeros{};
    if (write(first_, zeros.data(), granule) != TAILOR_PORT_CONTRACT)
      return "write: a granule that is written is written again";
    if (granule > 1) {
      if (write(blank + 1, zeros.data(), granule) != TAILOR_PORT_CONTRACT) return "write: an odd offset is not refused";
      if (write(blank, zeros.data(), granule - 1) != TAILOR_PORT_CONTRACT) return "write: an odd length is not refused";
    }
    if (flash_.erase(flash_.context, first_ + granule) != TAILOR_PORT_CONTRACT) {
      return "erase: an offset inside a sector is not refused";
    }
    if (!reads_pattern(first_, first_ + granule) || !reads_erased(blank, second_))
      return "refused calls have changed the flash";
    return nullptr;
  }

  const char* check_ends() noexcept {
    const uint32_t size = geometry_.size_bytes;
    const uint32_t granule = geometry_.write_granule_bytes;
    if (read(size - 1, scratch_.data(), 1) != TAILOR_PORT_OK) return "read: the last byte cannot be read";
    if (read(size - 1, scratch_.data(), 2) != TAILOR_PORT_CONTRACT) return "read: beyond the end is not refused";
    if (read(UINT32_MAX, scratch_.data(), 2) != TAILOR_PORT_CONTRACT)
      return "read: an offset that overflows is not refused";
    if (write(size, scratch_.data(), granule) != TAILOR_PORT_CONTRACT) return "write: beyond the end is not refused";
    if (flash_.erase(flash_.context, size) != TAILOR_PORT_CONTRACT) return "erase: beyond the end is not refused";
    if (!erase(first_)) return "erase: not OK at the end of the test";
    return nullptr;
  }

  const tailor_flash_t& flash_;
  const tailor_flash_geometry_t& geometry_;
  uint32_t first_;
  uint32_t second_;
  Bytes scratch_{};
};

}  // namespace

const char* tailor_port_test_flash(const tailor_flash_t* flash, uint32_t offset) {
  return FlashTest(*flash, offset).run();
}

const char* tailor_port_test_time(const tailor_time_t* time, unsigned steps, unsigned long reads) {
  uint64_t last = time->monotonic_ms(time->context);
  unsigned long still = 0;
  while (steps > 0) {
    const uint64_t now = time->monotonic_ms(time->context);
    if (now < last) return "time: monotonic_ms went back";
    still = now == last ? still + 1 : 0;
    if (still > reads) return "time: monotonic_ms does not move";
    if (now > last) --steps;
    last = now;
  }
  return nullptr;
}
