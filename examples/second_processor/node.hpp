// SPDX-License-Identifier: Apache-2.0
// One processor with flash of its own: its boot program and the part of its application that takes an update. Both
// processors are made of it; what differs is which components they know. All that decides and verifies is the
// library's.
#pragma once

#include <memory>

#include "core/processor/receiver.hpp"
#include "device/agent/slot_component.hpp"
#include "device/boot/decision.hpp"
#include "device/boot/suit_verifier.hpp"
#include "testing/fake_flash.hpp"
#include "testing/suit/declared_platform.hpp"

namespace second_processor {

using namespace tailor;

/// What a processor runs.
struct Running {
  uint64_t sequence = 0;
  bool on_trial = false;
};

/// What is in flash, and who may change it.
class Node {
 public:
  /// @param image  encoded identifier of the component in this processor's slots
  /// @param other  of a component that its manifests name and that lies elsewhere; may be empty
  Node(const suit::TrustAnchors& anchors, ByteView image, ByteView other);

  /// The factory: a journal without an image, and no records.
  Status format();
  /// The first image, after format().
  Status provision(ByteView envelope, processor::Component* other);
  /// The boot program, and what it starts. A processor that is told by another when to try has no count of its own.
  Result<Running> boots();
  /// The boot program is told not to try what is installed or on trial.
  Status holds_back();

  [[nodiscard]] const boot::Layout& layout() const { return layout_; }
  testing::FakeFlash flash{{52 * 256, 256, 4, 0xff}};

 private:
  friend class Reception;
  [[nodiscard]] FlashRegion region(uint32_t sector, uint32_t count) const {
    return {flash.port(), sector * 256, count * 256};
  }
  [[nodiscard]] boot::SuitVerifier verifier() const;

  const suit::TrustAnchors& anchors_;
  const ByteView image_, other_;
  testing::AllowAll allowed_;
  boot::Layout layout_;
};

/// An envelope on its way into a processor, as it arrives.
class Reception final : private processor::Platform, private processor::PayloadSource {
 public:
  /// @param other  writes the component that lies elsewhere; null: there is none
  Reception(Node& node, processor::Component* other);
  Status open();
  Status take(ByteView bytes);
  /// The image is whole and verified. @returns whatever take() was still waiting for
  Status end();
  [[nodiscard]] boot::BootControl& control() { return control_; }

 private:
  const processor::Identity& identity() const noexcept override { return who_; }
  processor::Component* find_component(ByteView id) noexcept override;
  Result<uint64_t> sequence_number(ByteView id) noexcept override;
  Status accept(const processor::ApplicableManifest& manifest) noexcept override;
  Status invoke(processor::Component&, ByteView) noexcept override { return Error::kInvokeFailed; }
  Result<Piece> read(std::string_view, uint32_t) noexcept override { return Error::kPayloadUnavailable; }

  Node& node_;
  processor::Component* other_;
  processor::Identity who_;
  boot::BootControl control_;
  storage::RecordStore store_;
  agent::SlotComponent slot_;
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(limits::kManifestBytes);
  processor::UpdateReceiver receiver_;
  Progress progress_ = Progress::kNeedInput;
};

/// Vendor of both.
[[nodiscard]] processor::Identity identity_of_board();

}  // namespace second_processor
