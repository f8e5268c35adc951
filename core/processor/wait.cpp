// SPDX-License-Identifier: Apache-2.0
// Directive wait (update-management 5.5, 6.6): all events of parameter wait-info have to hold at the same time. The
// processor decides those of time by the platform's clock; the others are the platform's to tell. Nothing is persisted:
// after a restart the wait begins anew.
#include "core/cbor/map_reader.hpp"
#include "core/processor/commands.hpp"
#include "core/processor/versions.hpp"

namespace tailor::processor {

#if TAILOR_SUIT_UPDATE_MANAGEMENT

using namespace suit::wait_event;

namespace {

constexpr uint64_t kDaySeconds = 86400;
constexpr uint64_t kThursday = 4;  ///< 1970-01-01; days count from Sunday

/// Takes the argument of an event.
Status take_event(int64_t label, cbor::Reader& reader, WaitEvent& event) noexcept {
  event = {};
  event.event = label;
  if (label == kOtherDeviceVersion) {
    TAILOR_TRY_ASSIGN(const size_t elements, reader.take_array());
    if (elements != 2) return Error::kValueOutOfRange;
    TAILOR_TRY_ASSIGN(event.other_device, reader.take_bytes());
    TAILOR_TRY_ASSIGN(event.versions, reader.take_item());
    cbor::Reader matches(event.versions);
    TAILOR_TRY_ASSIGN(size_t count, matches.take_array());
    if (count == 0) return Error::kValueOutOfRange;
    for (; count > 0; --count) TAILOR_TRY(check_version_match(matches));
    return kOk;
  }
  if (label < kAuthorization || label > kDayOfWeekUtc) return Error::kParameterUnsupported;
  TAILOR_TRY_ASSIGN(event.value, reader.take_int());
  const bool of_time = label >= kTime;
  const bool of_day = label == kTimeOfDay || label == kTimeOfDayUtc;
  const bool of_week = label == kDayOfWeek || label == kDayOfWeekUtc;
  if (of_time && event.value < 0) return Error::kCborWrongType;
  if ((of_day && event.value >= static_cast<int64_t>(kDaySeconds)) || (of_week && event.value > 6)) {
    return Error::kValueOutOfRange;
  }
  return kOk;
}

/// Whether an event of time holds. A time of day holds from then to the end of that day, for a wait that began before
/// it.
bool time_holds(const WaitEvent& event, uint64_t now, uint64_t began) noexcept {
  const auto value = static_cast<uint64_t>(event.value);
  if (event.event == kTime) return now >= value;
  if (event.event == kDayOfWeek || event.event == kDayOfWeekUtc) return (now / kDaySeconds + kThursday) % 7 == value;
  const uint64_t due = now - now % kDaySeconds + value;
  return began <= due && due <= now;
}

Result<Answer> ask(Machine& machine, const WaitEvent& event) noexcept {
  Platform& platform = machine.seams().platform;
  if (event.event < kTime) return platform.has_happened(event);
  int32_t offset = 0;
  if (event.event == kTimeOfDay || event.event == kDayOfWeek) {
    TAILOR_TRY_ASSIGN(offset, platform.local_time_offset_seconds());
  }
  const Time time = platform.time();
  // That it is at least t is enough for "not before t", and for nothing else.
  if (time.kind == Time::Kind::kUnknown || (time.kind == Time::Kind::kAtLeast && event.event != kTime)) {
    return Answer::kLater;
  }
  if (time.kind == Time::Kind::kSynced && machine.wait_began == 0) machine.wait_began = time.seconds;
  const auto local = [offset](uint64_t seconds) { return seconds + static_cast<uint64_t>(int64_t{offset}); };
  return time_holds(event, local(time.seconds), local(machine.wait_began)) ? Answer::kYes : Answer::kLater;
}

}  // namespace

Status check_wait_info(ByteView content) noexcept {
  cbor::Reader reader(content);
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  if (!map.more()) return Error::kMissingKey;
  while (map.more()) {
    WaitEvent event;
    TAILOR_TRY_ASSIGN(const int64_t label, map.next_key());
    TAILOR_TRY(take_event(label, reader, event));
  }
  return reader.finish();
}

Step wait(Machine& machine, cbor::Reader&) {
  const ByteView info = machine.string_parameter(suit::parameter::kWaitInfo);
  if (info.empty()) return Error::kParameterMissing;
  cbor::Reader reader(info);
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  Step step = Step::kNext;
  while (map.more()) {
    WaitEvent event;
    TAILOR_TRY_ASSIGN(const int64_t label, map.next_key());
    TAILOR_TRY(take_event(label, reader, event));
    TAILOR_TRY_ASSIGN(const Answer answer, ask(machine, event));
    if (answer == Answer::kNo) return Error::kUpdateNotAuthorized;
    if (answer == Answer::kLater) {
      step = Step::kWait;
      machine.awaited_event = static_cast<int8_t>(label);
    }
  }
  if (!step.is(Step::kWait)) machine.wait_began = 0;
  return step;
}

#endif

}  // namespace tailor::processor
