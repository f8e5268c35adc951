// SPDX-License-Identifier: Apache-2.0
// The one update state machine: states, events and the literal table that joins them. Device, store, API, CLI and
// dashboard use these states and these words; nobody keeps a second list. Knows no format and no transport.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/result.hpp"
#include "core/update/awaited.hpp"

namespace tailor::update {

/// Where one update stands on one device. Numbers are stable: flash, store and wire keep them.
enum class UpdateState : uint8_t {
  kIdle = 0,             ///< no update at hand
  kOffered = 1,          ///< an envelope arrived; nothing about it is trusted yet
  kAuthorized = 2,       ///< authentic, permitted and applicable here
  kFetching = 3,         ///< payloads are being received
  kStaged = 4,           ///< every payload lies verified where it will boot from
  kAwaitingTrigger = 5,  ///< the update waits for a trigger, a time, power or a person: Awaited says what
  kInstalling = 6,  ///< the boot program was told to try the new image, and the next thing is a reboot; or what needs
                    ///< none (a trust store) is being put in force
  kTrial = 7,       ///< the new image runs and has not confirmed itself
  kConfirmed = 8,   ///< the new image is the installed one
  kReverted = 9,    ///< the old image is back; a reason says why
  kRefused = 10,    ///< the update was refused before anything changed; a reason says why
};
inline constexpr uint8_t kUpdateStates = 11;

/// What may happen to an update.
enum class UpdateEvent : uint8_t {
  kOffer = 0,      ///< an envelope arrived, by whatever mode
  kAuthorize = 1,  ///< signature, signer's rights, peer and shared conditions hold
  kFetch = 2,      ///< payload transfer begins
  kStage = 3,      ///< all payloads are in place and match
  kHold = 4,       ///< the deployment, the device or the manifest demands to wait
  kInstall = 5,    ///< trigger came, or none was demanded
  kBoot = 6,       ///< the new image runs for the first time
  kConfirm = 7,    ///< the new image passed its self-check; what needs no trial is in force
  kRevert = 8,     ///< the old image runs again
  kRefuse = 9,     ///< a check failed, or the transfer failed for good
  kAbandon = 10,   ///< withdrawn or superseded before installation
  kSettle = 11,    ///< the outcome was reported; room for the next update
};
inline constexpr uint8_t kUpdateEvents = 12;

/// Says what state follows.
/// @returns kStateConflict, and nothing changes, when the table has no such row
[[nodiscard]] Result<UpdateState> next(UpdateState state, UpdateEvent event) noexcept;

/// The state's one word in code, API, CLI and dashboard, e.g. "awaiting-trigger".
[[nodiscard]] std::string_view name_of(UpdateState state) noexcept;
[[nodiscard]] std::string_view name_of(UpdateEvent event) noexcept;

/// Reads the word back.
/// @returns kValueOutOfRange for any other text
[[nodiscard]] Result<UpdateState> update_state_from_name(std::string_view name) noexcept;
/// Reads the number that flash, store and wire keep.
/// @returns kValueOutOfRange for a number that is no state
[[nodiscard]] Result<UpdateState> update_state_from_code(uint64_t code) noexcept;

/// Whether an update in this state carries a reason: reverted and refused do, no other.
[[nodiscard]] constexpr bool has_reason(UpdateState state) noexcept {
  return state == UpdateState::kReverted || state == UpdateState::kRefused;
}
/// Whether the update has come to its end, well or not.
[[nodiscard]] constexpr bool is_outcome(UpdateState state) noexcept {
  return state == UpdateState::kConfirmed || has_reason(state);
}
/// Whether an update is under way, so that a second one has to wait.
[[nodiscard]] constexpr bool is_under_way(UpdateState state) noexcept {
  return state != UpdateState::kIdle && !is_outcome(state);
}

/// A state with the reason that reverted and refused have, and with what awaiting-trigger waits for. They cannot
/// disagree.
class UpdateStatus {
 public:
  constexpr UpdateStatus() = default;
  /// @returns kValueOutOfRange when reverted or refused lack a reason, or another state has one; when another state
  /// than
  ///          awaiting-trigger waits for anything but the trigger
  [[nodiscard]] static Result<UpdateStatus> make(UpdateState state, std::optional<Error> reason,
                                                 Awaited awaited = Awaited::kTrigger) noexcept;

  [[nodiscard]] constexpr UpdateState state() const noexcept { return state_; }
  [[nodiscard]] constexpr std::optional<Error> reason() const noexcept {
    if (!has_reason(state_)) return std::nullopt;
    return reason_;
  }
  /// What is awaited in state awaiting-trigger; absent in any other.
  [[nodiscard]] constexpr std::optional<Awaited> awaited() const noexcept {
    if (state_ != UpdateState::kAwaitingTrigger) return std::nullopt;
    return awaited_;
  }
  friend constexpr bool operator==(const UpdateStatus&, const UpdateStatus&) = default;

  /// Applies an event that needs no reason.
  /// @returns kStateConflict when the table has no row, or for kRevert and kRefuse
  [[nodiscard]] Status apply(UpdateEvent event) noexcept;
  /// Applies kHold and says what is waited for, or says in awaiting-trigger that it is something else now.
  /// @returns kStateConflict when the table has no row
  [[nodiscard]] Status hold(Awaited awaited) noexcept;
  /// Applies kRevert or kRefuse with its reason; the same conflict for any other event.
  [[nodiscard]] Status apply(UpdateEvent event, Error reason) noexcept;

 private:
  UpdateState state_ = UpdateState::kIdle;
  Error reason_ = Error::kInternal;
  Awaited awaited_ = Awaited::kTrigger;
};

}  // namespace tailor::update
