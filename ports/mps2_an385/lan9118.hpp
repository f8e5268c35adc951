// SPDX-License-Identifier: Apache-2.0
// Driver of the board's Ethernet controller, an SMSC LAN9118, polled and in PIO: the chip's own receive FIFO is the
// only queue. Frames in, frames out; knows no IP.
#pragma once

#include <array>

#include "core/base/bytes.hpp"

namespace tailor::mps2 {

using MacAddress = std::array<uint8_t, 6>;

class Lan9118 {
 public:
  /// Resets the controller and turns receiver and transmitter on.
  /// @returns kNetworkFailed when no LAN9118 answers
  [[nodiscard]] Status start(const MacAddress& address) noexcept;

  [[nodiscard]] bool has_frame() const noexcept;
  /// Takes the oldest frame, without its check sequence.
  /// @param out  aligned for a uint32_t, its size a multiple of 4
  /// @returns the frame; empty when there is none, or when it was damaged or too long and is dropped
  [[nodiscard]] ByteView receive(MutableBytes out) noexcept;

  /// Begins a frame of `length` bytes; its pieces follow, and the last one ends it.
  /// @returns false when the transmit FIFO has no room: the frame is lost
  [[nodiscard]] bool begin_frame(size_t length) noexcept;
  void append(ByteView bytes) noexcept;

 private:
  [[nodiscard]] bool write_mac(uint32_t index, uint32_t value) const noexcept;
  void push(uint8_t byte) noexcept;

  size_t left_ = 0;
  uint32_t word_ = 0;
  unsigned filled_ = 0;
};

}  // namespace tailor::mps2
