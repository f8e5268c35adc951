// SPDX-License-Identifier: Apache-2.0
// The application of the DTLS flavour: the agent, as on posix, joined with this board's ports. It is linked once for
// each slot and executes in place.
#include "crypto_backends/psa/platform.hpp"
#include "device/agent/agent.hpp"
#include "ports/mps2_an385/firmware_version.hpp"
#include "ports/mps2_an385/flash.hpp"
#include "ports/mps2_an385/jumpers.hpp"
#include "ports/mps2_an385/layout.hpp"
#include "ports/mps2_an385/network.hpp"
#include "ports/mps2_an385/registers.hpp"
#include "ports/mps2_an385/semihosting.hpp"
#include "ports/mps2_an385/startup.hpp"
#include "ports/mps2_an385/system_ports.hpp"

namespace tailor::mps2 {
namespace {

/// Signs of life to the watchdog come at least so often.
constexpr uint64_t kKickMs = 2'000;
constexpr uint32_t kWatchdogSeconds = 20;

alignas(uint32_t) constinit std::array<uint8_t, kFrameBytes> frame{};

/// A device that cannot start is started again: a trial ends with that, and a fault that passes heals.
[[noreturn]] void refused(const char* what, Error error) {
  agent::LogLine(&log_port, TAILOR_LOG_ERROR, "device.refused").text("what", what).error(error);
  reset_system();
}

agent::AgentSettings settings_of(const Jumpers& jumpers) {
  agent::AgentSettings settings;
  settings.image_component = kImageComponent;
  settings.version = kFirmwareVersion;
  settings.preferred_mode = jumpers.text("mode") == "push"     ? update::DeliveryMode::kPush
                            : jumpers.text("mode") == "hybrid" ? update::DeliveryMode::kHybrid
                                                               : update::DeliveryMode::kPull;
  settings.poll_interval_ms = jumpers.number("poll-ms", settings.poll_interval_ms);
  settings.retry_min_ms = jumpers.number("retry-min-ms", settings.retry_min_ms);
  settings.retry_max_ms = jumpers.number("retry-max-ms", settings.retry_max_ms);
  settings.trial_timeout_ms = jumpers.number("trial-timeout-ms", settings.trial_timeout_ms);
  return settings;
}

void take_datagrams(agent::Agent& agent) {
  size_t length = 0;
  tailor_endpoint_t from{};
  while (datagram_port.receive(nullptr, frame.data(), frame.size(), &length, &from) == TAILOR_PORT_OK) {
    agent.on_datagram(from, ByteView{frame}.first(length), uptime_ms());
  }
}

void log_memory() {
  agent::LogLine(&log_port, TAILOR_LOG_INFO, "device.memory")
      .number("stack", stack_used_bytes())
      .number("stack-size", stack_bytes())
      .number("crypto-heap", crypto::psa::peak_memory_bytes());
}

}  // namespace

void firmware_main() noexcept {
  start_watchdog(kWatchdogSeconds);
  crypto::psa::set_entropy_source(&fill_random);
  static const Jumpers jumpers;
  static Flash flash;
  if (const Status opened = flash.open(jumpers.text("flash").data()); !opened.ok()) refused("flash", opened.error());
  static const boot::Layout layout = boot_layout(flash.port());
  static storage::RecordStore store(records_region(flash.port()));
  static boot::BootControl control(layout);
  if (const Status mounted = store.mount(); !mounted.ok()) refused("records", mounted.error());
  if (const Status opened = control.open(); !opened.ok()) refused("journal", opened.error());
  const std::string_view address = jumpers.text("address");
  const Status network =
      start_network(address.empty() ? "fec0::10" : address.data(), static_cast<uint16_t>(jumpers.number("port", 0)));
  if (!network.ok()) refused("network", network.error());

  static const agent::AgentPorts ports{datagram_port, time_port, reboot_port, &log_port};
  static agent::Agent agent(settings_of(jumpers), ports, store, control, layout);
  if (const Status started = agent.start(uptime_ms()); !started.ok()) refused("start", started.error());
  for (;;) {
    agent.step(uptime_ms());
    static_cast<void>(reboot_port.kick(nullptr));  // the watchdog of this board cannot refuse
    if (const auto kind = agent.reboot_wanted(); kind.has_value()) {
      log_memory();
      flash.close();
      static_cast<void>(reboot_port.reboot(nullptr, *kind));
    }
    const uint64_t deadline = earlier(agent.next_deadline(), uptime_ms() + kKickMs);
    static_cast<void>(datagram_port.wait(nullptr, deadline));  // early or late, the loop looks again
    take_datagrams(agent);
  }
}

}  // namespace tailor::mps2
