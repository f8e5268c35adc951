// SPDX-License-Identifier: Apache-2.0
// What the boot journal says: one small value holds all that boot program and application must agree on. Each journal
// record is a whole State, so nothing is ever inferred from a sequence of records. Knows no flash and no manifest.
#pragma once

#include <array>

#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"

namespace tailor::boot {

/// One of the two places for an image. Far apart in bits, so that no single fault turns one into the other.
enum class Slot : uint8_t { kA = 0x2d, kB = 0xd2 };
[[nodiscard]] constexpr Slot other(Slot slot) noexcept {
  return slot == Slot::kA ? Slot::kB : Slot::kA;
}
[[nodiscard]] constexpr size_t index_of(Slot slot) noexcept {
  return slot == Slot::kA ? 0 : 1;
}

/// What the slot that is not active is for.
enum class Phase : uint8_t {
  kIdle = 0x17,       ///< nothing: it may hold the image before the active one
  kReceiving = 0x2e,  ///< being written; its manifest is stored and authentic
  kStaged = 0x4d,     ///< written, digest checked by the agent; waits for the trigger
  kInstall = 0x71,    ///< the next boot tries it
  kTrial = 0x8b,      ///< was started at least once and has not confirmed itself
};

/// What the boot program is moving; nothing is started before it is done (docs/formats/flash.md).
enum class Move : uint8_t {
  kNone = 0x00,
  kCopy = 0x3c,  ///< slot B over slot A
  kSwap = 0xc3,  ///< slots A and B exchange their images
  kBack = 0x95,  ///< a swap that cannot be finished: what slot A held comes back; `step` counts down
};

/// How the last update ended.
enum class OutcomeKind : uint8_t {
  kNone = 0x00,
  kConfirmed = 0x33,
  kReverted = 0x55,  ///< a trial ended with the old image back
  kFellBack = 0x66,  ///< the active image no longer verified, and the other one was started
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::kNone;
  Error error = Error::kInternal;  ///< why; meaningless for kNone and kConfirmed
  bool reported = true;
  uint64_t sequence = 0;  ///< of the manifest that was confirmed, reverted or lost
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Names a component in journal records: the first 8 bytes of the SHA-256 of its encoded identifier.
struct ComponentKey {
  std::array<uint8_t, 8> bytes{};
  friend bool operator==(const ComponentKey&, const ComponentKey&) = default;
};

/// The manifest of the slot that is not active.
struct Candidate {
  ComponentKey component;
  uint64_t sequence = 0;
  uint32_t image_bytes = 0;  ///< 0: not known before the end
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

/// The highest sequence number that was confirmed for a component.
struct Counter {
  ComponentKey component;
  uint64_t sequence = 0;
  friend bool operator==(const Counter&, const Counter&) = default;
};

struct State {
  uint64_t number = 0;  ///< of the journal record; the highest counts
  Slot active = Slot::kA;
  Phase phase = Phase::kIdle;
  uint8_t attempts = 0;                   ///< starts of the trial image
  Move move = Move::kNone;                ///< under way
  bool turned = false;                    ///< each swap turns it: which end of slot B is free, whose manifest is where
  uint16_t step = 0;                      ///< of the move: how many are done; of kBack: how many sectors are left
  uint64_t session = 0;                   ///< of the reception: the number of its first record
  uint32_t mark_bytes = 0;                ///< of the reception: progress is marked that often
  std::array<uint32_t, 2> image_bytes{};  ///< by slot: length of the complete image in it; 0: there is none
  Candidate candidate;
  Outcome outcome;
  uint8_t counter_count = 0;
  std::array<Counter, limits::kComponents> counters{};

  /// 0 for a component that has none.
  [[nodiscard]] uint64_t counter(const ComponentKey& component) const noexcept;
  /// Lets the counter rise to `sequence`; never lowers it.
  /// @returns kStorageFull for one component too many
  [[nodiscard]] Status raise_counter(const ComponentKey& component, uint64_t sequence) noexcept;
  [[nodiscard]] Slot inactive() const noexcept { return other(active); }

  friend bool operator==(const State&, const State&) = default;
};

/// Bytes of an encoded state, its CRC included (docs/formats/flash.md).
inline constexpr size_t kStateBytes = 76 + 16 * limits::kComponents;
using StateBytes = std::array<uint8_t, kStateBytes>;

[[nodiscard]] StateBytes encode(const State& state) noexcept;

/// Reads an encoded state back.
/// @returns kRecordMalformed for anything that encode() does not write; kUnsupportedVersion for a newer format. A state
///          that no move has touched has version 1, which boot programs that know no moves read.
[[nodiscard]] Result<State> decode_state(ByteView bytes) noexcept;

}  // namespace tailor::boot
