// SPDX-License-Identifier: Apache-2.0
// One manifest of a tree: the root, or a dependency. Maps its component indices to the components of the tree and keeps
// what trust domains ask to be kept for each dependency.
#pragma once

#include <array>

#include "core/suit/authentication.hpp"

namespace tailor::processor {

/// Where something is in the region of a manifest. What a device holds is smaller than 64 KiB.
using Offset = std::conditional_t<sizeof(void*) == 4, uint16_t, uint32_t>;

/// Components that commands apply to (manifest 6.5): one, or those of an encoded list or `true`.
struct Selection {
  static constexpr uint8_t kNone = 0xFF;
  Offset list;    ///< encoded argument of set-component-index; 0: one component
  uint8_t index;  ///< without a list
};

struct Layer {
  static constexpr uint8_t kNoNode = 0xFF;
  using Mask = uint8_t;  ///< a bit for each component index
  static_assert(limits::kComponents <= 8);

  const suit::AuthenticManifest* manifest = nullptr;  ///< null: nothing is held here
  std::array<uint8_t, limits::kComponents> nodes{};   ///< component of the tree, by index
  uint8_t count = 0;                                  ///< one more than the highest index
  int8_t section = 0;                                 ///< that runs; 0 for the shared sequence
  Offset start = 0;                                   ///< of that section
  Mask dependencies = 0;
  Mask verified = 0;   ///< dependency-integrity held
  Mask processed = 0;  ///< process-dependency ended, in this section
  uint8_t parent = 0;  ///< layer that this one is a dependency of
  uint8_t index = 0;   ///< its component index there

  [[nodiscard]] bool is_dependency(uint8_t component) const noexcept { return (dependencies >> component & 1U) != 0; }
  [[nodiscard]] bool has(size_t component) const noexcept { return component < count && nodes[component] != kNoNode; }
};

}  // namespace tailor::processor
