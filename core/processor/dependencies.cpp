// SPDX-License-Identifier: Apache-2.0
// Dependencies (trust-domains): loading them out of the components that hold their envelopes, and the commands for
// them.
#include "core/processor/dependencies.hpp"

#include "core/processor/commands.hpp"
#include "core/processor/scan.hpp"
#include "core/suit/envelope_reader.hpp"

namespace tailor::processor {

#if !TAILOR_SUIT_DEPENDENCIES

Layer& Machine::layer(size_t) noexcept {
  return root_;
}
const Layer& Machine::layer(size_t) const noexcept {
  return root_;
}
size_t Machine::layer_count() const noexcept {
  return 1;
}
Status Machine::finish_section(uint8_t, int32_t) noexcept {
  return kOk;
}

#else

namespace {

constexpr size_t kPieceBytes = 64;

/// Integrated payloads of a dependency stay where they are.
class NoPayloads final : public suit::MemberSink {
 public:
  Status begin(std::string_view, uint64_t) noexcept override { return kOk; }
  Result<size_t> write(ByteView bytes) noexcept override { return bytes.size(); }
  Status end() noexcept override { return kOk; }
};

Status read_envelope(Component& component, suit::EnvelopeReader& reader) noexcept {
  NoPayloads sink;
  std::array<uint8_t, kPieceBytes> piece;
  for (uint32_t offset = 0;;) {
    TAILOR_TRY_ASSIGN(const size_t size, component.read(offset, piece));
    ByteView input = ByteView(piece).first(size);
    TAILOR_TRY_ASSIGN(const Progress progress, reader.feed(input, sink));
    if (progress == Progress::kDone && !input.empty()) return Error::kTrailingBytes;
    offset += static_cast<uint32_t>(size);
    if (size < piece.size()) return reader.finish();
  }
}

}  // namespace

Layer& Machine::layer(size_t number) noexcept {
  return number == 0 ? root_ : seams_.dependencies->slots_[number - 1].layer;
}
const Layer& Machine::layer(size_t number) const noexcept {
  return const_cast<Machine*>(this)->layer(number);
}

size_t Machine::layer_count() const noexcept {
  return 1 + (seams_.dependencies == nullptr ? 0U : seams_.dependencies->count_);
}

// A dependency is held anew for each manifest that names it: what was found out in one context is not used in another
// (trust-domains 5.7.4).
Status Machine::load_dependency(uint8_t& number) noexcept {
  if (!is_dependency()) return Error::kDependencyNotListed;
  for (size_t i = 1; i < layer_count(); ++i) {
    const Layer& held = layer(i);
    if (held.manifest == nullptr || held.parent != layer_ || held.index != index_) continue;
    number = static_cast<uint8_t>(i);
    return kOk;
  }
  size_t depth = 1;
  for (size_t above = layer_; above != 0; above = layer(above).parent) ++depth;
  Dependencies& dependencies = *seams_.dependencies;
  if (depth > limits::kDependencyDepth || dependencies.count_ == limits::kDependencies) {
    return Error::kTooManyDependencies;
  }
  suit::EnvelopeReader reader(dependencies.buffer_.subspan(dependencies.used_), dependencies.anchors_, seams_.leniency);
  TAILOR_TRY(read_envelope(component(), reader));
  Dependencies::Slot& slot = dependencies.slots_[dependencies.count_];
  number = ++dependencies.count_;
  dependencies.used_ += reader.held_bytes();
  slot.manifest.emplace(*reader.manifest());
  slot.layer = Layer{};
  slot.layer.parent = layer_;
  slot.layer.index = index_;
  TAILOR_TRY_ASSIGN(const uint64_t confirmed, seams_.platform.manifest_sequence_number(id()));
  Status status = take_up(number, *slot.manifest);
  if (status.ok() && slot.manifest->manifest().sequence_number < confirmed) status = Error::kSequenceNumberTooLow;
  if (status.ok()) status = scan_manifest(*this, number);
  if (!status.ok()) slot.layer.manifest = nullptr;
  return status;
}

void Machine::drop_dependency(uint8_t node) noexcept {
  for (size_t i = 1; i < layer_count(); ++i) {
    Layer& held = layer(i);
    if (held.manifest == nullptr || held.index == Layer::kNoNode) continue;
    Layer& parent = layer(held.parent);
    if (parent.nodes[held.index] != node) continue;
    parent.verified = static_cast<Layer::Mask>(parent.verified & ~(1U << held.index));
    held.index = Layer::kNoNode;  // its parameters may still be in use: it stays held, and is not found any more
  }
}

Status Machine::finish_section(uint8_t number, int32_t section) noexcept {
  Layer& ended = layer(number);
  for (size_t i = 1; i < layer_count(); ++i) {
    const Layer& dependency = layer(i);
    if (dependency.manifest == nullptr || dependency.parent != number || dependency.index == Layer::kNoNode) continue;
    const bool was_processed = (ended.processed >> dependency.index & 1U) != 0;
    const bool was_verified = (ended.verified >> dependency.index & 1U) != 0;
    if (was_verified && !was_processed && dependency.manifest->manifest().has(section)) {
      return Error::kDependencyNotProcessed;
    }
  }
  ended.processed = 0;
  return kOk;
}

namespace {

/// Compares the dependency's digest with parameter image-digest, and remembers that it held.
Status verify(Machine& machine, uint8_t number) noexcept {
  suit::Digest expected;
  if (!machine.digest_parameter(expected)) return Error::kParameterMissing;
  if (!equal(machine.layer(number).manifest->digest(), expected.bytes)) return Error::kImageDigestMismatch;
  Layer& layer = machine.layer();
  layer.verified = static_cast<Layer::Mask>(layer.verified | 1U << machine.index());
  return kOk;
}

/// Runs the shared sequence and one section of a dependency, in as many calls as phases.
/// @returns kEntered; kNext when both have ended
Step run_dependency(Machine& machine, uint8_t number, int32_t section) noexcept {
  const suit::AuthenticManifest& dependency = *machine.layer(number).manifest;
  uint8_t& phase = machine.frame().phase;
  const bool has_section = dependency.manifest().has(section);
  if (phase == 0) {
    const ByteView shared = dependency.manifest().shared_sequence;
    if (has_section && !shared.empty()) {
      TAILOR_TRY(machine.enter_section(number, 0, shared));
      return Step::kEntered;
    }
    phase = 1;
  }
  if (phase == 1 && has_section) {
    TAILOR_TRY_ASSIGN(const ByteView sequence, dependency.sequence(section));
    TAILOR_TRY(machine.enter_section(number, section, sequence));
    return Step::kEntered;
  }
  return machine.finish_section(number, section);
}

}  // namespace

Step is_dependency(Machine& machine, cbor::Reader&) {
  return holds(machine.is_dependency());
}

// Each of its steps that fails ends the procedure (trust-domains 5.7.4), whatever soft failure says.
Step check_dependency_integrity(Machine& machine, cbor::Reader&) {
  uint8_t number = 0;
  TAILOR_TRY(machine.load_dependency(number));
  return verify(machine, number);
}

Step process_dependency(Machine& machine, cbor::Reader&) {
  Layer& layer = machine.layer();
  const Offset list = machine.selection().list;
  const bool all_selected = list != 0 && cbor::Reader(machine.bytes_from(list)).next_is(cbor::Type::kSimple);
  if (all_selected && !machine.is_dependency()) return Step::kNext;  // true means all dependencies (5.7.2)
  uint8_t number = 0;
  if (machine.is_dependency() && (layer.verified >> machine.index() & 1U) == 0) {
    if (!machine.seams().leniency.missing_dependency_integrity) return Error::kDependencyNotChecked;
    TAILOR_TRY(machine.load_dependency(number));
    if (machine.has(suit::parameter::kImageDigest)) TAILOR_TRY(verify(machine, number));
  }
  TAILOR_TRY(machine.load_dependency(number));
  const Step step = run_dependency(machine, number, layer.section);
  if (step.is(Step::kNext)) layer.processed = static_cast<Layer::Mask>(layer.processed | 1U << machine.index());
  return step;
}

// A manifest is uninstalled when nobody else refers to it, before its own reference goes. Everything here can be done
// again after an interruption: what is gone is passed over.
Step unlink(Machine& machine, cbor::Reader&) {
  Platform& platform = machine.seams().platform;
  const ByteView by[] = {machine.layer().manifest->digest()};
  const ByteView id = machine.id();
  if (machine.frame().phase == 0) {
    TAILOR_TRY(machine.check_permitted(machine.node(), Action::Kind::kWrite, suit::command::kUnlink));
  }
  TAILOR_TRY_ASSIGN(const uint32_t others, platform.references_of_others(id, by));
  if (others == 0) {
    TAILOR_TRY_ASSIGN(const uint32_t size, machine.component().size());
    if (machine.is_dependency() && size != 0) {
      uint8_t number = 0;
      TAILOR_TRY(machine.load_dependency(number));
      const Step step = run_dependency(machine, number, suit::manifest_key::kUninstall);
      if (!step.is(Step::kNext)) return step;
    }
  }
  TAILOR_TRY(platform.unlink(id, by[0]));
  if (others != 0) return Step::kNext;
  machine.drop_dependency(machine.node());
  return machine.component().remove();
}

#endif

}  // namespace tailor::processor
