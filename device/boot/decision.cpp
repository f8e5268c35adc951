// SPDX-License-Identifier: Apache-2.0
// See decision.hpp.
#include "device/boot/decision.hpp"

#include "device/boot/mover.hpp"

namespace tailor::boot {
namespace {

/// Booting goes on when the journal cannot be written: what the record would have said is found out again at the next
/// boot. The named place where such a failure ends.
void boot_without_record(const Status& status) noexcept {
  static_cast<void>(status.ok());
}

}  // namespace

Verification BootDecision::look_at(Slot slot) noexcept {
  const uint32_t image_bytes = state_.image_bytes[index_of(slot)];
  if (image_bytes == 0) return Verification::failed(Error::kNoValidImage);
  const FlashRegion place = layout_.slot(slot, state_.turned);
  if (image_bytes > place.size()) return Verification::failed(Error::kRecordMalformed);
  const Verification verification = verifier_.verify(layout_.manifest(slot, state_.turned), place.part(0, image_bytes));
  if (!verification.verdict.passes()) return Verification::failed(verification.error);
  if (verification.image.sequence < state_.counter(verification.image.component)) {
    return Verification::failed(Error::kSequenceNumberTooLow);
  }
  return verification;
}

Result<BootChoice> BootDecision::choose(Slot slot, const Verification& verification) noexcept {
  if (!verification.verdict.passes()) return Error::kNoValidImage;
  BootChoice choice;
  choice.verdict = verification.verdict;
  choice.slot = slot;
  choice.on_trial = state_.phase == Phase::kTrial && slot != state_.active;
  choice.attempt = choice.on_trial ? state_.attempts : uint8_t{0};
  choice.outcome = state_.outcome;
  choice.image = verification.image;
  return choice;
}

/// The trial is over, and the old image is to run.
void BootDecision::end(Error reason) noexcept {
  state_.phase = Phase::kIdle;
  state_.attempts = 0;
  state_.outcome = {OutcomeKind::kReverted, reason, false, state_.candidate.sequence};
}

void BootDecision::revert(Error reason) noexcept {
  end(reason);
  boot_without_record(journal_.append(state_));
}

Status BootDecision::move() noexcept {
  if constexpr (kCanMove) {
    const Mover mover(layout_, journal_);
    return state_.move == Move::kNone ? mover.start(state_) : mover.finish(state_);
  }
  return Error::kRecordMalformed;
}

/// Moves an image that is to be installed to where it runs. What does not verify costs nothing.
Status BootDecision::bring_candidate() noexcept {
  const Verification candidate = look_at(state_.inactive());
  if (!candidate.verdict.passes()) return candidate.error;
  return move();
}

/// One attempt with the image on trial; an error ends the trial.
[[gnu::noinline]] Result<BootChoice> BootDecision::try_candidate() noexcept {
  if (elsewhere(state_.inactive())) return Error::kRecordMalformed;  // a trial of what was never brought
  if (state_.phase == Phase::kTrial && state_.attempts >= policy_.trial_attempts) return Error::kTrialNotConfirmed;
  // attempts counts starts; the record comes first, so that not even a fault of this program starts one unseen.
  State attempted = state_;
  attempted.attempts = state_.phase == Phase::kTrial ? static_cast<uint8_t>(state_.attempts + 1) : uint8_t{1};
  attempted.phase = Phase::kTrial;
  TAILOR_TRY(journal_.append(attempted));
  state_ = attempted;
  const Verification verification = look_at(state_.inactive());
  if (!verification.verdict.passes()) return verification.error;
  return choose(state_.inactive(), verification);
}

Result<BootChoice> BootDecision::decide() noexcept {
  TAILOR_TRY(layout_.check());
  TAILOR_TRY_ASSIGN(state_, journal_.load());
  // An image that is started reads the journal too, and must find there what it was started for.
  if (state_.move == Move::kNone && journal_.in_doubt()) boot_without_record(journal_.append(state_));
  if (state_.move != Move::kNone) {
    // A step that is done again undoes what the record of it vouched for, which may only seem to be missing.
    TAILOR_TRY(journal_.append(state_));
    TAILOR_TRY(move());
  }

  if (state_.phase == Phase::kInstall && elsewhere(state_.inactive())) {
    const Status brought = bring_candidate();
    if (state_.move != Move::kNone) return brought.error();
    if (!brought.ok()) revert(brought.error());
  }
  if (state_.phase == Phase::kInstall || state_.phase == Phase::kTrial) {
    auto tried = try_candidate();
    if (tried.ok()) return tried;
    revert(tried.error());
  }
  return run_confirmed();
}

[[gnu::noinline]] Result<BootChoice> BootDecision::run_confirmed() noexcept {
  Verification active = look_at(state_.active);
  if (!active.verdict.passes()) {
    // The active image is damaged. A whole image in the other slot is better than nothing, under the same rules.
    const Verification spare = look_at(state_.inactive());
    if (!spare.verdict.passes()) return Error::kNoValidImage;
    state_.outcome = {OutcomeKind::kFellBack, active.error, false, state_.counter(spare.image.component)};
    state_.active = state_.inactive();
    state_.phase = Phase::kIdle;
    state_.attempts = 0;
    TAILOR_TRY(state_.raise_counter(spare.image.component, spare.image.sequence));
    boot_without_record(journal_.append(state_));
    active = spare;
  }
  if (elsewhere(state_.active)) {
    TAILOR_TRY(move());
    active = look_at(state_.active);
  }
  return choose(state_.active, active);
}

Verdict BootDecision::look_again(const BootChoice& choice) noexcept {
  const Result<State> state = journal_.load();
  if (!state.ok()) return {};
  state_ = *state;
  const bool may_run = choice.on_trial ? state_.phase == Phase::kTrial && choice.slot == state_.inactive()
                                       : choice.slot == state_.active;
  if (!may_run || state_.move != Move::kNone || elsewhere(choice.slot)) return {};
  const Verification verification = look_at(choice.slot);
  if (!verification.verdict.passes()) return {};
  const bool same = verification.image.sequence == choice.image.sequence &&
                    verification.image.image_bytes == choice.image.image_bytes &&
                    equal(verification.image.digest, choice.image.digest);
  if (!same) return {};
  return verification.verdict;
}

Status BootDecision::end_trial(Error reason) noexcept {
  TAILOR_TRY_ASSIGN(state_, journal_.load());
  if (state_.phase != Phase::kTrial) return kOk;
  end(reason);
  return journal_.append(state_);
}

}  // namespace tailor::boot
