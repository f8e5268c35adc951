// SPDX-License-Identifier: Apache-2.0
// The boot program's loop: decide, verify, execute, watch, and decide again. Each turn is one boot of the device. The
// decision itself is device/boot's; this file turns ends of processes into reasons.
#pragma once

#include <string>
#include <vector>

#include "device/boot/decision.hpp"
#include "ports/posix/flash_file.hpp"
#include "ports/posix/image_process.hpp"
#include "tailor/port/log.h"

namespace tailor::posix {

struct SupervisorOptions {
  std::string flash_path;
  std::vector<std::string> arguments;  ///< of the image, its name first
  uint64_t trial_ms = 360'000;         ///< for an image to confirm itself, a little more than the agent's own limit
  uint64_t watchdog_ms = 30'000;       ///< between two kicks, once an image has kicked
  uint64_t restart_delay_ms = 1'000;   ///< before an image that ended badly is started again
  uint8_t trial_attempts = 3;
  uint32_t boots = 0;  ///< at most; 0: without end
  Durability durability = Durability::kProcess;
};

/// Runs the device until it is told to stop (SIGTERM, SIGINT), its image ends with exit code 0, or no image may run.
///
/// @returns the exit code for the process: 0; 1 when no image may run or the flash cannot be used; the code of an image
///          when options.boots is used up
[[nodiscard]] int supervise(const SupervisorOptions& options, const tailor_log_t& log);

/// Writes the first image, the factory bundle and an empty journal into a flash file, which is made when it is not
/// there. Envelope and image must verify as they would at boot.
///
/// @returns kStateConflict when the file holds a device already
[[nodiscard]] Status provision(const std::string& flash_path, ByteView image, ByteView envelope, ByteView bundle,
                               Durability durability = Durability::kProcess);
/// The same for any layout: the image goes to slot A.
[[nodiscard]] Status provision(const boot::Layout& layout, const FlashRegion& records, ByteView image,
                               ByteView envelope, ByteView bundle);

}  // namespace tailor::posix
