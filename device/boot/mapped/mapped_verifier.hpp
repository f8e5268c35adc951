// SPDX-License-Identifier: Apache-2.0
// ImageVerifier for boot programs with little room, whose flash is memory: everything is read where it lies, and
// nothing of the manifest processor is linked. SuitVerifier is the one over the processor, for every other shape.
#pragma once

#include "device/boot/mapped/records.hpp"
#include "device/boot/mapped/trust.hpp"
#include "device/boot/verifier.hpp"

namespace tailor::boot::mapped {

class MappedVerifier final : public ImageVerifier {
 public:
  struct Settings {
    MappedFlash flash;
    const Trust& trust;        ///< outlives the verifier
    ByteView image_component;  ///< encoded component identifier of the slots; outlives the verifier
    /// Where slot B begins in its device, when images are executed where they are: condition component-slot tells the
    /// slots apart. 0: images are moved, and each is slot 0.
    uint32_t second_slot_at = 0;
  };
  explicit MappedVerifier(const Settings& settings) noexcept : settings_(settings) {}

  [[nodiscard]] Verification verify(const FlashRegion& manifest, const FlashRegion& image) noexcept override;

 private:
  const Settings settings_;
};

}  // namespace tailor::boot::mapped
