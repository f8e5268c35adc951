// SPDX-License-Identifier: Apache-2.0
// The boot program's side: which slot runs now, and what becomes of a trial that ended badly. One module for every
// port; it starts nothing itself. The running image's side is control.hpp.
#pragma once

#include "device/boot/journal.hpp"
#include "device/boot/layout.hpp"
#include "device/boot/verifier.hpp"

namespace tailor::boot {

/// What the boot program starts.
struct BootChoice {
  Verdict verdict;       ///< check it again right before the jump
  Slot slot = Slot::kA;  ///< always A in a mode that moves images
  bool on_trial = false;
  uint8_t attempt = 0;  ///< of the trial, from 1
  Outcome outcome;      ///< how the last update ended
  VerifiedImage image;
};

struct BootPolicy {
  /// Starts of a trial image before the device goes back. More than one, so that a power cut during the trial does not
  /// condemn a good image.
  uint8_t trial_attempts = 3;
};

class BootDecision {
 public:
  BootDecision(const Layout& layout, ImageVerifier& verifier, BootPolicy policy = {}) noexcept
      : layout_(layout), journal_(layout.journal), verifier_(verifier), policy_(policy) {}
  BootDecision(const BootDecision&) = delete;
  BootDecision& operator=(const BootDecision&) = delete;

  /// Chooses the slot to run, and moves an image there in a mode that does. Called once at each boot.
  ///
  /// An image runs only when it verifies and its sequence number is not below the component's counter. An image on
  /// trial gets its attempt written down before it is looked at, so that whatever it does, attempts are bounded. A
  /// journal that cannot be written starts no trial and no move, and never keeps the active image from running where
  /// it is. A candidate that does not verify where it was received is not moved; what was moved is verified again.
  /// @returns kNoValidImage when no slot may run; kNotFound when there is no journal: the device was never provisioned;
  ///          kFlashContract for an impossible layout; a flash error in the middle of a move: boot again
  /// @cost one journal record during a trial, none otherwise; one image digest, two when a slot fails
  [[nodiscard]] Result<BootChoice> decide() noexcept;

  /// Looks at what decide() chose once more, as if it had not: journal, manifest and image are read from flash again.
  /// For processors whose instructions a fault can skip: one fault spoils one of the two looks, and a port that jumps
  /// asks both. What both believe (the trust store) the caller makes anew for the second look, and the object too.
  ///
  /// @returns passes when this slot may be started, and holds what decide() saw there; else nothing may be started now
  /// @cost writes nothing; one image digest, one signature
  [[nodiscard]] Verdict look_again(const BootChoice& choice) noexcept;

  /// For ports that see how an image ends: ends the trial at once. The next decide() goes back.
  /// @returns kOk also when no trial was under way (the image may have confirmed itself before it ended)
  [[nodiscard]] Status end_trial(Error reason) noexcept;

 private:
  [[nodiscard]] Verification look_at(Slot slot) noexcept;
  [[nodiscard]] Result<BootChoice> choose(Slot slot, const Verification& verification) noexcept;
  /// Whether the image of this slot must be moved to run.
  [[nodiscard]] bool elsewhere(Slot slot) const noexcept { return layout_.moves() && slot == Slot::kB; }
  [[nodiscard]] Status move() noexcept;
  [[nodiscard]] Status bring_candidate() noexcept;
  [[nodiscard]] Result<BootChoice> try_candidate() noexcept;
  [[nodiscard]] Result<BootChoice> run_confirmed() noexcept;
  void end(Error reason) noexcept;
  void revert(Error reason) noexcept;

  Layout layout_;
  Journal journal_;
  ImageVerifier& verifier_;
  BootPolicy policy_;
  State state_;
};

}  // namespace tailor::boot
