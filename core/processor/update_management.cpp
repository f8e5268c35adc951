// SPDX-License-Identifier: Apache-2.0
// Conditions of update management (6.1 to 6.5). The parameter commands of that document stand in parameters.cpp, wait
// in wait.cpp.
#include "core/processor/commands.hpp"
#include "core/processor/image.hpp"
#include "core/processor/versions.hpp"

namespace tailor::processor {

#if TAILOR_SUIT_UPDATE_MANAGEMENT

using namespace suit;  // parameter:: labels

// Doubt refuses: only a synchronized time before the end holds. When the time is not known the condition does not hold,
// and says so (TimeUnknown) unless the end is surely over.
Step check_use_before(Machine& machine, cbor::Reader&) {
  uint64_t end = 0;
  if (!machine.number_parameter(parameter::kUseBefore, end)) return Step::kFails;
  const Time now = machine.seams().platform.time();
  machine.measured(parameter::kUseBefore, now.seconds);
  const bool over = now.kind != Time::Kind::kUnknown && now.seconds >= end;
  if (!over && now.kind != Time::Kind::kSynced) machine.failure = Error::kTimeUnknown;
  return holds(!over && now.kind == Time::Kind::kSynced);
}

Step check_image_differs(Machine& machine, cbor::Reader&) {
  bool matches = false;
  if (!machine.has(parameter::kImageDigest)) return Step::kFails;
  TAILOR_TRY(match_image(machine, matches));
  return holds(!matches);
}

Step check_battery(Machine& machine, cbor::Reader&) {
  uint64_t wanted = 0;
  if (!machine.number_parameter(parameter::kMinimumBattery, wanted)) return Step::kFails;
  TAILOR_TRY_ASSIGN(const uint64_t left, machine.seams().platform.battery_mwh());
  machine.measured(parameter::kMinimumBattery, left);
  return holds(left >= wanted);
}

Step check_authorized(Machine& machine, cbor::Reader&) {
  int64_t priority = 0;
  if (cbor::Reader reader(machine.parameter(parameter::kUpdatePriority)); !reader.at_end()) priority = reader.integer();
  TAILOR_TRY_ASSIGN(const Answer answer, machine.seams().platform.authorizes_update(priority));
  if (answer == Answer::kLater) return machine.only_checks ? Step::kNext : Step::kWait;
  return holds(answer == Answer::kYes);
}

Step check_version(Machine& machine, cbor::Reader&) {
  if (!machine.has(parameter::kVersion)) return Step::kFails;
  TAILOR_TRY_ASSIGN(const auto version, machine.seams().platform.installed_version(machine.id()));
  cbor::Reader match(machine.string_parameter(parameter::kVersion));
  TAILOR_TRY_ASSIGN(const bool matches, version_matches(match, version));
  return holds(matches);
}

#endif

}  // namespace tailor::processor
