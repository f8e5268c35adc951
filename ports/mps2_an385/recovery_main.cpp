// SPDX-License-Identifier: Apache-2.0
// The recovery program of the board: takes an envelope over the UART (docs/recovery.md) into a slot, and restarts. The
// boot program starts it when no image is valid, or on request, and says why in r0. It stands in a region of its own
// behind the boot program and is never written.
#include <cstring>

#include "core/trust/trust_policy.hpp"
#include "device/agent/identity.hpp"
#include "device/agent/log.hpp"
#include "device/recovery/recovery_server.hpp"
#include "ports/mps2_an385/flash.hpp"
#include "ports/mps2_an385/jumpers.hpp"
#include "ports/mps2_an385/layout.hpp"
#include "ports/mps2_an385/registers.hpp"
#include "ports/mps2_an385/semihosting.hpp"
#include "ports/mps2_an385/startup.hpp"
#include "ports/mps2_an385/system_ports.hpp"
#include "ports/mps2_an385/uart.hpp"

namespace tailor::mps2 {
namespace {

using agent::LogLine;

/// How long answers are repeated for a client that has not heard the last one, before the board restarts.
constexpr uint64_t kLingerMs = 2000;

[[noreturn]] void stop(const char* event, Error error) {
  LogLine(&log_port, TAILOR_LOG_ERROR, event).number("error", static_cast<uint8_t>(error));
  semihosting::exit(1);
}

/// Everything that recovery needs of flash.
struct Device {
  explicit Device(const tailor_flash_t& flash) noexcept
      : layout(boot_layout(flash)), control(layout), store(records_region(flash)), identity(store) {}
  Status open() noexcept {
    TAILOR_TRY(store.mount());
    TAILOR_TRY(identity.load());
    return control.open();
  }
  boot::Layout layout;
  boot::BootControl control;
  storage::RecordStore store;
  agent::Identity identity;
};

/// What happened, for whoever watches the line with other eyes than the client's.
void tell(Uart& uart, const char* text) noexcept {
  serial::write_text(uart, {reinterpret_cast<const uint8_t*>(text), std::strlen(text)});
}

[[noreturn]] void serve(recovery::RecoveryServer& server) noexcept {
  static std::array<uint8_t, recovery::kMessageBytes + serial::kFrameOverhead> buffer;
  Uart uart;
  serial::FrameReader reader(buffer);
  tell(uart, "recovery.ready");
  uint64_t restart_at = UINT64_MAX;
  uint32_t refusals = 0;
  while (uptime_ms() < restart_at) {
    const std::optional<uint8_t> byte = uart.take();
    if (!byte.has_value() || reader.take(*byte) != serial::Frame::kCoap) continue;
    const ByteView answer = server.answer(reader.content());
    if (!answer.empty()) serial::write_coap(uart, answer);
    if (server.installed()) restart_at = uptime_ms() + kLingerMs;
    if (server.refusals() == refusals) continue;
    refusals = server.refusals();
    LogLine(&log_port, TAILOR_LOG_WARNING, "recovery.refused").number("error", static_cast<uint8_t>(server.refusal()));
  }
  LogLine(&log_port, TAILOR_LOG_INFO, "recovery.installed").number("stack", stack_used_bytes());
  reset_system();
}

}  // namespace

void firmware_main() noexcept {
  static const Jumpers jumpers;
  static Flash flash;
  if (const Status status = flash.open(jumpers.text("flash").data()); !status.ok()) {
    stop("recovery.flash", status.error());
  }
  static Device device(flash.port());
  if (const Status opened = device.open(); !opened.ok()) stop("recovery.not-possible", opened.error());
  const auto reason = static_cast<uint8_t>(handed_over());
  LogLine(&log_port, TAILOR_LOG_INFO, "recovery.start").number("reason", reason);
  static const trust::TrustPolicy policy(device.identity.trust(), device.identity.anchor());
  static recovery::RecoveryServer server(
      {{device.identity.vendor(), device.identity.device_class(), device.identity.device()},
       policy,
       policy,
       kImageComponent,
       uint32_t{16} << recovery::kBlockSzx},
      reason, device.control, device.store);
  serve(server);
}

}  // namespace tailor::mps2
