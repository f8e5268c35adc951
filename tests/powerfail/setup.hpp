// SPDX-License-Identifier: Apache-2.0
// What a power-loss proof varies: flash geometries, install modes, images, and how a new image behaves.
#pragma once

#include <span>
#include <string>

#include "core/processor/processor.hpp"
#include "device/boot/layout.hpp"
#include "testing/suit/author.hpp"

namespace tailor::powerfail {

using testing::Octets;

struct Geometry {
  const char* name;
  uint32_t sector_bytes;
  uint32_t granule_bytes;
  uint8_t erased_value;
};
/// Every alignment from 1 to 32, both erased values, sectors from 256 bytes to 8 KiB.
[[nodiscard]] std::span<const Geometry> geometries();
/// For proofs that try every pair of cuts.
[[nodiscard]] bool is_small(const Geometry& geometry);

inline constexpr boot::InstallMode kModes[] = {boot::InstallMode::kInPlace, boot::InstallMode::kOverwrite,
                                               boot::InstallMode::kSwap};
[[nodiscard]] const char* name_of(boot::InstallMode mode);

/// What stands over an image.
enum class Manifests : uint8_t {
  kOne,
  kTwo,  ///< a distributor's, which depends on the author's
};

/// Where everything is in a flash of this geometry. Slots hold three sectors.
struct Plan {
  Plan(const Geometry& geometry, boot::InstallMode mode, Manifests manifests = Manifests::kOne);
  [[nodiscard]] boot::Layout layout(const tailor_flash_t& flash) const;
  /// Which region a sector belongs to.
  [[nodiscard]] const char* region_of(uint32_t sector) const;

  boot::InstallMode mode;
  tailor_flash_geometry_t geometry;
  uint32_t journal, manifest, slot, progress;  ///< sectors of each
  [[nodiscard]] uint32_t all_sectors() const { return geometry.size_bytes / geometry.sector_bytes; }
};

enum class Behaviour : uint8_t {
  kGood,
  kCrashes,  ///< and the boot program sees it
  kHangs,    ///< until the watchdog resets the device, of which no record tells
  kGivesUp,
  kLies,  ///< the image is not what its manifest says, and an agent that does not look installs it
};
[[nodiscard]] const char* name_of(Behaviour behaviour);

struct Image {
  std::string name;
  uint64_t sequence = 0;
  Behaviour behaviour = Behaviour::kGood;
  Octets bytes;
  Octets envelope;    ///< signed
  Octets dependency;  ///< likewise, of the manifest that `envelope` depends on; empty: of none
};

/// The device and signer that all images are made for.
struct Maker {
  Maker();
  [[nodiscard]] Image image(std::string name, uint64_t sequence, uint32_t size, Behaviour behaviour = Behaviour::kGood,
                            Manifests manifests = Manifests::kOne) const;

  processor::Identity identity;
  testing::Author author;
  Octets component = testing::component_id(0);
  Octets dependency_place = testing::component_id(1);

 private:
  [[nodiscard]] testing::Author distributor(const Octets& dependency) const;
};

}  // namespace tailor::powerfail
