// SPDX-License-Identifier: Apache-2.0
// Directive override-parameters (manifest 8.4.10.3). Parameters belong to the selected component; soft failure belongs
// to the sequence, and strict order changes nothing here, since commands are always run in order.
#include "core/cbor/map_reader.hpp"
#include "core/processor/commands.hpp"

namespace tailor::processor {

Result<Step> override_parameters(Machine& machine, cbor::Reader& argument) {
  TAILOR_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(argument));
  while (map.more()) {
    TAILOR_TRY_ASSIGN(const int64_t label, map.next_key());
    if (label == suit::parameter::kSoftFailure) {
      if (machine.depth() < 2) return Error::kCommandNotAllowed;
      TAILOR_TRY_ASSIGN(machine.frame().soft_failure, argument.take_bool());
    } else if (label == suit::parameter::kStrictOrder) {
      TAILOR_TRY(argument.take_bool());
    } else {
      TAILOR_TRY(machine.set_parameter(label, argument));
    }
  }
  return Step::kNext;
}

}  // namespace tailor::processor
