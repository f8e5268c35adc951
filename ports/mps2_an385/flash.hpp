// SPDX-License-Identifier: Apache-2.0
// Flash of the board: NOR rules over memory from which programs execute in place. QEMU's board has RAM there, so every
// program and erase operation also goes to a file of the host, by semihosting: one operation is one write to the file.
// The host finishes a page of 4 KiB that it has begun: a QEMU that is killed leaves an erase done or not done, and of a
// write whole granules up to a page boundary, which is a power cut between two granules.
#pragma once

#include "core/base/result.hpp"
#include "tailor/port/flash.h"

namespace tailor::mps2 {

class Flash {
 public:
  Flash() noexcept;
  Flash(const Flash&) = delete;
  Flash& operator=(const Flash&) = delete;

  /// Opens the file that holds the device.
  /// @param path  NUL-terminated
  /// @returns kFileFailed
  [[nodiscard]] Status open(const char* path) noexcept;
  /// Fills the memory from the file, as flash is there when the power comes: for the boot program, once.
  /// @returns kFlashReadFailed when the file is shorter than the device
  [[nodiscard]] Status power_up() noexcept;
  void close() noexcept;

  /// @pre the object stays where it is; write and erase fail before open()
  [[nodiscard]] const tailor_flash_t& port() const noexcept { return port_; }

 private:
  [[nodiscard]] tailor_port_status_t write(uint32_t offset, const uint8_t* bytes, uint32_t length) const noexcept;
  [[nodiscard]] tailor_port_status_t erase(uint32_t offset) const noexcept;
  [[nodiscard]] tailor_port_status_t persist(uint32_t offset, const void* bytes, uint32_t length) const noexcept;

  int32_t file_ = -1;
  tailor_flash_t port_;
};

}  // namespace tailor::mps2
