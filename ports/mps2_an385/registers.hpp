// SPDX-License-Identifier: Apache-2.0
// The registers that this port touches: the Cortex-M3's own (ARMv7-M, B3.2, B3.3) and the CMSDK watchdog of the MPS2.
#pragma once

#include <cstdint>

namespace tailor::mps2 {

[[nodiscard]] inline volatile uint32_t& reg(uint32_t address) noexcept {
  return *reinterpret_cast<volatile uint32_t*>(static_cast<uintptr_t>(address));
}

inline constexpr uint32_t kClockHz = 25'000'000;

// SysTick
inline constexpr uint32_t kSysTickControl = 0xe000e010;
inline constexpr uint32_t kSysTickReload = 0xe000e014;
inline constexpr uint32_t kSysTickValue = 0xe000e018;
// System control block
inline constexpr uint32_t kInterruptState = 0xe000ed04;
inline constexpr uint32_t kVectorTable = 0xe000ed08;
inline constexpr uint32_t kApplicationInterrupt = 0xe000ed0c;
inline constexpr uint32_t kResetRequest = 0x05fa0004;
// Memory protection unit
inline constexpr uint32_t kProtectionControl = 0xe000ed94;
inline constexpr uint32_t kProtectionBase = 0xe000ed9c;
inline constexpr uint32_t kProtectionAttributes = 0xe000eda0;
// CMSDK APB watchdog
inline constexpr uint32_t kWatchdogLoad = 0x40008000;
inline constexpr uint32_t kWatchdogControl = 0x40008008;
inline constexpr uint32_t kWatchdogClear = 0x4000800c;
inline constexpr uint32_t kWatchdogLock = 0x40008c00;

// CMSDK APB UART 0
inline constexpr uint32_t kUartData = 0x40004000;
inline constexpr uint32_t kUartState = 0x40004004;
inline constexpr uint32_t kUartTransmitFull = 1;
inline constexpr uint32_t kUartReceiveFull = 2;
inline constexpr uint32_t kUartControl = 0x40004008;
inline constexpr uint32_t kUartTransmitAndReceive = 3;
inline constexpr uint32_t kUartDivider = 0x40004010;

/// Resets the system; RAM keeps its content.
[[noreturn]] inline void reset_system() noexcept {
  asm volatile("dsb" ::: "memory");
  reg(kApplicationInterrupt) = kResetRequest;
  for (;;) asm volatile("dsb");
}

}  // namespace tailor::mps2
