// SPDX-License-Identifier: Apache-2.0
// See flash_file.hpp.
#include "ports/posix/flash_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace tailor::posix {
namespace {

/// read or write `length` bytes, however many calls that takes.
template <typename Function, typename Bytes>
bool transfer(Function function, int file, Bytes bytes, size_t length, off_t offset) {
  while (length > 0) {
    const ssize_t count = function(file, bytes, length, offset);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes += count;
    offset += count;
    length -= static_cast<size_t>(count);
  }
  return true;
}

}  // namespace

FlashFile::~FlashFile() {
  if (file_ >= 0) ::close(file_);
}

Status FlashFile::open(const std::string& path, const tailor_flash_geometry_t& geometry, Durability durability) {
  if (file_ >= 0) ::close(file_);
  file_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file_ < 0) return Error::kFileFailed;
  struct stat status {};
  if (::fstat(file_, &status) != 0) return Error::kFileFailed;
  if (status.st_size != static_cast<off_t>(geometry.size_bytes)) return Error::kFlashContract;
  durability_ = durability;
  port_ = {this, geometry,
           [](void* self, uint32_t offset, uint8_t* bytes, uint32_t length) {
             return static_cast<FlashFile*>(self)->read(offset, bytes, length);
           },
           [](void* self, uint32_t offset, const uint8_t* bytes, uint32_t length) {
             return static_cast<FlashFile*>(self)->write(offset, bytes, length);
           },
           [](void* self, uint32_t offset) { return static_cast<FlashFile*>(self)->erase(offset); }};
  return kOk;
}

Status FlashFile::create(const std::string& path, const tailor_flash_geometry_t& geometry, Durability durability) {
  if (::access(path.c_str(), F_OK) == 0) return open(path, geometry, durability);
  // Under another name first, so that a flash file is never half there.
  const std::string fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Error::kFileFailed;
  const std::vector<uint8_t> erased(1U << 20U, geometry.erased_value);
  bool good = true;
  for (uint32_t done = 0; good && done < geometry.size_bytes;) {
    const auto count = static_cast<uint32_t>(std::min<size_t>(erased.size(), geometry.size_bytes - done));
    good = transfer(::pwrite, file, erased.data(), count, static_cast<off_t>(done));
    done += count;
  }
  good = good && (durability == Durability::kProcess || ::fsync(file) == 0);
  good = ::close(file) == 0 && good;
  if (!good || ::rename(fresh.c_str(), path.c_str()) != 0) {
    ::unlink(fresh.c_str());
    return Error::kFileFailed;
  }
  return open(path, geometry, durability);
}

Status FlashFile::lock() {
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) return errno == EWOULDBLOCK ? Error::kStateConflict : Error::kFileFailed;
  return kOk;
}

tailor_port_status_t FlashFile::read(uint32_t offset, uint8_t* bytes, uint32_t length) const {
  if (offset > port_.geometry.size_bytes || length > port_.geometry.size_bytes - offset) return TAILOR_PORT_CONTRACT;
  return transfer(::pread, file_, bytes, length, static_cast<off_t>(offset)) ? TAILOR_PORT_OK : TAILOR_PORT_FAILED;
}

tailor_port_status_t FlashFile::store(uint32_t offset, const uint8_t* bytes, size_t length) {
  if (!transfer(::pwrite, file_, bytes, length, static_cast<off_t>(offset))) return TAILOR_PORT_FAILED;
  if (durability_ == Durability::kHost && ::fdatasync(file_) != 0) return TAILOR_PORT_FAILED;
  return TAILOR_PORT_OK;
}

tailor_port_status_t FlashFile::write(uint32_t offset, const uint8_t* bytes, uint32_t length) {
  const tailor_flash_geometry_t& geometry = port_.geometry;
  if (offset > geometry.size_bytes || length > geometry.size_bytes - offset) return TAILOR_PORT_CONTRACT;
  if (offset % geometry.write_granule_bytes != 0 || length % geometry.write_granule_bytes != 0) {
    return TAILOR_PORT_CONTRACT;
  }
  std::vector<uint8_t> present(length);
  if (const auto status = read(offset, present.data(), length); status != TAILOR_PORT_OK) return status;
  const bool erased =
      std::all_of(present.begin(), present.end(), [&geometry](uint8_t byte) { return byte == geometry.erased_value; });
  if (!erased) return TAILOR_PORT_CONTRACT;
  return store(offset, bytes, length);
}

tailor_port_status_t FlashFile::erase(uint32_t offset) {
  const tailor_flash_geometry_t& geometry = port_.geometry;
  if (offset >= geometry.size_bytes || offset % geometry.sector_bytes != 0) return TAILOR_PORT_CONTRACT;
  const std::vector<uint8_t> erased(geometry.sector_bytes, geometry.erased_value);
  return store(offset, erased.data(), erased.size());
}

}  // namespace tailor::posix
