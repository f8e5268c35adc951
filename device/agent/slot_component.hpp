// SPDX-License-Identifier: Apache-2.0
// The slot that is not active, as the manifest processor writes it: reception, resumption and read-back through the
// boot module. Knows no transport.
#pragma once

#include <optional>

#include "core/processor/component.hpp"
#include "device/agent/records.hpp"
#include "device/boot/control.hpp"
#include "device/boot/stored_envelope.hpp"

namespace tailor::agent {

class SlotComponent final : public processor::Component {
 public:
  SlotComponent(boot::BootControl& boot, storage::RecordStore& store) noexcept : boot_(boot), store_(store) {}

  /// Says whose image comes next: the manifest's envelope as it will be kept for boot, and the transfer's block size.
  void expect(const boot::StoredEnvelope& envelope, const boot::ComponentKey& component, uint64_t sequence,
              uint32_t block_bytes) noexcept;
  /// Begins the reception before there is an image, so that the envelope is in flash, and with it what is received
  /// beside the image. What the slot held is given up.
  /// @returns whether it was begun before a restart, for the same envelope; errors of BootControl::begin()
  [[nodiscard]] Result<bool> prepare() noexcept;

  /// Goes on with an interrupted reception of the same manifest; otherwise starts one.
  [[nodiscard]] Result<uint32_t> open(const processor::Expectation& expected) noexcept override;
  [[nodiscard]] Status write(uint32_t offset, ByteView bytes) noexcept override;
  /// Marks the image complete; whether it is the right one is the processor's next question.
  [[nodiscard]] Status finish(uint32_t size) noexcept override;
  [[nodiscard]] Result<uint32_t> size() noexcept override;
  [[nodiscard]] Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override;
  [[nodiscard]] uint64_t slot() noexcept override;

  [[nodiscard]] bool is_staged() const noexcept { return boot_.boot_data().phase == boot::Phase::kStaged; }
  /// Whether the envelope is in flash.
  [[nodiscard]] bool is_begun() const noexcept { return begun_; }
  /// Open, and all of it was there already: nothing is to be fetched.
  [[nodiscard]] bool is_whole() const noexcept { return whole_; }

  /// Bytes received, and expected when the manifest says so (else 0).
  [[nodiscard]] uint32_t received_bytes() const noexcept { return received_; }
  [[nodiscard]] uint32_t expected_bytes() const noexcept { return expected_; }

 private:
  [[nodiscard]] bool same_envelope() noexcept;

  [[nodiscard]] Result<crypto::Sha256Digest> name_of_envelope() const noexcept;
  [[nodiscard]] bool was_begun(const crypto::Sha256Digest& envelope) noexcept;

  boot::BootControl& boot_;
  storage::RecordStore& store_;
  std::optional<boot::StoredEnvelope> envelope_;
  boot::ComponentKey key_{};
  uint64_t sequence_ = 0;
  uint32_t block_bytes_ = limits::kBlockBytes;
  uint32_t received_ = 0;
  uint32_t expected_ = 0;
  bool prepared_ = false;  ///< begun by prepare(), without the image's length
  bool begun_ = false;
  bool whole_ = false;
};

}  // namespace tailor::agent
