// SPDX-License-Identifier: Apache-2.0
#include "device/boot/mapped/mapped_verifier.hpp"

#include "device/boot/manifest_area.hpp"
#include "device/boot/mapped/manifest.hpp"
#include "device/boot/stored_envelope.hpp"

namespace tailor::boot::mapped {

namespace {

// By themselves: what they keep on the stack is gone when a signature is verified.

/// Where the stored envelope is. @returns kNotFound when there is none
[[gnu::noinline]] Result<ByteView> find_envelope(const MappedFlash& flash, const FlashRegion& region) noexcept {
  const ManifestArea area(region);
  TAILOR_TRY_ASSIGN(const uint32_t length, area.length());
  return flash.view(region).subspan(area.content_at(), length);
}

[[gnu::noinline]] Status name_component(ByteView id, ComponentKey& name) noexcept {
  TAILOR_TRY_ASSIGN(name, component_key(id));
  return kOk;
}

}  // namespace

Verification MappedVerifier::verify(const FlashRegion& region, const FlashRegion& image_region) noexcept {
  Verification verification;
  const auto envelope = find_envelope(settings_.flash, region);
  if (!envelope.ok()) return Verification::failed(envelope.error());

  const bool second = settings_.second_slot_at != 0 && image_region.base() == settings_.second_slot_at;
  const Image image{settings_.flash.view(image_region), settings_.image_component, second ? 1U : 0U};
  Manifest manifest(settings_.trust, image);
  Status status = manifest.authenticate(*envelope);
  if (status.ok()) status = manifest.run();
  if (status.ok()) status = name_component(settings_.image_component, verification.image.component);
  if (!status.ok()) return Verification::failed(status.error());
  verification.verdict = Verdict::pass();
  verification.image.sequence = manifest.sequence_number();
  verification.image.image_bytes = image_region.size();
  verification.image.digest = manifest.digest();
  return verification;
}

}  // namespace tailor::boot::mapped
