// SPDX-License-Identifier: Apache-2.0
// A whole device on the simulated network: flash that keeps NOR rules, the real boot decision, and the real agent as
// the running image. An image is a text that says its name and how it behaves; booting one makes a new agent.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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
  [[nodiscard]] const boot::Layout& layout() const { return layout_; }
  [[nodiscard]] FlashRegion staging() { return region(52, 10); }
  /// Where the agent's records are.
  [[nodiscard]] FlashRegion records() { return region(32, 16); }

  agent::AgentSettings settings;
  size_t boots = 0;
  bool reboots = true;            ///< whether a wanted reboot happens by itself
  uint64_t wall_seconds = 0;      ///< 0: no calendar
  uint32_t generation_of_v3 = 0;  ///< enrolment generation that images named "v3" carry
  testing::FakeFlash flash;
  /// What the device's surroundings are; none: there is no such port.
  struct Surroundings {
    std::optional<bool> power{};  ///< absent: not known
    uint64_t battery_mwh = 0;
    int32_t local_offset_s = 0;
    std::vector<int64_t> gateway{};  ///< version of the device named h'6777'; empty: not heard of yet
  };
  std::optional<Surroundings> surroundings;

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
  tailor_surroundings_t surroundings_{};
  std::unique_ptr<storage::RecordStore> store_;
  std::unique_ptr<boot::BootControl> control_;
  std::unique_ptr<agent::Agent> agent_;
  std::string running_;
  std::string version_;
  bool mute_ = false;
};

/// The component that slots hold: [h'00'].
inline constexpr auto kImageComponent = "81 41 00"_hex;
/// Where payloads are kept as they come: [h'00', h'01']; who may write the image may write there.
inline constexpr auto kStagingComponent = "82 41 00 41 01"_hex;
/// Where a dependency is kept: [h'01'].
inline constexpr auto kDependencyComponent = "81 41 01"_hex;
/// Bytes of the staging component.
inline constexpr size_t kStagingBytes = size_t{10} * 4096;

}  // namespace tailor::sim
