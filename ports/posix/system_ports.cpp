// SPDX-License-Identifier: Apache-2.0
// See system_ports.hpp.
#include "ports/posix/system_ports.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace tailor::posix {

// --- time ----------------------------------------------------------------------------------------------------------

PosixTime::PosixTime(int64_t wall_offset_s) noexcept
    : wall_offset_s_(wall_offset_s),
      port_{this, [](void* self) { return static_cast<PosixTime*>(self)->monotonic_ms(); },
            [](void* self, uint64_t* seconds) {
              timespec now{};
              if (::clock_gettime(CLOCK_REALTIME, &now) != 0) return TAILOR_PORT_FAILED;
              const int64_t shown = now.tv_sec + static_cast<PosixTime*>(self)->wall_offset_s_;
              if (shown < 0) return TAILOR_PORT_WAIT;
              *seconds = static_cast<uint64_t>(shown);
              return TAILOR_PORT_OK;
            }} {}

uint64_t PosixTime::monotonic_ms() const noexcept {
  timespec now{};
  // CLOCK_BOOTTIME counts sleep, as the port header asks.
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1'000'000;
}

// --- entropy -------------------------------------------------------------------------------------------------------

const tailor_entropy_t& posix_entropy() noexcept {
  static const tailor_entropy_t port{nullptr, [](void*, uint8_t* bytes, size_t length) {
                                       for (size_t done = 0; done < length;) {
                                         const ssize_t count = ::getrandom(bytes + done, length - done, 0);
                                         if (count < 0 && errno == EINTR) continue;
                                         if (count <= 0) {
                                           std::memset(bytes, 0, length);
                                           return TAILOR_PORT_FAILED;
                                         }
                                         done += static_cast<size_t>(count);
                                       }
                                       return TAILOR_PORT_OK;
                                     }};
  return port;
}

// --- log -----------------------------------------------------------------------------------------------------------

PosixLog::PosixLog(tailor_log_level_t least) noexcept
    : least_(least),
      port_{this, [](void* self, tailor_log_level_t level, const char* event, const char* text, size_t length) {
              static constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
              if (level < static_cast<PosixLog*>(self)->least_ || level > TAILOR_LOG_ERROR) return;
              timespec now{};
              ::clock_gettime(CLOCK_REALTIME, &now);
              tm utc{};
              ::gmtime_r(&now.tv_sec, &utc);
              char stamp[32];
              const size_t stamped = ::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
              std::snprintf(stamp + stamped, sizeof stamp - stamped, ".%03ldZ", now.tv_nsec / 1'000'000);
              std::string line = std::string(stamp) + " " + kNames[level] + " " + event;
              if (length > 0) line += " " + std::string(text, length);
              // One line stays one line, whatever a peer's text holds.
              std::replace_if(
                  line.begin(), line.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
              line += '\n';
              // A log that cannot be written changes nothing (tailor/port/log.h).
              [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
            }} {}

// --- reboot --------------------------------------------------------------------------------------------------------

PosixReboot::PosixReboot() noexcept
    : port_{this,
            [](void*, tailor_reboot_kind_t kind) -> tailor_port_status_t {
              std::fflush(nullptr);
              switch (kind) {
                case TAILOR_REBOOT_INSTALL:
                  std::_Exit(kExitInstall);
                case TAILOR_REBOOT_RESTART:
                  std::_Exit(kExitRestart);
                case TAILOR_REBOOT_REVERT:
                  std::_Exit(kExitRevert);
              }
              return TAILOR_PORT_FAILED;
            },
            [](void* self) {
              const int watchdog = static_cast<PosixReboot*>(self)->watchdog_;
              const char kick = 'k';
              if (watchdog < 0 || ::write(watchdog, &kick, 1) == 1 || errno == EAGAIN) return TAILOR_PORT_OK;
              return TAILOR_PORT_FAILED;
            }} {
  const char* descriptor = std::getenv(kWatchdogVariable);
  if (descriptor == nullptr) return;
  watchdog_ = std::atoi(descriptor);
  if (watchdog_ > 2) ::fcntl(watchdog_, F_SETFD, FD_CLOEXEC);
}

}  // namespace tailor::posix
