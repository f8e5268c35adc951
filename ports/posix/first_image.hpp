// SPDX-License-Identifier: Apache-2.0
// The first image's way into flash, through the C API of the device library: an update handler as an integrator would
// register it, whose one component is the image slot. Used at provisioning only; later images come to the agent.
#pragma once

#include "device/boot/control.hpp"
#include "ports/posix/device_trust.hpp"
#include "tailor/envelope.h"

namespace tailor::posix {

/// Feeds an envelope to tailor_envelope_feed and writes what it hands over into the slot that is not active.
class FirstImage {
 public:
  /// @param image     payload of every URI that the manifest fetches
  /// @param envelope  whole; everything outlives the object
  FirstImage(boot::BootControl& control, const DeviceTrust& trust, ByteView image, ByteView envelope) noexcept
      : control_(control), trust_(trust), image_(image), envelope_(envelope) {}

  /// Leaves the image staged.
  /// @returns what authenticating, checking and running the manifest gives; kImageSizeMismatch when the manifest does
  ///          not say the size; errors of BootControl
  [[nodiscard]] Status install();

 private:
  struct Handler;  // the C functions

  [[nodiscard]] Status begin(const tailor_content_t& content);

  boot::BootControl& control_;
  const DeviceTrust& trust_;
  ByteView image_;
  ByteView envelope_;
  uint64_t sequence_number_ = 0;
};

}  // namespace tailor::posix
