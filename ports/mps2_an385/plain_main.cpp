// SPDX-License-Identifier: Apache-2.0
// The application of the plain flavour: SUIT over plain CoAP, without DTLS and enrolment. It is linked once for each
// slot and executes in place.
#include "crypto_backends/small/small.hpp"
#include "device/agent/plain_agent.hpp"
#include "ports/mps2_an385/board_device.hpp"
#include "ports/mps2_an385/firmware_version.hpp"

namespace tailor::mps2 {
namespace {

constexpr uint16_t kCoapPort = 5683;

[[gnu::noinline]] agent::PlainSettings settings_of_board() {
  const Jumpers jumpers;
  agent::PlainSettings settings;
  settings.image_component = kImageComponent;
  const std::string_view server = jumpers.text("server");
  const auto port = static_cast<uint16_t>(jumpers.number("server-port", kCoapPort));
  if (datagram_port.resolve(nullptr, server.data(), server.size(), port, &settings.server) != TAILOR_PORT_OK) {
    refused("server", Error::kValueOutOfRange);
  }
  settings.poll_interval_ms = jumpers.number("poll-ms", settings.poll_interval_ms);
  settings.retry_ms = jumpers.number("retry-min-ms", settings.retry_ms);
  settings.trial_timeout_ms = jumpers.number("trial-timeout-ms", settings.trial_timeout_ms);
  return settings;
}

}  // namespace

size_t crypto_memory_used() noexcept {
  return 0;
}

void firmware_main() noexcept {
  crypto::small::set_entropy_source(&fill_random);
  static BoardDevice device;
  device.start();
  agent::LogLine(&log_port, TAILOR_LOG_INFO, "device.plain").text("version", kFirmwareVersion);
  static agent::PlainAgent agent(settings_of_board(), datagram_port, &log_port, device.store(), device.control(),
                                 device.layout());
  if (const Status started = agent.start(uptime_ms()); !started.ok()) refused("start", started.error());
  device.run(agent);
}

}  // namespace tailor::mps2
