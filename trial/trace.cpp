// SPDX-License-Identifier: Apache-2.0
#include "trial/trace.hpp"

#include <algorithm>
#include <utility>

namespace tailor::trial {
namespace {

using processor::Command;
using processor::Machine;
using processor::Step;
using Result = TraceStep::Result;
namespace command = suit::command;
namespace parameter = suit::parameter;

/// Rows that may be watched; the update table has fewer.
constexpr size_t kRows = 40;

thread_local Tracer* current = nullptr;

template <size_t Row>
Step watched(Machine& machine, cbor::Reader& argument) {
  return Tracer::observe(Row, machine, argument);
}

template <size_t... Rows>
constexpr std::array<Command::Function, sizeof...(Rows)> functions(std::index_sequence<Rows...>) {
  return {watched<Rows>...};
}
constexpr auto kFunctions = functions(std::make_index_sequence<kRows>());

/// As Processor::position() says it, before the command runs.
TraceStep place_of(Machine& machine) {
  TraceStep step;
  const processor::Layer& layer = machine.layer();
  step.section = layer.section;  // NOLINT(bugprone-signed-char-misuse): a number
  step.offset = static_cast<uint32_t>(machine.frame().rest - layer.start);
  step.component = machine.index();
  for (size_t above = machine.layer_number(); above != 0; above = machine.layer(above).parent) {
    step.manifest.insert(step.manifest.begin(), machine.layer(above).index);
  }
  return step;
}

bool same_place(const TraceStep& a, const TraceStep& b) {
  return a.manifest == b.manifest && a.section == b.section && a.offset == b.offset && a.component == b.component;
}

bool writes(int64_t label) {
  return label == command::kFetch || label == command::kCopy || label == command::kWrite;
}

}  // namespace

Tracer::Tracer(Recipient& recipient, bool assume) : recipient_(recipient), assume_(assume) {
  const auto& rows = processor::kUpdateCommands.rows;
  for (size_t i = 0; i < rows.size() && i < kRows; ++i) {
    rows_.push_back(rows[i]);
    rows_.back().run = kFunctions[i];
  }
  table_ = {rows_, processor::kUpdateCommands.sections};
  recipient_.commands = &table_;
}

Tracer::~Tracer() {
  recipient_.commands = &processor::kUpdateCommands;
}

void Tracer::keep_only(const std::set<int64_t>& commands) {
  std::erase_if(rows_, [&](const Command& row) { return !commands.contains(row.label); });
  table_.rows = rows_;
}

Ending Tracer::receive(ByteView envelope, const std::string& name) {
  Tracer* const before = std::exchange(current, this);
  procedure_ = name;
  unfinished_.clear();
  const size_t lines = recipient_.records.lines.size();
  const Ending ending = recipient_.receive(envelope, name);
  current = before;
  if (recipient_.records.lines.size() > lines) add_what_no_row_saw(ending);
  return ending;
}

Step Tracer::observe(size_t row, Machine& machine, cbor::Reader& argument) noexcept {
  return current->run(processor::kUpdateCommands.rows[row], machine, argument);
}

bool Tracer::is_unknown(const Command& row, Machine& machine) const {
  if (!assume_) return false;
  const auto& component = static_cast<const DeclaredComponent&>(machine.component());
  switch (row.label) {
    case command::kImageMatch:
    case command::kImageNotMatch: {
      suit::Digest wanted;
      const bool sha256 = machine.digest_parameter(wanted) && wanted.algorithm == crypto::HashAlgorithm::kSha256;
      return component.content_unknown && (!component.known_digest || !sha256);
    }
    case command::kCheckContent:
    case command::kDependencyIntegrity:
    case command::kProcessDependency:
      return component.content_unknown;
    case command::kComponentSlot:
      return !component.present_slot;
    case command::kVersion:
      return !component.version;
    case command::kUseBefore:
      return recipient_.device.now.kind == processor::Time::Kind::kUnknown;
    case command::kMinimumBattery:
      return !recipient_.device.battery;
    case command::kUpdateAuthorized:
      return !recipient_.device.authorization;
    case command::kWait:
      return true;
    case command::kFetch: {
      const std::string_view uri = as_text(machine.string_parameter(parameter::kUri));
      return !uri.empty() && uri[0] != '#' && !recipient_.payloads.has(uri);
    }
    case command::kCopy:
    case command::kSwap: {
      uint8_t node = 0;
      if (!machine.source_parameter(node).ok()) return false;
      const auto& source = static_cast<const DeclaredComponent&>(machine.component_of(node));
      const bool sealed = machine.has(parameter::kEncryptionInfo) && recipient_.keys.keys.empty();
      return row.label == command::kCopy && (source.content_unknown || sealed);
    }
    case command::kWrite:
      return machine.has(parameter::kEncryptionInfo) && recipient_.keys.keys.empty();
    default:
      return false;
  }
}

void Tracer::take_as_wanted(const Command& row, Machine& machine) const {
  if (!writes(row.label)) return;
  suit::Digest wanted;
  std::optional<crypto::Sha256Digest> digest;
  if (machine.digest_parameter(wanted) && wanted.algorithm == crypto::HashAlgorithm::kSha256 &&
      !machine.is_dependency()) {
    std::copy(wanted.bytes.begin(), wanted.bytes.end(), digest.emplace().begin());
  }
  uint64_t size = 0;
  const bool sized = machine.number_parameter(parameter::kImageSize, size) && size < UINT32_MAX;
  static_cast<DeclaredComponent&>(machine.component())
      .assume(digest, sized ? std::optional(static_cast<uint32_t>(size)) : std::nullopt);
}

Step Tracer::run(const Command& row, Machine& machine, cbor::Reader& argument) {
  TraceStep seen = place_of(machine);
  seen.procedure = procedure_;
  seen.checking = machine.only_checks;
  seen.command = row.label;
  const bool steers = (row.flags & Command::kOncePerRun) != 0;
  if (!steers) {
    seen.component_id.assign(machine.id().begin(), machine.id().end());
    seen.uri = as_text(machine.string_parameter(parameter::kUri));
    if (suit::Digest digest; machine.digest_parameter(digest)) {
      seen.digest.assign(digest.bytes.begin(), digest.bytes.end());
      seen.digest_algorithm = digest.algorithm;
    }
    if (uint64_t size = 0; machine.number_parameter(parameter::kImageSize, size)) seen.size_bytes = size;
  }
  const auto before = std::find_if(unfinished_.rbegin(), unfinished_.rend(),
                                   [&](size_t index) { return same_place(steps_[index], seen); });
  size_t index = steps_.size();
  if (before != unfinished_.rend()) {
    index = *before;
    unfinished_.erase(std::next(before).base());
  } else {
    steps_.push_back(seen);
  }
  Step step = Step::kNext;
  Result result = Result::kHeld;
  if (!steers && is_unknown(row, machine)) {
    const Status may = writes(row.label) ? machine.check_may_change(machine.node(), row.label) : Status(kOk);
    if (may.ok()) {
      take_as_wanted(row, machine);
      result = Result::kAssumed;
    } else {
      step = may;
    }
  } else {
    step = row.run(machine, argument);
  }
  TraceStep& told = steps_[index];
  told.result = result;
  if (step.is(Step::kFails)) {
    told.result = Result::kFailed;
    told.error = machine.failure != Error{} ? machine.failure : row.failure;
  } else if (step.is_error()) {
    told.result = Result::kError;
    told.error = step.error();
  } else if (step.is(Step::kWait) || step.is(Step::kEntered)) {
    if (step.is(Step::kWait)) told.result = Result::kWaits;
    unfinished_.push_back(index);
  }
  return step;
}

/// A refusal before the row's function: a right that is missing, or a command of the device's own.
void Tracer::add_what_no_row_saw(const Ending& ending) {
  const RecordLog::Line& line = recipient_.records.lines.back();
  if (!line.final || ending.verdict != Verdict::kRefused) return;
  TraceStep seen;
  seen.procedure = procedure_;
  seen.manifest = line.manifest;
  seen.section = line.section;
  seen.offset = line.offset;
  seen.component = line.component;
  seen.command = line.command;
  seen.result = Result::kError;
  seen.error = ending.error;
  if (!steps_.empty() && same_place(steps_.back(), seen)) return;
  steps_.push_back(std::move(seen));
}

}  // namespace tailor::trial
