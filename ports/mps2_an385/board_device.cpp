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

void BoardDevice::start() noexcept {
  start_watchdog(jumpers_.number("watchdog-ms", kWatchdogMs));
  if (const Status opened = flash_.open(jumpers_.text("flash").data()); !opened.ok()) refused("flash", opened.error());
  if (const Status mounted = store_.mount(); !mounted.ok()) refused("records", mounted.error());
  if (const Status opened = control_.open(); !opened.ok()) refused("journal", opened.error());
  const std::string_view address = jumpers_.text("address");
  const Status network =
      start_network(address.empty() ? "fec0::10" : address.data(), static_cast<uint16_t>(jumpers_.number("port", 0)));
  if (!network.ok()) refused("network", network.error());
}

ByteView BoardDevice::take_datagram() noexcept {
  size_t length = 0;
  const auto taken = datagram_port.receive(nullptr, frame_.data(), frame_.size(), &length, &from_);
  return taken == TAILOR_PORT_OK ? ByteView{frame_}.first(length) : ByteView{};
}

void BoardDevice::leave(tailor_reboot_kind_t kind) noexcept {
  agent::LogLine(&log_port, TAILOR_LOG_INFO, "device.memory")
      .number("stack", stack_used_bytes())
      .number("stack-size", stack_bytes())
      .number("crypto-heap", crypto_memory_used());
  flash_.close();
  static_cast<void>(reboot_port.reboot(nullptr, kind));  // it does not return
  reset_system();
}

}  // namespace tailor::mps2
