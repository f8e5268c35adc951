// SPDX-License-Identifier: Apache-2.0
// A device on the flash model: the real boot decision over the real SUIT verifier, and the least agent that takes an
// update. It forgets everything at each start but the flash, so a run can go on from any cells. What must never happen
// is checked as it runs.
#pragma once

#include <unordered_map>

#include "device/boot/control.hpp"
#include "device/boot/decision.hpp"
#include "device/boot/suit_verifier.hpp"
#include "testing/flash/nor_flash.hpp"
#include "testing/suit/declared_platform.hpp"
#include "tests/powerfail/memo.hpp"
#include "tests/powerfail/setup.hpp"

namespace tailor::powerfail {

/// Remembers what the real verifier said of the same cells. Of the simulator only.
class RememberingVerifier final : public boot::ImageVerifier {
 public:
  RememberingVerifier(const Maker& maker, const testing::NorFlash& flash);
  [[nodiscard]] boot::Verification verify(const FlashRegion& manifest, const FlashRegion& image) noexcept override;

 private:
  [[nodiscard]] static boot::SuitVerifier::Settings settings(const Maker& maker,
                                                             const processor::Authorization& authorization);
  [[nodiscard]] static uint64_t content(const FlashRegion& manifest, const FlashRegion& image);

  const testing::NorFlash& flash_;
  testing::AllowAll authorization_;
  boot::SuitVerifier real_;
  std::unordered_map<uint64_t, boot::Verification> known_;
};

/// What is outside the flash and lasts: the server knows how the update ended.
struct World {
  bool refused = false;    ///< the device told that it went back; the update is not offered again
  bool confirmed = false;  ///< the update's confirm() returned: the old image may never run again
  [[nodiscard]] uint64_t bits() const { return (refused ? 1U : 0U) | (confirmed ? 2U : 0U); }
};

class Device {
 public:
  Device(const Maker& maker, const Plan& plan);

  /// Cells of a device that runs `first`, and has `before` in its other slot as after an update from it.
  [[nodiscard]] testing::Cells made_with(const Image& before, const Image& first);

  struct Run {
    std::string running;  ///< the image that runs in the end, or why nothing does
    int boots = 0;
    World world;
    uint64_t refused_at = UINT64_MAX;    ///< operation from which on the world knew
    uint64_t confirmed_at = UINT64_MAX;  ///< likewise
    std::string fault;                   ///< what must never happen; empty when it did not
    std::vector<Place> places;           ///< that it came by, with a memo
    const Rest* rest = nullptr;          ///< the run was not needed any further: known to end well so
  };
  /// Starts the device on these cells, the server offering `offer`, and lets it go on until nothing is left to do.
  /// @param memo  where what follows is looked up, when it is not null
  Run run(const testing::Cells& cells, const Image& old, const Image& offer, World world, uint64_t seed,
          const Memo* memo = nullptr);
  /// What is known of each place of the run that was the last one, if it ended well.
  [[nodiscard]] std::vector<std::pair<uint64_t, Rest>> rests_of(const Run& run) const;

  /// The highest sequence number that was confirmed, as the journal has it.
  [[nodiscard]] uint64_t counter();
  [[nodiscard]] testing::NorFlash& flash() { return flash_; }
  [[nodiscard]] const boot::Layout& layout() const { return layout_; }
  [[nodiscard]] RememberingVerifier& verifier() { return verifier_; }
  boot::BootPolicy policy;
  /// Faults of flash calls may cost an update, never the device.
  bool may_refuse_good_images = false;
  bool stop_after_install = false;
  /// From the start of a run: the n-th operation, or read, fails once. 0: none.
  uint64_t fail_operation = 0, fail_read = 0;
  testing::Loss fail_with = testing::Loss::kNothing;
  /// From its n-th operation on this sector is dead. UINT32_MAX: none is.
  uint32_t dead_sector = UINT32_MAX;
  uint64_t dead_from = 1;

 private:
  bool boots(Run& run, const Image& old, const Image& offer, const Memo* memo);
  /// Whether what follows is known; notes the place otherwise.
  bool is_known(Run& run, const Memo* memo, uint64_t what);
  Status lives(Run& run, boot::BootControl& control, const Image& image, const Image& offer, bool& settled);
  Status transfer(boot::BootControl& control, const Image& image);

  Plan plan_;
  testing::NorFlash flash_;
  boot::Layout layout_;
  RememberingVerifier verifier_;
  boot::ComponentKey component_;
  uint32_t block_;
};

}  // namespace tailor::powerfail
