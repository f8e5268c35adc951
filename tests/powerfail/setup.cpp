// SPDX-License-Identifier: Apache-2.0
// See setup.hpp.
#include "tests/powerfail/setup.hpp"

#include <algorithm>

namespace tailor::powerfail {
namespace {

constexpr Geometry kGeometries[] = {
    {"256/1/ff", 256, 1, 0xff},    {"256/2/00", 256, 2, 0x00},     {"256/4/ff", 256, 4, 0xff},
    {"256/8/00", 256, 8, 0x00},    {"256/16/ff", 256, 16, 0xff},   {"256/32/ff", 256, 32, 0xff},
    {"512/1/00", 512, 1, 0x00},    {"512/4/00", 512, 4, 0x00},     {"512/32/00", 512, 32, 0x00},
    {"1024/4/ff", 1024, 4, 0xff},  {"1024/16/00", 1024, 16, 0x00}, {"2048/4/ff", 2048, 4, 0xff},
    {"2048/8/ff", 2048, 8, 0xff},  {"4096/4/ff", 4096, 4, 0xff},   {"4096/1/ff", 4096, 1, 0xff},
    {"8192/32/ff", 8192, 32, 0xff}};

uint32_t sectors(uint32_t bytes, uint32_t sector) {
  return (bytes + sector - 1) / sector;
}

}  // namespace

std::span<const Geometry> geometries() {
  return kGeometries;
}

bool is_small(const Geometry& geometry) {
  return geometry.sector_bytes == 256 && geometry.granule_bytes >= 8;
}

const char* name_of(boot::InstallMode mode) {
  switch (mode) {
    case boot::InstallMode::kInPlace:
      return "in place";
    case boot::InstallMode::kOverwrite:
      return "overwrite";
    case boot::InstallMode::kSwap:
      return "swap";
  }
  return "?";
}

const char* name_of(Behaviour behaviour) {
  constexpr const char* kNames[] = {"good", "crashes", "hangs", "gives up", "lies"};
  return kNames[static_cast<size_t>(behaviour)];
}

Plan::Plan(const Geometry& given, boot::InstallMode install_mode, Manifests manifests)
    : mode(install_mode),
      geometry{0, given.sector_bytes, given.granule_bytes, given.erased_value},
      journal(2 * sectors(4 * 224, given.sector_bytes)),
      manifest(sectors(limits::kManifestBytes + 64, given.sector_bytes) +
               (manifests == Manifests::kTwo ? sectors(512, given.sector_bytes) : 0)),
      slot(3),
      progress(std::max(
          2U, sectors(slot * given.sector_bytes / 64 * 2 * std::max(8U, given.granule_bytes), given.sector_bytes))) {
  geometry.size_bytes = (journal + 2 * manifest + 2 * slot + 1 + progress + 1) * given.sector_bytes;
}

boot::Layout Plan::layout(const tailor_flash_t& flash) const {
  uint32_t at = 0;
  const auto take = [&](uint32_t count) {
    const FlashRegion region(flash, at * geometry.sector_bytes, count * geometry.sector_bytes);
    at += count;
    return region;
  };
  boot::Layout layout;
  layout.journal = take(journal);
  layout.manifests[0] = take(manifest);
  layout.manifests[1] = take(manifest);
  layout.slots[0] = take(slot);
  layout.slots[1] = take(mode == boot::InstallMode::kSwap ? slot + 1 : slot);
  if (mode != boot::InstallMode::kSwap) ++at;
  layout.progress = take(progress);
  layout.scratch = take(1);
  layout.mode = mode;
  return layout;
}

const char* Plan::region_of(uint32_t sector) const {
  const struct {
    const char* name;
    uint32_t count;
  } rows[] = {{"journal", journal}, {"manifests", 2 * manifest}, {"slot A", slot},
              {"slot B", slot + 1}, {"progress", progress},      {"scratch", 1}};
  for (const auto& row : rows) {
    if (sector < row.count) return row.name;
    sector -= row.count;
  }
  return "?";
}

Maker::Maker() {
  identity.vendor.bytes.fill(1);
  identity.device_class.bytes.fill(2);
  identity.device.bytes.fill(3);
}

/// The root of a tree of two: it says nothing of the image but by its dependency.
testing::Author Maker::distributor(const Octets& dependency) const {
  const auto digest = *crypto::sha256(suit::Envelope::from_bytes(dependency)->manifest_item());
  testing::Author root;
  root.like(author).components(2).depends_on(1);
  root.shared(testing::sequence(
      [&](suit::SequenceWriter& s) { s.set_component_index(1).override_parameters({.digest = digest}); }));
  root.member(suit::manifest_key::kValidate, testing::sequence([](suit::SequenceWriter& s) {
                s.set_component_index(1).command(suit::command::kDependencyIntegrity, 15);
                s.command(suit::command::kProcessDependency, 2);
              }));
  return root;
}

Image Maker::image(std::string name, uint64_t sequence, uint32_t size, Behaviour behaviour, Manifests manifests) const {
  Image image{std::move(name), sequence, behaviour, Octets(size), {}, {}};
  for (size_t i = 0; i < size; ++i) {
    // Runs of both erased values too: the end of data must not be guessed from them.
    const uint8_t fill = i % 512 < 160 ? uint8_t{0xff} : uint8_t{0x00};
    image.bytes[i] = i % 256 < 160 ? static_cast<uint8_t>(image.name[i % image.name.size()] + i / 7) : fill;
  }
  std::copy(image.name.begin(), image.name.end(), image.bytes.begin());
  const auto digest = *crypto::sha256(image.bytes);
  testing::Author signer;
  signer.like(author).number(sequence);
  signer.shared(testing::sequence([&](suit::SequenceWriter& s) {
    s.override_parameters({.vendor = identity.vendor,
                           .device_class = identity.device_class,
                           .digest = digest,
                           .image_size = image.bytes.size()});
    s.command(suit::command::kVendorIdentifier, 15).command(suit::command::kClassIdentifier, 15);
  }));
  signer.member(suit::manifest_key::kValidate,
                testing::sequence([](suit::SequenceWriter& s) { s.command(suit::command::kImageMatch, 15); }));
  if (manifests == Manifests::kTwo) {
    image.dependency = signer.envelope();
    image.envelope = distributor(image.dependency).number(sequence).envelope();
  } else {
    signer.member(suit::manifest_key::kInvoke,
                  testing::sequence([](suit::SequenceWriter& s) { s.command(suit::command::kInvoke, 2); }));
    image.envelope = signer.envelope();
  }
  if (behaviour == Behaviour::kLies) image.bytes.back() ^= 1;
  return image;
}

}  // namespace tailor::powerfail
