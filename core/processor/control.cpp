// SPDX-License-Identifier: Apache-2.0
// Directives that steer the processor (manifest 6.5, 8.4.10.1, 8.4.10.2, 8.4.10.8). What they select and enter was
// checked when the manifest was taken up (scan.cpp).
#include "core/processor/commands.hpp"

namespace tailor::processor {

Step set_component_index(Machine& machine, cbor::Reader& argument) {
#if TAILOR_SUIT_SEQUENCES
  TAILOR_TRY(machine.may_select());
#endif
  if (argument.next_is(cbor::Type::kUnsigned)) {
    machine.select({0, static_cast<uint8_t>(argument.number())});
  } else {
    machine.select({machine.offset_of(argument.rest().data()), Selection::kNone});
  }
  return Step::kNext;
}

#if TAILOR_SUIT_SEQUENCES
// The draft's CDDL asks for two sequences or more; one with nil behind it ("if it applies") is common, and accepted.
Step try_each(Machine& machine, cbor::Reader& argument) {
  const Frame& frame = machine.frame();
  if (frame.phase > 0 && !frame.entered_failed) return Step::kNext;
  if (frame.phase >= argument.array()) return Error::kTryEachExhausted;
  for (uint8_t i = 0; i < frame.phase; ++i) argument.item();
  if (argument.next_is_null()) return Step::kNext;
  TAILOR_TRY(machine.enter(argument.bytes(), true));
  return Step::kEntered;
}

Step run_sequence(Machine& machine, cbor::Reader& argument) {
  if (machine.frame().phase > 0) return Step::kNext;
  const ByteView sequence = argument.bytes();
  const bool selects = machine.selection().list == 0;
  const bool isolated = !machine.strict_order();
  // Where order is free such sequences may run beside each other (manifest 6.7): each says first what it works on.
  if (isolated && selects) {
    cbor::Reader commands(sequence);
    commands.array();
    if (commands.label() != suit::command::kSetComponentIndex) return Error::kCommandNotAllowed;
  }
  TAILOR_TRY(machine.enter(sequence, false));
  if (isolated) machine.isolate(selects);
  return Step::kEntered;
}
#endif

}  // namespace tailor::processor
