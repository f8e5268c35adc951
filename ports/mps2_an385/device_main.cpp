// SPDX-License-Identifier: Apache-2.0
// The application of the DTLS flavour: the agent, as on posix, joined with this board's ports. It is linked once for
// each slot and executes in place.
#include "crypto_backends/psa/platform.hpp"
#include "device/agent/agent.hpp"
#include "ports/mps2_an385/board_device.hpp"
#include "ports/mps2_an385/firmware_version.hpp"

namespace tailor::mps2 {
namespace {

[[gnu::noinline]] agent::AgentSettings settings_of_board() {
  const Jumpers jumpers;
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

}  // namespace

size_t crypto_memory_used() noexcept {
  return crypto::psa::peak_memory_bytes();
}

void firmware_main() noexcept {
  crypto::psa::set_entropy_source(&fill_random);
  static BoardDevice device;
  device.start();
  static const agent::AgentPorts ports{datagram_port, time_port, reboot_port, &log_port};
  static agent::Agent agent(settings_of_board(), ports, device.store(), device.control(), device.layout());
  if (const Status started = agent.start(uptime_ms()); !started.ok()) refused("start", started.error());
  device.run(agent);
}

}  // namespace tailor::mps2
