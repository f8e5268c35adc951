// SPDX-License-Identifier: Apache-2.0
// See decision.hpp.
#include "device/boot/decision.hpp"

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
  if (image_bytes > layout_.slot(slot).size()) return Verification::failed(Error::kRecordMalformed);
  const Verification verification = verifier_.verify(layout_.manifest(slot), layout_.slot(slot).part(0, image_bytes));
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

void BootDecision::revert(Error reason) noexcept {
  state_.phase = Phase::kIdle;
  state_.attempts = 0;
  state_.outcome = {OutcomeKind::kReverted, reason, false, state_.candidate.sequence};
  boot_without_record(journal_.append(state_));
}

/// One attempt with the image on trial; an error ends the trial.
Result<BootChoice> BootDecision::try_candidate() noexcept {
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

  if (state_.phase == Phase::kInstall || state_.phase == Phase::kTrial) {
    auto tried = try_candidate();
    if (tried.ok()) return tried;
    revert(tried.error());
  }
  const Verification active = look_at(state_.active);
  if (active.verdict.passes()) return choose(state_.active, active);

  // The active image is damaged. A whole image in the other slot is better than nothing, under the same rules.
  const Verification spare = look_at(state_.inactive());
  if (!spare.verdict.passes()) return Error::kNoValidImage;
  state_.outcome = {OutcomeKind::kFellBack, active.error, false, state_.counter(spare.image.component)};
  state_.active = state_.inactive();
  state_.phase = Phase::kIdle;
  state_.attempts = 0;
  TAILOR_TRY(state_.raise_counter(spare.image.component, spare.image.sequence));
  boot_without_record(journal_.append(state_));
  return choose(state_.active, spare);
}

Status BootDecision::end_trial(Error reason) noexcept {
  TAILOR_TRY_ASSIGN(state_, journal_.load());
  if (state_.phase != Phase::kTrial) return kOk;
  state_.phase = Phase::kIdle;
  state_.attempts = 0;
  state_.outcome = {OutcomeKind::kReverted, reason, false, state_.candidate.sequence};
  return journal_.append(state_);
}

}  // namespace tailor::boot
