// SPDX-License-Identifier: Apache-2.0
// What the parts of the agent share: settings, ports, identity, clock, update, reports. The agent owns all of it and
// outlives the parts; this is how they reach it without knowing each other.
#pragma once

#include <algorithm>

#include "device/agent/link.hpp"
#include "device/agent/log.hpp"
#include "device/agent/reporter.hpp"
#include "device/agent/updater.hpp"
#include "tailor/port/reboot.h"
#include "tailor/port/time.h"

namespace tailor::agent {

struct AgentSettings {
  ByteView image_component;           ///< encoded identifier of what the slots hold
  ExtraComponents extra{};            ///< what else there is
  std::string_view version;           ///< of the running image, for people
  uint32_t enrolment_generation = 0;  ///< an image that breaks certificates carries a higher one (DESIGN: step 10)
  uint8_t modes = update::kAllModes;  ///< update::DeliveryMode bits
  update::DeliveryMode preferred_mode = update::DeliveryMode::kPull;
  uint8_t block_szx = std::min<uint8_t>(5, limits::kDeviceBlockSzx);  ///< 2^(szx + 4) bytes
  uint32_t poll_interval_ms = 3'600'000;
  /// How long an open link may be silent before it is probed; only in push and hybrid mode, where servers call.
  uint32_t keepalive_ms = 60'000;
  uint32_t connect_timeout_ms = 30'000;
  uint32_t ack_timeout_ms = 2'000;  ///< first retransmission of a CoAP message (RFC 7252 4.8)
  uint32_t retry_min_ms = 2'000;    ///< doubled with each failure up to
  uint32_t retry_max_ms = 600'000;
  uint32_t trial_timeout_ms = 300'000;    ///< for the new image to reach a server
  uint32_t payload_timeout_ms = 600'000;  ///< a pushed payload may pause that long
  uint8_t fetch_rounds = 8;               ///< over all servers, before a payload counts as unavailable
  bool hold_always = false;               ///< every update waits for POST /trigger
  bool listen = false;                    ///< take operators' direct manifests
  bool trust_wall_clock = false;          ///< the platform's calendar is kept true by somebody else
  /// AES-128 key under which SUIT_Reports are encrypted for those who have it too; outlives the agent. Empty: they are
  /// signed only, and DTLS hides them on the way.
  ByteView report_key{};
};

struct AgentPorts {
  const tailor_datagram_t& datagram;
  const tailor_time_t& time;
  const tailor_reboot_t& reboot;
  const tailor_log_t* log = nullptr;
  const tailor_surroundings_t* surroundings = nullptr;  ///< null: manifests that ask for them are refused
};

/// Shared by the agent's parts.
struct AgentCore {
  const AgentSettings& settings;
  const AgentPorts& ports;
  Identity& identity;
  update::TrustedClock& clock;
  Updater& updater;
  Reporter& reporter;

  LogLine info(const char* event) const noexcept { return {ports.log, TAILOR_LOG_INFO, event}; }
  LogLine warning(const char* event) const noexcept { return {ports.log, TAILOR_LOG_WARNING, event}; }
  LogLine error(const char* event) const noexcept { return {ports.log, TAILOR_LOG_ERROR, event}; }
};

/// Waits that double.
class Backoff {
 public:
  void succeeded() noexcept {
    failures_ = 0;
    at_ = 0;
  }
  void failed(const AgentSettings& settings, MonotonicMs now) noexcept;
  [[nodiscard]] bool due(MonotonicMs now) const noexcept { return now >= at_; }
  [[nodiscard]] MonotonicMs at() const noexcept { return at_; }
  [[nodiscard]] uint8_t failures() const noexcept { return failures_; }

 private:
  MonotonicMs at_ = 0;
  uint8_t failures_ = 0;
};

/// What an error response of a peer means to us.
[[nodiscard]] Error error_of(coap::Code code) noexcept;

}  // namespace tailor::agent
