// SPDX-License-Identifier: Apache-2.0
// See journal.hpp. A record that was cut may read as whole today and as torn tomorrow, or as blank, so nothing is ever
// written behind what an earlier run left: each run starts a half anew, with its first record twice. Then every record
// but the last one of a half is known to be sound, because the program went on after it; and a half that begins with
// one record alone was never relied on, so it is the one to give up. At any time the half that is not being erased
// holds a sound record. A state that a run may end with is written twice too, so a newest record without its twin is
// one in doubt.
#include "device/boot/journal.hpp"

namespace tailor::boot {

Result<State> Journal::load() noexcept {
  TAILOR_TRY(region_.check());
  if (region_.size() / region_.sector_bytes() % 2 != 0 || records_per_half() < 2) return Error::kFlashContract;
  State newest;
  uint32_t found[2] = {0, 0};
  uint32_t newest_half = 0;
  for (uint32_t half = 0; half < 2; ++half) {
    for (uint32_t index = 0; index < records_per_half(); ++index) {
      StateBytes bytes;
      if (!region_.read(half * half_bytes() + index * record_bytes(), bytes).ok()) continue;
      const auto state = decode_state(bytes);
      if (!state.ok() && state.error() == Error::kUnsupportedVersion) return state.error();
      if (!state.ok()) continue;
      ++found[half];
      if (found[0] + found[1] > 1 && state->number < newest.number) continue;
      newest.number = state->number;
      in_doubt_ = found[half] == 1 || newest != *state;
      newest = *state;
      newest_half = half;
    }
  }
  // The record that was cut behind the newest one took a number too; should it read as whole another day, it must be
  // outnumbered.
  last_number_ = newest.number + 1;
  written_ = false;
  next_ = kNone;
  const uint32_t spare = 1 - newest_half;
  half_ = found[newest_half] == 1 && found[spare] != 0 ? newest_half : spare;
  if (found[0] + found[1] == 0) return Error::kNotFound;
  return newest;
}

Status Journal::write_at(uint32_t half, uint32_t index, State& state) noexcept {
  state.number = ++last_number_;
  const StateBytes bytes = encode(state);
  FlashWriter writer(region_.part(half * half_bytes(), half_bytes()), index * record_bytes());
  TAILOR_TRY(writer.append(bytes));
  TAILOR_TRY(writer.finish());
  StateBytes written;
  TAILOR_TRY(region_.read(half * half_bytes() + index * record_bytes(), written));
  if (written != bytes) return Error::kFlashWriteFailed;
  return kOk;
}

/// The first record of a half, twice; the half before it still holds a sound one.
Status Journal::start_half(State& state) noexcept {
  TAILOR_TRY(region_.erase(half_ * half_bytes(), half_bytes()));
  TAILOR_TRY(write_at(half_, 0, state));
  return write_at(half_, 1, state);
}

/// Writes one record, or begins a half with two. @returns whether it did the latter
Result<bool> Journal::put(State& state) noexcept {
  const bool fits = next_ != kNone && write_at(1 - half_, next_, state).ok();
  if (!fits) {
    next_ = kNone;
    if (!start_half(state).ok()) TAILOR_TRY(start_half(state));  // a fault that passes costs no update
    half_ = 1 - half_;
    next_ = 1;
  }
  next_ = next_ + 1 < records_per_half() ? next_ + 1 : kNone;
  return !fits;
}

Status Journal::append(State& state) noexcept {
  State numbered = state;
  TAILOR_TRY_ASSIGN(const bool twice, put(numbered));
  if (!twice) TAILOR_TRY(put(numbered));
  in_doubt_ = false;
  written_ = true;
  state = numbered;
  return kOk;
}

Status Journal::append_passing(State& state) noexcept {
  State numbered = state;
  TAILOR_TRY(put(numbered));
  state = numbered;
  return kOk;
}

}  // namespace tailor::boot
