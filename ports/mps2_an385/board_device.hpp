// SPDX-License-Identifier: Apache-2.0
// What both applications of the board have in common: flash, records and journal opened, network and watchdog started,
// and the loop around an agent.
#pragma once

#include "core/base/clock.hpp"
#include "device/boot/control.hpp"
#include "device/storage/record_store.hpp"
#include "ports/mps2_an385/flash.hpp"
#include "ports/mps2_an385/jumpers.hpp"
#include "ports/mps2_an385/layout.hpp"
#include "ports/mps2_an385/network.hpp"
#include "ports/mps2_an385/startup.hpp"
#include "ports/mps2_an385/system_ports.hpp"

namespace tailor::mps2 {

/// A device that cannot start is started again: a trial ends with that, and a fault that passes heals.
[[noreturn]] void refused(const char* what, Error error);

/// Bytes of the cryptography's own heap that were ever used; the application knows its backend.
[[nodiscard]] size_t crypto_memory_used() noexcept;

class BoardDevice {
 public:
  BoardDevice() noexcept
      : layout_(boot_layout(flash_.port())), store_(records_region(flash_.port())), control_(layout_) {}
  BoardDevice(const BoardDevice&) = delete;
  BoardDevice& operator=(const BoardDevice&) = delete;

  /// Opens and starts everything; does not return when something cannot be. The jumpers are read where they are needed
  /// and not kept.
  void start() noexcept;
  /// Runs an agent until it wants a reboot, and reboots.
  template <typename Agent>
  [[noreturn]] void run(Agent& agent) noexcept {
    for (;;) {
      agent.step(uptime_ms());
      static_cast<void>(reboot_port.kick(nullptr));  // the watchdog of this board cannot refuse
      if (const auto kind = agent.reboot_wanted(); kind.has_value()) leave(*kind);
      const uint64_t deadline = earlier(agent.next_deadline(), uptime_ms() + kKickMs);
      if (deadline > uptime_ms() + kIdleMs) log_memory();
      static_cast<void>(datagram_port.wait(nullptr, deadline));  // early or late, the loop looks again
      for (ByteView datagram = take_datagram(); !datagram.empty(); datagram = take_datagram()) {
        agent.on_datagram(from_, datagram, uptime_ms());
      }
    }
  }

  [[nodiscard]] const boot::Layout& layout() const noexcept { return layout_; }
  [[nodiscard]] storage::RecordStore& store() noexcept { return store_; }
  [[nodiscard]] boot::BootControl& control() noexcept { return control_; }

 private:
  /// With so much time the stack's depth is looked at.
  static constexpr uint64_t kIdleMs = 200;
  /// Signs of life to the watchdog come at least so often.
  static constexpr uint64_t kKickMs = 2'000;

  [[nodiscard]] ByteView take_datagram() noexcept;
  /// Logs how much stack and heap were used at most, when it is more than it was.
  void log_memory() noexcept;
  [[noreturn]] void leave(tailor_reboot_kind_t kind) noexcept;

  Flash flash_;
  boot::Layout layout_;
  storage::RecordStore store_;
  boot::BootControl control_;
  tailor_endpoint_t from_{};
  size_t logged_memory_ = 0;
  alignas(uint32_t) std::array<uint8_t, kFrameBytes> frame_{};
};

}  // namespace tailor::mps2
