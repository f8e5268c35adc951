// SPDX-License-Identifier: Apache-2.0
// What the running image does with the boot module: receives an image into the slot that is not active, asks for its
// trial, confirms itself, reads how the last update ended. The boot program's side is decision.hpp. Verifies nothing:
// the agent stores only what it has authenticated, and the boot program verifies again.
#pragma once

#include <span>

#include "device/boot/journal.hpp"
#include "device/boot/layout.hpp"
#include "device/boot/manifest_area.hpp"
#include "device/boot/slot_writer.hpp"

namespace tailor::boot {

/// Bytes of a stored envelope: what must be held before anything is trusted, and the bytes around it.
inline constexpr size_t kStoredEnvelopeBytes = limits::kManifestBytes + 8;

/// Why this image runs, for the next report.
struct BootData {
  Slot running;      ///< the slot that this image was started from
  bool on_trial;     ///< it must confirm() itself, or the next boot goes back
  uint8_t attempts;  ///< starts of this trial, this one included
  Phase phase;
  Outcome outcome;  ///< of the last update; `reported` is false until acknowledge_outcome()
};

/// Call sequence: open(); begin() or resume(); write() ...; stage(); install(); reboot. In the new image: open();
/// confirm(). Each change of state is one journal record: it happened or it did not, whenever power fails.
class BootControl {
 public:
  explicit BootControl(const Layout& layout) noexcept : layout_(layout), journal_(layout.journal) {}
  BootControl(const BootControl&) = delete;
  BootControl& operator=(const BootControl&) = delete;

  /// Reads the journal.
  /// @returns kNotFound when the device was never provisioned; kFlashContract for an impossible layout
  [[nodiscard]] Status open() noexcept;

  /// Factory: forgets everything and makes slot B, which holds no image, the active one. The first image then comes as
  /// any other does, with begin(), write() and stage(), and adopt() instead of a trial.
  [[nodiscard]] Status format() noexcept;
  /// Factory: makes the staged image the active one.
  /// @returns kStateConflict when the device has an image already
  [[nodiscard]] Status adopt() noexcept;

  [[nodiscard]] BootData boot_data() const noexcept;
  /// Where the image that runs is: exactly its bytes, and its envelope.
  [[nodiscard]] FlashRegion running_image() const noexcept {
    return layout_.slot(boot_data().running, state_.turned).part(0, running_image_bytes());
  }
  [[nodiscard]] const FlashRegion& running_manifest() const noexcept {
    return layout_.manifest(boot_data().running, state_.turned);
  }
  /// Where an image that is received now will run, for condition component-slot.
  [[nodiscard]] Slot next_slot() const noexcept { return layout_.moves() ? Slot::kA : other(boot_data().running); }
  /// Bytes of the image that runs; 0 when the journal knows none.
  [[nodiscard]] uint32_t running_image_bytes() const noexcept {
    return state_.image_bytes[index_of(boot_data().running)];
  }
  /// Whether the active slot holds an image; it does not between format() and adopt().
  [[nodiscard]] bool has_image() const noexcept { return state_.image_bytes[index_of(state_.active)] != 0; }
  /// Notes that the server knows the outcome.
  [[nodiscard]] Status acknowledge_outcome() noexcept;

  // --- anti-rollback ---
  /// The highest confirmed sequence number of a component; 0 when it has none. A manifest below it is refused
  /// (SUIT 6.2: kSequenceNumberTooLow); an equal one is not.
  [[nodiscard]] uint64_t counter(const ComponentKey& component) const noexcept { return state_.counter(component); }
  /// Lets the counter of a component without a slot (a trust store) rise, once the component is in force.
  [[nodiscard]] Status raise_counter(const ComponentKey& component, uint64_t sequence) noexcept;

  // --- receiving ---
  /// Starts a reception into the slot that is not active; what it held is given up.
  ///
  /// @param candidate  from the authentic manifest
  /// @param envelope   pieces of an envelope that boot can verify alone: tag, authentication wrapper, manifest;
  /// together at
  ///                   most kStoredEnvelopeBytes; stored_envelope.hpp makes them
  /// @param block_bytes  of the transfer; how finely progress is marked
  /// @returns kStateConflict during a trial, and before the boot program has undone a trial that was given up;
  ///          kImageTooLarge, kManifestTooLarge, kSequenceNumberTooLow: nothing changed
  [[nodiscard]] Status begin(const Candidate& candidate, std::span<const ByteView> envelope,
                             uint32_t block_bytes) noexcept;
  /// Goes on with a reception after a restart or an error.
  ///
  /// @returns the offset of the next byte that is needed; kNotFound when there is no reception, or its beginning was
  ///          cut, or what it left cannot be read: begin() again
  /// @param begin_ended  the caller knows that begin() came to its end, so that an offset of 0 can be believed
  [[nodiscard]] Result<uint32_t> resume(bool begin_ended = false) noexcept;
  /// Appends image bytes; offset is position(). Errors as SlotWriter::write().
  [[nodiscard]] Status write(uint32_t offset, ByteView bytes) noexcept;
  [[nodiscard]] uint32_t position() const noexcept { return writer_.position(); }
  /// Reads the image received so far, to digest it.
  [[nodiscard]] Status read(uint32_t offset, MutableBytes out) const noexcept;
  /// The manifest being received, staged or on trial.
  [[nodiscard]] const Candidate& candidate() const noexcept { return state_.candidate; }
  /// Reads the candidate's envelope as begin() stored it.
  [[nodiscard]] Result<ByteView> candidate_envelope(MutableBytes out) const noexcept;
  /// Where the candidate's envelope is kept, and what is received beside its image (dependency_region()).
  [[nodiscard]] const FlashRegion& candidate_manifest() const noexcept {
    return layout_.manifest(state_.inactive(), state_.turned);
  }
  /// Reads the envelope of the image that is active.
  [[nodiscard]] Result<ByteView> active_envelope(MutableBytes out) const noexcept;

  // --- installing ---
  /// Ends the reception: the image is complete and the agent has checked its digest.
  /// @returns kImageSizeMismatch; kStateConflict when nothing is being received
  [[nodiscard]] Status stage() noexcept;
  /// Asks for the trial at the next boot. The caller then reboots.
  /// @returns kStateConflict unless an image is staged
  [[nodiscard]] Status install() noexcept;
  /// Gives up what is being received, staged or about to be installed.
  /// @returns kStateConflict during a trial; kOk when there was nothing
  [[nodiscard]] Status abandon() noexcept;

  // --- in the image on trial ---
  /// Ends the trial: this image is active from now on, and the component's counter rises.
  /// @returns kOk also when it is confirmed already
  [[nodiscard]] Status confirm() noexcept;
  /// Ends the trial the other way (a mode without a trial has no other way: docs/formats/flash.md): after the caller's
  /// reboot the old image runs and reports `reason`.
  /// @returns kStateConflict when this image is not on trial
  [[nodiscard]] Status give_up(Error reason) noexcept;

 private:
  /// The place of the slot that is not active.
  [[nodiscard]] FlashRegion target() const noexcept { return layout_.slot(state_.inactive(), state_.turned); }
  [[nodiscard]] ManifestArea target_manifest() const noexcept {
    return ManifestArea(layout_.manifest(state_.inactive(), state_.turned));
  }
  [[nodiscard]] Status commit(const State& next) noexcept;

  Layout layout_;
  Journal journal_;
  SlotWriter writer_;
  State state_;
  bool opened_ = false;
};

}  // namespace tailor::boot
