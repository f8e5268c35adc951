// SPDX-License-Identifier: Apache-2.0
// The head of a CBOR data item: major type and argument, in the shortest form only (RFC 8949 4.2.1). The one place that
// knows the bits; Reader, Writer and the streaming envelope reader stand on it.
#pragma once

#include "core/base/bytes.hpp"

namespace tailor::cbor {

/// Major types (RFC 8949 3.1).
enum class Type : uint8_t { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };

inline constexpr size_t kMaxHeadBytes = 9;

inline constexpr uint8_t kFalse = 20;
inline constexpr uint8_t kTrue = 21;
inline constexpr uint8_t kNull = 22;

struct Head {
  uint64_t argument = 0;
  Type type = Type::kUnsigned;
  uint8_t size = 0;  ///< bytes of the head itself, 1 to 9
};

/// Decodes the head at the start of `bytes`; what follows is not looked at.
///
/// @returns kTruncated: the head is longer than `bytes` (more bytes may make it whole)
///          - kCborMalformed: reserved bits, a lone break, a simple value below 32 in two bytes
///          - kCborNotCanonical: not the shortest form, or of indefinite length
/// @note floating-point numbers pass with their bits as argument; whether a shorter float would do is not checked
[[nodiscard]] Status decode_head(ByteView bytes, Head& head) noexcept;

/// Encodes a head in its shortest form into `out` and returns its length.
[[nodiscard]] uint8_t encode_head(Type type, uint64_t argument, uint8_t (&out)[kMaxHeadBytes]) noexcept;

}  // namespace tailor::cbor
