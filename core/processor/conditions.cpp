// SPDX-License-Identifier: Apache-2.0
// Conditions (manifest 8.4.9): no side effects; one whose parameter is unset does not hold.
#include "core/processor/commands.hpp"
#include "core/processor/image.hpp"

namespace tailor::processor {
namespace {

Step check_identifier(Machine& machine, ParameterRow row, const Uuid& mine) noexcept {
  machine.measured(kParameterRules[row.row].label, mine.view());
  return holds(equal(machine.string_parameter(row), mine.view()));
}

}  // namespace

Step check_vendor(Machine& machine, cbor::Reader&) {
  const Identity& mine = machine.seams().platform.identity();
  cbor::Reader wanted(machine.parameter(suit::parameter::kVendorIdentifier));
  if (wanted.next_is(cbor::Type::kTag)) {  // a Private Enterprise Number: its form was checked when it was set
    wanted.tag();
    const ByteView pen = wanted.bytes();
    return holds(!mine.vendor_pen.empty() && equal(pen, mine.vendor_pen));
  }
  return check_identifier(machine, suit::parameter::kVendorIdentifier, mine.vendor);
}

Step check_class(Machine& machine, cbor::Reader&) {
  return check_identifier(machine, suit::parameter::kClassIdentifier, machine.seams().platform.identity().device_class);
}

Step check_image(Machine& machine, cbor::Reader&) {
  bool matches = false;
  TAILOR_TRY(match_image(machine, matches));
  return holds(matches);
}

#if TAILOR_SUIT_CONDITIONS
Step check_device(Machine& machine, cbor::Reader&) {
  return check_identifier(machine, suit::parameter::kDeviceIdentifier, machine.seams().platform.identity().device);
}

Step check_slot(Machine& machine, cbor::Reader&) {
  uint64_t wanted = 0;
  const uint64_t slot = machine.component().slot();
  machine.measured(suit::parameter::kComponentSlot, slot);
  return holds(machine.number_parameter(suit::parameter::kComponentSlot, wanted) && wanted == slot);
}

Step abort(Machine&, cbor::Reader&) {
  return Step::kFails;
}
#endif

#if TAILOR_SUIT_CHECK_CONTENT
// Every octet is compared, whatever the first ones were (manifest 8.4.9.3); lengths are no secret.
Step check_content(Machine& machine, cbor::Reader&) {
  const ByteView wanted = machine.string_parameter(suit::parameter::kContent);
  TAILOR_TRY_ASSIGN(const uint32_t size, machine.component().size());
  if (!machine.has(suit::parameter::kContent) || size != wanted.size()) return Step::kFails;
  std::array<uint8_t, 32> piece;
  uint8_t residual = 0;
  for (uint32_t offset = 0; offset < size; offset += static_cast<uint32_t>(piece.size())) {
    const ByteView expected = wanted.subspan(offset, piece.size() < size - offset ? piece.size() : size - offset);
    TAILOR_TRY_ASSIGN(const size_t read, machine.component().read(offset, MutableBytes(piece).first(expected.size())));
    if (read != expected.size()) return Error::kFlashReadFailed;
    for (size_t i = 0; i < read; ++i) residual = static_cast<uint8_t>(residual | (expected[i] ^ piece[i]));
  }
  return holds(*static_cast<const volatile uint8_t*>(&residual) == 0);
}
#endif

}  // namespace tailor::processor
