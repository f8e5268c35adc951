// SPDX-License-Identifier: Apache-2.0
#include "device/boot/mapped/mapped_verifier.hpp"

#include "device/boot/manifest_area.hpp"
#include "device/boot/mapped/manifest.hpp"
#include "device/boot/stored_envelope.hpp"

namespace tailor::boot::mapped {

Verification MappedVerifier::verify(const FlashRegion& region, const FlashRegion& image_region) noexcept {
  Verification verification;
  const ManifestArea area(region);
  const auto length = area.length();
  if (!length.ok()) return Verification::failed(length.error());
  const ByteView envelope = settings_.flash.view(region).subspan(area.content_at(), *length);

  const bool second = settings_.second_slot_at != 0 && image_region.base() == settings_.second_slot_at;
  const Image image{settings_.flash.view(image_region), settings_.image_component, second ? 1U : 0U};
  Manifest manifest(settings_.trust, image);
  Status status = manifest.authenticate(envelope);
  if (status.ok()) status = manifest.run();
  if (!status.ok()) return Verification::failed(status.error());
  const auto key = component_key(settings_.image_component);
  if (!key.ok()) return Verification::failed(key.error());
  verification.verdict = Verdict::pass();
  verification.image = {*key, manifest.sequence_number(), image_region.size(), manifest.digest()};
  return verification;
}

}  // namespace tailor::boot::mapped
