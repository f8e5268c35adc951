// SPDX-License-Identifier: Apache-2.0
// Directives that steer the processor (manifest 6.5, 8.4.10.1, 8.4.10.2, 8.4.10.8).
#include "core/processor/commands.hpp"

namespace tailor::processor {

Result<Step> set_component_index(Machine& machine, cbor::Reader& argument) {
  const uint8_t* const encoded = argument.rest().data();
  const size_t components = machine.manifest().component_count;
  if (argument.next_is(cbor::Type::kUnsigned)) {
    TAILOR_TRY_ASSIGN(const uint64_t index, argument.take_unsigned());
    if (index >= components) return Error::kComponentIndexInvalid;
    machine.select({nullptr, static_cast<uint8_t>(index)});
    return Step::kNext;
  }
  if (argument.next_is(cbor::Type::kArray)) {
    TAILOR_TRY_ASSIGN(size_t count, argument.take_array());
    if (count == 0) return Error::kComponentIndexInvalid;
    for (; count > 0; --count) {
      TAILOR_TRY_ASSIGN(const uint64_t index, argument.take_unsigned());
      if (index >= components) return Error::kComponentIndexInvalid;
    }
  } else {
    TAILOR_TRY_ASSIGN(const bool all, argument.take_bool());
    if (!all) return Error::kComponentIndexInvalid;
  }
  machine.select({encoded, Selection::kNone});
  return Step::kNext;
}

// The draft's CDDL asks for two sequences or more; one with nil behind it ("if it applies") is common, and accepted.
Result<Step> try_each(Machine& machine, cbor::Reader& argument) {
  TAILOR_TRY_ASSIGN(const size_t branches, argument.take_array());
  const uint8_t branch = machine.frame().branch;
  if (branch >= branches) return Error::kTryEachExhausted;
  for (uint8_t i = 0; i < branch; ++i) TAILOR_TRY(argument.take_bytes());
  if (branch + 1U == branches && argument.next_is_null()) return Step::kNext;
  TAILOR_TRY_ASSIGN(const ByteView sequence, argument.take_bytes());
  TAILOR_TRY(machine.enter(sequence, true));
  return Step::kEntered;
}

Result<Step> run_sequence(Machine& machine, cbor::Reader& argument) {
  TAILOR_TRY_ASSIGN(const ByteView sequence, argument.take_bytes());
  TAILOR_TRY(machine.enter(sequence, false));
  return Step::kEntered;
}

}  // namespace tailor::processor
