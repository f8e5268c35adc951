// SPDX-License-Identifier: Apache-2.0
#include "trial/recipient.hpp"

#include <algorithm>

#include "core/processor/receiver.hpp"

namespace tailor::trial {
namespace {

using processor::Procedure;

/// Everything that a device waits for stays as it is declared: what has not gone on after so many turns will not.
constexpr int kPatience = 8;

constexpr std::pair<std::string_view, Procedure> kProcedures[] = {{"update", Procedure::kUpdate},
                                                                  {"validate", Procedure::kValidate},
                                                                  {"invoke", Procedure::kInvoke},
                                                                  {"uninstall", Procedure::kUninstall}};

Ending refused(Error error) {
  return {.verdict = Verdict::kRefused, .error = error};
}

/// What a processor adds to an ending.
Ending seen_by(const processor::Processor& processor, Ending ending) {
  ending.authentic = true;
  ending.position = processor.position();
  ending.awaited_uri = processor.awaited_uri();
  ending.awaited_event = processor.awaited_event();
  return ending;
}

Result<processor::Answer> answer(void* context, processor::Component&, ByteView, const processor::Parameters&) {
  return *static_cast<const processor::Answer*>(context);
}

}  // namespace

bool Recipient::is_procedure(std::string_view name) noexcept {
  return std::any_of(std::begin(kProcedures), std::end(kProcedures),
                     [&](const auto& row) { return row.first == name; });
}

void Recipient::record(const processor::Record& record) noexcept {
  records.record(record);
  journal.record(record);
}

processor::Seams Recipient::seams() {
  custom_rows_.clear();
  for (auto& [label, says] : custom) custom_rows_.push_back({label, &says, answer});
  custom_.commands = custom_rows_;
  dependencies_.emplace(dependency_buffer_, whom());
  processor::Seams seams{device, payloads, authorization == nullptr ? signers : *authorization};
  seams.recorder = this;
  seams.custom = &custom_;
  seams.leniency = leniency;
  seams.dependencies = &*dependencies_;
  seams.keys = &keys;
  return seams;
}

void Recipient::learn(const suit::AuthenticManifest& manifest) {
  manifest_digest.assign(manifest.digest().begin(), manifest.digest().end());
  reference_uri = manifest.manifest().reference_uri;
}

Ending Recipient::update(ByteView envelope, size_t chunk) {
  Bytes buffer(2 * limits::kManifestBytes);
  processor::UpdateReceiver receiver(buffer, whom(), seams(), leniency, *commands);
  const auto ended = [&](Ending ending) {
    if (receiver.manifest() == nullptr) return ending;
    learn(*receiver.manifest());
    return seen_by(receiver.processor(), std::move(ending));
  };
  for (int standstill = 0; standstill < kPatience;) {
    ByteView input = envelope.first(std::min(chunk, envelope.size()));
    const size_t offered = input.size();
    const auto progress = receiver.feed(input);
    if (!progress.ok()) return ended(refused(progress.error()));
    envelope = envelope.subspan(offered - input.size());
    standstill = input.size() == offered ? standstill + 1 : 0;
    if (*progress == Progress::kDone && envelope.empty()) return ended({.verdict = Verdict::kDone});
    if (*progress == Progress::kNeedInput && envelope.empty()) {
      const Status finished = receiver.finish();
      return ended(refused(finished.ok() ? Error::kInternal : finished.error()));
    }
  }
  return ended({.verdict = Verdict::kWaiting});
}

Ending Recipient::run_whole(ByteView bytes, Procedure which) {
  const auto envelope = suit::Envelope::from_bytes(bytes, leniency);
  if (!envelope.ok()) return refused(envelope.error());
  const auto authentic = suit::authenticate(*envelope, whom(), leniency);
  if (!authentic.ok()) return refused(authentic.error());
  learn(*authentic);
  processor::Processor processor(seams(), *commands);
  const auto applicable = processor.check(*authentic);
  if (!applicable.ok()) return seen_by(processor, refused(applicable.error()));
  const Status started = processor.start(*applicable, which);
  if (!started.ok()) {
    Ending ending = refused(started.error());
    ending.authentic = true;
    return ending;
  }
  for (int turn = 0; turn < kPatience; ++turn) {
    const auto progress = processor.step();
    if (!progress.ok()) return seen_by(processor, refused(progress.error()));
    if (*progress == Progress::kDone) return seen_by(processor, {.verdict = Verdict::kDone});
  }
  return seen_by(processor, {.verdict = Verdict::kWaiting});
}

Ending Recipient::receive(ByteView envelope, std::string_view name, size_t chunk) {
  for (const auto& [known, which] : kProcedures) {
    if (known != name) continue;
    journal.reset();
    return which == Procedure::kUpdate ? update(envelope, chunk) : run_whole(envelope, which);
  }
  return refused(Error::kUsageInvalid);
}

}  // namespace tailor::trial
