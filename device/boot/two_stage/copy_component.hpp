// SPDX-License-Identifier: Apache-2.0
// The boot program as a component of SUIT manifests: the copy that is not started is written, the processor compares
// its digest, and commit() makes it count. For the application; whose update it is, and who may, the manifest says.
#pragma once

#include <optional>

#include "core/processor/component.hpp"
#include "device/boot/two_stage/boot_copies.hpp"

namespace tailor::boot {

class CopyComponent final : public processor::Component {
 public:
  explicit CopyComponent(const BootCopies& copies) noexcept : copies_(copies) {}

  /// Erases the copy that is not started. An interrupted update begins anew.
  /// @returns errors of BootCopies::prepare(); kParameterMissing: a manifest that does not say how long the program is
  [[nodiscard]] Result<uint32_t> open(const processor::Expectation& expected) noexcept override;
  [[nodiscard]] Status write(uint32_t offset, ByteView bytes) noexcept override;
  [[nodiscard]] Status finish(uint32_t size) noexcept override;
  [[nodiscard]] Result<uint32_t> size() noexcept override { return written_; }
  [[nodiscard]] Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override;
  /// The copy that open() would write to: a program that executes in place is linked for one.
  [[nodiscard]] uint64_t slot() noexcept override;

  /// The update has been run to its end: what was written is what starts next.
  /// @returns kStateConflict: nothing was written; errors of BootCopies::commit()
  [[nodiscard]] Status commit(uint64_t sequence) noexcept;

 private:
  const BootCopies& copies_;
  std::optional<FlashWriter> writer_;
  FlashRegion place_;
  uint32_t position_ = 0;
  uint32_t written_ = 0;  ///< bytes of the complete program; 0: there is none
  uint8_t index_ = 0;
};

}  // namespace tailor::boot
