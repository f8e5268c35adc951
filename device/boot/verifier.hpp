// SPDX-License-Identifier: Apache-2.0
// What the boot decision asks about a slot. The implementation over the SUIT processor is suit_verifier.hpp; tests of
// the decision bring their own.
#pragma once

#include "device/boot/layout.hpp"
#include "device/boot/verdict.hpp"

namespace tailor::boot {

/// What the slot's manifest says about an image that verified.
struct VerifiedImage {
  ComponentKey component;
  uint64_t sequence = 0;
  uint32_t image_bytes = 0;
  std::array<uint8_t, 32> digest{};  ///< SHA-256 of the image
};

struct Verification {
  Verdict verdict;                 ///< decides alone; what follows means something only when it passes, or not
  Error error = Error::kInternal;  ///< why not
  VerifiedImage image;

  [[nodiscard]] static Verification failed(Error error) noexcept {
    Verification verification;
    verification.error = error;
    return verification;
  }
};

class ImageVerifier {
 public:
  /// Passes a slot whose stored manifest carries a signature that is trusted for this component, is meant for this
  /// device, and whose image in flash has the manifest's digest (RFC 9124 REQ.SEC.AUTH.EXEC).
  ///
  /// @param manifest  read it through ManifestArea
  /// @param image     exactly the image's bytes
  [[nodiscard]] virtual Verification verify(const FlashRegion& manifest, const FlashRegion& image) noexcept = 0;

 protected:
  ~ImageVerifier() = default;
};

}  // namespace tailor::boot
