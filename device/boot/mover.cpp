// SPDX-License-Identifier: Apache-2.0
// See mover.hpp. A swap needs one free sector at an end of slot B. Sector by sector, from that end on, the image of A
// goes to the free sector and the image of B to the sector of A that became free, which frees the next one in B; in the
// end the free sector is at the other end. So a swap back is the same walk the other way, and each sector is erased
// once.
#include "device/boot/mover.hpp"

#include <algorithm>

#include "device/storage/crc32.hpp"

namespace tailor::boot {
namespace {

/// Known when one mode alone is compiled in.
bool swaps(const State& state) noexcept {
  if constexpr (!kCanSwap) return false;
  if constexpr (!kCanOverwrite) return true;
  return state.move != Move::kCopy;
}

constexpr int kTries = 3;
constexpr uint32_t kCopyBytes = 64;

/// What cannot be read is lost already, and must not keep the rest from being moved: it becomes erased bytes, and the
/// image does not verify. The named place where such a failure ends.
void read_or_blank(const FlashRegion& from, uint32_t offset, MutableBytes out) noexcept {
  for (int tries = 0; tries < kTries; ++tries) {
    if (from.read(offset, out).ok()) return;
  }
  std::fill(out.begin(), out.end(), from.erased_value());
}

Status copy_once(const FlashRegion& to, const FlashRegion& from, uint32_t length) noexcept {
  TAILOR_TRY(to.erase_sector(0));
  std::array<uint8_t, kCopyBytes> bytes;
  FlashWriter writer(to, 0);
  Crc32 crc;
  for (uint32_t done = 0; done < length;) {
    const MutableBytes piece = MutableBytes{bytes}.first(std::min(kCopyBytes, length - done));
    read_or_blank(from, done, piece);
    crc.update(piece);
    TAILOR_TRY(writer.append(piece));
    done += static_cast<uint32_t>(piece.size());
  }
  TAILOR_TRY(writer.finish());
  TAILOR_TRY_ASSIGN(const uint32_t written, to.crc(0, length));
  if (written != crc.value()) return Error::kFlashWriteFailed;
  return kOk;
}

Status copy(const FlashRegion& to, const FlashRegion& from, uint32_t length) noexcept {
  Status copied = kOk;
  for (int tries = 0; tries < kTries; ++tries) {
    copied = copy_once(to, from, length);
    if (copied.ok()) break;
  }
  return copied;
}

}  // namespace

uint32_t Mover::image_sectors(const State& state) const noexcept {
  const uint32_t bytes = swaps(state) ? std::max(state.image_bytes[0], state.image_bytes[1]) : state.image_bytes[1];
  const uint32_t sector = layout_.slots[0].sector_bytes();
  return bytes / sector + (bytes % sector != 0 ? 1 : 0);
}

uint32_t Mover::steps(const State& state) const noexcept {
  if (swaps(state)) return 2 * image_sectors(state);
  return image_sectors(state) + layout_.manifests[0].size() / layout_.manifests[0].sector_bytes();
}

Mover::Step Mover::step(const State& state) const noexcept {
  const uint32_t size = layout_.slots[0].sector_bytes();
  const auto sector = [&](size_t slot, uint32_t index) { return layout_.slots[slot].part(index * size, size); };
  const auto used = [&](size_t slot, uint32_t index) {
    return std::min(size, state.image_bytes[slot] - std::min(index * size, state.image_bytes[slot]));
  };
  if (!swaps(state)) {
    const uint32_t images = image_sectors(state);
    if (state.step < images) return {sector(0, state.step), sector(1, state.step), used(1, state.step)};
    const uint32_t bytes = layout_.manifests[0].sector_bytes();
    const uint32_t at = (state.step - images) * bytes;
    return {layout_.manifest(Slot::kA, state.turned).part(at, bytes),
            layout_.manifest(Slot::kB, state.turned).part(at, bytes), bytes};
  }
  // Free is B's first sector when the state is turned, otherwise the one behind the longer image.
  const bool back = state.move == Move::kBack;
  const uint32_t place = back ? state.step - 1U : state.step / 2U;
  const uint32_t index = state.turned ? place : image_sectors(state) - 1 - place;
  const uint32_t shift = state.turned ? 1 : 0;
  const FlashRegion saved = sector(1, index + 1 - shift);
  if (back) return {sector(0, index), saved, used(0, index)};
  if (state.step % 2 == 0) return {saved, sector(0, index), used(0, index)};
  return {sector(0, index), sector(1, index + shift), used(1, index)};
}

Status Mover::start(State& state) const noexcept {
  State started = state;
  started.move = layout_.mode == InstallMode::kSwap ? Move::kSwap : Move::kCopy;
  started.step = 0;
  TAILOR_TRY(journal_.append(started));
  state = started;
  return finish(state);
}

/// A sector takes nothing any more. @returns kOk when the move goes on in another way, which `state` then says
Status Mover::give_up(State& state, Error reason) const noexcept {
  State next = state;
  if (state.move == Move::kCopy && state.step >= image_sectors(state)) {
    // The image is there, and its envelope is whole in the other area.
    next.step = static_cast<uint16_t>(steps(state));
    next.turned = !state.turned;
  } else if (state.move == Move::kSwap && state.phase != Phase::kInstall && state.step % 2 == 0) {
    ++next.step;  // what would have been saved is of the image that is refused
  } else if (state.phase == Phase::kInstall && (state.move == Move::kSwap || state.step == 0)) {
    // Nothing of slot A is lost yet but what may be in the dead sector itself, or all of it is saved in slot B.
    next.step = state.move == Move::kSwap ? static_cast<uint16_t>((state.step + 1) / 2) : uint16_t{0};
    next.move = next.step == 0 ? Move::kNone : Move::kBack;
    next.phase = next.step == 0 ? Phase::kIdle : state.phase;
    next.outcome = {OutcomeKind::kReverted, reason, false, state.candidate.sequence};
  } else {
    return reason;
  }
  TAILOR_TRY(journal_.append(next));
  state = next;
  return kOk;
}

/// Does the steps that are left.
Status Mover::walk(State& state) const noexcept {
  while (state.move != Move::kNone) {
    const bool back = state.move == Move::kBack;
    if (back ? state.step == 0 : state.step >= steps(state)) break;
    const Step next = step(state);
    const Status copied = copy(next.to, next.from, next.bytes);
    if (!copied.ok() && !back) {
      TAILOR_TRY(give_up(state, copied.error()));
      continue;
    }
    if (!copied.ok()) {
      // A dead sector that was never erased still holds what it is to hold.
      TAILOR_TRY_ASSIGN(const uint32_t there, next.to.crc(0, next.bytes));
      TAILOR_TRY_ASSIGN(const uint32_t wanted, next.from.crc(0, next.bytes));
      if (there != wanted) return copied;
    }
    State done = state;
    done.step = static_cast<uint16_t>(back ? done.step - 1 : done.step + 1);
    TAILOR_TRY(journal_.append_passing(done));
    state = done;
  }
  return kOk;
}

Status Mover::finish(State& state) const noexcept {
  const bool swap = swaps(state);
  const bool known = swap ? state.move == Move::kSwap || state.move == Move::kBack : state.move == Move::kCopy;
  const bool possible = known && layout_.mode == (swap ? InstallMode::kSwap : InstallMode::kOverwrite) &&
                        state.image_bytes[0] <= layout_.slots[0].size() &&
                        state.image_bytes[1] <= layout_.slots[0].size() &&
                        (state.move != Move::kBack || state.step <= image_sectors(state));
  if (!possible) return Error::kRecordMalformed;
  TAILOR_TRY(walk(state));
  if (state.move == Move::kNone) return kOk;
  State moved = state;
  moved.move = Move::kNone;
  moved.step = 0;
  if (state.move == Move::kBack) {
    moved.phase = Phase::kIdle;
    moved.image_bytes[1] = 0;
  } else if (swap) {
    std::swap(moved.image_bytes[0], moved.image_bytes[1]);
    moved.turned = !state.turned;
    moved.active = other(state.active);
  } else {
    moved.image_bytes[0] = state.image_bytes[1];
    moved.active = Slot::kA;
    if (state.phase == Phase::kInstall) {
      moved.phase = Phase::kIdle;
      TAILOR_TRY(moved.raise_counter(state.candidate.component, state.candidate.sequence));
      moved.outcome = {OutcomeKind::kConfirmed, Error::kInternal, false, state.candidate.sequence};
    }
  }
  TAILOR_TRY(journal_.append(moved));
  state = moved;
  return kOk;
}

}  // namespace tailor::boot
