// SPDX-License-Identifier: Apache-2.0
// See control.hpp. Every transition changes a copy of the state and commits it with one journal record; the state in
// RAM follows only when that succeeded.
#include "device/boot/control.hpp"

namespace tailor::boot {

Status BootControl::open() noexcept {
  opened_ = false;
  TAILOR_TRY(layout_.check());
  TAILOR_TRY_ASSIGN(state_, journal_.load());
  opened_ = true;
  return kOk;
}

Status BootControl::format() noexcept {
  opened_ = false;
  TAILOR_TRY(layout_.check());
  TAILOR_TRY(layout_.journal.erase(0, layout_.journal.size()));
  if (const auto found = journal_.load(); found.ok() || found.error() != Error::kNotFound) {
    return found.ok() ? Error::kFlashEraseFailed : found.error();
  }
  state_ = State{};
  state_.active = Slot::kB;
  opened_ = true;
  return commit(state_);
}

Status BootControl::adopt() noexcept {
  if (!opened_ || state_.phase != Phase::kStaged || state_.image_bytes[index_of(state_.active)] != 0) {
    return Error::kStateConflict;
  }
  State next = state_;
  TAILOR_TRY(next.raise_counter(state_.candidate.component, state_.candidate.sequence));
  next.active = state_.inactive();
  next.phase = Phase::kIdle;
  return commit(next);
}

Status BootControl::commit(const State& next) noexcept {
  if (!opened_) return Error::kStateConflict;
  State written = next;
  TAILOR_TRY(journal_.append(written));
  state_ = written;
  return kOk;
}

BootData BootControl::boot_data() const noexcept {
  const bool on_trial = state_.phase == Phase::kTrial;
  const Slot running = layout_.moves() ? Slot::kA : on_trial ? state_.inactive() : state_.active;
  return {running, on_trial, on_trial ? state_.attempts : uint8_t{0}, state_.phase, state_.outcome};
}

Status BootControl::acknowledge_outcome() noexcept {
  if (state_.outcome.reported) return kOk;
  State next = state_;
  next.outcome.reported = true;
  return commit(next);
}

Status BootControl::raise_counter(const ComponentKey& component, uint64_t sequence) noexcept {
  if (sequence <= state_.counter(component)) return kOk;
  State next = state_;
  TAILOR_TRY(next.raise_counter(component, sequence));
  return commit(next);
}

// --- receiving -----------------------------------------------------------------------------------------------------

Status BootControl::begin(const Candidate& candidate, std::span<const ByteView> envelope,
                          uint32_t block_bytes) noexcept {
  if (!opened_ || state_.phase == Phase::kTrial || state_.phase == Phase::kInstall) return Error::kStateConflict;
  // An image that was given up still runs where its candidate would go.
  if (layout_.moves() && state_.active == Slot::kB && has_image()) return Error::kStateConflict;
  if (candidate.sequence < state_.counter(candidate.component)) return Error::kSequenceNumberTooLow;
  const FlashRegion slot = target();
  if (candidate.image_bytes > slot.size()) return Error::kImageTooLarge;
  size_t envelope_bytes = 0;
  for (const ByteView piece : envelope) envelope_bytes += piece.size();
  if (envelope_bytes > kStoredEnvelopeBytes) return Error::kManifestTooLarge;
  const SlotWriter::Regions regions{slot, layout_.progress, layout_.scratch};
  TAILOR_TRY_ASSIGN(const uint32_t mark_bytes, SlotWriter::mark_bytes_for(regions, block_bytes));

  State next = state_;
  TAILOR_TRY(next.raise_counter(candidate.component, 0));  // takes its place now: confirm() must not fail for room
  next.phase = Phase::kReceiving;
  next.session = state_.number + 1;
  next.mark_bytes = mark_bytes;
  next.candidate = candidate;
  next.attempts = 0;
  next.image_bytes[index_of(state_.inactive())] = 0;
  TAILOR_TRY(commit(next));
  // The slot's old manifest goes before any of its old image does; the new one says that all is prepared.
  const ManifestArea area = target_manifest();
  TAILOR_TRY(area.erase());
  TAILOR_TRY(writer_.start(regions, {state_.session, mark_bytes, candidate.image_bytes}));
  return area.store(state_.session, envelope);
}

Result<uint32_t> BootControl::resume(bool begin_ended) noexcept {
  if (!opened_) return Error::kStateConflict;
  if (state_.phase != Phase::kReceiving) return Error::kNotFound;
  const auto session = target_manifest().session();
  if (!session.ok() || *session != state_.session) return Error::kNotFound;
  // What is written again undoes what a record behind the last one vouched for, which may only seem to be missing.
  if (!journal_.has_written()) TAILOR_TRY(commit(state_));
  const auto offset = writer_.resume({target(), layout_.progress, layout_.scratch},
                                     {state_.session, state_.mark_bytes, state_.candidate.image_bytes});
  // What cannot be read is lost, and must not keep it from being fetched again. And before the first mark the envelope
  // itself may be what was cut, and read as whole by chance.
  if (offset.ok() ? *offset == 0 && !begin_ended : offset.error() == Error::kFlashReadFailed) return Error::kNotFound;
  return offset;
}

Status BootControl::write(uint32_t offset, ByteView bytes) noexcept {
  if (!opened_ || state_.phase != Phase::kReceiving) return Error::kStateConflict;
  return writer_.write(offset, bytes);
}

Status BootControl::read(uint32_t offset, MutableBytes out) const noexcept {
  return target().read(offset, out);
}

Result<ByteView> BootControl::candidate_envelope(MutableBytes out) const noexcept {
  if (state_.phase == Phase::kIdle) return Error::kNotFound;
  return target_manifest().load(out);
}

Result<ByteView> BootControl::active_envelope(MutableBytes out) const noexcept {
  return ManifestArea(layout_.manifest(state_.active, state_.turned)).load(out);
}

// --- installing ----------------------------------------------------------------------------------------------------

Status BootControl::stage() noexcept {
  if (!opened_ || state_.phase != Phase::kReceiving) return Error::kStateConflict;
  TAILOR_TRY(writer_.finish());
  State next = state_;
  next.phase = Phase::kStaged;
  next.candidate.image_bytes = writer_.position();
  next.image_bytes[index_of(state_.inactive())] = writer_.position();
  return commit(next);
}

Status BootControl::install() noexcept {
  if (!opened_ || state_.phase != Phase::kStaged) return Error::kStateConflict;
  State next = state_;
  next.phase = Phase::kInstall;
  next.attempts = 0;
  return commit(next);
}

Status BootControl::abandon() noexcept {
  if (!opened_ || state_.phase == Phase::kTrial) return Error::kStateConflict;
  if (state_.phase == Phase::kIdle) return kOk;
  State next = state_;
  next.phase = Phase::kIdle;
  next.image_bytes[index_of(state_.inactive())] = 0;
  return commit(next);
}

Status BootControl::confirm() noexcept {
  if (!opened_) return Error::kStateConflict;
  if (state_.phase != Phase::kTrial) return kOk;
  State next = state_;
  TAILOR_TRY(next.raise_counter(state_.candidate.component, state_.candidate.sequence));
  next.active = state_.inactive();
  next.phase = Phase::kIdle;
  next.attempts = 0;
  next.outcome = {OutcomeKind::kConfirmed, Error::kInternal, false, state_.candidate.sequence};
  return commit(next);
}

Status BootControl::give_up(Error reason) noexcept {
  if (!opened_ || state_.phase != Phase::kTrial) return Error::kStateConflict;
  State next = state_;
  next.phase = Phase::kIdle;
  next.attempts = 0;
  next.outcome = {OutcomeKind::kReverted, reason, false, state_.candidate.sequence};
  return commit(next);
}

}  // namespace tailor::boot
