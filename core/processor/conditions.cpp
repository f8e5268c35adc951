// SPDX-License-Identifier: Apache-2.0
// Conditions (manifest 8.4.9): no side effects; one whose parameter is unset does not hold.
#include "core/processor/commands.hpp"

namespace tailor::processor {
namespace {

Result<Step> holds(bool condition) noexcept {
  return condition ? Step::kNext : Step::kFails;
}

Result<Step> check_identifier(Machine& machine, int64_t label, const Uuid& mine) noexcept {
  return holds(equal(machine.string_parameter(label), mine.view()));
}

}  // namespace

Result<Step> check_vendor(Machine& machine, cbor::Reader&) {
  return check_identifier(machine, suit::parameter::kVendorIdentifier, machine.seams().platform.identity().vendor);
}

Result<Step> check_class(Machine& machine, cbor::Reader&) {
  return check_identifier(machine, suit::parameter::kClassIdentifier, machine.seams().platform.identity().device_class);
}

Result<Step> check_device(Machine& machine, cbor::Reader&) {
  return check_identifier(machine, suit::parameter::kDeviceIdentifier, machine.seams().platform.identity().device);
}

// The whole content is digested, so that nothing stands behind the image (RFC 9124 4.3.15).
Result<Step> check_image(Machine& machine, cbor::Reader&) {
  const ByteView encoded = machine.string_parameter(suit::parameter::kImageDigest);
  if (encoded.empty()) return Step::kFails;
  TAILOR_TRY_ASSIGN(const suit::Digest expected, suit::decode_digest(encoded));
  if (cbor::Reader size = machine.parameter(suit::parameter::kImageSize); !size.at_end()) {
    TAILOR_TRY_ASSIGN(const uint64_t bytes, size.take_unsigned());
    TAILOR_TRY_ASSIGN(const uint32_t present, machine.component().size());
    if (bytes != present) return Step::kFails;
  }
  std::array<uint8_t, crypto::kMaxHashBytes> buffer;
  TAILOR_TRY_ASSIGN(const ByteView digest, machine.component().digest(expected.algorithm, buffer));
  return holds(equal(digest, expected.bytes));
}

Result<Step> check_slot(Machine& machine, cbor::Reader&) {
  cbor::Reader slot = machine.parameter(suit::parameter::kComponentSlot);
  if (slot.at_end()) return Step::kFails;
  TAILOR_TRY_ASSIGN(const uint64_t wanted, slot.take_unsigned());
  return holds(wanted == machine.component().slot());
}

Result<Step> abort(Machine&, cbor::Reader&) {
  return Step::kFails;
}

}  // namespace tailor::processor
