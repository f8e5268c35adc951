// SPDX-License-Identifier: Apache-2.0
// See journal.hpp. Records have one size, so a torn one is skipped, and its number is skipped with it: should its cells
// read as whole another day, a newer record outnumbers it. A half is erased whole right before its first record.
#include "device/boot/journal.hpp"

namespace tailor::boot {

Result<State> Journal::load() noexcept {
  TAILOR_TRY(region_.check());
  if (region_.size() / region_.sector_bytes() % 2 != 0 || records_per_half() == 0) return Error::kFlashContract;
  State newest;
  bool found = false;
  uint32_t newest_index = 0;
  for (uint32_t half = 0; half < 2; ++half) {
    for (uint32_t index = 0; index < records_per_half(); ++index) {
      StateBytes bytes;
      if (!region_.read(half * half_bytes() + index * record_bytes(), bytes).ok()) continue;
      const auto state = decode_state(bytes);
      if (!state.ok() && state.error() == Error::kUnsupportedVersion) return state.error();
      if (!state.ok() || (found && state->number < newest.number)) continue;
      newest = *state;
      found = true;
      half_ = half;
      newest_index = index;
    }
  }
  next_ = kNone;
  last_number_ = newest.number;
  if (!found) return Error::kNotFound;
  // What lies behind the newest record is blank or torn. Each torn one took a number.
  uint32_t next = newest_index + 1;
  while (next < records_per_half()) {
    const auto blank = region_.reads_erased(half_ * half_bytes() + next * record_bytes(), record_bytes());
    if (blank.ok() && *blank) break;
    ++last_number_;
    ++next;
  }
  if (next < records_per_half()) next_ = next;
  return newest;
}

Status Journal::write_at(uint32_t half, uint32_t index, const State& state) const noexcept {
  const StateBytes bytes = encode(state);
  FlashWriter writer(region_.part(half * half_bytes(), half_bytes()), index * record_bytes());
  TAILOR_TRY(writer.append(bytes));
  TAILOR_TRY(writer.finish());
  StateBytes written;
  TAILOR_TRY(region_.read(half * half_bytes() + index * record_bytes(), written));
  if (written != bytes) return Error::kFlashWriteFailed;
  return kOk;
}

Status Journal::append(State& state) noexcept {
  State numbered = state;
  bool done = false;
  uint32_t index = next_;
  if (next_ != kNone) {
    numbered.number = ++last_number_;
    done = write_at(half_, index, numbered).ok();
  }
  if (!done) {
    next_ = kNone;
    index = 0;
    numbered.number = ++last_number_;
    const uint32_t target = 1 - half_;
    TAILOR_TRY(region_.erase(target * half_bytes(), half_bytes()));
    TAILOR_TRY(write_at(target, index, numbered));
    half_ = target;
  }
  next_ = index + 1 < records_per_half() ? index + 1 : kNone;
  state = numbered;
  return kOk;
}

}  // namespace tailor::boot
