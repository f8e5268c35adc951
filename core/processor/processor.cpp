// SPDX-License-Identifier: Apache-2.0
#include "core/processor/processor.hpp"

namespace tailor::processor {
namespace {

using suit::manifest_key::kInstall;
using suit::manifest_key::kInvoke;
using suit::manifest_key::kLoad;
using suit::manifest_key::kPayloadFetch;
using suit::manifest_key::kValidate;

/// Sections of a procedure, ended by 0 (manifest 6.6).
constexpr int8_t kSections[][4] = {
    {kPayloadFetch, kInstall, kValidate, 0},
    {kValidate, 0, 0, 0},
    {kValidate, kLoad, kInvoke, 0},
};

}  // namespace

Result<ApplicableManifest> Processor::check(const suit::AuthenticManifest& manifest) noexcept {
  state_ = State::kIdle;
  manifest_ = &manifest;
  machine_.reset(manifest);
  in_shared_ = true;
  running_ = 0;
  TAILOR_TRY(machine_.find_components());
  if (!manifest.manifest().shared_sequence.empty()) {
    TAILOR_TRY(enter_section(manifest.manifest().shared_sequence));
    while (machine_.depth() > 0) TAILOR_TRY(run_command());
  }
  return ApplicableManifest(manifest);
}

Status Processor::start(const ApplicableManifest& manifest, Procedure procedure) noexcept {
  manifest_ = &manifest.authentic();
  const auto has = [this](int64_t key) {
    return manifest_->manifest().member(key).place != suit::Member::Place::kAbsent;
  };
  state_ = State::kIdle;
  if (!has(kValidate)) return Error::kSequenceMissing;
  if (procedure == Procedure::kUpdate && !has(kInstall) && !has(kPayloadFetch)) return Error::kSequenceMissing;
  if (procedure == Procedure::kInvoke && !has(kInvoke)) return Error::kSequenceMissing;
  machine_.reset(*manifest_);
  TAILOR_TRY(machine_.find_components());
  section_ = kSections[static_cast<size_t>(procedure)];
  in_shared_ = false;
  running_ = 0;
  state_ = State::kRunning;
  failure_ = kOk;
  return kOk;
}

Result<Progress> Processor::step() noexcept {
  if (state_ == State::kDone) return Progress::kDone;
  if (state_ == State::kIdle) return Error::kStateConflict;
  TAILOR_TRY(failure_);
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
    if (machine_.depth() > 0) {
      TAILOR_TRY_ASSIGN(const bool waits, run_command());
      if (waits) return Progress::kWait;
      continue;
    }
    if (in_shared_) {  // it ended: now the section that it was run for
      in_shared_ = false;
      running_ = *section_++;
      TAILOR_TRY_ASSIGN(const ByteView sequence, manifest_->sequence(running_));
      TAILOR_TRY(enter_section(sequence));
      continue;
    }
    while (*section_ != 0 && manifest_->manifest().member(*section_).place == suit::Member::Place::kAbsent) ++section_;
    if (*section_ == 0) return Progress::kDone;
    if (!manifest_->sequence(*section_).ok() && !manifest_->closed()) return Progress::kNeedInput;
    in_shared_ = true;
    running_ = 0;
    const ByteView shared = manifest_->manifest().shared_sequence;
    if (!shared.empty()) TAILOR_TRY(enter_section(shared));
  }
}

// With one component it is selected from the start; with more, each sequence begins with set-component-index
// (manifest 6.2), since nothing is selected.
Status Processor::enter_section(ByteView sequence) noexcept {
  machine_.select({nullptr, machine_.manifest().component_count == 1 ? uint8_t{0} : Selection::kNone});
  sequence_start_ = sequence.data();
  return machine_.enter(sequence, false);
}

Result<bool> Processor::run_command() noexcept {
  Frame& frame = machine_.frame();
  if (frame.items_left == 0) {
    leave(true);
    return false;
  }
  cbor::Reader reader(frame.rest);
  TAILOR_TRY_ASSIGN(const int64_t label, reader.take_int());
  const Command* command = nullptr;
  for (const Command& row : commands_) {
    if (row.label == label) command = &row;
  }
  if (command == nullptr) return Error::kCommandUnsupported;
  if (in_shared_ && (command->flags & Command::kInShared) == 0) return Error::kCommandNotAllowed;
  const bool once = (command->flags & Command::kOncePerRun) != 0;
  if (!once) {
    TAILOR_TRY_ASSIGN(const bool selected, machine_.take_selected(frame.iteration));
    if (!selected) {
      TAILOR_TRY(advance());
      return false;
    }
  }
  if ((command->flags & Command::kHasPolicy) != 0) {
    cbor::Reader policy = reader;
    TAILOR_TRY_ASSIGN(const uint64_t bits, policy.take_unsigned());
    if (bits > suit::reporting::kAll) return Error::kValueOutOfRange;
  }
  TAILOR_TRY_ASSIGN(const Step step, command->run(machine_, reader));
  switch (step) {
    case Step::kWait:
      return true;
    case Step::kEntered:
      // The sequence is run for one component, whatever was selected around it (manifest 6.5).
      machine_.select({nullptr, machine_.current()});
      return false;
    case Step::kNext:
      if (once) {
        TAILOR_TRY(advance());
      } else {
        ++frame.iteration;
        frame.branch = 0;
      }
      return false;
    case Step::kFails:
      break;
  }
  if (!frame.soft_failure) return command->failure;
  leave(false);
  return false;
}

Status Processor::advance() noexcept {
  Frame& frame = machine_.frame();
  cbor::Reader reader(frame.rest);
  TAILOR_TRY(reader.take_item());
  TAILOR_TRY(reader.take_item());
  frame.rest = reader.rest();
  frame.items_left -= 2;
  frame.iteration = 0;
  frame.branch = 0;
  return kOk;
}

// What stands on top afterwards is the try-each or run-sequence that entered the sequence. A branch that failed makes
// try-each take the next; run-sequence passes over a soft failure.
void Processor::leave(bool held) noexcept {
  const Selection outer = machine_.frame().outer;
  machine_.leave();
  if (machine_.depth() == 0) return;
  if (outer.list != nullptr || !held) machine_.select(outer);
  Frame& frame = machine_.frame();
  const auto label = cbor::Reader(frame.rest).take_int();
  if (!held && label.ok() && *label == suit::command::kTryEach) {
    ++frame.branch;
  } else {
    ++frame.iteration;
    frame.branch = 0;
  }
}

Result<StagedUpdate> Processor::staged() const noexcept {
  if (state_ != State::kDone) return Error::kStateConflict;
  return StagedUpdate(*manifest_);
}

Position Processor::position() const noexcept {
  Position position;
  position.component = machine_.current();
  position.section = running_;
  if (machine_.depth() > 0) {
    position.offset = static_cast<uint16_t>(machine_.outermost().rest.data() - sequence_start_);
  }
  return position;
}

}  // namespace tailor::processor
