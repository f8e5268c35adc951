// SPDX-License-Identifier: Apache-2.0
// The slot that is not active, as the manifest processor writes it: reception, resumption and read-back through the
// boot module. Knows no transport.
#pragma once

#include <optional>

#include "core/processor/component.hpp"
#include "device/boot/control.hpp"
#include "device/boot/stored_envelope.hpp"

namespace tailor::agent {

class SlotComponent final : public processor::Component {
 public:
  explicit SlotComponent(boot::BootControl& boot) noexcept : boot_(boot) {}

  /// Says whose image comes next: the manifest's envelope as it will be kept for boot, and the transfer's block size.
  void expect(const boot::StoredEnvelope& envelope, const boot::ComponentKey& component, uint64_t sequence,
              uint32_t block_bytes) noexcept;

  /// Goes on with an interrupted reception of the same manifest; otherwise starts one.
  [[nodiscard]] Result<uint32_t> open(const processor::Expectation& expected) noexcept override;
  [[nodiscard]] Status write(uint32_t offset, ByteView bytes) noexcept override;
  /// Marks the image complete; whether it is the right one is the processor's next question.
  [[nodiscard]] Status finish(uint32_t size) noexcept override;
  [[nodiscard]] Result<uint32_t> size() noexcept override;
  [[nodiscard]] Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override;
  [[nodiscard]] uint64_t slot() noexcept override;

  /// Bytes received, and expected when the manifest says so (else 0).
  [[nodiscard]] uint32_t received_bytes() const noexcept { return received_; }
  [[nodiscard]] uint32_t expected_bytes() const noexcept { return expected_; }

 private:
  [[nodiscard]] bool same_envelope() noexcept;
  [[nodiscard]] bool is_staged() const noexcept { return boot_.boot_data().phase == boot::Phase::kStaged; }

  boot::BootControl& boot_;
  std::optional<boot::StoredEnvelope> envelope_;
  boot::ComponentKey key_{};
  uint64_t sequence_ = 0;
  uint32_t block_bytes_ = limits::kBlockBytes;
  uint32_t received_ = 0;
  uint32_t expected_ = 0;
};

}  // namespace tailor::agent
