// SPDX-License-Identifier: Apache-2.0
// See flash_region.hpp.
#include "device/storage/flash_region.hpp"

#include <algorithm>

#include "device/storage/crc32.hpp"

namespace tailor {
namespace {

/// Bytes that a scan holds on the stack at a time.
constexpr uint32_t kScanBytes = 64;

constexpr bool power_of_two(uint32_t value) noexcept {
  return value != 0 && (value & (value - 1)) == 0;
}

}  // namespace

Status FlashRegion::check() const noexcept {
  if (flash_ == nullptr) return Error::kFlashContract;
  const tailor_flash_geometry_t& geometry = flash_->geometry;
  const uint32_t sector = geometry.sector_bytes;
  const bool sane = power_of_two(sector) && sector >= 256 && power_of_two(geometry.write_granule_bytes) &&
                    geometry.write_granule_bytes <= kMaxWriteGranuleBytes && geometry.size_bytes % sector == 0 &&
                    size_ != 0 && size_ % sector == 0 && base_ % sector == 0 && size_ <= geometry.size_bytes &&
                    base_ <= geometry.size_bytes - size_;
  if (!sane) return Error::kFlashContract;
  return kOk;
}

Status FlashRegion::within(uint32_t offset, size_t size) const noexcept {
  if (offset > size_ || size > size_ - offset) return Error::kFlashContract;
  return kOk;
}

Status FlashRegion::read(uint32_t offset, MutableBytes out) const noexcept {
  TAILOR_TRY(within(offset, out.size()));
  if (out.empty()) return kOk;
  switch (flash_->read(flash_->context, base_ + offset, out.data(), static_cast<uint32_t>(out.size()))) {
    case TAILOR_PORT_OK:
      return kOk;
    case TAILOR_PORT_CONTRACT:
      return Error::kFlashContract;
    default:
      return Error::kFlashReadFailed;
  }
}

Status FlashRegion::write(uint32_t offset, ByteView bytes) const noexcept {
  TAILOR_TRY(within(offset, bytes.size()));
  if (offset % granule_bytes() != 0 || bytes.size() % granule_bytes() != 0) return Error::kFlashContract;
  if (bytes.empty()) return kOk;
  switch (flash_->write(flash_->context, base_ + offset, bytes.data(), static_cast<uint32_t>(bytes.size()))) {
    case TAILOR_PORT_OK:
      return kOk;
    case TAILOR_PORT_CONTRACT:
      return Error::kFlashContract;
    default:
      return Error::kFlashWriteFailed;
  }
}

Status FlashRegion::erase_sector(uint32_t offset) const noexcept {
  TAILOR_TRY(within(offset, 1));
  switch (flash_->erase(flash_->context, base_ + offset / sector_bytes() * sector_bytes())) {
    case TAILOR_PORT_OK:
      return kOk;
    case TAILOR_PORT_CONTRACT:
      return Error::kFlashContract;
    default:
      return Error::kFlashEraseFailed;
  }
}

Status FlashRegion::erase(uint32_t offset, uint32_t size) const noexcept {
  TAILOR_TRY(within(offset, size));
  if (size == 0) return kOk;
  const uint32_t sector = sector_bytes();
  for (uint32_t at = offset / sector * sector; at < offset + size; at += sector) TAILOR_TRY(erase_sector(at));
  return kOk;
}

Result<bool> FlashRegion::reads_erased(uint32_t offset, uint32_t size) const noexcept {
  std::array<uint8_t, kScanBytes> bytes;
  const uint32_t end = offset + size;
  for (uint32_t at = offset; at < end;) {
    const uint32_t count = std::min(kScanBytes, end - at);
    TAILOR_TRY(read(at, MutableBytes{bytes}.first(count)));
    for (uint32_t i = 0; i < count; ++i) {
      if (bytes[i] != erased_value()) return false;
    }
    at += count;
  }
  return true;
}

Result<uint32_t> FlashRegion::end_of_data(uint32_t offset, uint32_t size) const noexcept {
  std::array<uint8_t, kScanBytes> bytes;
  for (uint32_t end = offset + size; end > offset;) {
    const uint32_t count = std::min(kScanBytes, end - offset);
    TAILOR_TRY(read(end - count, MutableBytes{bytes}.first(count)));
    for (uint32_t i = count; i > 0; --i) {
      if (bytes[i - 1] != erased_value()) return end - count + i;
    }
    end -= count;
  }
  return offset;
}

Result<uint32_t> FlashRegion::crc(uint32_t offset, uint32_t size) const noexcept {
  std::array<uint8_t, kScanBytes> bytes;
  Crc32 crc;
  TAILOR_TRY(within(offset, size));
  for (uint32_t done = 0; done < size;) {
    const MutableBytes piece = MutableBytes{bytes}.first(std::min(kScanBytes, size - done));
    TAILOR_TRY(read(offset + done, piece));
    crc.update(piece);
    done += static_cast<uint32_t>(piece.size());
  }
  return crc.value();
}

Status FlashWriter::append(ByteView bytes) noexcept {
  const size_t granule = region_.granule_bytes();
  if (held_ > 0) {
    const size_t count = std::min(granule - held_, bytes.size());
    std::copy_n(bytes.begin(), count, granule_.begin() + held_);
    held_ += count;
    bytes = bytes.subspan(count);
    if (held_ < granule) return kOk;
    TAILOR_TRY(region_.write(offset_, ByteView{granule_}.first(granule)));
    offset_ += static_cast<uint32_t>(granule);
    held_ = 0;
  }
  const size_t whole = bytes.size() / granule * granule;
  TAILOR_TRY(region_.write(offset_, bytes.first(whole)));
  offset_ += static_cast<uint32_t>(whole);
  bytes = bytes.subspan(whole);
  std::copy(bytes.begin(), bytes.end(), granule_.begin());
  held_ = bytes.size();
  return kOk;
}

Result<uint32_t> FlashWriter::finish() noexcept {
  if (held_ > 0) {
    const size_t granule = region_.granule_bytes();
    std::fill(granule_.begin() + held_, granule_.begin() + granule, region_.erased_value());
    TAILOR_TRY(region_.write(offset_, ByteView{granule_}.first(granule)));
    offset_ += static_cast<uint32_t>(granule);
    held_ = 0;
  }
  return offset_;
}

}  // namespace tailor
