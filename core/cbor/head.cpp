// SPDX-License-Identifier: Apache-2.0
#include "core/cbor/head.hpp"

namespace tailor::cbor {
namespace {

constexpr unsigned kOneByteArgument = 24;
constexpr unsigned kIndefinite = 31;

}  // namespace

Status decode_head(ByteView bytes, Head& head) noexcept {
  if (bytes.empty()) return Error::kTruncated;
  const unsigned info = bytes[0] & 0x1FU;
  head.type = static_cast<Type>(bytes[0] >> 5U);
  head.size = 1;
  head.argument = info;
  if (info < kOneByteArgument) return kOk;
  if (info > kOneByteArgument + 3) {
    const bool has_indefinite_form = head.type >= Type::kBytes && head.type <= Type::kMap;
    return info == kIndefinite && has_indefinite_form ? Error::kCborNotCanonical : Error::kCborMalformed;
  }
  const size_t argument_bytes = size_t{1} << (info - kOneByteArgument);
  if (bytes.size() <= argument_bytes) return Error::kTruncated;
  uint64_t value = 0;
  for (size_t i = 1; i <= argument_bytes; ++i) value = (value << 8U) | bytes[i];
  head.argument = value;
  head.size = static_cast<uint8_t>(1 + argument_bytes);
  if (head.type == Type::kSimple) {
    if (argument_bytes == 1 && value < 32) return Error::kCborMalformed;
    return kOk;
  }
  const uint64_t shortest_from = argument_bytes == 1 ? kOneByteArgument : uint64_t{1} << (argument_bytes * 4);
  if (value < shortest_from) return Error::kCborNotCanonical;
  return kOk;
}

uint8_t encode_head(Type type, uint64_t argument, uint8_t (&out)[kMaxHeadBytes]) noexcept {
  unsigned info = static_cast<unsigned>(argument);
  unsigned argument_bytes = 0;
  if (argument >= kOneByteArgument) {
    info = kOneByteArgument;
    argument_bytes = 1;
    while (argument_bytes < 8 && (argument >> (argument_bytes * 8)) != 0) {
      argument_bytes *= 2;
      ++info;
    }
  }
  out[0] = static_cast<uint8_t>((static_cast<unsigned>(type) << 5U) | info);
  for (unsigned i = argument_bytes; i > 0; --i) {
    out[i] = static_cast<uint8_t>(argument);
    argument >>= 8U;
  }
  return static_cast<uint8_t>(1 + argument_bytes);
}

}  // namespace tailor::cbor
