// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/suit/recipient.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/processor/receiver.hpp"

namespace tailor::conformance {
namespace {

constexpr Outcome kIsDone{Verdict::kDone, Error{}};
constexpr Outcome kIsWaiting{Verdict::kWaiting, Error{}};
/// Everything that a device waits for stays as it is declared: what has not gone on after so many turns will not.
constexpr int kPatience = 8;

Outcome refused(Error error) {
  return {Verdict::kRefused, error};
}

Outcome update(ByteView envelope, DeclaredDevice& device, size_t chunk) {
  std::array<uint8_t, 4096> buffer;
  processor::UpdateReceiver receiver(buffer, device, device.seams(), device.leniency());
  for (int standstill = 0; standstill < kPatience;) {
    ByteView input = envelope.first(std::min(chunk, envelope.size()));
    const size_t offered = input.size();
    const auto progress = receiver.feed(input);
    if (!progress.ok()) return refused(progress.error());
    envelope = envelope.subspan(offered - input.size());
    standstill = input.size() == offered ? standstill + 1 : 0;
    if (*progress == Progress::kDone && envelope.empty()) return kIsDone;
    if (*progress == Progress::kNeedInput && envelope.empty()) {
      const Status finished = receiver.finish();
      return refused(finished.ok() ? Error::kInternal : finished.error());
    }
  }
  return kIsWaiting;
}

Outcome run_whole(ByteView bytes, processor::Procedure procedure, DeclaredDevice& device) {
  const auto envelope = suit::Envelope::from_bytes(bytes, device.leniency());
  if (!envelope.ok()) return refused(envelope.error());
  const auto authentic = suit::authenticate(*envelope, device, device.leniency());
  if (!authentic.ok()) return refused(authentic.error());
  processor::Processor processor(device.seams());
  const auto applicable = processor.check(*authentic);
  if (!applicable.ok()) return refused(applicable.error());
  const Status started = processor.start(*applicable, procedure);
  if (!started.ok()) return refused(started.error());
  for (int turn = 0; turn < kPatience; ++turn) {
    const auto progress = processor.step();
    if (!progress.ok()) return refused(progress.error());
    if (*progress == Progress::kDone) return kIsDone;
  }
  return kIsWaiting;
}

}  // namespace

Outcome receive(ByteView envelope, const std::string& procedure, DeclaredDevice& device, size_t chunk) {
  if (procedure == "update") return update(envelope, device, chunk);
  if (procedure == "validate") return run_whole(envelope, processor::Procedure::kValidate, device);
  if (procedure == "uninstall") return run_whole(envelope, processor::Procedure::kUninstall, device);
  if (procedure == "invoke") return run_whole(envelope, processor::Procedure::kInvoke, device);
  if (procedure == "uninstall") return run_whole(envelope, processor::Procedure::kUninstall, device);
  throw std::runtime_error("no procedure: " + procedure);
}

Json run(ByteView envelope, const Json& state) {
  DeclaredDevice device(state);
  const Outcome outcome = receive(envelope, state.value("procedure", std::string("update")), device);
  Json result = device.outcome();
  result["verdict"] = outcome.verdict == Verdict::kDone      ? "done"
                      : outcome.verdict == Verdict::kWaiting ? "waiting"
                                                             : "refused";
  result["reason"] = 0;
  if (outcome.verdict == Verdict::kRefused) {
    result["reason"] = describe(outcome.error).suit_reason;
    result["error"] = name_of(outcome.error);
  }
  return result;
}

}  // namespace tailor::conformance
