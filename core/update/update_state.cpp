// SPDX-License-Identifier: Apache-2.0
// The transition table of the update state machine. docs/protocols/states.md draws it; a test compares the two.
#include "core/update/update_state.hpp"

#include <iterator>

namespace tailor::update {
namespace {

struct Row {
  UpdateState from;
  UpdateEvent event;
  UpdateState to;
};

using S = UpdateState;
using E = UpdateEvent;

constexpr Row kTable[] = {
    {S::kIdle, E::kOffer, S::kOffered},

    {S::kOffered, E::kAuthorize, S::kAuthorized},
    {S::kOffered, E::kRefuse, S::kRefused},
    {S::kOffered, E::kAbandon, S::kIdle},

    {S::kAuthorized, E::kFetch, S::kFetching},
    {S::kAuthorized, E::kRefuse, S::kRefused},
    {S::kAuthorized, E::kAbandon, S::kIdle},

    {S::kFetching, E::kStage, S::kStaged},
    {S::kFetching, E::kHold, S::kAwaitingTrigger},
    {S::kFetching, E::kRefuse, S::kRefused},
    {S::kFetching, E::kAbandon, S::kIdle},

    {S::kStaged, E::kHold, S::kAwaitingTrigger},
    {S::kStaged, E::kInstall, S::kInstalling},
    {S::kStaged, E::kRefuse, S::kRefused},
    {S::kStaged, E::kAbandon, S::kIdle},

    {S::kAwaitingTrigger, E::kFetch, S::kFetching},
    {S::kAwaitingTrigger, E::kInstall, S::kInstalling},
    {S::kAwaitingTrigger, E::kRefuse, S::kRefused},
    {S::kAwaitingTrigger, E::kAbandon, S::kIdle},

    {S::kInstalling, E::kBoot, S::kTrial},
    {S::kInstalling, E::kConfirm, S::kConfirmed},
    {S::kInstalling, E::kRevert, S::kReverted},

    {S::kTrial, E::kConfirm, S::kConfirmed},
    {S::kTrial, E::kRevert, S::kReverted},

    {S::kConfirmed, E::kSettle, S::kIdle},
    {S::kConfirmed, E::kOffer, S::kOffered},
    {S::kReverted, E::kSettle, S::kIdle},
    {S::kReverted, E::kOffer, S::kOffered},
    {S::kRefused, E::kSettle, S::kIdle},
    {S::kRefused, E::kOffer, S::kOffered},
};

constexpr std::string_view kStateNames[] = {"idle",      "offered",          "authorized", "fetching",
                                            "staged",    "awaiting-trigger", "installing", "trial",
                                            "confirmed", "reverted",         "refused"};
static_assert(std::size(kStateNames) == kUpdateStates);

constexpr std::string_view kEventNames[] = {"offer", "authorize", "fetch",  "stage",  "hold",    "install",
                                            "boot",  "confirm",   "revert", "refuse", "abandon", "settle"};
static_assert(std::size(kEventNames) == kUpdateEvents);

constexpr bool needs_reason(UpdateEvent event) {
  return event == E::kRevert || event == E::kRefuse;
}

}  // namespace

Result<UpdateState> next(UpdateState state, UpdateEvent event) noexcept {
  for (const Row& row : kTable) {
    if (row.from == state && row.event == event) return row.to;
  }
  return Error::kStateConflict;
}

std::string_view name_of(UpdateState state) noexcept {
  return kStateNames[static_cast<uint8_t>(state)];
}

std::string_view name_of(UpdateEvent event) noexcept {
  return kEventNames[static_cast<uint8_t>(event)];
}

Result<UpdateState> update_state_from_name(std::string_view name) noexcept {
  for (uint8_t code = 0; code < kUpdateStates; ++code) {
    if (kStateNames[code] == name) return static_cast<UpdateState>(code);
  }
  return Error::kValueOutOfRange;
}

Result<UpdateState> update_state_from_code(uint64_t code) noexcept {
  if (code >= kUpdateStates) return Error::kValueOutOfRange;
  return static_cast<UpdateState>(code);
}

Result<UpdateStatus> UpdateStatus::make(UpdateState state, std::optional<Error> reason, Awaited awaited) noexcept {
  if (has_reason(state) != reason.has_value()) return Error::kValueOutOfRange;
  if (state != S::kAwaitingTrigger && awaited != Awaited::kTrigger) return Error::kValueOutOfRange;
  UpdateStatus status;
  status.state_ = state;
  if (reason.has_value()) status.reason_ = *reason;
  status.awaited_ = awaited;
  return status;
}

Status UpdateStatus::apply(UpdateEvent event) noexcept {
  if (needs_reason(event)) return Error::kStateConflict;
  TAILOR_TRY_ASSIGN(state_, next(state_, event));
  reason_ = Error::kInternal;
  awaited_ = Awaited::kTrigger;
  return kOk;
}

Status UpdateStatus::hold(Awaited awaited) noexcept {
  if (state_ != S::kAwaitingTrigger) TAILOR_TRY(apply(E::kHold));
  awaited_ = awaited;
  return kOk;
}

Status UpdateStatus::apply(UpdateEvent event, Error reason) noexcept {
  if (!needs_reason(event)) return Error::kStateConflict;
  TAILOR_TRY_ASSIGN(state_, next(state_, event));
  reason_ = reason;
  awaited_ = Awaited::kTrigger;
  return kOk;
}

}  // namespace tailor::update
