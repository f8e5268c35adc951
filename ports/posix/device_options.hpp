// SPDX-License-Identifier: Apache-2.0
// The command line of tailor-device, read into plain values. Knows no port and starts nothing.
#pragma once

#include <optional>
#include <string>

#include "device/agent/core.hpp"
#include "tailor/port/log.h"

namespace tailor::posix {

struct DeviceOptions {
  enum class Verb { kRun, kProvision, kRetire, kVersion };
  Verb verb = Verb::kRun;
  std::string flash;
  std::string bundle, image, envelope;  ///< of provision
  std::string address;                  ///< to bind to; empty: every one
  uint16_t port = 0;                    ///< 0: any that is free
  tailor_log_level_t least = TAILOR_LOG_INFO;
  std::string report_key;    ///< file with the key that encrypts SUIT_Reports, in hex; empty: they are not encrypted
  std::string surroundings;  ///< file that tells of power, battery and other devices; empty: none does
  std::optional<int32_t> local_offset_s;  ///< of local time to UTC; absent: no time zone is configured
  bool sync = false;                      ///< flush every flash operation to the disk
  agent::AgentSettings agent;
};

extern const char* const kDeviceUsage;

/// @returns absent for a command line that is not one
[[nodiscard]] std::optional<DeviceOptions> parse_device_options(int argc, char** argv);

}  // namespace tailor::posix
