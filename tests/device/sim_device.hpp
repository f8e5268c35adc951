// SPDX-License-Identifier: Apache-2.0
// A whole device on the simulated network: flash that keeps NOR rules, the real boot decision, and the real agent as
// the running image. An image is a text that says its name and how it behaves; booting one makes a new agent.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "authoring/manifest.hpp"
#include "device/agent/agent.hpp"
#include "device/boot/decision.hpp"
#include "device/boot/suit_verifier.hpp"
#include "testing/fake_flash.hpp"
#include "testing/lossy_link.hpp"

namespace tailor::sim {

/// "good", "crashes" (ends at once) or "mute" (runs, but never reaches a server).
[[nodiscard]] Bytes image_of(const std::string& name, const std::string& behaviour = "good", size_t bytes = 9000);

class SimDevice final : public testing::Party {
 public:
  SimDevice(testing::LossyLink& link, const std::map<std::string, size_t>& hosts);
  SimDevice(const SimDevice&) = delete;
  SimDevice& operator=(const SimDevice&) = delete;

  /// Factory: programs bundle and first image; the device is off until boot().
  void provision(ByteView bundle, ByteView envelope, ByteView image);
  /// Runs the boot program, then the image that it chose.
  void boot();
  /// Power goes; boot() brings it back.
  void switch_off() {
    agent_.reset();
    control_.reset();
    store_.reset();
  }
  [[nodiscard]] bool runs() const { return agent_ != nullptr; }

  void on_datagram(size_t from, ByteView datagram, MonotonicMs now) override;
  void tick(MonotonicMs now) override;
  [[nodiscard]] MonotonicMs next_deadline() const override;

  [[nodiscard]] agent::Agent& agent() { return *agent_; }
  [[nodiscard]] size_t address() const { return address_; }
  /// The name that the running image says.
  [[nodiscard]] const std::string& running() const { return running_; }
  [[nodiscard]] const boot::BootControl& control() const { return *control_; }

  agent::AgentSettings settings;
  size_t boots = 0;
  bool reboots = true;            ///< whether a wanted reboot happens by itself
  uint64_t wall_seconds = 0;      ///< 0: no calendar
  uint32_t generation_of_v3 = 0;  ///< enrolment generation that images named "v3" carry
  testing::FakeFlash flash;

 private:
  [[nodiscard]] FlashRegion region(uint32_t sector, uint32_t count);

  testing::LossyLink& link_;
  const std::map<std::string, size_t>& hosts_;
  const size_t address_;
  boot::Layout layout_;
  tailor_datagram_t datagram_{};
  tailor_time_t time_{};
  tailor_reboot_t reboot_{};
  tailor_log_t log_{};
  std::unique_ptr<storage::RecordStore> store_;
  std::unique_ptr<boot::BootControl> control_;
  std::unique_ptr<agent::Agent> agent_;
  std::string running_;
  std::string version_;
  bool mute_ = false;
};

/// The component that slots hold: [h'00'].
inline constexpr auto kImageComponent = "81 41 00"_hex;

}  // namespace tailor::sim
