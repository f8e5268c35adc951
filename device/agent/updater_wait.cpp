// SPDX-License-Identifier: Apache-2.0
// Waiting: what holds an update, what its manifest may ask of the surroundings, and what lets it go on. The choices
// stand in docs/formats/suit-decisions.md.
#include "core/suit/labels.hpp"
#include "device/agent/updater.hpp"

namespace tailor::agent {

using processor::Answer;
using update::Awaited;

namespace {

/// The one state of network and power that deployments of ours name: it is there.
constexpr int64_t kPresent = 1;

}  // namespace

processor::Time Updater::time() noexcept {
  using Kind = update::TrustedTime::Kind;
  switch (time_.kind()) {
    case Kind::kUnknown:
      return {};
    case Kind::kAtLeast:
      return {processor::Time::Kind::kAtLeast, time_.seconds()};
    case Kind::kSynced:
      return {processor::Time::Kind::kSynced, time_.seconds()};
  }
  return {};
}

Result<Answer> Updater::authorizes_update(int64_t /*priority*/) noexcept {
  return consent_ ? Answer::kYes : Answer::kLater;
}

Result<Answer> Updater::has_happened(const processor::WaitEvent& event) noexcept {
  if (event.event == suit::wait_event::kAuthorization) return authorizes_update(event.value);
  if (event.event != suit::wait_event::kNetwork || event.value != kPresent) return Error::kParameterUnsupported;
  return network_ ? Answer::kYes : Answer::kLater;
}

/// Without an event of directive wait it is condition update-authorized that waits.
Status Updater::wait_for_event() noexcept {
  const auto of_wait = update::awaited_from_code(static_cast<uint64_t>(processor_.awaited_event()));
  const bool told = of_wait.ok() && *of_wait != Awaited::kTrigger;
  const Awaited event = told ? *of_wait : Awaited::kAuthorization;
  if (status_.awaited() == event) return kOk;
  TAILOR_TRY(status_.hold(event));
  listener_.on_update_state({});
  return persist();
}

void Updater::look_again() noexcept {
  const auto awaited = status_.awaited();
  if (!running_ || !awaited.has_value() || *awaited == Awaited::kTrigger) return;
  static_cast<void>(run());  // an error has become a refusal
}

Status Updater::trigger() noexcept {
  const auto awaited = status_.awaited();
  if (awaited == Awaited::kAuthorization && running_) {
    consent_ = true;
    return run();
  }
  if (awaited != Awaited::kTrigger) return Error::kStateConflict;
  ready_ = true;
  hold_ = false;
  return persist();
}

Status Updater::release(uint8_t server) noexcept {
  const bool held_by_server = hold_ && !settings_.hold_always && delivery_ == Delivery::kPull && server_ == server;
  if (!held_by_server || !update::is_under_way(status_.state())) return kOk;
  hold_ = false;
  if (status_.awaited() == Awaited::kTrigger) ready_ = true;
  return persist();
}

}  // namespace tailor::agent
