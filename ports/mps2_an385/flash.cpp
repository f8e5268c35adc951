// SPDX-License-Identifier: Apache-2.0
// See flash.hpp.
#include "ports/mps2_an385/flash.hpp"

#include <algorithm>
#include <cstring>

#include "ports/mps2_an385/layout.hpp"
#include "ports/mps2_an385/semihosting.hpp"

namespace tailor::mps2 {
namespace {

uint8_t* at(uint32_t offset) noexcept {
  return reinterpret_cast<uint8_t*>(kFlashAddress + offset);
}

bool inside(uint32_t offset, uint32_t length) noexcept {
  return offset <= kFlashGeometry.size_bytes && length <= kFlashGeometry.size_bytes - offset;
}

}  // namespace

Flash::Flash() noexcept
    : port_{this, kFlashGeometry,
            [](void*, uint32_t offset, uint8_t* bytes, uint32_t length) {
              if (!inside(offset, length)) return TAILOR_PORT_CONTRACT;
              std::memcpy(bytes, at(offset), length);
              return TAILOR_PORT_OK;
            },
            [](void* self, uint32_t offset, const uint8_t* bytes, uint32_t length) {
              return static_cast<Flash*>(self)->write(offset, bytes, length);
            },
            [](void* self, uint32_t offset) { return static_cast<Flash*>(self)->erase(offset); }} {}

Status Flash::open(const char* path) noexcept {
  file_ = semihosting::open(path, semihosting::OpenMode::kUpdate);
  if (file_ < 0) return Error::kFileFailed;
  return kOk;
}

Status Flash::power_up() noexcept {
  if (!semihosting::seek(file_, 0) || !semihosting::read(file_, at(0), kFlashGeometry.size_bytes)) {
    return Error::kFlashReadFailed;
  }
  return kOk;
}

void Flash::close() noexcept {
  semihosting::close(file_);
  file_ = -1;
}

tailor_port_status_t Flash::persist(uint32_t offset, const void* bytes, uint32_t length) const noexcept {
  const bool kept = semihosting::seek(file_, offset) && semihosting::write(file_, bytes, length);
  return kept ? TAILOR_PORT_OK : TAILOR_PORT_FAILED;
}

tailor_port_status_t Flash::write(uint32_t offset, const uint8_t* bytes, uint32_t length) const noexcept {
  constexpr uint32_t kGranule = kFlashGeometry.write_granule_bytes;
  if (!inside(offset, length) || offset % kGranule != 0 || length % kGranule != 0) return TAILOR_PORT_CONTRACT;
  const bool erased =
      std::all_of(at(offset), at(offset) + length, [](uint8_t byte) { return byte == kFlashGeometry.erased_value; });
  if (!erased) return TAILOR_PORT_CONTRACT;
  std::memcpy(at(offset), bytes, length);
  return persist(offset, at(offset), length);
}

tailor_port_status_t Flash::erase(uint32_t offset) const noexcept {
  if (offset >= kFlashGeometry.size_bytes || offset % kFlashGeometry.sector_bytes != 0) return TAILOR_PORT_CONTRACT;
  std::memset(at(offset), kFlashGeometry.erased_value, kFlashGeometry.sector_bytes);
  return persist(offset, at(offset), kFlashGeometry.sector_bytes);
}

}  // namespace tailor::mps2
