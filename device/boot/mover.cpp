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
  return state.move == Move::kSwap;
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
    return {layout_.manifests[0].part(at, bytes), layout_.manifests[1].part(at, bytes), bytes};
  }
  // Free is B's first sector when the state is turned, otherwise the one behind the longer image.
  const uint32_t place = state.step / 2U;
  const uint32_t index = state.turned ? place : image_sectors(state) - 1 - place;
  const uint32_t shift = state.turned ? 1 : 0;
  if (state.step % 2 == 0) return {sector(1, index + 1 - shift), sector(0, index), used(0, index)};
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

Status Mover::finish(State& state) const noexcept {
  const bool swap = swaps(state);
  const bool possible = state.move == (swap ? Move::kSwap : Move::kCopy) &&
                        layout_.mode == (swap ? InstallMode::kSwap : InstallMode::kOverwrite) &&
                        state.image_bytes[0] <= layout_.slots[0].size() &&
                        state.image_bytes[1] <= layout_.slots[0].size();
  if (!possible) return Error::kRecordMalformed;
  for (const uint32_t end = steps(state); state.step < end;) {
    const Step next = step(state);
    Status copied = kOk;
    for (int tries = 0; tries < kTries; ++tries) {
      copied = copy_once(next.to, next.from, next.bytes);
      if (copied.ok()) break;
    }
    TAILOR_TRY(copied);
    State done = state;
    ++done.step;
    TAILOR_TRY(journal_.append_passing(done));
    state = done;
  }
  State moved = state;
  moved.move = Move::kNone;
  moved.step = 0;
  if (swap) {
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
