// SPDX-License-Identifier: Apache-2.0
// The CMSDK UART of the board, polled: one byte at a time, 115200 baud, 8N1. Knows no frames.
#pragma once

#include <optional>

#include "core/serial/slipmux.hpp"

namespace tailor::mps2 {

class Uart final : public serial::ByteSink {
 public:
  /// Switches transmitter and receiver on.
  Uart() noexcept;
  /// Waits until the transmitter has room.
  void put(uint8_t byte) noexcept override;
  /// The byte that has come, if one has.
  [[nodiscard]] std::optional<uint8_t> take() noexcept;
};

}  // namespace tailor::mps2
