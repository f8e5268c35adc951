// SPDX-License-Identifier: Apache-2.0
// The posix port's flash: geometry, regions, and the names of the components that live there. docs/formats/flash.md
// shows the table. Changing anything here makes existing flash files unreadable.
#pragma once

#include <array>

#include "device/agent/updater.hpp"
#include "device/boot/suit_verifier.hpp"
#include "ports/posix/device_trust.hpp"

namespace tailor::posix {

inline constexpr uint32_t kSectorBytes = 4096;
inline constexpr uint32_t kSlotBytes = 16U << 20U;
inline constexpr uint32_t kJournalBytes = 8 * kSectorBytes;
inline constexpr uint32_t kManifestAreaBytes = 2 * kSectorBytes;
/// Marks every KiB of a full slot, and as many spare ones.
inline constexpr uint32_t kProgressBytes = 64 * kSectorBytes;
inline constexpr uint32_t kScratchBytes = kSectorBytes;
inline constexpr uint32_t kRecordsBytes = 32 * kSectorBytes;

inline constexpr uint32_t kJournalAt = 0;
inline constexpr uint32_t kManifestsAt = kJournalAt + kJournalBytes;
inline constexpr uint32_t kProgressAt = kManifestsAt + 2 * kManifestAreaBytes;
inline constexpr uint32_t kScratchAt = kProgressAt + kProgressBytes;
inline constexpr uint32_t kRecordsAt = kScratchAt + kScratchBytes;
inline constexpr uint32_t kSlotsAt = kRecordsAt + kRecordsBytes;

/// Payloads that are kept as they come: the ciphertext of an image that fills a slot, and its tag.
inline constexpr uint32_t kStagingAt = kSlotsAt + 2 * kSlotBytes;
inline constexpr uint32_t kStagingBytes = kSlotBytes + kSectorBytes;
/// Marks every 4 KiB of it, and as many spare ones.
inline constexpr uint32_t kStagingProgressAt = kStagingAt + kStagingBytes;
inline constexpr uint32_t kStagingProgressBytes = 20 * kSectorBytes;
inline constexpr uint32_t kStagingScratchAt = kStagingProgressAt + kStagingProgressBytes;

inline constexpr tailor_flash_geometry_t kFlashGeometry{kStagingScratchAt + kSectorBytes, kSectorBytes, 4, 0xff};

/// ["app"]: the component that the slots hold.
inline constexpr std::array<uint8_t, 5> kImageComponent{0x81, 0x43, 'a', 'p', 'p'};

/// ["staging"]: the component that keeps payloads as they come.
inline constexpr std::array<uint8_t, 9> kStagingComponent{0x81, 0x47, 's', 't', 'a', 'g', 'i', 'n', 'g'};
/// ["dependency"]: the component that keeps the envelope of a dependency.
inline constexpr std::array<uint8_t, 12> kDependencyComponent{0x81, 0x4a, 'd', 'e', 'p', 'e',
                                                              'n',  'd',  'e', 'n', 'c', 'y'};

[[nodiscard]] inline boot::Layout boot_layout(const tailor_flash_t& flash) noexcept {
  return {.journal = {flash, kJournalAt, kJournalBytes},
          .manifests = {{flash, kManifestsAt, kManifestAreaBytes},
                        {flash, kManifestsAt + kManifestAreaBytes, kManifestAreaBytes}},
          .slots = {{flash, kSlotsAt, kSlotBytes}, {flash, kSlotsAt + kSlotBytes, kSlotBytes}},
          .progress = {flash, kProgressAt, kProgressBytes},
          .scratch = {flash, kScratchAt, kScratchBytes}};
}
/// Where the agent's records are.
[[nodiscard]] inline FlashRegion records_region(const tailor_flash_t& flash) noexcept {
  return {flash, kRecordsAt, kRecordsBytes};
}
/// What manifests may name beside the image and the trust store.
[[nodiscard]] inline agent::ExtraComponents extra_components(const tailor_flash_t& flash) noexcept {
  return {kDependencyComponent,
          kStagingComponent,
          {{flash, kStagingAt, kStagingBytes},
           {flash, kStagingProgressAt, kStagingProgressBytes},
           {flash, kStagingScratchAt, kSectorBytes}}};
}
/// What the boot program verifies by.
/// @param trust, layout  outlive the verifier
[[nodiscard]] inline boot::SuitVerifier::Settings verifier_settings(const DeviceTrust& trust,
                                                                    const boot::Layout& layout) noexcept {
  boot::SuitVerifier::Settings settings{trust.identity(), trust.policy(), trust.policy(), kImageComponent};
  settings.layout = &layout;
  settings.dependency_component = kDependencyComponent;
  settings.staging_component = kStagingComponent;
  return settings;
}

}  // namespace tailor::posix
