// SPDX-License-Identifier: Apache-2.0
// See state.hpp. Encoder and decoder side by side; the decoder is strict, because a torn record must not pass.
#include "device/boot/state.hpp"

#include <algorithm>

#include "device/storage/crc32.hpp"
#include "device/storage/flash_region.hpp"

namespace tailor::boot {
namespace {

constexpr std::array<uint8_t, 4> kMagic{'T', 'L', 'B', 'J'};
constexpr uint8_t kVersionWithoutMoves = 1;
constexpr uint8_t kVersion = 2;
constexpr size_t kCountersAt = 72;
constexpr size_t kCrcAt = kStateBytes - 4;

bool known(Slot slot) noexcept {
  return slot == Slot::kA || slot == Slot::kB;
}

bool known(Phase phase) noexcept {
  switch (phase) {
    case Phase::kIdle:
    case Phase::kReceiving:
    case Phase::kStaged:
    case Phase::kInstall:
    case Phase::kTrial:
      return true;
  }
  return false;
}

bool known(Move move) noexcept {
  return move == Move::kNone || move == Move::kCopy || move == Move::kSwap || move == Move::kBack;
}

bool moved(const State& state) noexcept {
  return state.move != Move::kNone || state.turned || state.step != 0;
}

bool known(OutcomeKind kind) noexcept {
  switch (kind) {
    case OutcomeKind::kNone:
    case OutcomeKind::kConfirmed:
    case OutcomeKind::kReverted:
    case OutcomeKind::kFellBack:
      return true;
  }
  return false;
}

}  // namespace

uint64_t State::counter(const ComponentKey& component) const noexcept {
  for (size_t i = 0; i < counter_count; ++i) {
    if (counters[i].component == component) return counters[i].sequence;
  }
  return 0;
}

Status State::raise_counter(const ComponentKey& component, uint64_t sequence) noexcept {
  for (size_t i = 0; i < counter_count; ++i) {
    if (counters[i].component != component) continue;
    counters[i].sequence = std::max(counters[i].sequence, sequence);
    return kOk;
  }
  if (counter_count == counters.size()) return Error::kStorageFull;
  counters[counter_count++] = {component, sequence};
  return kOk;
}

StateBytes encode(const State& state) noexcept {
  StateBytes bytes{};
  std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
  bytes[4] = moved(state) ? kVersion : kVersionWithoutMoves;
  bytes[5] = static_cast<uint8_t>(state.active);
  bytes[6] = static_cast<uint8_t>(state.phase);
  bytes[7] = state.attempts;
  put_le<uint64_t>(&bytes[8], state.number);
  put_le<uint64_t>(&bytes[16], state.session);
  put_le<uint32_t>(&bytes[24], state.candidate.image_bytes);
  put_le<uint32_t>(&bytes[28], state.mark_bytes);
  std::copy(state.candidate.component.bytes.begin(), state.candidate.component.bytes.end(), &bytes[32]);
  put_le<uint64_t>(&bytes[40], state.candidate.sequence);
  bytes[48] = static_cast<uint8_t>(state.outcome.kind);
  bytes[49] = static_cast<uint8_t>(state.outcome.error);
  bytes[50] = state.outcome.reported ? 1 : 0;
  bytes[51] = state.counter_count;
  bytes[52] = static_cast<uint8_t>(state.move);
  bytes[53] = state.turned ? 1 : 0;
  put_le<uint16_t>(&bytes[54], state.step);
  put_le<uint64_t>(&bytes[56], state.outcome.sequence);
  put_le<uint32_t>(&bytes[64], state.image_bytes[0]);
  put_le<uint32_t>(&bytes[68], state.image_bytes[1]);
  for (size_t i = 0; i < state.counter_count; ++i) {
    uint8_t* at = &bytes[kCountersAt + 16 * i];
    std::copy(state.counters[i].component.bytes.begin(), state.counters[i].component.bytes.end(), at);
    put_le<uint64_t>(at + 8, state.counters[i].sequence);
  }
  put_le<uint32_t>(&bytes[kCrcAt], crc32(ByteView{bytes}.first(kCrcAt)));
  return bytes;
}

Result<State> decode_state(ByteView bytes) noexcept {
  if (bytes.size() != kStateBytes) return Error::kRecordMalformed;
  const bool whole = equal(bytes.first(4), kMagic) && get_le<uint32_t>(&bytes[kCrcAt]) == crc32(bytes.first(kCrcAt));
  if (!whole) return Error::kRecordMalformed;
  if (bytes[4] != kVersion && bytes[4] != kVersionWithoutMoves) return Error::kUnsupportedVersion;
  State state;
  state.active = static_cast<Slot>(bytes[5]);
  state.phase = static_cast<Phase>(bytes[6]);
  state.attempts = bytes[7];
  state.number = get_le<uint64_t>(&bytes[8]);
  state.session = get_le<uint64_t>(&bytes[16]);
  state.candidate.image_bytes = get_le<uint32_t>(&bytes[24]);
  state.mark_bytes = get_le<uint32_t>(&bytes[28]);
  std::copy_n(&bytes[32], 8, state.candidate.component.bytes.begin());
  state.candidate.sequence = get_le<uint64_t>(&bytes[40]);
  state.outcome.kind = static_cast<OutcomeKind>(bytes[48]);
  // A number that this version does not know is told on as it is; 0 would be no error.
  state.outcome.error = bytes[49] == 0 ? Error::kInternal : static_cast<Error>(bytes[49]);
  state.outcome.reported = bytes[50] == 1;
  state.counter_count = bytes[51];
  state.move = static_cast<Move>(bytes[52]);
  state.turned = bytes[53] == 1;
  state.step = get_le<uint16_t>(&bytes[54]);
  state.outcome.sequence = get_le<uint64_t>(&bytes[56]);
  state.image_bytes = {get_le<uint32_t>(&bytes[64]), get_le<uint32_t>(&bytes[68])};
  const bool sane = known(state.active) && known(state.phase) && known(state.move) && known(state.outcome.kind) &&
                    bytes[50] <= 1 && bytes[53] <= 1 && (state.step == 0 || state.move != Move::kNone) &&
                    (bytes[4] == kVersion) == moved(state) && state.counter_count <= state.counters.size();
  if (!sane) return Error::kRecordMalformed;
  for (size_t i = 0; i < state.counter_count; ++i) {
    const uint8_t* at = &bytes[kCountersAt + 16 * i];
    std::copy_n(at, 8, state.counters[i].component.bytes.begin());
    state.counters[i].sequence = get_le<uint64_t>(at + 8);
  }
  return state;
}

}  // namespace tailor::boot
