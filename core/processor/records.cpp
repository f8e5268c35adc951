// SPDX-License-Identifier: Apache-2.0
// What conditions have found, encoded as the values of their parameters are (report 3: the reason of a failure is
// typically the actual value).
#include "core/cbor/writer.hpp"
#include "core/processor/machine.hpp"

namespace tailor::processor {

void Machine::begin_command() noexcept {
  failure = Error{};
#if TAILOR_SUIT_RECORDS
  measured_label_ = 0;
  measured_size_ = 0;
#endif
}

void Machine::measured([[maybe_unused]] int64_t label, [[maybe_unused]] cbor::Type type,
                       [[maybe_unused]] uint64_t argument, [[maybe_unused]] ByteView content) noexcept {
#if TAILOR_SUIT_RECORDS
  if (seams_.recorder == nullptr) return;
  cbor::Writer writer(measured_);
  if (label == suit::parameter::kImageDigest) {
    const size_t digest = writer.open();
    writer.put_array(2).put_int(static_cast<int32_t>(argument)).put_bytes(content).close_bytes(digest);
  } else if (type == cbor::Type::kBytes) {
    writer.put_bytes(content);
  } else {
    writer.put_unsigned(argument);
  }
  const auto encoded = writer.finish();
  measured_label_ = encoded.ok() ? label : 0;
  measured_size_ = encoded.ok() ? static_cast<uint8_t>(encoded->size()) : uint8_t{0};
#endif
}

}  // namespace tailor::processor
