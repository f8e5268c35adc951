// SPDX-License-Identifier: Apache-2.0
// The port test on this board: the flash driver and the clock against their contracts. Ends the emulator with 0 when
// both hold. The flash file loses what slot B holds.
#include "device/agent/log.hpp"
#include "ports/mps2_an385/flash.hpp"
#include "ports/mps2_an385/jumpers.hpp"
#include "ports/mps2_an385/layout.hpp"
#include "ports/mps2_an385/semihosting.hpp"
#include "ports/mps2_an385/startup.hpp"
#include "ports/mps2_an385/system_ports.hpp"
#include "tailor/port_test.h"

namespace tailor::mps2 {
namespace {

constexpr unsigned kClockSteps = 20;
constexpr unsigned long kClockReads = 10'000'000;

[[noreturn]] void end(const char* broken) noexcept {
  agent::LogLine(&log_port, broken == nullptr ? TAILOR_LOG_INFO : TAILOR_LOG_ERROR, "port-test")
      .text("result", broken == nullptr ? "passed" : broken);
  semihosting::exit(broken == nullptr ? 0 : 1);
}

}  // namespace

void firmware_main() noexcept {
  static const Jumpers jumpers;
  static Flash flash;
  Status status = flash.open(jumpers.text("flash").data());
  if (status.ok()) status = flash.power_up();
  if (!status.ok()) end("the flash file cannot be used");
  const char* broken = tailor_port_test_flash(&flash.port(), TAILOR_SLOT_B_AT);
  if (broken == nullptr) broken = tailor_port_test_time(&time_port, kClockSteps, kClockReads);
  end(broken);
}

}  // namespace tailor::mps2
