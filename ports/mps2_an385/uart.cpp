// SPDX-License-Identifier: Apache-2.0
// See uart.hpp.
#include "ports/mps2_an385/uart.hpp"

#include "ports/mps2_an385/registers.hpp"

namespace tailor::mps2 {
namespace {

constexpr uint32_t kBaud = 115200;

}  // namespace

Uart::Uart() noexcept {
  reg(kUartDivider) = kClockHz / kBaud;
  reg(kUartControl) = kUartTransmitAndReceive;
}

void Uart::put(uint8_t byte) noexcept {
  while ((reg(kUartState) & kUartTransmitFull) != 0) {
  }
  reg(kUartData) = byte;
}

std::optional<uint8_t> Uart::take() noexcept {
  if ((reg(kUartState) & kUartReceiveFull) == 0) return std::nullopt;
  return static_cast<uint8_t>(reg(kUartData));
}

}  // namespace tailor::mps2
