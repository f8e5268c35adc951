// SPDX-License-Identifier: Apache-2.0
// What conditions have found, encoded as the values of their parameters are (report 3: the reason of a failure is
// typically the actual value).
#include "core/cbor/writer.hpp"
#include "core/processor/machine.hpp"

namespace tailor::processor {

#if TAILOR_SUIT_RECORDS

namespace {

void take_down(Measurement& found, int8_t parameter, const cbor::Writer& value) noexcept {
  const auto encoded = value.finish();
  found.parameter = encoded.ok() ? parameter : int8_t{0};
  found.size = encoded.ok() ? static_cast<uint8_t>(encoded->size()) : uint8_t{0};
}

}  // namespace

void Machine::measured(int8_t label, ByteView content) noexcept {
  if (found_ != nullptr) take_down(*found_, label, cbor::Writer(found_->value).put_bytes(content));
}

void Machine::measured(int8_t label, uint64_t number) noexcept {
  if (found_ != nullptr) take_down(*found_, label, cbor::Writer(found_->value).put_unsigned(number));
}

void Machine::measured(int8_t label, const suit::Digest& digest) noexcept {
  if (found_ == nullptr) return;
  cbor::Writer writer(found_->value);
  writer.put_array(2).put_int(static_cast<int32_t>(digest.algorithm)).put_bytes(digest.bytes).close_bytes(0);
  take_down(*found_, label, writer);
}

#endif

}  // namespace tailor::processor
