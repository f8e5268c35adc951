// SPDX-License-Identifier: Apache-2.0
// See watchdog.hpp.
#include "ports/mps2_an385/watchdog.hpp"

#include "ports/mps2_an385/registers.hpp"

namespace tailor::mps2 {
namespace {

constexpr uint32_t kUnlock = 0x1acce551;
constexpr uint32_t kInterruptAndReset = 3;

constinit uint32_t load = 0;

}  // namespace

void start_watchdog(uint32_t milliseconds) noexcept {
  load = milliseconds * (kClockHz / 1000);
  reg(kWatchdogLock) = kUnlock;
  reg(kWatchdogLoad) = load;
  reg(kWatchdogControl) = kInterruptAndReset;
  reg(kWatchdogLock) = 0;
}

void kick_watchdog() noexcept {
  if (load == 0) return;
  reg(kWatchdogLock) = kUnlock;
  reg(kWatchdogLoad) = load;
  reg(kWatchdogLock) = 0;
}

}  // namespace tailor::mps2
