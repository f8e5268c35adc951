// SPDX-License-Identifier: Apache-2.0
// Flash of the posix port: a file with the rules of NOR flash. What was written survives kill -9 of the process, and
// with Durability::kHost a crash of the machine too. Knows no region and no record.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "tailor/port/flash.h"

namespace tailor::posix {

/// What must be over before a write or erase counts as done.
enum class Durability : uint8_t {
  kProcess,  ///< the kernel has it: survives the end of the process, not of the machine
  kHost,     ///< the disk has it: fdatasync after every operation
};

class FlashFile {
 public:
  FlashFile() = default;
  ~FlashFile();
  FlashFile(const FlashFile&) = delete;
  FlashFile& operator=(const FlashFile&) = delete;

  /// Opens a flash file that exists.
  /// @returns kFileFailed when it does not or cannot be read and written; kFlashContract when it has another size
  [[nodiscard]] Status open(const std::string& path, const tailor_flash_geometry_t& geometry,
                            Durability durability = Durability::kProcess);
  /// Makes an erased flash file and opens it; one that exists is opened as it is.
  [[nodiscard]] Status create(const std::string& path, const tailor_flash_geometry_t& geometry,
                              Durability durability = Durability::kProcess);
  /// Keeps other programs that ask for it from using the file until it is closed. Not inherited by children.
  /// @returns kStateConflict when another program has it
  [[nodiscard]] Status lock();

  /// @pre open; the object stays where it is
  [[nodiscard]] const tailor_flash_t& port() const noexcept { return port_; }

 private:
  [[nodiscard]] tailor_port_status_t read(uint32_t offset, uint8_t* bytes, uint32_t length) const;
  [[nodiscard]] tailor_port_status_t write(uint32_t offset, const uint8_t* bytes, uint32_t length);
  [[nodiscard]] tailor_port_status_t erase(uint32_t offset);
  [[nodiscard]] tailor_port_status_t store(uint32_t offset, const uint8_t* bytes, size_t length);

  int file_ = -1;
  Durability durability_ = Durability::kProcess;
  tailor_flash_t port_{};
};

}  // namespace tailor::posix
