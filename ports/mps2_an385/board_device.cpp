// SPDX-License-Identifier: Apache-2.0
// See board_device.hpp.
#include "ports/mps2_an385/board_device.hpp"

#include "device/agent/log.hpp"
#include "ports/mps2_an385/registers.hpp"
#include "ports/mps2_an385/watchdog.hpp"

namespace tailor::mps2 {
namespace {}  // namespace

void refused(const char* what, Error error) {
  agent::LogLine(&log_port, TAILOR_LOG_ERROR, "device.refused").text("what", what).error(error);
  reset_system();
}

[[gnu::noinline]] void BoardDevice::start() noexcept {
  const Jumpers jumpers;
  start_watchdog(jumpers.number("watchdog-ms", kWatchdogMs));
  if (const Status opened = flash_.open(jumpers.text("flash").data()); !opened.ok()) refused("flash", opened.error());
  if (const Status mounted = store_.mount(); !mounted.ok()) refused("records", mounted.error());
  if (const Status opened = control_.open(); !opened.ok()) refused("journal", opened.error());
  const std::string_view address = jumpers.text("address");
  const Status network =
      start_network(address.empty() ? "fec0::10" : address.data(), static_cast<uint16_t>(jumpers.number("port", 0)));
  if (!network.ok()) refused("network", network.error());
}

ByteView BoardDevice::take_datagram() noexcept {
  size_t length = 0;
  const auto taken = datagram_port.receive(nullptr, frame_.data(), frame_.size(), &length, &from_);
  return taken == TAILOR_PORT_OK ? ByteView{frame_}.first(length) : ByteView{};
}

void BoardDevice::log_memory() noexcept {
  const uint32_t used = stack_used_bytes();
  const size_t heap = crypto_memory_used();
  if (used + heap <= logged_memory_) return;
  logged_memory_ = used + heap;
  agent::LogLine(&log_port, TAILOR_LOG_INFO, "device.memory")
      .number("stack", used)
      .number("stack-size", stack_bytes())
      .number("crypto-heap", heap);
}

void BoardDevice::leave(tailor_reboot_kind_t kind) noexcept {
  log_memory();
  flash_.close();
  static_cast<void>(reboot_port.reboot(nullptr, kind));  // it does not return
  reset_system();
}

}  // namespace tailor::mps2
