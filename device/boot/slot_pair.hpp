// SPDX-License-Identifier: Apache-2.0
// Two components that share one slot, so that one record of the journal switches both: the first from the slot's
// beginning to a place that the layout gives, the second from there on. Written through the one slot writer, in this
// order; read back by the processor. The verifier's side is SuitVerifier::Settings::second_component.
#pragma once

#include <optional>

#include "core/processor/component.hpp"
#include "device/boot/control.hpp"
#include "device/boot/stored_envelope.hpp"

namespace tailor::boot {

/// The application's side: expect(), then the processor fetches first() and second(), in that order. The first one's
/// content fills its part: its author pads it. Both are staged when the second is complete.
class SlotPair {
 public:
  /// @param second_at  bytes of the first component, and where in the slot the second begins
  SlotPair(BootControl& boot, uint32_t second_at) noexcept
      : boot_(boot), second_at_(second_at), first_(*this, 0), second_(*this, second_at) {}
  SlotPair(const SlotPair&) = delete;
  SlotPair& operator=(const SlotPair&) = delete;

  /// Says whose images come next.
  /// @param key  under which the pair's counter is kept: that of the first component
  /// @param image_bytes  of both together, 0 when not known
  void expect(const StoredEnvelope& envelope, const ComponentKey& key, uint64_t sequence, uint32_t image_bytes,
              uint32_t block_bytes) noexcept;
  [[nodiscard]] processor::Component& first() noexcept { return first_; }
  [[nodiscard]] processor::Component& second() noexcept { return second_; }
  [[nodiscard]] bool is_staged() const noexcept { return boot_.boot_data().phase == Phase::kStaged; }

 private:
  class Part final : public processor::Component {
   public:
    Part(SlotPair& pair, uint32_t at) noexcept : pair_(pair), at_(at) {}
    /// @returns errors of BootControl::begin(); kStateConflict: the second before the first
    [[nodiscard]] Result<uint32_t> open(const processor::Expectation& expected) noexcept override;
    [[nodiscard]] Status write(uint32_t offset, ByteView bytes) noexcept override;
    /// @returns kImageSizeMismatch: the first one does not fill its part
    [[nodiscard]] Status finish(uint32_t size) noexcept override;
    [[nodiscard]] Result<uint32_t> size() noexcept override;
    [[nodiscard]] Result<size_t> read(uint32_t offset, MutableBytes out) noexcept override;
    [[nodiscard]] uint64_t slot() noexcept override { return index_of(pair_.boot_.next_slot()); }

   private:
    [[nodiscard]] bool is_second() const noexcept { return at_ != 0; }
    /// Bytes of this part that have been received.
    [[nodiscard]] uint32_t received() const noexcept;
    SlotPair& pair_;
    uint32_t at_;
  };
  [[nodiscard]] Status begin() noexcept;
  [[nodiscard]] bool same_envelope() noexcept;

  BootControl& boot_;
  const uint32_t second_at_;
  Part first_;
  Part second_;
  std::optional<StoredEnvelope> envelope_;
  ComponentKey key_{};
  uint64_t sequence_ = 0;
  uint32_t image_bytes_ = 0;
  uint32_t block_bytes_ = 0;
};

}  // namespace tailor::boot
