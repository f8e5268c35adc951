// SPDX-License-Identifier: Apache-2.0
#include "core/processor/scan.hpp"

#include "core/cbor/map_reader.hpp"

namespace tailor::processor {
namespace {

using suit::parameter::kSoftFailure;
using suit::parameter::kStrictOrder;

/// One walk; the depth of its recursion is bounded by limits::kSequenceDepth.
struct Scan {
  const Machine& machine;
  bool shared;

  Status sequence(ByteView encoded, size_t depth) const noexcept;
  Status command(cbor::Reader& reader, size_t depth) const noexcept;
  Status argument(Command::Argument kind, cbor::Reader& reader, size_t depth) const noexcept;
  Status indices(cbor::Reader& reader) const noexcept;
  Status parameters(cbor::Reader& reader, size_t depth) const noexcept;
  Status branches(cbor::Reader& reader, size_t depth) const noexcept;
  Status nested(cbor::Reader& reader, size_t depth) const noexcept;
  Status copies(cbor::Reader& reader) const noexcept;
};

bool selects(int64_t label) noexcept {
  return label == suit::command::kSetComponentIndex || label == suit::command::kOverrideMultiple;
}

Status Scan::sequence(ByteView encoded, size_t depth) const noexcept {
  cbor::Reader reader(encoded);
  TAILOR_TRY_ASSIGN(const size_t items, reader.take_array());
  if (items % 2 != 0 || items > UINT16_MAX) return Error::kValueOutOfRange;
  for (size_t i = 0; i < items; i += 2) {
    const ByteView before = reader.rest();
    TAILOR_TRY(command(reader, depth));
    if (i != 0 || depth != 0 || machine.layer().count == 1) continue;
    TAILOR_TRY_ASSIGN(const int64_t first, cbor::Reader(before).take_int());
    if (!selects(first)) return Error::kComponentIndexInvalid;
  }
  return reader.finish();
}

Status Scan::command(cbor::Reader& reader, size_t depth) const noexcept {
  TAILOR_TRY_ASSIGN(const int64_t label, reader.take_int());
  const Command* const row = machine.commands().find(label);
  if (row != nullptr) {
    if (shared && (row->flags & Command::kInShared) == 0) return Error::kCommandNotAllowed;
    return argument(row->argument, reader, depth);
  }
#if TAILOR_SUIT_CUSTOM
  if (machine.find_custom(label) != nullptr) {
    if (shared) return Error::kCommandNotAllowed;
    if (reader.next_is_null()) return reader.take_null();
    if (!reader.at_end() && reader.rest()[0] >> 5U > static_cast<unsigned>(cbor::Type::kText)) {
      return Error::kCborWrongType;
    }
    TAILOR_TRY(reader.take_item());
    return kOk;
  }
#endif
  return Error::kCommandUnsupported;
}

Status Scan::argument(Command::Argument kind, cbor::Reader& reader, size_t depth) const noexcept {
  switch (kind) {
    case Command::Argument::kPolicy: {
      TAILOR_TRY_ASSIGN(const uint64_t bits, reader.take_unsigned());
      return bits <= suit::reporting::kAll ? Status(kOk) : Status(Error::kValueOutOfRange);
    }
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
    case Command::Argument::kMultiple: {
      TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
      if (!map.more()) return Error::kComponentIndexInvalid;
      while (map.more()) {
        TAILOR_TRY_ASSIGN(const int64_t index, map.next_key());
        TAILOR_TRY(machine.check_index(static_cast<uint64_t>(index)));
        TAILOR_TRY(parameters(reader, depth));
      }
      return kOk;
    }
    case Command::Argument::kCopies:
      return copies(reader);
#endif
    default:
      return Error::kInternal;
  }
}

Status Scan::indices(cbor::Reader& reader) const noexcept {
  size_t count = 1;
  if (reader.next_is(cbor::Type::kArray)) {
    TAILOR_TRY_ASSIGN(count, reader.take_array());
    if (count == 0) return Error::kComponentIndexInvalid;
  } else if (!reader.next_is(cbor::Type::kUnsigned)) {
    TAILOR_TRY_ASSIGN(const bool all, reader.take_bool());
    return all ? Status(kOk) : Status(Error::kComponentIndexInvalid);
  }
  for (; count > 0; --count) {
    TAILOR_TRY_ASSIGN(const uint64_t index, reader.take_unsigned());
    TAILOR_TRY(machine.check_index(index));
  }
  return kOk;
}

Status Scan::parameters(cbor::Reader& reader, size_t depth) const noexcept {
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t label, map.next_key());
    if (label == kSoftFailure || label == kStrictOrder) {
      // Soft failure belongs to a sequence inside another (manifest 8.4.8.14).
      if (label == kSoftFailure && depth == 0) return Error::kCommandNotAllowed;
      TAILOR_TRY(reader.take_bool());
    } else {
      if (label < 0 && shared) return Error::kCommandNotAllowed;  // manifest 8.4.8.15
      TAILOR_TRY(machine.check_parameter(label, reader));
    }
  }
  return kOk;
}

#if TAILOR_SUIT_SEQUENCES
Status Scan::branches(cbor::Reader& reader, size_t depth) const noexcept {
  TAILOR_TRY_ASSIGN(size_t count, reader.take_array());
  if (count == 0) return Error::kValueOutOfRange;
  for (; count > 1 || (count == 1 && !reader.next_is_null()); --count) TAILOR_TRY(nested(reader, depth));
  return count == 0 ? Status(kOk) : reader.take_null();
}

Status Scan::nested(cbor::Reader& reader, size_t depth) const noexcept {
  if (depth == limits::kSequenceDepth) return Error::kCborTooDeep;
  TAILOR_TRY_ASSIGN(const ByteView encoded, reader.take_bytes());
  return sequence(encoded, depth + 1);
}
#endif

#if TAILOR_SUIT_UPDATE_MANAGEMENT
Status Scan::copies(cbor::Reader& reader) const noexcept {
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(reader));
  if (!map.more()) return Error::kComponentIndexInvalid;
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t index, map.next_key());
    TAILOR_TRY(machine.check_index(static_cast<uint64_t>(index)));
    TAILOR_TRY_ASSIGN(size_t labels, reader.take_array());
    if (labels == 0) return Error::kValueOutOfRange;
    for (; labels > 0; --labels) {
      TAILOR_TRY_ASSIGN(const int64_t label, reader.take_int());
      if (!machine.knows_parameter(label)) return Error::kParameterUnsupported;
    }
  }
  return kOk;
}
#endif

}  // namespace

Status scan_sequence(const Machine& machine, ByteView sequence, int64_t section) noexcept {
  return Scan{machine, section == 0}.sequence(sequence, 0);
}

Status scan_manifest(Machine& machine, uint8_t number) noexcept {
  const uint8_t running = machine.swap_layer(number);
  const suit::AuthenticManifest& authentic = *machine.layer().manifest;
  Status status = kOk;
  if (const ByteView shared = authentic.manifest().shared_sequence; !shared.empty()) {
    status = scan_sequence(machine, shared, 0);
  }
  for (const int8_t section : machine.commands().sections) {
    if (!status.ok()) break;
    const auto sequence = authentic.sequence(section);
    if (sequence.ok() && !sequence->empty()) status = scan_sequence(machine, *sequence, section);
  }
  machine.swap_layer(running);
  return status;
}

}  // namespace tailor::processor
