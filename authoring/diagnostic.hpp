// SPDX-License-Identifier: Apache-2.0
// CBOR in diagnostic notation (RFC 8949 section 8, embedded CBOR as in RFC 8610 G.3), with the names of SUIT elements
// in comments. Shows what is there, also where a decoder would refuse it; judges nothing beyond CBOR itself.
#pragma once

#include <string>

#include "core/base/bytes.hpp"
#include "hosted/failure.hpp"

namespace tailor::authoring {

/// Byte strings above this length are shown by their beginning and length: an image in an envelope is no reading
/// matter.
inline constexpr size_t kShownBytes = 80;

/// Writes a SUIT envelope, tagged or not.
/// @returns the failure of the CBOR reader with the byte offset
[[nodiscard]] Outcome<std::string> envelope_diagnostic(ByteView envelope);

/// Writes any single CBOR item, without names.
[[nodiscard]] Outcome<std::string> cbor_diagnostic(ByteView item);

}  // namespace tailor::authoring
