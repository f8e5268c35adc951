// SPDX-License-Identifier: Apache-2.0
// Waiting: what holds an update, what its manifest may ask of the surroundings, and what lets it go on. The choices
// stand in docs/formats/suit-decisions.md.
#include "core/processor/options.hpp"
#include "core/processor/versions.hpp"
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
  if (event.event == suit::wait_event::kOtherDeviceVersion) return has_version(event);
  if (event.value != kPresent) return Error::kParameterUnsupported;
  if (event.event == suit::wait_event::kNetwork) return network_ ? Answer::kYes : Answer::kLater;
  const tailor_surroundings_t* const port = settings_.surroundings;
  if (event.event != suit::wait_event::kPower || port == nullptr || port->power == nullptr) {
    return Error::kParameterUnsupported;
  }
  bool present = false;
  const tailor_port_status_t said = port->power(port->context, &present);
  if (said == TAILOR_PORT_FAILED) return Error::kParameterUnsupported;
  return said == TAILOR_PORT_OK && present ? Answer::kYes : Answer::kLater;
}

/// Whether another device has a version that all comparisons mean.
Result<Answer> Updater::has_version([[maybe_unused]] const processor::WaitEvent& event) noexcept {
#if TAILOR_SUIT_UPDATE_MANAGEMENT
  const tailor_surroundings_t* const port = settings_.surroundings;
  if (port == nullptr || port->other_version == nullptr) return Error::kParameterUnsupported;
  std::array<int64_t, TAILOR_VERSION_PARTS> parts{};
  size_t count = 0;
  const tailor_port_status_t said =
      port->other_version(port->context, event.other_device.data(), event.other_device.size(), parts.data(), &count);
  if (said == TAILOR_PORT_FAILED) return Error::kParameterUnsupported;
  if (said != TAILOR_PORT_OK || count > parts.size()) return Answer::kLater;
  cbor::Reader matches(event.versions);
  TAILOR_TRY_ASSIGN(size_t left, matches.take_array());
  for (; left > 0; --left) {
    TAILOR_TRY_ASSIGN(const bool matches_this, processor::version_matches(matches, std::span(parts).first(count)));
    if (!matches_this) return Answer::kLater;
  }
  return Answer::kYes;
#else
  return Error::kParameterUnsupported;
#endif
}

Result<int32_t> Updater::local_time_offset_seconds() noexcept {
  const tailor_surroundings_t* const port = settings_.surroundings;
  int32_t offset = 0;
  const bool known = port != nullptr && port->local_offset_seconds != nullptr &&
                     port->local_offset_seconds(port->context, &offset) == TAILOR_PORT_OK;
  return known ? Result<int32_t>(offset) : Result<int32_t>(Error::kParameterUnsupported);
}

/// A battery that does not tell counts as empty.
Result<uint64_t> Updater::battery_mwh() noexcept {
  const tailor_surroundings_t* const port = settings_.surroundings;
  if (port == nullptr || port->battery_mwh == nullptr) return Error::kCommandUnsupported;
  uint64_t left = 0;
  const tailor_port_status_t said = port->battery_mwh(port->context, &left);
  if (said == TAILOR_PORT_FAILED) return Error::kCommandUnsupported;
  return said == TAILOR_PORT_OK ? left : uint64_t{0};
}

Status Updater::withdraw(uint8_t server) noexcept {
  const bool of_server = delivery_ == Delivery::kPull && server_ == server;
  if (!of_server || !status_.awaited().has_value()) return kOk;
  return abandon();
}

/// Without an event of directive wait it is condition update-authorized that waits.
Status Updater::wait_for_event() noexcept {
  const auto of_wait = update::awaited_from_code(static_cast<uint64_t>(processor_.awaited_event()));
  const bool told = of_wait.ok() && *of_wait != Awaited::kTrigger;
  const Awaited event = told ? *of_wait : Awaited::kAuthorization;
  if (status_.awaited() == event) return kOk;
  // What waits is found again after a restart.
  if (!is_trust_ && !slot_.is_begun()) {
    if (const auto prepared = slot_.prepare(); !prepared.ok()) return refuse(prepared.error(), "slot");
  }
  TAILOR_TRY(status_.hold(event));
  listener_.on_update_state({}, Keep::kInFlash);
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
