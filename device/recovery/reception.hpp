// SPDX-License-Identifier: Apache-2.0
// One envelope on its way into a slot, with nothing but flash around it: what a recovery program does where no image
// starts. The same reader, processor, slot component and boot module as in the agent; what cannot be had inside the
// envelope is not to be had. Knows no line and no CoAP.
#pragma once

#include <optional>

#include "core/processor/receiver.hpp"
#include "device/agent/slot_component.hpp"
#include "device/boot/control.hpp"

namespace tailor::recovery {

struct ReceptionSettings {
  processor::Identity identity;
  const suit::TrustAnchors& anchors;
  const processor::Authorization& authorization;
  ByteView image_component;  ///< encoded identifier of what the slots hold; the one component that there is
  uint32_t block_bytes = 512;
};

/// begin(), take() ..., end(); then the board restarts, and the boot program tries the image. Until an envelope is
/// authentic, applies to this device and comes from who may write its component, nothing is written: not even what a
/// reception before it has left is given up.
class Reception final : private processor::Platform, private processor::PayloadSource {
 public:
  /// @param boot, store  open and mounted; outlive the reception
  Reception(const ReceptionSettings& settings, boot::BootControl& boot, storage::RecordStore& store) noexcept
      : settings_(settings), boot_(boot), slot_(boot, store) {}
  Reception(const Reception&) = delete;
  Reception& operator=(const Reception&) = delete;

  /// An envelope begins; one before it that was not complete is forgotten, but for what of it is in flash: the same
  /// envelope goes on there.
  void begin() noexcept;
  /// Takes the next bytes.
  /// @returns what reader and processor give; kSignerNotPermitted; kSequenceMissing: no validate section;
  ///          kPayloadUnavailable: a payload that is not in the envelope. The reception is over then, and nothing of
  ///          it can boot
  [[nodiscard]] Status take(ByteView bytes) noexcept;
  /// The envelope is complete: the boot program is asked to try its image.
  /// @returns kTruncated; as take()
  [[nodiscard]] Status end() noexcept;

  /// Bytes of the image that are in flash, and how many there will be (0: not known).
  [[nodiscard]] uint32_t written_bytes() const noexcept { return slot_.received_bytes(); }
  [[nodiscard]] uint32_t image_bytes() const noexcept { return slot_.expected_bytes(); }

 private:
  // processor::Platform
  [[nodiscard]] const processor::Identity& identity() const noexcept override { return settings_.identity; }
  [[nodiscard]] processor::Component* find_component(ByteView id) noexcept override;
  [[nodiscard]] Result<uint64_t> sequence_number(ByteView id) noexcept override;
  [[nodiscard]] Status accept(const processor::ApplicableManifest& manifest) noexcept override;
  [[nodiscard]] Status invoke(processor::Component& component, ByteView arguments) noexcept override;
  // processor::PayloadSource
  [[nodiscard]] Result<Piece> read(std::string_view uri, uint32_t offset) noexcept override;

  [[nodiscard]] Status feed(ByteView bytes) noexcept;
  [[nodiscard]] Status finish() noexcept;
  [[nodiscard]] Status clear_trial() noexcept;
  [[nodiscard]] Error give_up(Error error) noexcept;

  const ReceptionSettings settings_;
  boot::BootControl& boot_;
  agent::SlotComponent slot_;
  std::array<uint8_t, limits::kManifestBytes> buffer_{};
  std::optional<processor::UpdateReceiver> receiver_;
  bool accepted_ = false;
  bool done_ = false;
};

}  // namespace tailor::recovery
