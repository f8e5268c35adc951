// SPDX-License-Identifier: Apache-2.0
// Factory programming of a flash file; declared in supervisor.hpp. The first image takes the way that every image
// takes, and counts only once it verifies as it will at boot.
#include "device/boot/control.hpp"
#include "device/boot/suit_verifier.hpp"
#include "ports/posix/device_trust.hpp"
#include "ports/posix/first_image.hpp"
#include "ports/posix/flash_layout.hpp"
#include "ports/posix/supervisor.hpp"

namespace tailor::posix {

Status provision(const std::string& flash_path, ByteView image, ByteView envelope, ByteView bundle,
                 Durability durability) {
  FlashFile flash;
  TAILOR_TRY(flash.create(flash_path, kFlashGeometry, durability));
  TAILOR_TRY(flash.lock());
  return provision(boot_layout(flash.port()), records_region(flash.port()), image, envelope, bundle);
}

Status provision(const boot::Layout& layout, const FlashRegion& records, ByteView image, ByteView envelope,
                 ByteView bundle) {
  if (image.empty() || image.size() > layout.slot(boot::Slot::kA).size()) return Error::kImageTooLarge;
  boot::BootControl control(layout);
  if (control.open().ok() && control.boot_data().phase == boot::Phase::kIdle && control.has_image()) {
    return Error::kStateConflict;
  }
  storage::RecordStore store(records);
  TAILOR_TRY(store.format());
  TAILOR_TRY(DeviceTrust::provision(store, bundle));
  DeviceTrust trust;
  TAILOR_TRY(trust.load(store));

  TAILOR_TRY(control.format());
  TAILOR_TRY(FirstImage(control, trust, image, envelope).install());
  boot::SuitVerifier verifier(verifier_settings(trust, layout));
  const boot::Verification verification = verifier.verify(
      layout.manifest(boot::Slot::kA), layout.slot(boot::Slot::kA).part(0, static_cast<uint32_t>(image.size())));
  if (!verification.verdict.passes()) return verification.error;
  return control.adopt();
}

}  // namespace tailor::posix
