// SPDX-License-Identifier: Apache-2.0
#include "core/processor/scan.hpp"

#include "core/cbor/map_reader.hpp"

namespace tailor::processor {
namespace {

using suit::parameter::kSoftFailure;
using suit::parameter::kStrictOrder;

/// One walk; the depth of its recursion is bounded by limits::kSequenceDepth. Failures are the readers'.
struct Scan {
  const Machine& machine;
  bool shared;

  Status sequence(ByteView encoded, size_t depth) const noexcept;
  void command(int32_t label, cbor::Reader& reader, size_t depth) const noexcept;
  void index(uint64_t index, cbor::Reader& reader) const noexcept { reader.fail_with(machine.check_index(index)); }
  void indices(cbor::Reader& reader) const noexcept;
  void parameters(cbor::Reader& reader, size_t depth) const noexcept;
  void branches(cbor::Reader& reader, size_t depth) const noexcept;
  void nested(cbor::Reader& reader, size_t depth) const noexcept;
  void multiple(cbor::Reader& reader, size_t depth, bool copies) const noexcept;
  void labels(cbor::Reader& reader) const noexcept;
};

bool selects(int32_t label) noexcept {
  return label == suit::command::kSetComponentIndex || label == suit::command::kOverrideMultiple;
}

Status Scan::sequence(ByteView encoded, size_t depth) const noexcept {
  cbor::Reader reader(encoded);
  size_t items = reader.array();
  reader.require(items % 2 == 0 && items <= UINT16_MAX, Error::kValueOutOfRange);
  bool may_begin = depth != 0 || machine.layer().count == 1;
  for (; items > 0 && !reader.failed(); items -= 2) {
    const int32_t label = reader.label();
    command(label, reader, depth);
    may_begin = may_begin || selects(label);
    reader.require(may_begin, Error::kComponentIndexInvalid);
  }
  return reader.finished();
}

void Scan::command(int32_t label, cbor::Reader& reader, size_t depth) const noexcept {
  const Command* const row = machine.commands().find(label);
  if (row == nullptr) {
#if TAILOR_SUIT_CUSTOM
    if (machine.find_custom(label) != nullptr) {
      reader.require(!shared, Error::kCommandNotAllowed);
      if (reader.next_is_null()) return reader.null();
      const bool is_plain = reader.at_end() || reader.rest()[0] >> 5U <= static_cast<unsigned>(cbor::Type::kText);
      reader.require(is_plain, Error::kCborWrongType);
      return reader.item();
    }
#endif
    return reader.fail(Error::kCommandUnsupported);
  }
  reader.require(!shared || (row->flags & Command::kInShared) != 0, Error::kCommandNotAllowed);
  switch (row->argument) {
    case Command::Argument::kIndex:
      return indices(reader);
    case Command::Argument::kParameters:
      return parameters(reader, depth);
#if TAILOR_SUIT_SEQUENCES
    case Command::Argument::kSequences:
      return branches(reader, depth);
    case Command::Argument::kSequence:
      return nested(reader, depth);
#endif
#if TAILOR_SUIT_UPDATE_MANAGEMENT
    case Command::Argument::kMultiple:
      return multiple(reader, depth, false);
    case Command::Argument::kCopies:
      return multiple(reader, depth, true);
#endif
    default:
      reader.require(reader.number() <= suit::reporting::kAll, Error::kValueOutOfRange);
  }
}

void Scan::indices(cbor::Reader& reader) const noexcept {
  size_t count = 1;
  if (reader.next_is(cbor::Type::kArray)) {
    count = reader.array();
  } else if (!reader.next_is(cbor::Type::kUnsigned)) {
    return reader.require(reader.boolean(), Error::kComponentIndexInvalid);
  }
  reader.require(count != 0, Error::kComponentIndexInvalid);
  for (; count > 0; --count) index(reader.number(), reader);
}

void Scan::parameters(cbor::Reader& reader, size_t depth) const noexcept {
  cbor::IntegerMap map(reader);
  for (int32_t label; map.next(label);) {
    if (label == kSoftFailure || label == kStrictOrder) {
      // Soft failure belongs to a sequence inside another (manifest 8.4.8.14).
      reader.require(label == kStrictOrder || depth != 0, Error::kCommandNotAllowed);
      reader.boolean();
    } else {
      reader.require(label >= 0 || !shared, Error::kCommandNotAllowed);  // manifest 8.4.8.15
      if (!reader.failed()) machine.check_parameter(label, reader);
    }
  }
}

#if TAILOR_SUIT_SEQUENCES
void Scan::branches(cbor::Reader& reader, size_t depth) const noexcept {
  size_t count = reader.array();
  reader.require(count != 0, Error::kValueOutOfRange);
  for (; count > 0 && !reader.failed(); --count) {
    if (count == 1 && reader.next_is_null()) return reader.null();
    nested(reader, depth);
  }
}

void Scan::nested(cbor::Reader& reader, size_t depth) const noexcept {
  if (depth == limits::kSequenceDepth) return reader.fail(Error::kCborTooDeep);
  const ByteView encoded = reader.bytes();
  if (!reader.failed()) reader.fail_with(sequence(encoded, depth + 1));
}
#endif

#if TAILOR_SUIT_UPDATE_MANAGEMENT
void Scan::multiple(cbor::Reader& reader, size_t depth, bool copies) const noexcept {
  cbor::IntegerMap map(reader);
  reader.require(map.pairs_left() != 0, Error::kComponentIndexInvalid);
  for (int32_t component; map.next(component);) {
    index(static_cast<uint32_t>(component), reader);
    if (copies) {
      labels(reader);
    } else {
      parameters(reader, depth);
    }
  }
}

void Scan::labels(cbor::Reader& reader) const noexcept {
  size_t count = reader.array();
  reader.require(count != 0, Error::kValueOutOfRange);
  for (; count > 0; --count) reader.require(machine.knows_parameter(reader.label()), Error::kParameterUnsupported);
}
#endif

}  // namespace

Status scan_sequence(const Machine& machine, ByteView sequence, bool shared) noexcept {
  return Scan{machine, shared}.sequence(sequence, 0);
}

Status scan_manifest(Machine& machine, uint8_t number) noexcept {
  const uint8_t running = machine.swap_layer(number);
  const suit::AuthenticManifest& authentic = *machine.layer().manifest;
  Status status = kOk;
  if (const ByteView shared = authentic.manifest().shared_sequence; !shared.empty()) {
    status = scan_sequence(machine, shared, true);
  }
  for (const int8_t section : machine.commands().sections) {
    if (!status.ok()) break;
    const auto sequence = authentic.sequence(section);
    if (sequence.ok() && !sequence->empty()) status = scan_sequence(machine, *sequence, false);
  }
  machine.swap_layer(running);
  return status;
}

}  // namespace tailor::processor
