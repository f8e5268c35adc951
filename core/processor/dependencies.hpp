// SPDX-License-Identifier: Apache-2.0
// Where the manifests of dependencies are held while a tree is processed: the caller's memory, and a bound on how many.
// The owner makes one and hands it to the processor in Seams; without it manifests with dependencies are refused.
#pragma once

#include <optional>

#include "core/processor/layer.hpp"

namespace tailor::processor {

class Dependencies {
 public:
  /// @param buffer   holds authentication wrapper, manifest and severed command sequences of each dependency, one after
  ///                 the other; limits::kManifestBytes is the custom
  /// @param anchors  whose signatures over dependencies are believed; each dependency is authenticated by itself
  Dependencies(MutableBytes buffer, const suit::TrustAnchors& anchors) noexcept : buffer_(buffer), anchors_(anchors) {}
  Dependencies(const Dependencies&) = delete;
  Dependencies& operator=(const Dependencies&) = delete;

 private:
  friend class Machine;
  struct Slot {
    Layer layer;
    std::optional<suit::AuthenticManifest> manifest;
  };
  void clear() noexcept {
    used_ = 0;
    count_ = 0;
  }

  MutableBytes buffer_;
  const suit::TrustAnchors& anchors_;
  size_t used_ = 0;
  std::array<Slot, limits::kDependencies> slots_{};
  uint8_t count_ = 0;
};

}  // namespace tailor::processor
