// SPDX-License-Identifier: Apache-2.0
#include "core/processor/processor.hpp"

#include "core/processor/scan.hpp"

namespace tailor::processor {
namespace {

using namespace suit::manifest_key;

/// Sections of a procedure, ended by 0 (manifest 6.6; trust-domains 6 and 7).
constexpr int8_t kSections[][6] = {
    {kDependencyResolution, kPayloadFetch, kCandidateVerification, kInstall, kValidate, 0},
    {kValidate, 0},
    {kValidate, kLoad, kInvoke, 0},
    {kDependencyResolution, kPayloadFetch, 0},
    {kCandidateVerification, kInstall, kValidate, 0},
    {kUninstall, 0},
};

/// Whether the manifest has what the procedure is for; the sections before and behind may be missing.
bool serves(const suit::Manifest& manifest, Procedure procedure) noexcept {
  if (procedure == Procedure::kInvoke) return manifest.has(kInvoke);
  for (const int8_t* section = kSections[static_cast<size_t>(procedure)]; *section != 0; ++section) {
    const bool only_validates = *section == kValidate && procedure != Procedure::kValidate;
    if (!only_validates && manifest.has(*section)) return true;
  }
  return false;
}

}  // namespace

Processor::Processor(const Seams& seams, const CommandTable& commands) noexcept : machine_(seams, commands) {}

Result<ApplicableManifest> Processor::check(const suit::AuthenticManifest& manifest) noexcept {
  state_ = State::kIdle;
  TAILOR_TRY(machine_.reset(manifest));
  TAILOR_TRY(scan_manifest(machine_, 0));
  const ByteView shared = manifest.manifest().shared_sequence;
  machine_.only_checks = true;
  Status status = kOk;
  if (!shared.empty()) status = machine_.enter_section(0, 0, shared);
  while (status.ok() && machine_.depth() > 0) {
    if (const Step step = run_command(); step.is_error()) status = step.error();
  }
  machine_.only_checks = false;
  if (!status.ok()) return status.error();
  return ApplicableManifest(manifest);
}

Status Processor::start(const ApplicableManifest& manifest, Procedure procedure) noexcept {
  state_ = State::kIdle;
  if (!serves(manifest.authentic().manifest(), procedure)) return Error::kSequenceMissing;
  TAILOR_TRY(machine_.reset(manifest.authentic()));
  looked_through_ = static_cast<Offset>(manifest.looked_through_);
  procedure_ = procedure;
  section_ = 0;
  stage_ = Stage::kBetween;
  state_ = State::kRunning;
  failure_ = Error{};
  return kOk;
}

Result<Progress> Processor::step() noexcept {
  if (state_ == State::kDone) return Progress::kDone;
  if (state_ == State::kIdle) return Error::kStateConflict;
  if (failure_ != Error{}) return failure_;
  machine_.awaited_event = 0;
  const auto progress = run();
  if (!progress.ok()) {
    failure_ = progress.error();
  } else if (*progress == Progress::kDone) {
    state_ = State::kDone;
  }
  return progress;
}

Result<Progress> Processor::run() noexcept {
  for (;;) {
    while (machine_.depth() > 0) {
      const Step step = run_command();
      if (step.is_error()) return step.error();
      if (step.is(Step::kWait)) return Progress::kWait;
    }
    if (stage_ == Stage::kSection) {
      TAILOR_TRY(machine_.finish_section(0, section()));
      ++section_;
      stage_ = Stage::kBetween;
    } else if (stage_ == Stage::kShared) {
      TAILOR_TRY_ASSIGN(const ByteView sequence, root().sequence(section()));
      TAILOR_TRY(machine_.enter_section(0, section(), sequence));
      stage_ = Stage::kSection;
    } else {
      const suit::Manifest& manifest = root().manifest();
      while (section() != 0 && !manifest.has(section())) ++section_;
      if (section() == 0) {
        TAILOR_TRY(finish());
        return Progress::kDone;
      }
      const auto sequence = root().sequence(section());
      if (!sequence.ok() && !root().closed()) return Progress::kNeedInput;
      TAILOR_TRY(sequence);
      TAILOR_TRY(scan(*sequence));
      if (!manifest.shared_sequence.empty()) TAILOR_TRY(machine_.enter_section(0, 0, manifest.shared_sequence));
      stage_ = Stage::kShared;
    }
  }
}

// What stood there when the manifest was checked was looked through then; a severed member came later.
Status Processor::scan(ByteView sequence) const noexcept {
  const bool was_there = root().offset_of(sequence.data()) < looked_through_;
  if (was_there && machine_.commands().runs(section())) return kOk;
  return scan_sequence(machine_, sequence, false);
}

// Dependencies stand behind those that depend on them, and are told first.
Status Processor::finish() noexcept {
  if (procedure_ != Procedure::kUpdate && procedure_ != Procedure::kInstallation) return kOk;
  for (size_t number = machine_.layer_count(); number-- > 0;) {
    const Layer& layer = machine_.layer(number);
    if (layer.manifest == nullptr || layer.index == Layer::kNoNode) continue;
    const suit::Manifest& manifest = layer.manifest->manifest();
    std::array<ByteView, limits::kComponents> components;
    size_t count = 0;
    for (const uint8_t node : std::span(layer.nodes).first(layer.count)) {
      if (node != Layer::kNoNode) components[count++] = machine_.id_of(node);
    }
    const ByteView id =
        number == 0 ? manifest.component_id : machine_.id_of(machine_.layer(layer.parent).nodes[layer.index]);
    TAILOR_TRY(machine_.seams().platform.staged({id, layer.manifest->digest(), manifest.sequence_number,
                                                 manifest.set_version, std::span(components).first(count)}));
  }
  return kOk;
}

Step Processor::run_command() noexcept {
  Frame& frame = machine_.frame();
  if (frame.items_left == 0) {
    machine_.leave(false);
    return Step::kNext;
  }
  cbor::Reader reader(machine_.bytes_from(frame.rest));
  const int32_t label = reader.label();
  const Command* const command = machine_.commands().find(label);
  const bool once = command != nullptr && (command->flags & Command::kOncePerRun) != 0;
  if (!once) {
    bool there = false;
    TAILOR_TRY(machine_.take_selected(frame.iteration, there));
    if (!there) return advance(reader);
  }
#if TAILOR_SUIT_RECORDS
  Measurement found;
  found.parameter = 0;
  machine_.begin_command(machine_.seams().recorder == nullptr ? nullptr : &found);
#else
  machine_.begin_command(nullptr);
#endif
  Step step = run_row(command, label, reader);
  if (step.is(Step::kWait) || step.is(Step::kEntered)) return step;
  const bool failed = step.is(Step::kFails);
  if (failed) step = failure_of(command);
#if TAILOR_SUIT_RECORDS
  record(command, label, reader, step, found, !failed || !frame.soft_failure);
#endif
  if (step.is_error()) {
    if (!failed || !frame.soft_failure) return step;
    machine_.leave(true);
    return Step::kNext;
  }
  if (once || frame.entered_for_one || machine_.selection().list == 0) return advance(reader);
  ++frame.iteration;
  frame.phase = 0;
  return Step::kNext;
}

Step Processor::run_row(const Command* command, int32_t label, cbor::Reader argument) noexcept {
  const bool steers = command != nullptr && command->argument != Command::Argument::kPolicy;
  if (!steers && machine_.frame().phase == 0) {
    TAILOR_TRY(machine_.check_permitted(machine_.node(), Action::Kind::kCommand, label));
  }
  if (command != nullptr) return command->run(machine_, argument);
#if TAILOR_SUIT_CUSTOM
  if (const CustomCommand* const custom = machine_.find_custom(label); custom != nullptr) {
    return machine_.run_custom(*custom, argument);
  }
#endif
  return Error::kCommandUnsupported;
}

Error Processor::failure_of(const Command* command) const noexcept {
  if (machine_.failure != Error{}) return machine_.failure;
  return command == nullptr ? Error::kConditionFailed : command->failure;
}

#if TAILOR_SUIT_RECORDS
void Processor::record(const Command* command, int32_t label, cbor::Reader argument, Step result,
                       const Measurement& found, bool fatal) noexcept {
  Recorder* const recorder = machine_.seams().recorder;
  if (recorder == nullptr || machine_.only_checks) return;
  Record record;
  if (command != nullptr && command->argument == Command::Argument::kPolicy) {
    record.policy = static_cast<uint8_t>(argument.number());
  }
  record.final = result.is_error() && fatal;
  constexpr uint64_t kOnSuccess = suit::reporting::kRecordOnSuccess | suit::reporting::kSystemInfoOnSuccess;
  constexpr uint64_t kOnFailure = suit::reporting::kRecordOnFailure | suit::reporting::kSystemInfoOnFailure;
  if (!record.final && (record.policy & (result.is_error() ? kOnFailure : kOnSuccess)) == 0) return;
  const Position at = position();
  record.manifest = std::span(at.manifest).first(at.manifest_depth);
  record.section = static_cast<int8_t>(at.section);
  record.offset = at.offset;
  record.component = at.component;
  record.command = label;
  if (result.is_error()) record.result = result.error();
  if (machine_.node_count_ != 0) record.component_id = machine_.id();
  record.property = found.parameter;  // NOLINT(bugprone-signed-char-misuse): a number
  if (found.parameter != 0) record.measured_value = ByteView(found.value).first(found.size);
  recorder->record(record);
}
#endif

/// Goes on behind the command's argument.
Status Processor::advance(cbor::Reader& argument) noexcept {
  Frame& frame = machine_.frame();
  argument.item();
  frame.rest = machine_.offset_of(argument.rest().data());
  frame.items_left = static_cast<uint16_t>(frame.items_left - 2);
  frame.iteration = 0;
  frame.phase = 0;
  frame.entered_for_one = false;
  return argument.status();
}

int32_t Processor::section() const noexcept {
  return kSections[static_cast<size_t>(procedure_)][section_];
}

std::string_view Processor::awaited_uri() const noexcept {
  if (!machine_.awaits_payload) return {};
  return as_text(machine_.string_parameter(suit::parameter::kUri));
}

Result<StagedUpdate> Processor::staged() const noexcept {
  const bool validates = procedure_ != Procedure::kStaging && procedure_ != Procedure::kUninstall;
  if (state_ != State::kDone || !validates) return Error::kStateConflict;
  return StagedUpdate(root());
}

Position Processor::position() const noexcept {
  Position position;
  const Layer& layer = machine_.layer();
  position.component = machine_.index();
  position.section = layer.section;  // NOLINT(bugprone-signed-char-misuse): a number
  if (machine_.depth() > 0) position.offset = static_cast<uint16_t>(machine_.frame().rest - layer.start);
#if TAILOR_SUIT_DEPENDENCIES
  size_t depth = 0;
  for (size_t above = machine_.layer_number(); above != 0; above = machine_.layer(above).parent) ++depth;
  position.manifest_depth = static_cast<uint8_t>(depth);
  for (size_t above = machine_.layer_number(); above != 0; above = machine_.layer(above).parent) {
    position.manifest[--depth] = machine_.layer(above).index;
  }
#endif
  return position;
}

}  // namespace tailor::processor
