// SPDX-License-Identifier: Apache-2.0
// The envelope of a dependency, kept beside the root's in the manifest region of the slot that is not active: boot
// finds both there. Received as it comes; one that was cut off is received anew, it is small. Knows no CBOR.
#pragma once

#include <optional>

#include "core/processor/component.hpp"
#include "device/agent/options.hpp"
#include "device/boot/manifest_area.hpp"

namespace tailor::agent {

#if TAILOR_AGENT_DEPENDENCIES

class DependencyComponent final : public processor::Component {
 public:
  /// Says where it is kept, and whether what is there belongs to the manifest being processed.
  /// @param manifests  region of the slot that is not active
  void expect(const FlashRegion& manifests, bool taken_up) noexcept;

  [[nodiscard]] Result<uint32_t> open(const processor::Expectation& expected) noexcept override;
  [[nodiscard]] Status write(uint32_t offset, ByteView bytes) noexcept override;
  [[nodiscard]] Status finish(uint32_t size) noexcept override;
  [[nodiscard]] Result<uint32_t> size() noexcept override;
  [[nodiscard]] Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override;
  [[nodiscard]] Status remove() noexcept override;

  /// Open, and all of it was there already: nothing is to be fetched.
  [[nodiscard]] bool is_whole() const noexcept { return open_ && !writer_.has_value(); }

 private:
  [[nodiscard]] boot::ManifestArea area() const noexcept { return boot::ManifestArea(region_); }

  FlashRegion region_;
  std::optional<boot::ManifestArea::Writer> writer_;
  uint32_t length_ = 0;
  bool there_ = false;     ///< whole, and of the manifest being processed
  bool taken_up_ = false;  ///< from before a restart: not to be fetched again, once
  bool open_ = false;
};

#else

/// Left out: there is no such component.
class DependencyComponent final {
 public:
  void expect(const FlashRegion& /*manifests*/, bool /*taken_up*/) noexcept {}
  [[nodiscard]] static constexpr bool is_whole() noexcept { return false; }
};

#endif

}  // namespace tailor::agent
