// SPDX-License-Identifier: Apache-2.0
// A device with a secure and a normal image, one behind the other in each slot: its flash layout, its boot program, and
// an application that takes an update as it arrives. All that decides, verifies and writes is the device library's.
#pragma once

#include "core/processor/receiver.hpp"
#include "device/boot/decision.hpp"
#include "device/boot/slot_pair.hpp"
#include "device/boot/suit_verifier.hpp"
#include "testing/flash/nor_flash.hpp"

namespace two_images {

using namespace tailor;

inline constexpr tailor_flash_geometry_t kGeometry{64 * 256, 256, 4, 0xff};
inline constexpr uint32_t kSecureBytes = 1024;  ///< the secure image's part of a slot; the normal one stands behind
inline constexpr uint8_t kSecureId[] = {0x81, 0x46, 's', 'e', 'c', 'u', 'r', 'e'};
inline constexpr uint8_t kNormalId[] = {0x81, 0x46, 'n', 'o', 'r', 'm', 'a', 'l'};

/// Where everything lies: in sectors of 256 bytes.
[[nodiscard]] boot::Layout layout_of(const tailor_flash_t& flash);

/// The pair that was started: all bytes of a slot that count.
struct Running {
  std::vector<uint8_t> pair;
  uint64_t sequence = 0;
  bool on_trial = false;
};

class PairDevice {
 public:
  PairDevice(testing::NorFlash& flash, const suit::TrustAnchors& anchors, const processor::Identity& identity)
      : layout_(layout_of(flash.port())), anchors_(anchors), identity_(identity) {}

  /// The factory: a journal without an image, then the first pair.
  Status provision(ByteView envelope);
  /// One boot: what runs then. kNoValidImage and errors of the flash.
  Result<Running> boots();
  /// The application that runs takes this update, and asks for its trial.
  Status receives(ByteView envelope, uint32_t block_bytes = 64);
  /// The application that runs is content with itself.
  Status confirms();

 private:
  Status take(boot::BootControl& control, ByteView envelope, uint32_t block_bytes);

  boot::Layout layout_;
  const suit::TrustAnchors& anchors_;
  processor::Identity identity_;
};

}  // namespace two_images
