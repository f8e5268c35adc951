// SPDX-License-Identifier: Apache-2.0
// CBOR in diagnostic notation (RFC 8949 section 8, embedded CBOR as in RFC 8610 G.3), with the names of SUIT elements
// in comments. Shows what is there, also where a decoder would refuse it; judges nothing beyond CBOR itself.
#pragma once

#include <string>

#include "core/base/bytes.hpp"
#include "hosted/failure.hpp"

namespace tailor::authoring {

struct Node;
class Walked;

/// Byte strings above this length are shown by their beginning and length: an image in an envelope is no reading
/// matter.
inline constexpr size_t kShownBytes = 80;

/// Writes a SUIT envelope, tagged or not.
/// @returns the first finding of the walk, when not even its outermost level can be read
[[nodiscard]] Outcome<std::string> envelope_diagnostic(ByteView envelope);
/// Writes what was walked; nothing when it was not readable.
[[nodiscard]] std::string walked_diagnostic(const Walked& walked);

/// Writes any single CBOR item, without names.
[[nodiscard]] Outcome<std::string> cbor_diagnostic(ByteView item);
/// Writes one item of an envelope on one line, without comments.
[[nodiscard]] std::string node_diagnostic(const Node& node);

}  // namespace tailor::authoring
