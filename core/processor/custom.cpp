// SPDX-License-Identifier: Apache-2.0
// Commands of the device's own (manifest 8.4.11): looked up in the table that the device registered, never in the
// shared sequence. Labels from -256 to -1 are disputed between prose and CDDL and never run.
#include "core/processor/machine.hpp"

namespace tailor::processor {

#if TAILOR_SUIT_CUSTOM

ByteView Parameters::value(int64_t label) const noexcept {
  const int32_t known = static_cast<int32_t>(label) == label ? static_cast<int32_t>(label) : cbor::Reader::kNoLabel;
  const ByteView value = machine_.parameter(ParameterRow(machine_.row_of(known)));
  if (value.empty()) return value;
  ByteView item;
  cbor::Reader(value).item(item);
  return item;
}

const CustomCommand* Machine::find_custom(int32_t label) const noexcept {
  if (seams_.custom == nullptr || label >= suit::command::kCustomBelow) return nullptr;
  for (const CustomCommand& command : seams_.custom->commands) {
    if (command.label == label) return &command;
  }
  return nullptr;
}

Step Machine::run_custom(const CustomCommand& command, cbor::Reader& argument) noexcept {
  ByteView item;
  argument.item(item);
  TAILOR_TRY_ASSIGN(const Answer answer, command.run(command.context, component(), item, Parameters(*this)));
  return answer == Answer::kYes ? Step::kNext : answer == Answer::kNo ? Step::kFails : Step::kWait;
}

#endif

}  // namespace tailor::processor
