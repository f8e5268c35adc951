// SPDX-License-Identifier: Apache-2.0
// ImageVerifier over the manifest processor with the boot command table: authenticates the stored envelope again,
// checks that it is meant for this device and written by one who may, and runs validate and invoke against the image in
// flash. A manifest that the stored one depends on stands beside it and goes the same way.
#pragma once

#include "core/processor/processor.hpp"
#include "device/boot/control.hpp"
#include "device/boot/options.hpp"
#include "device/boot/verifier.hpp"

namespace tailor::boot {

class SuitVerifier final : public ImageVerifier {
 public:
  struct Settings {
    processor::Identity identity;
    const suit::TrustAnchors& anchors;
    const processor::Authorization& authorization;
    ByteView image_component;  ///< encoded component identifier of the slots; outlives the verifier
    suit::Leniency leniency = suit::kStrict;
    /// Tells the two slots apart for condition component-slot, as images that execute in place need it; outlives the
    /// verifier. Null, or a mode that moves images: each is slot 0.
    const Layout* layout = nullptr;
    /// Of the component that holds the envelope of a dependency; empty: there is none. Outlives the verifier.
    ByteView dependency_component = {};
    /// Of a component that manifests may name and that holds nothing at boot; empty: there is none.
    ByteView staging_component = {};
    /// Of a second component in the same slot, which begins at `second_at` and ends with the image; the first ends
    /// there. Empty: the slot holds one. Outlives the verifier. A build without TAILOR_BOOT_PAIR passes no such slot.
    ByteView second_component = {};
    uint32_t second_at = 0;
  };
  explicit SuitVerifier(const Settings& settings) noexcept : settings_(settings) {}

  [[nodiscard]] Verification verify(const FlashRegion& manifest, const FlashRegion& image) noexcept override;

 private:
  Settings settings_;
  std::array<uint8_t, kStoredEnvelopeBytes> envelope_;  ///< what was verified is what is used: one copy in RAM
#if TAILOR_BOOT_DEPENDENCIES
  std::array<uint8_t, limits::kManifestBytes> dependency_;
#endif
};

}  // namespace tailor::boot
