// SPDX-License-Identifier: Apache-2.0
// A line of bytes to a board: a serial port, a pseudo-terminal, or a Unix socket as an emulator offers one. Knows no
// frames.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "core/base/bytes.hpp"
#include "hosted/failure.hpp"

namespace tailor::cli {

class SerialLine {
 public:
  /// Opens a terminal device and makes it raw, 8N1, or connects to a stream socket.
  /// @param baud  of a terminal device; a pseudo-terminal and a socket have none
  /// @returns kFileFailed; kValueOutOfRange: a rate that this system does not know
  [[nodiscard]] static Outcome<SerialLine> open(const std::filesystem::path& path, unsigned baud);
  SerialLine(SerialLine&& other) noexcept;
  SerialLine& operator=(SerialLine&&) = delete;
  ~SerialLine();

  /// Writes all of it. @returns kFileFailed: the line is gone
  [[nodiscard]] Outcome<void> write(ByteView bytes) const;
  /// Waits for bytes until the deadline.
  /// @returns how many there are in `out`; 0: the time is over; kFileFailed: the line is gone
  [[nodiscard]] Outcome<size_t> read(MutableBytes out, std::chrono::steady_clock::time_point deadline) const;

 private:
  explicit SerialLine(int handle) noexcept : handle_(handle) {}
  int handle_;
};

}  // namespace tailor::cli
