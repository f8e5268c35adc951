// SPDX-License-Identifier: Apache-2.0
// The small ports of a posix process: clocks, entropy, log, reboot. Each is an object that owns what its C table points
// to. Reboot and watchdog talk to the boot program: exit codes and environment are the interface, named here.
#pragma once

#include <cstdint>

#include "tailor/port/entropy.h"
#include "tailor/port/log.h"
#include "tailor/port/reboot.h"
#include "tailor/port/time.h"

namespace tailor::posix {

/// An image ends with these to be started again; see tailor/port/reboot.h.
inline constexpr int kExitInstall = 81;
inline constexpr int kExitRestart = 82;
inline constexpr int kExitRevert = 83;

/// What the boot program puts into the environment of an image.
inline constexpr const char* kFlashVariable = "TAILOR_FLASH";        ///< path of the flash file
inline constexpr const char* kSlotVariable = "TAILOR_SLOT";          ///< "A" or "B"
inline constexpr const char* kTrialVariable = "TAILOR_TRIAL";        ///< attempt, from 1; "0" when not on trial
inline constexpr const char* kWatchdogVariable = "TAILOR_WATCHDOG";  ///< file descriptor that takes kicks

class PosixTime {
 public:
  /// @param wall_offset_s  added to the calendar, so that tests can have a wrong one
  explicit PosixTime(int64_t wall_offset_s = 0) noexcept;
  PosixTime(const PosixTime&) = delete;
  PosixTime& operator=(const PosixTime&) = delete;
  [[nodiscard]] const tailor_time_t& port() const noexcept { return port_; }
  [[nodiscard]] uint64_t monotonic_ms() const noexcept;

 private:
  int64_t wall_offset_s_;
  tailor_time_t port_;
};

/// getrandom(2).
[[nodiscard]] const tailor_entropy_t& posix_entropy() noexcept;

/// One line to standard error: "2026-11-20T16:00:00.000Z warning boot.trial key=value".
class PosixLog {
 public:
  /// @param least  lines below this level are left out
  explicit PosixLog(tailor_log_level_t least = TAILOR_LOG_INFO) noexcept;
  PosixLog(const PosixLog&) = delete;
  PosixLog& operator=(const PosixLog&) = delete;
  [[nodiscard]] const tailor_log_t& port() const noexcept { return port_; }

 private:
  tailor_log_level_t least_;
  tailor_log_t port_;
};

/// Ends the process with the exit code for its kind; kicks through the descriptor in the environment, if there is one.
class PosixReboot {
 public:
  PosixReboot() noexcept;
  PosixReboot(const PosixReboot&) = delete;
  PosixReboot& operator=(const PosixReboot&) = delete;
  [[nodiscard]] const tailor_reboot_t& port() const noexcept { return port_; }

 private:
  int watchdog_ = -1;
  tailor_reboot_t port_;
};

}  // namespace tailor::posix
